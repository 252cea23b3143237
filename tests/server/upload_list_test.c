#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "upload_rig.h"

static const struct text csv = {"id\n1\n", 5};
enum { DAY_US_MILLION = 86400 };

static void list(struct rig *rig, struct upload_info **infos, size_t *count) {
    CHECK_OK(upload_list(&rig->uploads, RIG_ORG, &rig->arena, infos, count, &rig->error), &rig->error);
}

TEST(upload_list, newest_first) {
    struct rig rig;
    struct upload_info *infos;
    size_t count;
    char a[UPLOAD_ID_HEX], b[UPLOAD_ID_HEX], c[UPLOAD_ID_HEX], path[400];
    rig_open(&rig);
    list(&rig, &infos, &count); // there is no folder yet
    CHECK_INT(count, 0);
    rig_send(&rig, "a.csv", csv, a);
    rig_put(&rig, "b.csv", csv, b);
    rig_begin(&rig, "c.zip", 77, c);
    CHECK_OK(rig_finish(&rig, text_of(a), NULL), &rig.error); // whole after the others began
    // What isn't ours is left alone.
    snprintf(path, sizeof path, "%s/notes.csv", rig.folder);
    test_write(path, "x", 1);
    list(&rig, &infos, &count);
    CHECK_INT(count, 3);
    CHECK_TEXT(infos[0].name, "a.csv");
    CHECK(infos[0].is_whole);
    CHECK_TEXT(infos[1].name, "c.zip");
    CHECK(!infos[1].is_whole && infos[1].kind == UPLOAD_ZIP && infos[1].expected == 77);
    CHECK_TEXT(text_of(infos[2].id), b);
    CHECK(strlen(infos[2].sha256) == 64);
    rig_close(&rig);
}

TEST(upload_list, as_json) {
    struct rig rig;
    struct upload_info info = {.name = {"", 0}, .by = {"", 0}, .expected = UPLOAD_UNKNOWN, .is_damaged = true};
    struct buffer out;
    char a[UPLOAD_ID_HEX], expected[600];
    rig_open(&rig);
    buffer_init(&out, 4096);
    struct members members = members_begin(&out);
    members_open_list(&members, NULL);
    upload_write(&info, NULL, &members);
    struct text id = rig_begin(&rig, "\"a\".csv", 7, a);
    CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
    info.begun_us = 1000000;
    upload_write(&info, NULL, &members);
    members_close_list(&members);
    snprintf(expected, sizeof expected,
             "[{\"id\":\"\",\"name\":\"\",\"kind\":\"unknown\",\"by\":\"\",\"state\":\"damaged\",\"size\":0,"
             "\"expected\":null,\"sha256\":null,\"begun_at\":null,\"uploaded_at\":null},{\"id\":\"%s\",\"name\":"
             "\"\\\"a\\\".csv\",\"kind\":\"csv\",\"by\":\"token 3\",\"state\":\"coming\",\"size\":0,"
             "\"expected\":7,\"sha256\":null,\"begun_at\":\"1970-01-01T00:00:01Z\",\"uploaded_at\":null}]",
             a);
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
    rig_close(&rig);
}

TEST(upload_list, deleted) {
    struct rig rig;
    struct upload *upload;
    struct upload_info *infos;
    size_t count;
    char a[UPLOAD_ID_HEX], b[UPLOAD_ID_HEX];
    rig_open(&rig);
    rig_put(&rig, "a.csv", csv, a);
    rig_send(&rig, "b.csv", csv, b);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, text_of(b), &upload, &rig.error), &rig.error);
    CHECK(!upload_delete(&rig.uploads, RIG_ORG, text_of(b), &rig.error)); // somebody writes to it
    CHECK_INT(rig.error.code, ERROR_UPLOAD_BUSY);
    upload_close(upload);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, text_of(a), &rig.error), &rig.error);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, text_of(b), &rig.error), &rig.error);
    CHECK(!upload_delete(&rig.uploads, RIG_ORG, text_of(b), &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    list(&rig, &infos, &count);
    CHECK_INT(count, 0);
    CHECK_INT(rig_files(&rig, ""), 0);
    rig_close(&rig);
}

TEST(upload_list, one_writer_at_a_time) {
    struct rig rig;
    struct upload *upload, *other;
    char a[UPLOAD_ID_HEX];
    rig_open(&rig);
    struct text id = rig_begin(&rig, "a.csv", UPLOAD_UNKNOWN, a);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, id, &upload, &rig.error), &rig.error);
    CHECK(!upload_open(&rig.uploads, RIG_ORG, id, &other, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_BUSY);
    CHECK_OK(upload_append(upload, 0, csv, &rig.error), &rig.error);
    CHECK(!rig_finish(&rig, id, NULL));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_BUSY);
    upload_close(upload);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    rig_close(&rig);
}

