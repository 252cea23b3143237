#include "server/script_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fault.h"

enum { PATH_MAX_BYTES = 4096, FILES_MAX = 10000, FILE_BYTES_MAX = 4 * 1024 * 1024, TREE_ARENA_MAX = 64 * 1024 * 1024 };

static const char *const shared[] = {"datatypes", TREE_TEMPLATES};
enum { FOLDERS = 3 };

// One file of a tree.
struct leaf {
    struct text folder; // the org's name, "datatypes", "templates"
    const char *name;
    struct stat stat;
};

struct tree {
    const char *syncs;
    struct arena *arena;
    struct leaf *leaves;
    size_t count;
};

// One that is too long is none, so that nothing is found there.
static void path_print(char out[PATH_MAX_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void path_print(char out[PATH_MAX_BYTES], const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (vsnprintf(out, PATH_MAX_BYTES, format, values) >= PATH_MAX_BYTES) {
        out[0] = '\0';
    }
    va_end(values);
}

static bool is_script(const char *name) {
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot != NULL && (strcmp(dot, ".lua") == 0 || strcmp(dot, ".json") == 0);
}

static int leaf_order(const void *a, const void *b) {
    const struct leaf *one = a;
    const struct leaf *other = b;
    int by_folder = text_compare(one->folder, other->folder);
    return by_folder != 0 ? by_folder : strcmp(one->name, other->name);
}

static bool take_folder(struct tree *tree, struct text folder, struct error *error) {
    char path[PATH_MAX_BYTES];
    path_print(path, "%s/%.*s", tree->syncs, TEXT_ARGS(folder));
    DIR *open = opendir(path);
    if (open == NULL) {
        return errno == ENOENT || errno == ENOTDIR ||
               error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", path);
    }
    bool ok = true;
    for (struct dirent *entry = readdir(open); ok && entry != NULL; entry = readdir(open)) {
        struct leaf leaf = {.folder = folder};
        if (!is_script(entry->d_name) || fstatat(dirfd(open), entry->d_name, &leaf.stat, 0) != 0 ||
            !S_ISREG(leaf.stat.st_mode)) {
            continue;
        }
        leaf.name = arena_copy(tree->arena, entry->d_name, strlen(entry->d_name));
        if (tree->count == FILES_MAX) {
            ok = error_set(error, ERROR_LIMIT, "%s holds more than %d scripts", path, FILES_MAX);
        } else if (leaf.name == NULL) {
            ok = error_memory(error);
        } else {
            tree->leaves[tree->count++] = leaf;
        }
    }
    closedir(open);
    return ok;
}

static bool tree_read(struct tree *tree, struct text org, struct error *error) {
    tree->leaves = arena_take(tree->arena, FILES_MAX * sizeof *tree->leaves);
    if (tree->leaves == NULL) {
        return error_memory(error);
    }
    struct text folders[FOLDERS] = {org, text_of(shared[0]), text_of(shared[1])};
    for (size_t i = 0; i < FOLDERS; i++) {
        bool twice = i > 0 && text_same(folders[i], org);
        if (!twice && !take_folder(tree, folders[i], error)) {
            return false;
        }
    }
    qsort(tree->leaves, tree->count, sizeof *tree->leaves, leaf_order);
    return true;
}

bool tree_signature(const char *syncs, struct text org, struct print *out, struct error *error) {
    struct arena arena;
    arena_init(&arena, TREE_ARENA_MAX);
    struct tree tree = {.syncs = syncs, .arena = &arena};
    bool ok = tree_read(&tree, org, error);
    *out = print_of(org, 0);
    for (size_t i = 0; ok && i < tree.count; i++) {
        const struct stat *stat = &tree.leaves[i].stat;
        int64_t facts[] = {(int64_t)stat->st_ino, stat->st_size,        stat->st_mtim.tv_sec,
                           stat->st_mtim.tv_nsec, stat->st_ctim.tv_sec, stat->st_ctim.tv_nsec};
        *out = print_join(*out, print_of(text_of(tree.leaves[i].name), 1));
        *out = print_join(*out, print_of((struct text){(const char *)facts, sizeof facts}, 2));
    }
    arena_clear(&arena);
    return ok;
}

// --- keeping a copy ---

static bool leaf_read(const struct tree *tree, const struct leaf *leaf, struct text *out, struct error *error) {
    char path[PATH_MAX_BYTES];
    path_print(path, "%s/%.*s/%s", tree->syncs, TEXT_ARGS(leaf->folder), leaf->name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot open %s", path);
    }
    char *bytes = arena_take(tree->arena, FILE_BYTES_MAX + 1);
    size_t length = 0;
    ssize_t count = 1;
    while (bytes != NULL && count > 0 && length <= FILE_BYTES_MAX) {
        count = read(file, bytes + length, FILE_BYTES_MAX + 1 - length);
        length += count > 0 ? (size_t)count : 0;
    }
    close(file);
    *out = (struct text){bytes, length};
    return bytes == NULL ? error_memory(error)
           : count < 0   ? error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", path)
                         : length <= FILE_BYTES_MAX ||
                             error_set(error, ERROR_LIMIT, "%s is larger than %d bytes", path, FILE_BYTES_MAX);
}

static bool leaf_write(const char *folder, const struct leaf *leaf, struct text bytes, struct error *error) {
    char path[PATH_MAX_BYTES];
    path_print(path, "%s/syncs", folder);
    mkdir(path, 0700);
    path_print(path, "%s/syncs/%.*s", folder, TEXT_ARGS(leaf->folder));
    mkdir(path, 0700);
    path_print(path, "%s/syncs/%.*s/%s", folder, TEXT_ARGS(leaf->folder), leaf->name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s", path);
    }
    size_t at = 0;
    ssize_t count = 0;
    while (at < bytes.length && (count = write(file, bytes.data + at, bytes.length - at)) > 0) {
        at += (size_t)count;
    }
    bool ok = at == bytes.length && fsync(file) == 0;
    ok = ok || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s", path);
    close(file);
    return ok;
}

// Each file with its bytes: they may be changed while they are read, so what is hashed is what is written.
static bool copy_bytes(struct tree *tree, const char *into, struct print *print, struct error *error) {
    struct arena *arena = tree->arena;
    struct arena bytes;
    bool ok = true;
    arena_init(&bytes, TREE_ARENA_MAX);
    for (size_t i = 0; ok && i < tree->count; i++) {
        struct text text;
        arena_reset(&bytes);
        tree->arena = &bytes;
        ok = leaf_read(tree, &tree->leaves[i], &text, error) && leaf_write(into, &tree->leaves[i], text, error);
        if (ok) {
            *print = print_join(*print, print_of(tree->leaves[i].folder, 1));
            *print = print_join(*print, print_of(text_of(tree->leaves[i].name), 2));
            *print = print_join(*print, print_of(text, 3));
        }
    }
    tree->arena = arena;
    arena_clear(&bytes);
    return ok;
}

// A folder's names reach the disk by themselves only now and then.
static bool folder_settle(const char *path, struct error *error) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = folder >= 0 && fsync(folder) == 0;
    ok = ok || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s", path);
    if (folder >= 0) {
        close(folder);
    }
    return ok;
}

static bool copy_settle(const struct tree *tree, const char *into, struct error *error) {
    char path[PATH_MAX_BYTES];
    for (size_t i = 0; i < tree->count; i++) {
        if (i == 0 || !text_same(tree->leaves[i].folder, tree->leaves[i - 1].folder)) {
            path_print(path, "%s/syncs/%.*s", into, TEXT_ARGS(tree->leaves[i].folder));
            if (!folder_settle(path, error)) {
                return false;
            }
        }
    }
    path_print(path, "%s/syncs", into);
    return (tree->count == 0 || folder_settle(path, error)) && folder_settle(into, error);
}

static void remove_folder(const char *path) {
    char inside[PATH_MAX_BYTES];
    DIR *open = opendir(path);
    for (struct dirent *entry = open != NULL ? readdir(open) : NULL; entry != NULL; entry = readdir(open)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            path_print(inside, "%s/%s", path, entry->d_name);
            if (unlink(inside) != 0) {
                remove_folder(inside);
            }
        }
    }
    if (open != NULL) {
        closedir(open);
    }
    rmdir(path);
}

