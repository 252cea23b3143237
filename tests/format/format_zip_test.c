#include "format/format_zip.h"

#include <unistd.h>
#include <zip.h>

#include "base/buffer.h"
#include "test.h"
#include "zip_maker.h"

static struct zip_maker maker;
static char path[512];

static void setup(void) {
    zip_maker_init(&maker);
    snprintf(path, sizeof path, "%s/dump.zip", test_folder());
}

static bool opens(struct text bytes, const struct archive_limits *limits, struct archive **out, struct error *error) {
    test_write(path, bytes.data, bytes.length);
    return archive_open(path, "dump.zip", limits, out, error);
}

static struct archive *open_made(bool wide) {
    struct archive *archive = NULL;
    struct error error;
    CHECK_OK(opens(zip_maker_end(&maker, wide), &archive_limits_usual, &archive, &error), &error);
    return archive;
}

// The zip made so far is refused; a new one can be begun.
static void check_refused(const struct archive_limits *limits, enum error_code code, const char *word) {
    struct archive *archive = NULL;
    struct error error;
    CHECK(!opens(zip_maker_end(&maker, false), limits, &archive, &error));
    CHECK_INT(error.code, code);
    CHECK(strstr(error.message, word) != NULL);
    CHECK_TEXT(text_of(error.place), "dump.zip");
    zip_maker_clear(&maker);
    zip_maker_init(&maker);
}

static bool read_all(struct archive *archive, size_t index, size_t room, struct buffer *out, struct error *error) {
    struct stream *stream = NULL;
    if (!archive_read(archive, index, &stream, error)) {
        return false;
    }
    char piece[4096];
    size_t got = 1;
    bool ok = true;
    buffer_reset(out);
    while (ok && got > 0) {
        ok = stream_read(stream, piece, room, &got, error);
        CHECK(!ok || buffer_append(out, piece, got));
    }
    stream_close(stream);
    return ok;
}

static void check_content(struct archive *archive, size_t index, const char *expected) {
    struct buffer out;
    struct error error;
    buffer_init(&out, 1 << 24);
    for (size_t room = 1; room < 4096; room = room * 3 + 1) {
        CHECK_OK(read_all(archive, index, room, &out, &error), &error);
        CHECK_TEXT(buffer_view(&out), expected);
    }
    buffer_clear(&out);
}

static void check_damaged(struct archive *archive, size_t index, const char *word) {
    struct buffer out;
    struct error error;
    buffer_init(&out, 1 << 24);
    CHECK(!read_all(archive, index, 100, &out, &error));
    CHECK_INT(error.code, ERROR_ZIP);
    CHECK(strstr(error.message, word) != NULL);
    buffer_clear(&out);
}

static void check_trouble(struct archive *archive, size_t index, const char *word) {
    size_t count;
    const struct archive_entry *entry = archive_entries(archive, &count) + index;
    CHECK(index < count && entry->trouble != NULL && strstr(entry->trouble, word) != NULL);
    check_damaged(archive, index, word);
}

TEST(format_zip, lists_and_reads) {
    setup();
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("clients/"), .mode = 0040755});
    zip_maker_file(&maker, "clients/1.json", text_of("{\"name\":\"Well & Co\"}"));
    zip_maker_file(&maker, "units/7.json", text_of("{}"));
    zip_maker_file(&maker, "clients/old/2.json", text_of(""));
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("läs.txt"), .content = TEXT_LITERAL("stored")});
    struct archive *archive = open_made(false);
    size_t count;
    const struct archive_entry *entries = archive_entries(archive, &count);
    CHECK_INT(count, 5);
    CHECK(entries[0].is_folder && entries[0].trouble == NULL);
    CHECK_TEXT(entries[3].name, "clients/old/2.json");
    CHECK_TEXT(entries[3].folder, "clients");
    CHECK_INT(entries[1].size, 20);
    CHECK_INT(entries[4].packed_size, 6);
    const struct archive_folder *folders = archive_folders(archive, &count);
    CHECK_INT(count, 3);
    CHECK_TEXT(folders[0].name, "");
    CHECK_INT(folders[0].files, 1);
    CHECK_TEXT(folders[1].name, "clients");
    CHECK_INT(folders[1].files, 2);
    CHECK_INT(folders[1].bytes, 20);
    CHECK_TEXT(folders[2].name, "units");
    check_content(archive, 1, "{\"name\":\"Well & Co\"}");
    check_content(archive, 3, "");
    check_content(archive, 4, "stored");
    check_damaged(archive, 0, "it is a folder");
    check_damaged(archive, 5, "there is none");
    archive_close(archive);
    zip_maker_clear(&maker);
}

