#include "script/script_module.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script/script_library.h"

static bool read_whole(int file, const char *path, struct arena *arena, struct text *out, struct error *error) {
    struct stat status;
    size_t length = 0;
    if (fstat(file, &status) != 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return error_set(error, ERROR_FILE_READ, "%s is no ordinary file", path);
    }
    if (status.st_size > MODULE_BYTES_MAX) {
        return error_set(error, ERROR_LIMIT, "%s is larger than %d bytes, which is the most a script may have", path,
                         MODULE_BYTES_MAX);
    }
    size_t size = (size_t)status.st_size;
    char *bytes = arena_take(arena, size + 1);
    if (bytes == NULL) {
        return error_memory(error);
    }
    while (length < size) {
        ssize_t got = read(file, bytes + length, size - length);
        if (got < 0 && errno != EINTR) {
            return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", path);
        }
        if (got == 0) {
            break;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    bytes[length] = '\0';
    *out = (struct text){bytes, length};
    return true;
}

bool module_text(const char *path, struct arena *arena, struct text *out, struct error *error) {
    // Not blocking: a pipe in the place of a script must not hold weir.
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return error_set_errno(error, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_FILE_READ, errno, "cannot open %s",
                               path);
    }
    bool ok = read_whole(file, path, arena, out, error);
    close(file);
    return ok;
}

bool module_read(struct script *script, struct text name, const char *path, struct script_chunk **out,
                 struct error *error) {
    struct text text;
    if (!module_text(path, &script->arena, &text, error)) {
        return false;
    }
    struct script_chunk *chunk = arena_take_zero(&script->arena, 1, sizeof *chunk);
    if (chunk == NULL || !arena_text(&script->arena, name, &chunk->name) ||
        !arena_text(&script->arena, text_of(path), &chunk->path)) {
        return error_memory(error);
    }
    chunk->text = text;
    *script->chunks_end = chunk;
    script->chunks_end = &chunk->next;
    *out = chunk;
    return true;
}

static bool is_word(struct text name) {
    bool fits = name.length > 0 && name.length <= 60 && !isdigit((unsigned char)name.data[0]);
    for (size_t i = 0; fits && i < name.length; i++) {
        fits = isalnum((unsigned char)name.data[i]) || name.data[i] == '_';
    }
    return fits;
}

bool module_folder(struct script *script, struct text path, struct text *out) {
    const char *slash = memrchr(path.data, '/', path.length);
    struct text folder = slash == NULL        ? TEXT_LITERAL(".")
                         : slash == path.data ? TEXT_LITERAL("/")
                                              : (struct text){path.data, (size_t)(slash - path.data)};
    return arena_text(&script->arena, folder, out);
}

char *module_beside(struct script *script, struct text folder, const char *name) {
    size_t at = folder.length;
    while (at > 0 && folder.data[at - 1] != '/') {
        at--;
    }
    if (text_is(folder, ".") || text_is((struct text){folder.data + at, folder.length - at}, "..")) {
        return arena_print(&script->arena, "%.*s/../%s", TEXT_ARGS(folder), name);
    }
    return arena_print(&script->arena, "%.*s%s", (int)at, folder.data, name);
}

static bool failed(struct script *script, const struct error *error) {
    script->pending = *error; // the sandbox passes the message on; this keeps the code
    return false;
}

// A module among those that home keeps. It becomes one of the script's chunks.
static bool find_pinned(struct script *script, struct text name, struct sandbox_module *out, struct error *error) {
    for (struct script_chunk **each = &script->pinned; *each != NULL; each = &(*each)->next) {
        struct script_chunk *chunk = *each;
        if (text_same(chunk->name, name)) {
            *each = chunk->next;
            chunk->next = NULL;
            *script->chunks_end = chunk;
            script->chunks_end = &chunk->next;
            *out = (struct sandbox_module){.chunk = chunk->text, .name = chunk->path.data};
            return true;
        }
    }
    error_set(error, ERROR_FILE_MISSING, "home keeps no module \"%.*s\"; run a sync that has it to renew what it keeps",
              name.length < 60 ? (int)name.length : 60, name.data);
    return failed(script, error);
}

bool module_find(void *context, struct text name, struct text from, struct sandbox_module *out, struct error *error) {
    struct script *script = context;
    struct script_chunk *chunk = NULL;
    (void)from;
    if (text_is(name, "weir")) {
        *out = (struct sandbox_module){.open = library_open};
        return true;
    }
    if (script->is_derive) {
        return find_pinned(script, name, out, error);
    }
    if (!is_word(name)) {
        error_set(error, ERROR_FILE_MISSING,
                  "require takes a plain name like \"ourwater\": letters, digits and _, no folders");
        return failed(script, error);
    }
    if (!script->is_declaring) {
        error_set(error, ERROR_SCRIPT_RAISED, "require belongs at the top of the script, not inside a function");
        return failed(script, error);
    }
    size_t count = 0;
    for (const struct script_chunk *each = script->chunks; each != NULL; each = each->next) {
        count++;
    }
    if (count > MODULES_MAX) {
        error_set(error, ERROR_LIMIT, "a script is made of at most %d modules", MODULES_MAX);
        return failed(script, error);
    }
    const char *shared = module_beside(script, script->folder, "datatypes");
    bool plain = text_is(script->folder, ".");
    const char *own = arena_print(&script->arena, "%.*s%s%.*s.lua", plain ? 0 : (int)script->folder.length,
                                  script->folder.data, plain ? "" : "/", TEXT_ARGS(name));
    const char *other = shared != NULL ? arena_print(&script->arena, "%s/%.*s.lua", shared, TEXT_ARGS(name)) : NULL;
    if (own == NULL || other == NULL) {
        error_memory(error);
        return failed(script, error);
    }
    if (!module_read(script, name, own, &chunk, error)) {
        if (error->code != ERROR_FILE_MISSING) {
            return failed(script, error);
        }
        if (!module_read(script, name, other, &chunk, error)) {
            if (error->code == ERROR_FILE_MISSING) {
                error_set(error, ERROR_FILE_MISSING, "there is no module \"%.*s\": neither %s nor %s is there",
                          TEXT_ARGS(name), own, other);
            }
            return failed(script, error);
        }
    }
    *out = (struct sandbox_module){.chunk = chunk->text, .name = chunk->path.data};
    return true;
}