static bool keep(struct tree *tree, const char *data, struct text org, char hash[TREE_HASH_ROOM], struct error *error) {
    char part[PATH_MAX_BYTES];
    char whole[PATH_MAX_BYTES];
    struct print print = print_of(org, 0);
    path_print(part, "%s/scripts", data);
    mkdir(part, 0700);
    path_print(part, "%s/scripts/.part", data);
    remove_folder(part);
    if (mkdir(part, 0700) != 0) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot make the folder %s", part);
    }
    if (!tree_read(tree, org, error) || !copy_bytes(tree, part, &print, error) || !copy_settle(tree, part, error)) {
        return false;
    }
    print_hex(print, hash);
    path_print(whole, "%s/scripts/%s", data, hash);
    fault_point("tree.rename");
    // One that is there already says the same.
    if (access(whole, F_OK) == 0) {
        remove_folder(part);
        return true;
    }
    if (rename(part, whole) != 0) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot make %s", whole);
    }
    path_print(part, "%s/scripts", data);
    return folder_settle(part, error);
}

bool tree_keep(const char *syncs, const char *data, struct text org, char hash[TREE_HASH_ROOM], struct error *error) {
    struct arena arena;
    arena_init(&arena, TREE_ARENA_MAX);
    struct tree tree = {.syncs = syncs, .arena = &arena};
    bool ok = keep(&tree, data, org, hash, error);
    arena_clear(&arena);
    return ok;
}