TEST(format_zip, empty_and_wide) {
    setup();
    struct archive *archive = open_made(false);
    size_t count;
    archive_entries(archive, &count);
    CHECK_INT(count, 0);
    archive_folders(archive, &count);
    CHECK_INT(count, 0);
    archive_close(archive);
    zip_maker_clear(&maker);
    zip_maker_init(&maker);
    zip_maker_file(&maker, "a/1.json", text_of("[1]"));
    zip_maker_add(
        &maker, &(struct zip_made){
                    .name = TEXT_LITERAL("a/2.json"), .content = TEXT_LITERAL("[22]"), .deflate = true, .wide = true});
    archive = open_made(true);
    check_content(archive, 0, "[1]");
    check_content(archive, 1, "[22]");
    CHECK_INT(archive_entries(archive, &count)[1].size, 4);
    archive_close(archive);
    zip_maker_clear(&maker);
}

TEST(format_zip, troublesome_names) {
    const struct {
        struct text name;
        const char *word;
    } cases[] = {
        {TEXT_LITERAL("../up.json"), ".."},
        {TEXT_LITERAL("a/../../up.json"), ".."},
        {TEXT_LITERAL("a/.."), ".."},
        {TEXT_LITERAL("./a.json"), ".."},
        {TEXT_LITERAL("a//b.json"), "empty"},
        {TEXT_LITERAL("/etc/cron.d/x"), "outside"},
        {TEXT_LITERAL("C:/x.json"), "outside"},
        {TEXT_LITERAL("a\\..\\b.json"), "backslash"},
        {TEXT_LITERAL("a\0.json"), "control"},
        {TEXT_LITERAL("a\n.json"), "control"},
        {TEXT_LITERAL("\033[2Ja.json"), "control"},
        {TEXT_LITERAL("l\xE4s.json"), "UTF-8"},
        {TEXT_LITERAL(""), "no name"},
    };
    setup();
    enum { CASES = sizeof cases / sizeof cases[0] };
    for (size_t i = 0; i < CASES; i++) {
        zip_maker_add(&maker, &(struct zip_made){.name = cases[i].name, .content = TEXT_LITERAL("x")});
    }
    zip_maker_file(&maker, "a..b/..c/d..json", text_of("fine"));
    struct archive *archive = open_made(false);
    for (size_t i = 0; i < CASES; i++) {
        check_trouble(archive, i, cases[i].word);
    }
    check_content(archive, CASES, "fine");
    size_t count;
    const struct archive_folder *folders = archive_folders(archive, &count);
    uint64_t troubled = 0;
    for (size_t i = 0; i < count; i++) {
        troubled += folders[i].troubled;
    }
    CHECK_INT(troubled, CASES);
    archive_close(archive);
    zip_maker_clear(&maker);
}

TEST(format_zip, troublesome_kinds) {
    setup();
    struct text name = TEXT_LITERAL("a/1.json"), x = TEXT_LITERAL("x");
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("link"), .content = x, .mode = 0120777});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("pipe"), .content = x, .mode = 0010644});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("secret"), .content = x, .flags = 1});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("bzip2"), .content = x, .method = 12});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("sizes"), .content = x, .said_size = 2});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("full/"), .content = x});
    zip_maker_add(&maker, &(struct zip_made){.name = name, .content = x});
    zip_maker_add(&maker, &(struct zip_made){.name = name, .content = TEXT_LITERAL("y")});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("a/2.json"), .content = x, .mode = 0100644});
    struct archive *archive = open_made(false);
    static const char *const words[] = {"link", "no file", "encrypted", "packed in another way", "two sizes"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        check_trouble(archive, i, words[i]);
    }
    check_damaged(archive, 5, "it is a folder");
    check_trouble(archive, 6, "there twice");
    check_trouble(archive, 7, "there twice");
    check_content(archive, 8, "x");
    archive_close(archive);
    zip_maker_clear(&maker);
}

