#include "server/upload_preview.h"

#include <unistd.h>
#include <zlib.h>

#include "format/format_json.h"
#include "upload_rig.h"
#include "zip_maker.h"

static struct rig rig;
static struct buffer out;
static char id_room[UPLOAD_ID_HEX];

static void setup(void) {
    rig_open(&rig);
    rig.uploads.file_bytes = rig.uploads.org_bytes = UINT64_C(1) << 30;
    rig.uploads.org_files = 100;
    buffer_init(&out, 64 * 1024 * 1024);
}

static void teardown(void) {
    buffer_clear(&out);
    rig_close(&rig);
}

static bool look(const char *name, struct text bytes, size_t rows, size_t first) {
    struct upload_look wish = {.rows = rows, .first = first};
    struct text id = rig_put(&rig, name, bytes, id_room);
    buffer_reset(&out);
    return upload_preview(&rig.uploads, RIG_ORG, id, &wish, &out, &rig.error);
}

// The preview's object, from the member behind "size" on; it must be JSON.
static struct text shown(const char *name, struct text bytes, size_t rows, size_t first) {
    struct value value;
    CHECK_OK(look(name, bytes, rows, first), &rig.error);
    CHECK_OK(json_read(buffer_view(&out), &rig.arena, NULL, &value, &rig.error), &rig.error);
    CHECK(buffer_byte(&out, '\0'));
    const char *size = strstr(out.data, "\"size\":");
    CHECK(size != NULL);
    return text_of(strchr(size, ',') + 1);
}

TEST(upload_preview, first_rows) {
    setup();
    struct text csv = TEXT_LITERAL("id,name\n1,Well\n2,\"a \"\"b\"\"\nc\"\nragged\n3,\xFF\n4,\n");
    CHECK_TEXT(
        shown("a.csv", csv, 100, 0),
        "\"delimiter\":\",\",\"columns\":[\"id\",\"name\"],\"rows\":[{\"line\":2,\"cells\":[\"1\",\"Well\"]},"
        "{\"line\":3,\"cells\":[\"2\",\"a \\\"b\\\"\\nc\"]},{\"line\":7,\"cells\":[\"4\",\"\"]}],\"notes\":["
        "{\"line\":5,\"code\":\"W3003\",\"text\":\"the row has 1 field, and there are 2 columns\"},"
        "{\"line\":6,\"code\":\"W3001\",\"text\":\"column 2: byte 1 of the field (0xFF) is not valid in the file's "
        "encoding\"}],\"more\":false}");
    CHECK_TEXT(shown("a.csv", csv, 1, 0),
               "\"delimiter\":\",\",\"columns\":[\"id\",\"name\"],\"rows\":[{\"line\":2,\"cells\":[\"1\",\"Well\"]}],"
               "\"notes\":[],\"more\":true}");
    CHECK_TEXT(shown("a.tsv", TEXT_LITERAL("\xEF\xBB\xBFid\tname\n"), 100, 0),
               "\"delimiter\":\"\\t\",\"columns\":[\"id\",\"name\"],\"rows\":[],\"notes\":[],\"more\":false}");
    CHECK_TEXT(shown("a.csv",
                     TEXT_LITERAL("\xFF\xFEi\0,\0d\0\n\0"
                                  "1\0,\0\xE4\0\n\0"),
                     100, 0),
               "\"delimiter\":\",\",\"columns\":[\"i\",\"d\"],\"rows\":[{\"line\":2,\"cells\":[\"1\",\"ä\"]}],"
               "\"notes\":[],\"more\":false}");
    CHECK_TEXT(shown("a.csv", TEXT_LITERAL("id;name\n1;x\n"), 100, 0),
               "\"delimiter\":\";\",\"columns\":[\"id\",\"name\"],\"rows\":[{\"line\":2,\"cells\":[\"1\",\"x\"]}],"
               "\"notes\":[{\"line\":1,\"code\":null,\"text\":\"the columns are parted by ;: give delimiter = "
               "\\\";\\\"\"}],\"more\":false}");
    CHECK(!look("a.csv", TEXT_LITERAL("id,id\n1,2\n"), 100, 0));
    CHECK_INT(rig.error.code, ERROR_CSV_HEADER);
    CHECK_INT(out.length, 0);
    teardown();
}

// Large cells, many columns, rows without an end.
TEST(upload_preview, large_things_do_no_harm) {
    setup();
    struct buffer bytes;
    buffer_init(&bytes, 200 * 1024 * 1024);
    buffer_string(&bytes, "id,name\n1,");
    for (int i = 0; i < 200000; i++) {
        buffer_string(&bytes, "ä");
    }
    buffer_string(&bytes, "\n2,");
    CHECK(buffer_reserve(&bytes, 100000001));
    memset(bytes.data + bytes.length, 'x', 100000000);
    bytes.length += 100000000;
    buffer_string(&bytes, "\n3,c\n");
    struct text json = shown("a.csv", buffer_view(&bytes), 100, 0);
    CHECK(json.length < 2000);
    const char *cell = strstr(json.data, "\"cells\":[\"1\",\"");
    CHECK(cell != NULL && memcmp(cell + 14 + UPLOAD_CELL_MAX, "…\"", 4) == 0);
    CHECK(strstr(json.data, "\"more\":true") != NULL);
    // The first row is larger than what is looked at.
    buffer_reset(&bytes);
    buffer_string(&bytes, "id\n");
    memset(bytes.data + bytes.length, 'x', 50000000);
    bytes.length += 50000000;
    json = shown("a.csv", buffer_view(&bytes), 100, 0);
    CHECK(strstr(json.data, "\"rows\":[]") != NULL && strstr(json.data, "\"more\":true") != NULL);
    // 10^5 columns.
    buffer_reset(&bytes);
    for (int i = 0; i < 100000; i++) {
        buffer_print(&bytes, "c%d,", i);
    }
    CHECK(!look("a.csv", buffer_view(&bytes), 100, 0));
    CHECK_INT(rig.error.code, ERROR_CSV_HEADER);
    buffer_clear(&bytes);
    teardown();
}

