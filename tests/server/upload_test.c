#include "server/upload.h"

#include <errno.h>
#include <unistd.h>

#include "upload_rig.h"

static const struct text csv = {"id,name\n1,Well\n2,Tank\n", 22};

TEST(upload, comes_in_and_is_whole) {
    struct rig rig;
    struct upload *upload;
    struct upload_info info;
    char room[UPLOAD_ID_HEX], path[PATH_MAX];
    rig_open(&rig);
    struct text id = rig_begin(&rig, "Brunnen Juli.csv", csv.length, room);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, id, &upload, &rig.error), &rig.error);
    for (size_t i = 0; i < csv.length; i++) {
        CHECK_INT(upload_size(upload), i);
        CHECK_OK(upload_append(upload, i, (struct text){csv.data + i, 1}, &rig.error), &rig.error);
    }
    upload_close(upload);
    CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
    CHECK(!info.is_whole && !info.is_damaged && info.sha256[0] == '\0' && info.uploaded_us == 0);
    CHECK_INT(info.size, csv.length);
    CHECK_INT(info.expected, csv.length);
    CHECK(!upload_path(&rig.uploads, RIG_ORG, id, path, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    CHECK_OK(rig_finish(&rig, id, &info), &rig.error);
    for (int again = 0; again < 2; again++) {
        CHECK(info.is_whole && !info.is_damaged && info.kind == UPLOAD_CSV && info.uploaded_us > info.begun_us);
        CHECK_TEXT(info.name, "Brunnen Juli.csv");
        CHECK_TEXT(info.by, "token 3");
        CHECK_INT(info.size, csv.length);
        CHECK_TEXT(text_of(info.sha256), "38a96eefc7407b25047eb72bc18ee36683572a930d93070d973a6f4fb5ddebc3");
        CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
    }
    rig_check_content(&rig, id, csv);
    CHECK_OK(upload_path(&rig.uploads, RIG_ORG, id, path, &rig.error), &rig.error);
    CHECK(strstr(path, "/acme/uploads/") != NULL && strstr(path, "Brunnen") == NULL);
    CHECK_TEXT(text_of(path + strlen(path) - 4), ".csv");
    CHECK_INT(rig_files(&rig, ""), 2);
    // Asked again, it says the same; nothing can be put behind it.
    CHECK_OK(rig_finish(&rig, id, &info), &rig.error);
    CHECK(info.is_whole);
    CHECK(!rig_append(&rig, id, csv.length, csv));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_OFFSET);
    rig_close(&rig);
}

TEST(upload, goes_on_where_it_stopped) {
    struct rig rig;
    char room[UPLOAD_ID_HEX];
    rig_open(&rig);
    struct text id = rig_send(&rig, "a.csv", (struct text){csv.data, 5}, room);
    CHECK(!rig_append(&rig, id, 4, csv));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_OFFSET);
    CHECK(strstr(rig.error.message, "has 5 bytes") != NULL);
    CHECK(!rig_append(&rig, id, 6, csv));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_OFFSET);
    CHECK_OK(rig_append(&rig, id, 5, (struct text){csv.data + 5, csv.length - 5}), &rig.error);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    rig_check_content(&rig, id, csv);
    // The machine started anew in between: who knows what of it came to the disk.
    id = rig_send(&rig, "b.csv", (struct text){csv.data, 5}, room);
    snprintf(rig.uploads.boot, sizeof rig.uploads.boot, "another");
    struct upload *upload;
    struct upload_info info;
    CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
    CHECK_INT(info.size, 0);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, id, &upload, &rig.error), &rig.error);
    CHECK_INT(upload_size(upload), 0);
    CHECK_OK(upload_append(upload, 0, csv, &rig.error), &rig.error);
    upload_close(upload);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    rig_check_content(&rig, id, csv);
    rig_close(&rig);
}

TEST(upload, limits) {
    struct rig rig;
    char room[UPLOAD_ID_HEX], bytes[1000] = "id\n";
    rig_open(&rig);
    struct upload_wish wish = {.name = TEXT_LITERAL("a.csv"), .by = TEXT_LITERAL(""), .expected = 1001};
    CHECK(!upload_begin(&rig.uploads, RIG_ORG, &wish, room, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_SIZE);
    // One byte over the most of a file; what came before stays, and no byte of what is too much.
    struct text id = rig_send(&rig, "a.csv", (struct text){bytes, 999}, room);
    CHECK(!rig_append(&rig, id, 999, (struct text){bytes, 2}));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_SIZE);
    CHECK_OK(rig_append(&rig, id, 999, (struct text){bytes, 1}), &rig.error);
    // More than was announced, and less.
    id = rig_begin(&rig, "b.csv", 10, room);
    CHECK(!rig_append(&rig, id, 0, (struct text){bytes, 11}));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_DIFFERS);
    CHECK_OK(rig_append(&rig, id, 0, (struct text){bytes, 9}), &rig.error);
    CHECK(!rig_finish(&rig, id, NULL));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_OFFSET);
    CHECK_OK(rig_append(&rig, id, 9, (struct text){bytes, 1}), &rig.error);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    // 1,010 bytes are there; what is announced counts from the beginning.
    for (int i = 0; i < 3; i++) {
        rig_begin(&rig, "c.csv", 1000, room);
    }
    wish.expected = 991;
    CHECK(!upload_begin(&rig.uploads, RIG_ORG, &wish, room, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_FULL);
    id = rig_begin(&rig, "d.csv", UPLOAD_UNKNOWN, room);
    CHECK(!rig_append(&rig, id, 0, (struct text){bytes, 991}));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_FULL);
    CHECK_OK(rig_append(&rig, id, 0, (struct text){bytes, 990}), &rig.error);
    CHECK(!rig_append(&rig, id, 990, (struct text){bytes, 1}));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_FULL);
    rig_close(&rig);
}

