// What people and other programs put beside weir, as any bytes: the settings file, a secret's file, lines of standard
// input. The settings allow the ranges that a plain reading of the file gives and no other; a secret comes back as it
// was put, and never with a line's end; lines are what stands between the line ends, however the bytes come.

#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_settings.h"
#include "cli/input_lines.h"
#include "fuzz.h"
#include "http/http.h"
#include "script/script_secret.h"
#include "script/script_vault.h"

enum { ARENA_MAX = 16 << 20, RANGES_MAX = 1000, SETTINGS_MAX = 64 * 1024 };

static char folder[] = "/tmp/weir-input-fuzz-XXXXXX";
static const char *const parts[] = {
    "/settings", "/secrets/org/name.lock", "/secrets/org/name", "/secrets/org", "/secrets", ""};

static char *path_of(const char *part) {
    static char path[256];
    snprintf(path, sizeof path, "%s%s", folder, part);
    return path;
}

static void folder_remove(void) {
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        remove(path_of(parts[i]));
    }
}

static void folder_make(void) {
    static bool made;
    if (!made) {
        made = mkdtemp(folder) != NULL && mkdir(path_of("/secrets"), 0700) == 0 &&
               mkdir(path_of("/secrets/org"), 0700) == 0;
        demand(made, "a folder can be made");
        atexit(folder_remove);
    }
}

static void file_write(const char *part, struct text text) {
    FILE *file = fopen(path_of(part), "we");
    demand(file != NULL && chmod(path_of(part), 0600) == 0, "a file can be made");
    demand(fwrite(text.length > 0 ? text.data : "", 1, text.length, file) == text.length && fclose(file) == 0,
           "a file can be written");
}

// --- settings ---

// The ranges that a file gives, read line by line and word by word; false where it has a mistake.
static bool plain_settings(struct text rest, struct text *words, size_t *count) {
    *count = 0;
    while (rest.length > 0) {
        struct text line = take_line(&rest);
        line = text_trim(take_until(&line, '#'));
        if (line.length == 0) {
            continue;
        }
        if (!text_is(text_trim(take_until(&line, '=')), "allow_private")) {
            return false;
        }
        while (line.length > 0) {
            struct http_range range;
            struct text word = text_trim(take_until(&line, ','));
            if (word.length > 0 && (!http_range_read(word, &range) || *count == RANGES_MAX)) {
                return false;
            }
            words[*count] = word;
            *count += word.length > 0;
        }
    }
    return true;
}

static void check_settings(struct text text, struct arena *arena) {
    static struct text words[RANGES_MAX + 1];
    struct cli_settings settings;
    struct error error;
    size_t count;
    error_clear(&error);
    file_write("/settings", text);
    bool is_read = cli_settings_read(folder, arena, &settings, &error);
    demand(is_read == (plain_settings(text, words, &count) && text.length <= SETTINGS_MAX),
           "settings are what a plain reading says");
    if (!is_read) {
        demand_error(&error);
        demand(error.code == ERROR_LIMIT || strstr(error.message, " line ") != NULL, "a mistake has its line");
        return;
    }
    demand(settings.allowed_count == count, "every range is there, and no other");
    for (size_t i = 0; i < count; i++) {
        demand(text_same(settings.allowed[i], words[i]), "a range is the one that was written");
    }
}

// --- secrets ---

static void check_secret(struct text text, struct arena *arena) {
    const struct text name = TEXT_LITERAL("name");
    struct vault *vault;
    struct error error;
    struct text got;
    struct text wanted = text;
    error_clear(&error);
    while (wanted.length > 0 && strchr("\r\n", wanted.data[wanted.length - 1]) != NULL &&
           wanted.data[wanted.length - 1] != '\0') {
        wanted.length--;
    }
    file_write("/secrets/org/name", text);
    bool is_read = secret_read(folder, TEXT_LITERAL("org"), name, arena, &got, &error);
    demand(is_read == (text.length <= SECRET_BYTES_MAX), "a secret that is not too long is read");
    demand(!is_read || text_same(got, wanted), "it is the file without its line's end");
    demand(script_vault_open(folder, TEXT_LITERAL("org"), &vault, &error), "a vault opens");
    if (text.length % 8 != 0) { // putting waits for the disk
        script_vault_close(vault);
        return;
    }
    bool may = wanted.length == text.length && text.length > 0 && text.length <= SECRET_BYTES_MAX;
    bool is_put = may ? vault->type->put(vault, name, text, &error) : !vault->type->put(vault, name, text, &error);
    demand(is_put, "what can be read back is put, and nothing else");
    if (may) {
        demand(vault->type->get(vault, name, arena, &got, &error) && text_same(got, text), "it comes back as it was");
    }
    script_vault_close(vault);
}

static void check_name(struct text name, struct arena *arena) {
    struct error error;
    struct text got;
    error_clear(&error);
    if (!text_is(name, "name") && !secret_read(folder, TEXT_LITERAL("org"), name, arena, &got, &error)) {
        demand_error(&error);
        demand(error.code == ERROR_SECRET, "there is no such secret");
    }
    if (secret_name_check(name, &error)) {
        demand(memchr(name.data, '/', name.length) == NULL && memchr(name.data, '.', name.length) == NULL &&
                   memchr(name.data, 0, name.length) == NULL,
               "a secret stays in its folder");
    }
}

// --- lines ---

static void check_lines(struct text text) {
    struct input_lines lines;
    struct error error;
    struct text rest = text;
    int pair[2];
    if (text.length > 32 * 1024) {
        return; // more than a pipe holds
    }
    demand(pipe(pair) == 0 && write(pair[1], text.data, text.length) == (ssize_t)text.length, "a pipe takes it");
    close(pair[1]);
    input_lines_init(&lines, pair[0]);
    enum input_found found = INPUT_LINE;
    int64_t number = 0;
    while (found != INPUT_END) {
        struct text line;
        demand(input_lines_next(&lines, &found, &line, &error), "a pipe can be read");
        demand((found == INPUT_END) == (rest.length == 0), "there are as many lines as there are line ends");
        if (found == INPUT_LINE) {
            struct text wanted = take_line(&rest);
            wanted.length -= wanted.length > 0 && wanted.data[wanted.length - 1] == '\r';
            demand(text_same(line, wanted) && lines.line == ++number, "a line is what stands between");
        }
    }
    input_lines_clear(&lines);
    close(pair[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text text = {(const char *)data, size};
    struct text rest = text;
    struct arena arena;
    folder_make();
    arena_init(&arena, ARENA_MAX);
    check_settings(text, &arena);
    check_secret(text, &arena);
    check_name(take_line(&rest), &arena);
    if (size > 0) {
        check_lines(text);
    }
    arena_clear(&arena);
    return 0;
}
