#include "source/source_csv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buffer.h"
#include "contract/source_contract.h"
#include "format/format_json.h"
#include "test.h"

static struct arena arena;
static struct source_setup setup;
static struct error error;

// A setup with these settings, as JSON, in a fresh folder.
static void prepare(const char *settings, const char *type) {
    struct value value;
    if (arena.ceiling == 0) {
        arena_init(&arena, 1 << 24);
    }
    setup = source_contract_setup();
    setup.folder = text_of(test_folder());
    CHECK_OK(json_read(text_of(settings), &arena, NULL, &value, &error), &error);
    setup.settings = value.as.object;
    CHECK_OK(json_read(text_of(type), &arena, NULL, &value, &error), &error);
    setup.type = value.as.object;
}

static const char *path_of(const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

static void put(const char *name, struct text bytes) {
    test_write(path_of(name), bytes.data, bytes.length);
}

static void put_text(const char *name, const char *text) {
    put(name, text_of(text));
}

static void put_gzip(const char *name, struct text bytes, const char *mode) {
    gzFile file = gzopen(path_of(name), mode);
    CHECK(file != NULL && gzwrite(file, bytes.data, (unsigned)bytes.length) == (int)bytes.length);
    CHECK(gzclose(file) == Z_OK);
}

// The first field of every record, and the places they came from.
static bool read_all(struct buffer *out) {
    struct source *source;
    struct batch batch;
    buffer_reset(out);
    if (!source_open(&source_csv, &setup, &source, &error)) {
        return false;
    }
    batch_init(&batch, 1 << 26);
    bool ok = true;
    do {
        CHECK_OK(batch_reset(&batch, setup.page_records, &error), &error);
        ok = source_read(source, &batch, &error);
        for (size_t i = 0; ok && i < batch.count; i++) {
            buffer_print(out, "%.*s:%d %.*s\n", TEXT_ARGS(batch.place), (int)batch.records[i].line,
                         TEXT_ARGS(value_slice(&batch.records[i].fields.values[0])));
        }
    } while (ok && !batch.last);
    batch_clear(&batch);
    source_close(source);
    return ok;
}

static void check_all(const char *expected) {
    struct buffer out;
    buffer_init(&out, 1 << 24);
    CHECK_OK(read_all(&out), &error);
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
    arena_clear(&arena);
}

static void check_fails(enum error_code code, const char *part) {
    struct buffer out;
    buffer_init(&out, 1 << 24);
    CHECK(!read_all(&out));
    CHECK_INT(error.code, code);
    if (strstr(error.message, part) == NULL && strstr(error.place, part) == NULL) {
        test_fail(__FILE__, __LINE__, "'%s' is neither in '%s' nor in '%s'", part, error.message, error.place);
    }
    buffer_clear(&out);
    arena_clear(&arena);
}

#define DIRTY "id,name\r\n1,well\r\n2,\"ta\r\nnk\"\r\n3\r\n\r\n4,\"a\"\"b\"\r\n5,\"x\r\n6,\xC3\xA4\r\n7,\xC3\r\n8,last"

TEST(source_csv, contract) {
    prepare("{\"file\":[\"a.csv\"]}", "{}");
    put_text("a.csv", DIRTY);
    source_contract_run(&source_csv, &setup, 5, 3);
    arena_clear(&arena);
}

TEST(source_csv, contract_many_files) {
    prepare("{\"file\":[\"*.csv\",\"more.tsv\",\"zip.csv.gz\",\"empty.csv\"]}", "{}");
    put_text("a.csv", DIRTY);
    put_text("b.csv", "name,id\nwell,1\ntank,2\npump,\"\"\"3\"\n");
    put_text("empty.csv", "id,name\n");
    put_text("more.tsv", "id\tname\n1\twe,ll\n");
    put_gzip("zip.csv.gz", TEXT_LITERAL(DIRTY), "wb");
    source_contract_run(&source_csv, &setup, 14, 6);
    arena_clear(&arena);
}

TEST(source_csv, contract_utf16) {
    prepare("{\"file\":[\"a.csv\"]}", "{}");
    put("a.csv",
        TEXT_LITERAL("\xFF\xFEi\0,\0n\0\n\0\x31\0,\0\xE4\0\n\0\x32\0\n\0\x33\0,\0\0\xD8\n\0\x34\0,\0\x05\x09"));
    source_contract_run(&source_csv, &setup, 2, 2);
    arena_clear(&arena);
}

TEST(source_csv, contract_bom) {
    prepare("{\"file\":[\"a.csv\"]}", "{}");
    put_text("a.csv", "\xEF\xBB\xBF" DIRTY);
    source_contract_run(&source_csv, &setup, 5, 3);
    arena_clear(&arena);
}

TEST(source_csv, contract_no_records) {
    prepare("{\"file\":[\"a.csv\"]}", "{}");
    put_text("a.csv", "id,name");
    source_contract_run(&source_csv, &setup, 0, 0);
    arena_clear(&arena);
}

TEST(source_csv, files_in_order) {
    prepare("{\"file\":[\"z.csv\",\"part-*.csv\",\"z.csv\"]}", "{}");
    put_text("part-10.csv", "id\n10\n");
    put_text("part-2.csv", "id\n2\n");
    put_text("z.csv", "id\n26\n");
    put_text("other.csv", "id\n0\n");
    CHECK(mkdir(path_of("part-folder.csv"), 0700) == 0);
    check_all("z.csv:2 26\npart-10.csv:2 10\npart-2.csv:2 2\n");
}

TEST(source_csv, paths) {
    char settings[700];
    prepare("{}", "{\"file\":[\"a[1].csv\"]}");
    put_text("a[1].csv", "id\n1\n");
    check_all("a[1].csv:2 1\n");
    CHECK(mkdir(path_of("s*b"), 0700) == 0);
    put_text("s*b/x.csv", "id\n1\n");
    prepare("{\"file\":[\"*.csv\"]}", "{}");
    char folder[600];
    snprintf(folder, sizeof folder, "%s", path_of("s*b"));
    setup.folder = text_of(folder);
    check_all("x.csv:2 1\n");
    snprintf(settings, sizeof settings, "{\"file\":[\"%s\"]}", path_of("a[1].csv"));
    prepare(settings, "{}");
    setup.folder = text_of("nowhere");
    char expected[700];
    snprintf(expected, sizeof expected, "%s:2 1\n", path_of("a[1].csv"));
    check_all(expected);
}

TEST(source_csv, missing_files) {
    prepare("{\"file\":[\"none.csv\"]}", "{}");
    check_fails(ERROR_FILE_MISSING, "none.csv");
    prepare("{\"file\":[\"none-*.csv\"]}", "{}");
    check_fails(ERROR_FILE_MISSING, "none-*.csv");
    prepare("{\"file\":[\"\"]}", "{}");
    check_fails(ERROR_FILE_MISSING, "file is empty");
    prepare("{\"file\":[\".\"]}", "{}");
    check_fails(ERROR_FILE_READ, "folder");
    CHECK(mkfifo(path_of("pipe.csv"), 0600) == 0);
    prepare("{\"file\":[\"pipe.csv\"]}", "{}");
    check_fails(ERROR_FILE_READ, "not a plain file");
    prepare("{}", "{}");
    check_fails(ERROR_OPTION_MISSING, "reading");
    prepare("{\"file\":[\"a.csv\"]}", "{\"file\":[\"b.csv\"]}");
    check_fails(ERROR_OPTION_TYPE, "twice");
}

TEST(source_csv, options) {
    prepare("{\"file\":[\"a.csv\"],\"delimiter\":\";\",\"quote\":\"\",\"header\":false,\"columns\":[\"id\",\"x\"],"
            "\"encoding\":\"latin-1\"}",
            "{}");
    put_text("a.csv", "\"\xE4;1\n2;3\n");
    check_all("a.csv:1 \"\xC3\xA4\na.csv:2 2\n");
    prepare("{\"file\":[\"a.csv\"],\"delimiter\":\";;\"}", "{}");
    check_fails(ERROR_OPTION_TYPE, "delimiter must be one character");
    prepare("{\"file\":[\"a.csv\"],\"encoding\":\"ebcdic\"}", "{}");
    check_fails(ERROR_ENCODING, "utf-16le");
    CHECK_INT(error.scope, ERROR_RUN);
    prepare("{\"file\":[\"a.csv\"],\"header\":false}", "{}");
    check_fails(ERROR_OPTION_MISSING, "columns");
    prepare("{\"file\":[\"a.csv\"],\"delimiter\":\";\"}", "{}");
    check_fails(ERROR_CSV_HEADER, "a.csv");
}

TEST(source_csv, header_of_a_later_file) {
    prepare("{\"file\":[\"a.csv\",\"b.csv\"]}", "{}");
    put_text("a.csv", "id,name\n1,x\n");
    put_text("b.csv", "");
    check_fails(ERROR_CSV_HEADER, "b.csv");
}

TEST(source_csv, shapes) {
    // The same header is the same shape; another is not.
    prepare("{\"file\":[\"a.csv\",\"b.csv\",\"c.csv\"]}", "{}");
    put_text("a.csv", "id,name\n1,x\n");
    put_text("b.csv", "id,name\n2,x\n");
    put_text("c.csv", "name,id\n2,x\n");
    struct source *source;
    struct batch batch;
    const struct shape *shapes[3];
    batch_init(&batch, 1 << 24);
    CHECK_OK(source_open(&source_csv, &setup, &source, &error), &error);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(batch_reset(&batch, 10, &error), &error);
        CHECK_OK(source_read(source, &batch, &error), &error);
        CHECK_INT(batch.count, 1);
        shapes[i] = batch.records[0].fields.shape;
    }
    CHECK(batch.last);
    CHECK_INT(batch.done_bytes, batch.total_bytes);
    CHECK(shapes[0] == shapes[1] && shapes[1] != shapes[2]);
    source_close(source);
    batch_clear(&batch);
    arena_clear(&arena);
}

