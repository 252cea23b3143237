#include "source/source_csv_files.h"

#include <glob.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/map.h"

struct search {
    struct arena *arena;
    struct csv_files *files;
    struct map seen;
    size_t prefix; // length of the folder that stands before the path as given, its slash included
};

bool csv_file_ends(const char *name, const char *ending) {
    size_t length = strlen(name);
    size_t tail = strlen(ending);
    return length >= tail && strcasecmp(name + length - tail, ending) == 0;
}

static bool add_file(struct search *search, const char *path, struct error *error) {
    struct csv_files *files = search->files;
    if (map_find(&search->seen, text_of(path)) != NULL) {
        return true;
    }
    if (files->count == CSV_FILES_MAX) {
        error_set(error, ERROR_LIMIT, "there are more than %d files; read them in several parts", (int)CSV_FILES_MAX);
        if (error != NULL) {
            error->scope = ERROR_RUN;
        }
        return false;
    }
    struct csv_file *file = &files->items[files->count];
    file->path = arena_copy(search->arena, path, strlen(path));
    if (file->path == NULL || !map_put(&search->seen, text_of(file->path), 0)) {
        return error_memory(error);
    }
    file->shown = file->path + search->prefix;
    if (!file_state(file->path, file->shown, &file->state, error)) {
        return false;
    }
    files->total_bytes += file->state.size;
    files->count++;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

// The folder as a glob that matches itself alone.
static const char *plain_glob(struct text folder, struct text given, struct arena *arena) {
    char *out = arena_take(arena, 2 * folder.length + given.length + 2);
    if (out == NULL) {
        return NULL;
    }
    size_t length = 0;
    for (size_t i = 0; i < folder.length; i++) {
        if (strchr("*?[\\", folder.data[i]) != NULL) {
            out[length++] = '\\';
        }
        out[length++] = folder.data[i];
    }
    if (folder.length > 0) {
        out[length++] = '/';
    }
    memcpy(out + length, given.data, given.length);
    out[length + given.length] = '\0';
    return out;
}

static bool add_glob(struct search *search, const char *pattern, const char *shown, struct error *error) {
    glob_t found = {0};
    bool ok = false;
    int result = pattern != NULL ? glob(pattern, GLOB_NOSORT | GLOB_ERR, NULL, &found) : GLOB_NOSPACE;
    if (result == GLOB_NOSPACE) {
        error_memory(error);
        goto done;
    }
    if (result == GLOB_ABORTED) {
        error_set(error, ERROR_FILE_READ, "a folder of %s cannot be read; check its permissions", shown);
        goto done;
    }
    // The same order everywhere: the locale has no say.
    if (found.gl_pathc > 1) {
        qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_name);
    }
    size_t files = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (!is_folder(found.gl_pathv[i])) {
            files++;
            if (!add_file(search, found.gl_pathv[i], error)) {
                goto done;
            }
        }
    }
    ok = files > 0 || error_set(error, ERROR_FILE_MISSING, "no file matches %s", shown);
done:
    globfree(&found);
    return ok;
}

static bool add_pattern(struct search *search, struct text given, struct text folder, struct error *error) {
    if (given.length == 0 || memchr(given.data, '\0', given.length) != NULL) {
        return error_set(error, ERROR_FILE_MISSING, "file is empty; give the path of a CSV file");
    }
    bool relative = given.data[0] != '/' && folder.length > 0;
    const char *path = relative ? arena_print(search->arena, "%.*s/%.*s", TEXT_ARGS(folder), TEXT_ARGS(given))
                                : arena_copy(search->arena, given.data, given.length);
    if (path == NULL) {
        return error_memory(error);
    }
    search->prefix = relative ? folder.length + 1 : 0;
    struct stat status;
    // A file whose name happens to hold a * is meant before the glob is.
    if (strpbrk(path + search->prefix, "*?[") == NULL || stat(path, &status) == 0) {
        return add_file(search, path, error);
    }
    const char *pattern = plain_glob(relative ? folder : (struct text){"", 0}, given, search->arena);
    return add_glob(search, pattern, path + search->prefix, error);
}

bool csv_files_find(const struct value *patterns, struct text folder, struct arena *arena, struct csv_files *out,
                    struct error *error) {
    *out = (struct csv_files){.items = arena_take(arena, CSV_FILES_MAX * sizeof *out->items)};
    if (out->items == NULL) {
        return error_memory(error);
    }
    struct search search = {.arena = arena, .files = out};
    map_init(&search.seen);
    bool ok = true;
    for (uint32_t i = 0; ok && i < patterns->length; i++) {
        ok = add_pattern(&search, value_slice(&patterns->as.items[i]), folder, error);
    }
    map_clear(&search.seen);
    return ok;
}

struct print csv_files_print(const struct csv_files *files, uint64_t seed) {
    struct print print = {seed, files->count};
    for (size_t i = 0; i < files->count; i++) {
        const struct csv_file *file = &files->items[i];
        print = print_join(print, print_of(text_of(file->path), file->state.inode));
        print = print_join(print, (struct print){file->state.size, (uint64_t)file->state.changed_ns});
    }
    return print;
}