TEST(format_zip, shared_bytes) {
    setup();
    zip_maker_file(&maker, "a.json", text_of("[1]"));
    zip_maker_add(&maker,
                  &(struct zip_made){
                      .name = TEXT_LITERAL("a.json"), .content = TEXT_LITERAL("[1]"), .deflate = true, .shares = true});
    check_refused(&archive_limits_usual, ERROR_ZIP, "share their bytes");
    // An entry that is the content of another: its header is a true one.
    struct zip_maker inner;
    zip_maker_init(&inner);
    zip_maker_file(&inner, "inner.json", text_of("[1]"));
    struct text whole = buffer_view(&inner.bytes);
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("outer"), .content = whole});
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("inner.json"),
                                             .content = TEXT_LITERAL("[1]"),
                                             .deflate = true,
                                             .shares = true,
                                             .shifted_by = 30 + 5});
    check_refused(&archive_limits_usual, ERROR_ZIP, "share their bytes");
    zip_maker_clear(&inner);
    zip_maker_clear(&maker);
}

TEST(format_zip, headers_that_contradict) {
    setup();
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("a.json"), .header = TEXT_LITERAL("b.json")});
    check_refused(&archive_limits_usual, ERROR_ZIP, "not the one that the list speaks of");
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("a.json"), .header = TEXT_LITERAL("a.jsonl")});
    check_refused(&archive_limits_usual, ERROR_ZIP, "not the one that the list speaks of");
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("a.json"), .shifted_by = 1});
    check_refused(&archive_limits_usual, ERROR_ZIP, "it begins where no entry can");
    zip_maker_file(&maker, "a.json", text_of(""));
    buffer_byte(&maker.list, 'x');
    check_refused(&archive_limits_usual, ERROR_ZIP, "more in it than entries");
    zip_maker_file(&maker, "a.json", text_of(""));
    maker.count = 2;
    check_refused(&archive_limits_usual, ERROR_ZIP, "not where it should be");
    zip_maker_clear(&maker);
}

TEST(format_zip, limits) {
    setup();
    struct archive_limits limits = {.entries = 2, .name_bytes = 8, .bytes = 1000, .ratio = 200};
    char *zeros = calloc(1, 4000000);
    CHECK(zeros != NULL);
    for (int i = 0; i < 3; i++) {
        char name[] = {(char)('a' + i), '\0'};
        zip_maker_file(&maker, name, text_of("x"));
    }
    check_refused(&limits, ERROR_ZIP_LIMIT, "3 entries; 2 is the most");
    zip_maker_file(&maker, "123456789", text_of("x"));
    check_refused(&limits, ERROR_ZIP_LIMIT, "longer than names may be");
    zip_maker_file(&maker, "a", (struct text){zeros, 600});
    zip_maker_file(&maker, "b", (struct text){zeros, 401});
    check_refused(&limits, ERROR_ZIP_LIMIT, "more than 1000 bytes");
    zip_maker_file(&maker, "a", (struct text){zeros, 4000000});
    check_refused(&archive_limits_usual, ERROR_ZIP_LIMIT, "more times its size");
    // Just within.
    zip_maker_file(&maker, "12345678", (struct text){zeros, 600});
    zip_maker_file(&maker, "b", (struct text){zeros, 400});
    struct archive *archive = NULL;
    struct error error;
    CHECK_OK(opens(zip_maker_end(&maker, false), &limits, &archive, &error), &error);
    archive_close(archive);
    free(zeros);
    zip_maker_clear(&maker);
}

TEST(format_zip, a_hundred_thousand) {
    setup();
    char name[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "folder%d/%d.json", i % 50, i);
        zip_maker_add(&maker, &(struct zip_made){.name = text_of(name), .content = TEXT_LITERAL("{}")});
    }
    size_t bytes = maker.bytes.length, list = maker.list.length;
    struct archive *archive = open_made(true);
    size_t count;
    CHECK_INT(archive_folders(archive, &count)[7].files, 2000);
    CHECK_INT(count, 50);
    check_content(archive, 99999, "{}");
    archive_close(archive);
    maker.bytes.length = bytes;
    maker.list.length = list;
    zip_maker_add(&maker, &(struct zip_made){.name = TEXT_LITERAL("more")});
    struct error error;
    CHECK(!opens(zip_maker_end(&maker, true), &archive_limits_usual, &archive, &error));
    CHECK_INT(error.code, ERROR_ZIP_LIMIT);
    zip_maker_clear(&maker);
}

