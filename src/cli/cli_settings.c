#include "cli/cli_settings.h"

#include <errno.h>
#include <stdio.h>

#include "http/http.h"

enum { SETTINGS_BYTES_MAX = 64 * 1024, RANGES_MAX = 1000, PATH_BYTES_MAX = 4096 };

struct reading {
    const char *path;
    int line;
    struct cli_settings *out;
};

static bool file_read(const char *path, struct arena *arena, struct text *out, struct error *error) {
    *out = (struct text){"", 0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        return absent || error_set_errno(error, ERROR_FILE_READ, errno, "cannot open %s", path);
    }
    char *bytes = arena_take(arena, SETTINGS_BYTES_MAX + 1);
    size_t length = bytes != NULL ? fread(bytes, 1, SETTINGS_BYTES_MAX + 1, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    if (bytes == NULL) {
        return error_memory(error);
    }
    if (failed) {
        return error_set(error, ERROR_FILE_READ, "%s cannot be read", path);
    }
    if (length > SETTINGS_BYTES_MAX) {
        return error_set(error, ERROR_LIMIT, "%s is larger than %d bytes", path, SETTINGS_BYTES_MAX);
    }
    *out = (struct text){bytes, length};
    return true;
}

// What stands before the first `mark`; the rest stays behind it.
static struct text cut(struct text *rest, char mark) {
    size_t at = 0;
    while (at < rest->length && rest->data[at] != mark) {
        at++;
    }
    struct text head = {rest->data, at};
    size_t skip = at < rest->length ? at + 1 : at;
    *rest = (struct text){rest->data + skip, rest->length - skip};
    return head;
}

static bool take_ranges(struct reading *reading, struct text list, struct error *error) {
    struct cli_settings *out = reading->out;
    while (list.length > 0) {
        struct text word = text_trim(cut(&list, ','));
        struct http_range range;
        if (word.length == 0) {
            continue;
        }
        if (!http_range_read(word, &range)) {
            return error_set(error, ERROR_OPTION_TYPE,
                             "%s line %d: \"%.*s\" is no address or range; write 127.0.0.1 or 10.0.0.0/8",
                             reading->path, reading->line, (int)(word.length < 60 ? word.length : 60), word.data);
        }
        if (out->allowed_count == RANGES_MAX) {
            return error_set(error, ERROR_LIMIT, "%s: more than %d address ranges", reading->path, RANGES_MAX);
        }
        out->allowed[out->allowed_count++] = word;
    }
    return true;
}

static bool take_line(struct reading *reading, struct text line, struct error *error) {
    line = text_trim(cut(&line, '#'));
    if (line.length == 0) {
        return true;
    }
    struct text value = line;
    struct text name = text_trim(cut(&value, '='));
    if (text_is(name, "allow_private")) {
        return take_ranges(reading, text_trim(value), error);
    }
    return error_set(error, ERROR_OPTION_UNKNOWN, "%s line %d: there is no setting \"%.*s\"; there is allow_private",
                     reading->path, reading->line, (int)(name.length < 60 ? name.length : 60), name.data);
}

bool cli_settings_read(const char *data, struct arena *arena, struct cli_settings *out, struct error *error) {
    char path[PATH_BYTES_MAX];
    struct text rest;
    *out = (struct cli_settings){.allowed = arena_take(arena, RANGES_MAX * sizeof *out->allowed)};
    snprintf(path, sizeof path, "%s/settings", data);
    if (out->allowed == NULL) {
        return error_memory(error);
    }
    struct reading reading = {.path = path, .out = out};
    if (!file_read(path, arena, &rest, error)) {
        return false;
    }
    while (rest.length > 0) {
        reading.line++;
        if (!take_line(&reading, cut(&rest, '\n'), error)) {
            return false;
        }
    }
    return true;
}