TEST(source_csv, cut_gzip_is_no_end) {
    prepare("{\"file\":[\"a.csv.gz\"]}", "{}");
    put_gzip("a.csv.gz", TEXT_LITERAL("id,name\n1,well\n2,tank\n"), "wb");
    CHECK(truncate(path_of("a.csv.gz"), 30) == 0);
    check_fails(ERROR_GZIP, "a.csv.gz");
    CHECK_INT(error.scope, ERROR_SOURCE);
    put_text("a.csv.gz", "id,name\n1,well\n");
    prepare("{\"file\":[\"a.csv.gz\"]}", "{}");
    check_fails(ERROR_GZIP, "a.csv.gz");
}

TEST(source_csv, gzip_members) {
    prepare("{\"file\":[\"a.csv.gz\"]}", "{}");
    put_gzip("a.csv.gz", TEXT_LITERAL("id,name\n1,we"), "wb");
    put_gzip("a.csv.gz", TEXT_LITERAL("ll\n2,tank\n"), "ab");
    check_all("a.csv.gz:2 1\na.csv.gz:3 2\n");
}

// What happens to a file between two pages of a pass.
static void check_change(void (*change)(const char *path)) {
    struct source *source;
    struct batch batch;
    struct buffer big;
    buffer_init(&big, 1 << 24);
    buffer_string(&big, "id,name\n");
    for (int i = 0; i < 50000; i++) {
        buffer_print(&big, "%d,some name of a well\n", i);
    }
    prepare("{\"file\":[\"a.csv\"]}", "{}");
    put("a.csv", buffer_view(&big));
    batch_init(&batch, 1 << 24);
    CHECK_OK(source_open(&source_csv, &setup, &source, &error), &error);
    CHECK_OK(batch_reset(&batch, 1000, &error), &error);
    CHECK_OK(source_read(source, &batch, &error), &error);
    char position[256];
    snprintf(position, sizeof position, "%.*s", TEXT_ARGS(batch.position));
    change(path_of("a.csv"));
    bool ok = true;
    while (ok && !batch.last) {
        CHECK_OK(batch_reset(&batch, 1000, &error), &error);
        ok = source_read(source, &batch, &error);
    }
    CHECK(!ok);
    CHECK_INT(error.code, ERROR_SOURCE_CHANGED);
    source_close(source);
    // And a pass cannot go on where that one stood.
    setup.position = text_of(position);
    CHECK(!source_open(&source_csv, &setup, &source, &error));
    CHECK_INT(error.code, ERROR_SOURCE_CHANGED);
    batch_clear(&batch);
    buffer_clear(&big);
    arena_clear(&arena);
}