static void sweep(struct rig *rig, size_t expected) {
    size_t removed = 99;
    CHECK_OK(upload_sweep(&rig->uploads, RIG_ORG, INT64_C(86400000000), &removed, &rig->error), &rig->error);
    CHECK_INT(removed, expected);
}

// Makes a file look as if it was last written so long ago.
static void age(const struct rig *rig, const char *id, const char *ending, int64_t age_s) {
    char path[400];
    int64_t then = rig_now_us / 1000000 - age_s;
    snprintf(path, sizeof path, "%s/%s.%s", rig->folder, id, ending);
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

TEST(upload_list, swept) {
    struct rig rig;
    struct upload *upload;
    struct upload_info info;
    char whole[UPLOAD_ID_HEX], old[UPLOAD_ID_HEX], young[UPLOAD_ID_HEX], held[UPLOAD_ID_HEX], path[400];
    rig_open(&rig);
    sweep(&rig, 0);
    rig_put(&rig, "whole.csv", csv, whole);
    rig_send(&rig, "old.csv", csv, old);
    rig_send(&rig, "young.csv", csv, young);
    rig_send(&rig, "held.csv", csv, held);
    age(&rig, whole, "csv", 400L * DAY_US_MILLION);
    age(&rig, old, "part", DAY_US_MILLION + 100);
    age(&rig, young, "part", DAY_US_MILLION - 100);
    age(&rig, held, "part", DAY_US_MILLION + 100);
    // What a crash left: a draft, and what is known of nothing.
    snprintf(path, sizeof path, "%s/%s.about.new", rig.folder, whole);
    test_write(path, "{", 1);
    age(&rig, whole, "about.new", DAY_US_MILLION + 100);
    snprintf(path, sizeof path, "%s/0123456789abcdef0123456789abcdef.about", rig.folder);
    test_write(path, "{}", 2);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, text_of(held), &upload, &rig.error), &rig.error);
    sweep(&rig, 1);
    CHECK_INT(rig_files(&rig, ".part"), 2);
    CHECK_INT(rig_files(&rig, ".about"), 3);
    CHECK_INT(rig_files(&rig, ""), 6);
    upload_close(upload);
    sweep(&rig, 1);
    CHECK(!upload_status(&rig.uploads, RIG_ORG, text_of(old), &rig.arena, &info, &rig.error));
    CHECK_OK(upload_status(&rig.uploads, RIG_ORG, text_of(young), &rig.arena, &info, &rig.error), &rig.error);
    rig_check_content(&rig, text_of(whole), csv);
    sweep(&rig, 0);
    rig_close(&rig);
}

// Somebody's hands were in the folder.
TEST(upload_list, what_is_known_is_damaged) {
    static const char *const wrong[] = {
        "", "{", "[]", "{}", "{\"name\":5,\"kind\":\"csv\"}", "{\"name\":\"a\",\"kind\":\"exe\"}"};
    struct rig rig;
    struct upload_info *infos;
    size_t count;
    char a[UPLOAD_ID_HEX], b[UPLOAD_ID_HEX], path[400], part[400];
    rig_open(&rig);
    rig_put(&rig, "a.csv", csv, a);
    rig_send(&rig, "b.csv", csv, b);
    snprintf(path, sizeof path, "%s/%s.about", rig.folder, a);
    snprintf(part, sizeof part, "%s/%s.about", rig.folder, b);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        test_write(path, wrong[i], strlen(wrong[i]));
        test_write(part, wrong[i], strlen(wrong[i]));
        list(&rig, &infos, &count);
        CHECK_INT(count, 2);
        CHECK(infos[0].is_damaged && infos[1].is_damaged);
        CHECK(!rig_append(&rig, text_of(b), csv.length, csv));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_DIFFERS);
    }
    rig_check_content(&rig, text_of(a), csv); // its bytes are whole all the same
    // A link in a file's place leads nowhere.
    static const char about[] = "{\"name\":\"a\",\"kind\":\"csv\"}";
    snprintf(part, sizeof part, "%s/elsewhere", test_folder());
    test_write(part, about, sizeof about - 1);
    CHECK(unlink(path) == 0 && symlink(part, path) == 0);
    list(&rig, &infos, &count);
    CHECK(infos[0].is_damaged && infos[1].is_damaged);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, text_of(a), &rig.error), &rig.error);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, text_of(b), &rig.error), &rig.error);
    CHECK_INT(rig_files(&rig, ""), 0);
    rig_close(&rig);
}