static struct text gzip(struct text plain, struct buffer *packed) {
    z_stream deflater = {0};
    buffer_reset(packed);
    CHECK(deflateInit2(&deflater, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(buffer_reserve(packed, deflateBound(&deflater, plain.length)));
    deflater.next_in = (unsigned char *)(uintptr_t)plain.data;
    deflater.avail_in = (unsigned)plain.length;
    deflater.next_out = (unsigned char *)packed->data;
    deflater.avail_out = (unsigned)packed->capacity;
    CHECK(deflate(&deflater, Z_FINISH) == Z_STREAM_END);
    packed->length = deflater.total_out;
    deflateEnd(&deflater);
    return buffer_view(packed);
}

TEST(upload_preview, packed) {
    setup();
    struct buffer packed;
    buffer_init(&packed, 128 * 1024 * 1024);
    CHECK_TEXT(shown("a.tsv.gz", gzip(TEXT_LITERAL("id\tname\n1\tx\n"), &packed), 100, 0),
               "\"delimiter\":\"\\t\",\"columns\":[\"id\",\"name\"],\"rows\":[{\"line\":2,\"cells\":[\"1\",\"x\"]}],"
               "\"notes\":[],\"more\":false}");
    // A bomb: 60 MB of one row.
    char *zeros = calloc(1, 60000000);
    CHECK(zeros != NULL);
    memcpy(zeros, "id\n", 3);
    struct text json = shown("bomb.csv.gz", gzip((struct text){zeros, 60000000}, &packed), 100, 0);
    CHECK(strstr(json.data, "\"more\":true") != NULL);
    free(zeros);
    // Cut short: what a run would say.
    gzip(TEXT_LITERAL("id,name\n1,x\n"), &packed);
    CHECK(!look("cut.csv.gz", (struct text){packed.data, packed.length - 4}, 100, 0));
    CHECK_INT(rig.error.code, ERROR_GZIP);
    buffer_clear(&packed);
    teardown();
}

TEST(upload_preview, picklist_of_a_zip) {
    setup();
    struct zip_maker maker;
    zip_maker_init(&maker);
    zip_maker_file(&maker, "clients/1.json", text_of("{}"));
    zip_maker_file(&maker, "units/1.json", text_of("[1]"));
    zip_maker_file(&maker, "../up\033.json", text_of(""));
    struct text zip = zip_maker_end(&maker, false);
    CHECK_TEXT(
        shown("dump.zip", zip, 2, 1),
        "\"entries\":3,\"bytes\":5,\"folders\":[{\"name\":\"..\",\"files\":0,\"bytes\":0,\"troubled\":1},"
        "{\"name\":\"clients\",\"files\":1,\"bytes\":2,\"troubled\":0},{\"name\":\"units\",\"files\":1,\"bytes\":3,"
        "\"troubled\":0}],\"list\":[{\"index\":1,\"name\":\"units/1.json\",\"folder\":\"units\",\"size\":3,"
        "\"packed\":5},{\"index\":2,\"name\":\"../up\\u001b.json\",\"folder\":\"..\",\"size\":0,\"packed\":2,"
        "\"trouble\":\"its name holds a control character\"}],\"more\":false}");
    CHECK(strstr(shown("dump.zip", zip, 1, 0).data, "\"more\":true") != NULL);
    CHECK(strstr(shown("dump.zip", zip, 5, 7).data, "\"list\":[],\"more\":false") != NULL);
    CHECK(!look("cut.zip", (struct text){zip.data, zip.length - 1}, 5, 0));
    CHECK_INT(rig.error.code, ERROR_ZIP);
    CHECK_TEXT(text_of(rig.error.place), "cut.zip");
    zip_maker_clear(&maker);
    teardown();
}

TEST(upload_preview, json_and_what_is_not_there) {
    setup();
    struct upload_look wish = {.rows = 10};
    CHECK_TEXT(shown("a.json", TEXT_LITERAL("[{\"a\":\"\xFF\"}]"), 10, 0),
               "\"head\":\"[{\\\"a\\\":\\\"\\\\xff\\\"}]\"}");
    struct text part = rig_send(&rig, "a.csv", TEXT_LITERAL("id\n1\n"), id_room);
    buffer_reset(&out);
    CHECK(!upload_preview(&rig.uploads, RIG_ORG, part, &wish, &out, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    CHECK(!upload_preview(&rig.uploads, RIG_ORG, TEXT_LITERAL("../x"), &wish, &out, &rig.error));
    CHECK_INT(rig.error.code, ERROR_UPLOAD_MISSING);
    CHECK_INT(out.length, 0);
    teardown();
}