static void shrink(const char *path) {
    CHECK(truncate(path, 600000) == 0);
}

static void grow(const char *path) {
    int file = open(path, O_WRONLY | O_APPEND);
    CHECK(file >= 0 && write(file, "x,y\n", 4) == 4 && close(file) == 0);
}

static void touch(const char *path) {
    struct timespec times[2] = {{0, 0}, {1000000000, 5}};
    CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

TEST(source_csv, changes_while_read) {
    check_change(shrink);
    check_change(grow);
    check_change(touch);
}

TEST(source_csv, changes_between_runs) {
    prepare("{\"file\":[\"a.csv\",\"b.csv\"]}", "{}");
    put_text("a.csv", "id\n1\n2\n");
    put_text("b.csv", "id\n3\n");
    struct source *source;
    struct batch batch;
    char position[256];
    batch_init(&batch, 1 << 24);
    CHECK_OK(source_open(&source_csv, &setup, &source, &error), &error);
    CHECK_OK(batch_reset(&batch, 1, &error), &error);
    CHECK_OK(source_read(source, &batch, &error), &error);
    snprintf(position, sizeof position, "%.*s", TEXT_ARGS(batch.position));
    source_close(source);
    batch_clear(&batch);
    setup.position = text_of(position);
    check_all("a.csv:3 2\nb.csv:2 3\n");
    put_text("b.csv", "id\n33\n");
    prepare("{\"file\":[\"a.csv\",\"b.csv\"]}", "{}");
    setup.position = text_of(position);
    check_fails(ERROR_SOURCE_CHANGED, "not what they were");
}