TEST(format_zip, lies_about_content) {
    setup();
    struct zip_made entry = {.content = TEXT_LITERAL("more than is said"), .deflate = true};
    entry.name = TEXT_LITERAL("longer");
    entry.said_size = 4;
    zip_maker_add(&maker, &entry);
    entry.name = TEXT_LITERAL("shorter");
    entry.said_size = 400;
    zip_maker_add(&maker, &entry);
    entry.name = TEXT_LITERAL("another");
    entry.said_size = 0;
    entry.said_crc = 7;
    zip_maker_add(&maker, &entry);
    zip_maker_add(
        &maker,
        &(struct zip_made){.name = TEXT_LITERAL("rubbish"), .content = TEXT_LITERAL("\xFF\xFF\xFF\xFF"), .method = 8});
    struct archive *archive = open_made(false);
    check_damaged(archive, 0, "it is longer than");
    check_damaged(archive, 1, "damaged");
    check_damaged(archive, 2, "CRC");
    check_damaged(archive, 3, "damaged");
    archive_close(archive);
    zip_maker_clear(&maker);
}

TEST(format_zip, cut_anywhere) {
    setup();
    zip_maker_file(&maker, "clients/1.json", text_of("{\"name\":\"Well\"}"));
    zip_maker_file(&maker, "clients/2.json", text_of("{\"name\":\"Tank\"}"));
    struct text whole = zip_maker_end(&maker, true);
    struct archive *archive = NULL;
    struct error error;
    for (size_t length = 0; length < whole.length; length++) {
        CHECK(!opens((struct text){whole.data, length}, &archive_limits_usual, &archive, &error));
        CHECK_INT(error.code, ERROR_ZIP);
    }
    // And behind its end.
    buffer_byte(&maker.bytes, '\n');
    CHECK(!opens(buffer_view(&maker.bytes), &archive_limits_usual, &archive, &error));
    CHECK(strstr(error.message, "behind its end") != NULL);
    // Two zips in one file: which of them is meant?
    maker.bytes.length--;
    maker.list.length = 0;
    maker.count = 0;
    zip_maker_file(&maker, "other.json", text_of("{}"));
    CHECK(!opens(zip_maker_end(&maker, false), &archive_limits_usual, &archive, &error));
    CHECK(strstr(error.message, "several ends") != NULL);
    zip_maker_clear(&maker);
    CHECK(!archive_open(test_folder(), "a folder", &archive_limits_usual, &archive, &error));
    CHECK_INT(error.code, ERROR_FILE_READ);
    CHECK(!archive_open("/nowhere/x.zip", "x.zip", &archive_limits_usual, &archive, &error));
    CHECK_INT(error.code, ERROR_FILE_MISSING);
}

// What another program writes.
TEST(format_zip, made_by_libzip) {
    setup();
    char content[300000], name[64];
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (char)(i * i / 7 % 251);
    }
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    CHECK(zip != NULL);
    for (size_t i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "type %zu/%zu.json", i % 3, i);
        zip_source_t *source = zip_source_buffer(zip, content, i * i * 180, 0);
        CHECK(source != NULL && zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) == (zip_int64_t)i);
    }
    CHECK(zip_close(zip) == 0);
    struct archive *archive = NULL;
    struct error error;
    struct buffer out;
    buffer_init(&out, 1 << 24);
    CHECK_OK(archive_open(path, "dump.zip", &archive_limits_usual, &archive, &error), &error);
    size_t count;
    archive_entries(archive, &count);
    CHECK_INT(count, 40);
    for (size_t i = 0; i < count; i++) {
        CHECK_OK(read_all(archive, i, 4096, &out, &error), &error);
        CHECK(out.length == i * i * 180 && memcmp(out.data != NULL ? out.data : "", content, out.length) == 0);
    }
    archive_close(archive);
    buffer_clear(&out);
}
