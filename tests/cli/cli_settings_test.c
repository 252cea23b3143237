#include "cli/cli_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

struct folder {
    char path[64];
    char file[80];
    struct arena arena;
    struct cli_settings settings;
    struct error error;
};

static bool read_text(struct folder *folder, const char *text) {
    snprintf(folder->path, sizeof folder->path, "/tmp/weir-settings-XXXXXX");
    CHECK(mkdtemp(folder->path) != NULL);
    snprintf(folder->file, sizeof folder->file, "%s/settings", folder->path);
    arena_init(&folder->arena, 1024 * 1024);
    if (text != NULL) {
        FILE *file = fopen(folder->file, "w");
        CHECK(file != NULL);
        fputs(text, file);
        fclose(file);
    }
    bool ok = cli_settings_read(folder->path, &folder->arena, &folder->settings, &folder->error);
    unlink(folder->file);
    rmdir(folder->path);
    return ok;
}

TEST(cli_settings, ranges) {
    struct folder folder;
    CHECK(read_text(&folder, "# what may be reached\n\nallow_private = 127.0.0.1, 10.0.0.0/8 # the office\n"
                             "allow_private = ::1/128\n"));
    CHECK(folder.settings.allowed_count == 3);
    CHECK(text_is(folder.settings.allowed[1], "10.0.0.0/8"));
    CHECK(text_is(folder.settings.allowed[2], "::1/128"));
    arena_clear(&folder.arena);
}

TEST(cli_settings, none) {
    struct folder folder;
    CHECK(read_text(&folder, NULL));
    CHECK(folder.settings.allowed_count == 0);
    arena_clear(&folder.arena);
}

TEST(cli_settings, mistakes_name_their_line) {
    const char *wrong[] = {"\nallow_privat = 127.0.0.1\n", "\nallow_private = 127.0.0.1/33\n",
                           "\nallow_private = localhost\n", "\nallow_private = 10.0.0.0/\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct folder folder;
        CHECK(!read_text(&folder, wrong[i]));
        CHECK(strstr(folder.error.message, "line 2") != NULL);
        arena_clear(&folder.arena);
    }
}