TEST(upload, count_of_files) {
    struct rig rig;
    char room[UPLOAD_ID_HEX];
    rig_open(&rig);
    struct upload_wish wish = {.name = TEXT_LITERAL("a.csv"), .by = TEXT_LITERAL(""), .expected = UPLOAD_UNKNOWN};
    struct text id = rig_put(&rig, "a.csv", csv, room);
    char more[UPLOAD_ID_HEX];
    for (int i = 1; i < 10; i++) {
        rig_begin(&rig, "a.csv", UPLOAD_UNKNOWN, more);
    }
    CHECK(!upload_begin(&rig.uploads, RIG_ORG, &wish, more, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_FULL);
    // Another organisation has its own, and what goes makes room.
    CHECK_OK(upload_begin(&rig.uploads, TEXT_LITERAL("other"), &wish, more, &rig.error), &rig.error);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, id, &rig.error), &rig.error);
    CHECK_OK(upload_begin(&rig.uploads, RIG_ORG, &wish, more, &rig.error), &rig.error);
    rig_close(&rig);
}

TEST(upload, sha256) {
    struct rig rig;
    char room[UPLOAD_ID_HEX];
    rig_open(&rig);
    struct text right = TEXT_LITERAL("38A96EEFC7407B25047EB72BC18EE36683572A930D93070D973A6F4FB5DDEBC3");
    struct text wrong = TEXT_LITERAL("38a96eefc7407b25047eb72bc18ee36683572a930d93070d973a6f4fb5ddebc0");
    struct text cut = {right.data, 63};
    struct text id = rig_send(&rig, "a.csv", csv, room);
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        struct upload_info info;
        CHECK(!upload_finish(&rig.uploads, RIG_ORG, id, wrong, &rig.arena, &info, &rig.error));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_DIFFERS);
        CHECK(!upload_finish(&rig.uploads, RIG_ORG, id, cut, &rig.arena, &info, &rig.error));
        CHECK_INT(rig_files(&rig, ".csv"), is_whole);
        CHECK_OK(upload_finish(&rig.uploads, RIG_ORG, id, right, &rig.arena, &info, &rig.error), &rig.error);
    }
    rig_close(&rig);
}

TEST(upload, kinds) {
    static const struct {
        const char *name;
        const char *bytes;
        const char *kind; // NULL: refused
    } cases[] = {
        {"a.CSV", "x", "csv"},
        {"a.tsv", "x", "tsv"},
        {"a.jsonl", "x", "json"},
        {"a.zip", "PK\3\4x", "zip"},
        {"a.csv", "PK\3\4x", "zip"},
        {"empty.zip", "PK\5\6", "zip"},
        {"a.zip", "x", NULL},
        {"a.csv.gz", "\x1F\x8B", "csv.gz"},
        {"a.tsv.GZ", "\x1F\x8B", "tsv.gz"},
        {"a.json.gz", "\x1F\x8B", "json.gz"},
        {"a.gz", "\x1F\x8B", "csv.gz"},
        {"a.tsv", "\x1F\x8B", "tsv.gz"},
        {"a.gz", "id,name", NULL},
        {"a", "a\tb\tc,d\n,,,", "tsv"},
        {"a", "a,b", "csv"},
        {"a", "\xEF\xBB\xBF [1]", "json"},
        {"a", "{}", "json"},
        {".zip", "PK\3\4", "zip"},
        {"a", "\x1F\x8B", "csv.gz"},
    };
    struct rig rig;
    struct upload_info info;
    char room[UPLOAD_ID_HEX];
    rig_open(&rig);
    rig.uploads.org_files = 100;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text id = rig_send(&rig, cases[i].name, text_of(cases[i].bytes), room);
        bool ok = rig_finish(&rig, id, &info);
        CHECK(ok == (cases[i].kind != NULL));
        if (ok) {
            CHECK_TEXT(text_of(upload_kind_name(info.kind)), cases[i].kind);
            CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
            CHECK_TEXT(text_of(upload_kind_name(info.kind)), cases[i].kind);
        } else {
            CHECK_INT(rig.error.code, ERROR_UPLOAD_DIFFERS);
        }
    }
    struct text id = rig_begin(&rig, "empty.csv", 0, room);
    CHECK(!rig_finish(&rig, id, &info));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_DIFFERS);
    rig_close(&rig);
}

