// Every allocation of our own fails once while an API is read: the error says so, nothing that was given is wrong,
// nothing leaks (under the sanitizers), and the next pass gives everything.

#include "source/source_http.h"

#include "http_rig.h"
#include "store/memory_fails.h"
#include "test.h"

enum { COUNT = 7, BATCH_CEILING = 1 << 24, TRIES_MAX = 4000 };

struct way {
    const char *settings;
    const char *types;
};

#define LOGIN                                                                                                    \
    ",\"auth\":{\"kind\":\"login\",\"url\":\"/login\",\"body\":{\"user\":\"ann\"},\"field\":\"token\",\"name\":" \
    "\"X-Token\"}"
#define PAGE(kind) "\"page\":{\"kind\":\"" kind "\",\"limit\":\"limit\",\"size\":3"

static const struct way ways[] = {
    {"{" PAGE("offset") ",\"offset\":\"skip\"}" LOGIN "}", "{\"reading\":{\"path\":\"/readings\"}}"},
    {"{" PAGE("number") ",\"page\":\"page\"}}", "{\"reading\":{\"path\":\"/readings\",\"cursor\":\"at\"}}"},
    {"{}", "{\"reading\":{\"path\":\"/all\",\"records\":\"items\",\"headers\":{\"X-Client\":\"weir\"}}}"},
};

// Texts longer than an arena's chunk would hide in one: a form of each kind is enough here.
static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    (void)context;
    if (text_is(request->path, "/api/login")) {
        stub_print(reply, "{\"token\":\"good\",\"expires_in\":3600}");
        return;
    }
    bool whole = text_is(request->path, "/api/all");
    int64_t limit = stub_integer(request, "limit", COUNT);
    int64_t from = stub_integer(request, "skip", (stub_integer(request, "page", 1) - 1) * limit);
    stub_print(reply, whole ? "{\"items\":[" : "[");
    for (int64_t i = from; i < COUNT && i < from + limit; i++) {
        stub_print(reply, "%s{\"id\":%lld,\"at\":%lld,\"name\":\"a \\u00e9 \\\"%lld\\\"\",\"value\":%lld.50}",
                   i > from ? "," : "", (long long)i + 1, (long long)i + 1001, (long long)i, (long long)i);
    }
    stub_print(reply, whole ? "]}" : "]");
}

// One pass; `seen` receives how often each id came. False with rig->error; nothing here allocates but what is tested.
static bool pass(struct http_rig *rig, unsigned *seen) {
    struct source *source = NULL;
    struct batch batch;
    memset(seen, 0, COUNT * sizeof *seen);
    error_clear(&rig->error);
    if (!rig_session(rig, NULL) || !source_open(&source_http, &rig->setup, &source, &rig->error)) {
        return false;
    }
    batch_init(&batch, BATCH_CEILING);
    bool ok = true;
    for (bool last = false; ok && !last;) {
        ok = batch_reset(&batch, 3, &rig->error) && source_read(source, &batch, &rig->error);
        for (size_t i = 0; ok && i < batch.count; i++) {
            const struct value *id = object_find(&batch.records[i].fields, TEXT_LITERAL("id"));
            CHECK(id != NULL && id->kind == VALUE_INTEGER && id->as.integer >= 1 && id->as.integer <= COUNT);
            seen[id->as.integer - 1]++;
        }
        CHECK(!ok || batch.reject_count == 0);
        last = ok && batch.last;
    }
    batch_clear(&batch);
    source_close(source);
    return ok;
}

static void check_whole(const unsigned *seen) {
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(seen[i] > 0);
    }
}

TEST(source_http_failing, every_allocation_of_a_pass) {
    unsigned seen[COUNT];
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        struct http_rig rig;
        rig_open(&rig, answer, NULL, ways[way].settings, ways[way].types);
        unsigned long nth = 1;
        for (bool failed = true; failed; nth++) {
            memory_fail_at(nth);
            bool ok = pass(&rig, seen);
            failed = memory_failed();
            memory_fail_at(0);
            if (ok) {
                check_whole(seen); // it got along without
                continue;
            }
            CHECK(failed);
            if (rig.error.code != ERROR_MEMORY) {
                test_fail(__FILE__, __LINE__, "the %lu.: W%d %s", nth, (int)rig.error.code, rig.error.message);
            }
            CHECK(rig.error.message[0] != '\0');
            CHECK_OK(pass(&rig, seen), &rig.error);
            check_whole(seen);
            CHECK(nth < TRIES_MAX);
        }
        CHECK(nth > 15);
        printf("%lu allocations\n", nth - 2);
        rig_close(&rig);
    }
}