// --- what is in it ---

static int text_order(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

// The names that `name_of` makes of a folder's entries, sorted and each once.
static bool list_folder(const char *path, size_t (*name_of)(const char *path, const char *entry), struct arena *arena,
                        struct text **out, size_t *count, struct error *error) {
    size_t found = 0;
    *count = 0;
    *out = arena_take(arena, FILES_MAX * sizeof **out);
    DIR *open = opendir(path);
    bool ok = *out != NULL || error_memory(error);
    if (open == NULL && errno != ENOENT) {
        ok = error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", path);
    }
    for (struct dirent *entry = open != NULL ? readdir(open) : NULL; ok && entry != NULL; entry = readdir(open)) {
        size_t length = name_of(path, entry->d_name);
        if (length == 0 || found == FILES_MAX) {
            continue;
        }
        ok = arena_text(arena, (struct text){entry->d_name, length}, &(*out)[found++]) || error_memory(error);
    }
    if (open != NULL) {
        closedir(open);
    }
    if (ok && found > 0) {
        qsort(*out, found, sizeof **out, text_order);
    }
    for (size_t i = 0; ok && i < found; i++) {
        if (*count == 0 || !text_same((*out)[*count - 1], (*out)[i])) {
            (*out)[(*count)++] = (*out)[i];
        }
    }
    return ok;
}

static size_t sync_name(const char *path, const char *entry) {
    (void)path;
    return is_script(entry) ? (size_t)(strrchr(entry, '.') - entry) : 0;
}

bool tree_syncs(const char *data, const char *hash, struct text org, struct arena *arena, struct text **out,
                size_t *count, struct error *error) {
    char path[PATH_MAX_BYTES];
    path_print(path, "%s/scripts/%s/syncs/%.*s", data, hash, TEXT_ARGS(org));
    return list_folder(path, sync_name, arena, out, count, error);
}

static size_t org_name(const char *path, const char *entry) {
    char inside[PATH_MAX_BYTES];
    struct stat stat_of;
    path_print(inside, "%s/%s", path, entry);
    bool is_org =
        entry[0] != '.' && strcmp(entry, shared[0]) != 0 && stat(inside, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
    return is_org ? strlen(entry) : 0;
}

bool tree_orgs(const char *syncs, struct arena *arena, struct text **out, size_t *count, struct error *error) {
    return list_folder(syncs, org_name, arena, out, count, error);
}

char *tree_path(const char *data, struct text hash, struct text org, struct text name, struct arena *arena) {
    char *path = arena_print(arena, "%s/scripts/%.*s/syncs/%.*s/%.*s.json", data, TEXT_ARGS(hash), TEXT_ARGS(org),
                             TEXT_ARGS(name));
    if (path == NULL || access(path, F_OK) == 0) {
        return path;
    }
    return arena_print(arena, "%s/scripts/%.*s/syncs/%.*s/%.*s.lua", data, TEXT_ARGS(hash), TEXT_ARGS(org),
                       TEXT_ARGS(name));
}

bool tree_is_kept(const char *data, struct text hash) {
    char path[PATH_MAX_BYTES];
    path_print(path, "%s/scripts/%.*s", data, TEXT_ARGS(hash));
    return hash.length > 0 && access(path, F_OK) == 0;
}

void tree_sweep(const char *data, bool (*used)(void *context, const char *hash), void *context) {
    char path[PATH_MAX_BYTES];
    char gone[PATH_MAX_BYTES];
    path_print(path, "%s/scripts", data);
    path_print(gone, "%s/scripts/.gone", data);
    DIR *open = opendir(path);
    for (struct dirent *entry = open != NULL ? readdir(open) : NULL; entry != NULL; entry = readdir(open)) {
        if (entry->d_name[0] != '.' && !used(context, entry->d_name)) {
            char inside[PATH_MAX_BYTES];
            path_print(inside, "%s/%s", path, entry->d_name);
            // In one step: half a copy under its name would be taken for a whole one.
            remove_folder(gone);
            if (rename(inside, gone) == 0) {
                fault_point("tree.gone");
                remove_folder(gone);
            }
        }
    }
    if (open != NULL) {
        closedir(open);
    }
}