TEST(upload, hostile_names) {
    struct rig rig;
    struct upload_info info;
    char room[UPLOAD_ID_HEX], long_name[UPLOAD_NAME_MAX + 2];
    rig_open(&rig);
    memset(long_name, 'a', sizeof long_name);
    const struct text refused[] = {
        {"", 0},
        TEXT_LITERAL("a\0.csv"),
        TEXT_LITERAL("a\n.csv"),
        TEXT_LITERAL("a\x7F.csv"),
        TEXT_LITERAL("\xFF.csv"),
        {long_name, UPLOAD_NAME_MAX + 1},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct upload_wish wish = {.name = refused[i], .by = {"", 0}, .expected = 1};
        CHECK(!upload_begin(&rig.uploads, RIG_ORG, &wish, room, &rig.error));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_NAME);
    }
    CHECK_INT(rig_files(&rig, ""), 0);
    static const char *const kept[] = {
        "../../../etc/passwd",  "/etc/passwd", "..\\x.csv",          "a/b.csv", ".", "..", "<script>.csv",
        "\"},\"kind\":\"zip\"", "%00.csv",     "\xE2\x80\xAEvsc.csv"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        struct text id = rig_put(&rig, kept[i], csv, room);
        CHECK_OK(upload_status(&rig.uploads, RIG_ORG, id, &rig.arena, &info, &rig.error), &rig.error);
        CHECK_TEXT(info.name, kept[i]);
        CHECK(info.is_whole && !info.is_damaged && info.kind == UPLOAD_CSV);
        rig_check_content(&rig, id, csv);
    }
    CHECK_INT(rig_files(&rig, ".csv"), 10);
    CHECK_INT(rig_files(&rig, ""), 20);
    rig_close(&rig);
}

// Nothing but an id of ours is taken for one, whatever stands at the place it would lead to.
TEST(upload, hostile_ids) {
    struct rig rig;
    struct upload *upload;
    struct upload_info info;
    char room[UPLOAD_ID_HEX], path[PATH_MAX];
    rig_open(&rig);
    rig_put(&rig, "a.csv", csv, room);
    char longer[UPLOAD_ID_HEX + 1];
    snprintf(longer, sizeof longer, "%s0", room);
    char upper[UPLOAD_ID_HEX];
    for (int i = 0; i < UPLOAD_ID_HEX; i++) {
        upper[i] = (char)(room[i] >= 'a' ? room[i] - 32 : room[i]);
    }
    snprintf(upper, 2, "A");
    upper[1] = 'B';
    const struct text ids[] = {
        {"", 0},
        TEXT_LITERAL(".."),
        TEXT_LITERAL("../home.sqlite"),
        TEXT_LITERAL("../../../../../../../../../etc/x"),
        TEXT_LITERAL("0123456789abcdef0123456789abcde/"),
        TEXT_LITERAL("0123456789abcdef0123456789abcde\0"),
        TEXT_LITERAL("0123456789abcdef0123456789abcdeg"),
        {room, UPLOAD_ID_HEX - 2},
        {room, UPLOAD_ID_HEX},
        {longer, UPLOAD_ID_HEX},
        {upper, UPLOAD_ID_HEX - 1},
        TEXT_LITERAL("0123456789abcdef0123456789abcdef"), // fine, and not there
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (ids[i].length > 30 && memchr(ids[i].data, 0, ids[i].length) == NULL && i + 1 < sizeof ids / sizeof ids[0]) {
            snprintf(path, sizeof path, "%s/%.*s.csv", rig.folder, TEXT_ARGS(ids[i]));
            FILE *file = fopen(path, "w"); // there is none where the id leads into a folder
            CHECK(file == NULL || fclose(file) == 0);
        }
        CHECK(!upload_status(&rig.uploads, RIG_ORG, ids[i], &rig.arena, &info, &rig.error));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
        CHECK(!upload_path(&rig.uploads, RIG_ORG, ids[i], path, &rig.error));
        CHECK(!upload_open(&rig.uploads, RIG_ORG, ids[i], &upload, &rig.error));
        CHECK(!rig_finish(&rig, ids[i], &info));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
        CHECK(!upload_delete(&rig.uploads, RIG_ORG, ids[i], &rig.error));
        CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    }
    // Of another organisation, and of none.
    CHECK(!upload_path(&rig.uploads, TEXT_LITERAL("other"), text_of(room), path, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    static const char *const orgs[] = {"", ".", "..", "../x", "a/b", "secrets", "a b", "-x"};
    for (size_t i = 0; i < sizeof orgs / sizeof orgs[0]; i++) {
        CHECK(!upload_path(&rig.uploads, text_of(orgs[i]), text_of(room), path, &rig.error));
        CHECK_INT(rig.error.code, ERROR_USAGE);
    }
    rig_check_content(&rig, text_of(room), csv);
    rig_close(&rig);
}
