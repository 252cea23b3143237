// Any answers to writes over HTTP, and to the lookups that follow. Whatever a server says: every item has a receipt;
// what is done has an id, and what is not done says why; an item that the server may have taken is not sent again
// unless a lookup or an idempotency key makes that safe; what is certainly in is never sent again; and it ends.

#include "format/format_json.h"
#include "fuzz.h"
#include "http_fake.h"
#include "source/source_http.h"
#include "source/target_http.h"

enum { ARENA_MAX = 64 << 20, ITEMS_MAX = 6, TYPES = 10, REQUESTS_MAX = 12 * ITEMS_MAX + 12 };

static const char *const types[TYPES] = {
    "{\"path\":\"/things\"}",
    "{\"path\":\"/things\",\"find\":[\"name\"]}",
    "{\"path\":\"/things\",\"find\":[\"name\"],\"records\":\"results\",\"read_back\":\"find\"}",
    "{\"path\":\"/things\",\"idempotency\":\"Idempotency-Key\"}",
    "{\"path\":\"/things\",\"find\":[\"name\"],\"create\":{\"array\":true,\"max\":3,\"order\":true}}",
    "{\"path\":\"/things\",\"find\":[\"name\"],\"create\":{\"array\":true,\"max\":4,\"reply\":\"results\"},"
    "\"update\":{\"array\":true,\"request\":\"PUT /things\"}}",
    "{\"path\":\"/things\",\"create\":{\"array\":true,\"under\":\"items\"},\"read_back\":\"one\"}",
    "{\"path\":\"/things\",\"create\":\"one-at-a-time\",\"read_back\":\"none\",\"find\":[\"name\"]}",
    "{\"path\":\"/things\",\"upsert\":{\"request\":\"POST /things\",\"ok\":{\"path\":\"ok\"}},\"find\":[\"name\"]}",
    "{\"path\":\"/things\",\"create\":{\"array\":true,\"max\":2},\"ids\":\"ids\",\"read_back\":\"ids\","
    "\"find\":[\"name\"]}",
};

struct rig {
    struct arena arena;
    struct session *session;
    struct target *target;
    bool keyed;
    struct target_item items[ITEMS_MAX];
    struct target_receipt receipts[ITEMS_MAX];
    size_t count;
};

static const struct object *read_object(struct rig *rig, const char *json) {
    struct error error;
    struct value value = {0};
    demand(json != NULL && json_read(text_of(json), &rig->arena, NULL, &value, &error), "settings are JSON");
    return value.as.object;
}

static void rig_open(struct rig *rig, unsigned kind, unsigned pick) {
    static const struct text id[] = {{"id", 2}};
    static const struct path key[] = {{id, 1}};
    struct error error;
    *rig = (struct rig){0};
    arena_init(&rig->arena, ARENA_MAX);
    const char *type = types[kind % TYPES];
    rig->keyed = strstr(type, "idempotency") != NULL;
    const struct object *settings = read_object(rig, "{\"base\":\"" FAKE_BASE "\",\"at_once\":2}");
    struct session_setup session = {
        .settings = settings, .name = TEXT_LITERAL("fake"), .folder = {"", 0}, .clock = &fake_clock, .log = &log_none};
    demand(source_session_open(&source_http, &session, &rig->session, &error), "a session opens");
    struct target_setup setup = {.session = rig->session,
                                 .settings = settings,
                                 .type = read_object(rig, type),
                                 .type_name = TEXT_LITERAL("thing"),
                                 .key = key,
                                 .key_count = 1,
                                 .clock = &fake_clock,
                                 .log = &log_none};
    demand(target_open(&target_http, &setup, &rig->target, &error), "a target opens");
    rig->count = 1 + pick % ITEMS_MAX;
    for (size_t i = 0; i < rig->count; i++) {
        enum target_verb verb = (enum target_verb)((pick >> 3) * (i + 1) % 5 % 3);
        rig->items[i] = (struct target_item){
            .verb = verb,
            .operation = text_of(arena_print(&rig->arena, "op-%zu", i)),
            .external = verb == TARGET_CREATE ? text_of("") : text_of(arena_print(&rig->arena, "7%zu", i)),
            .form = verb == TARGET_DELETE
                        ? NULL
                        : read_object(rig, arena_print(&rig->arena, "{\"name\":\"item-%zu\",\"n\":%zu}", i, i)),
            .seed = 77,
            .late = (pick & 4) != 0,
        };
    }
}

static void rig_close(struct rig *rig) {
    target_close(rig->target);
    source_session_close(rig->session);
    arena_clear(&rig->arena);
}

// Whether the server may have taken what this answer is about; and whether it surely has.
static bool may_be_in(const struct fake_reply *reply) {
    return !reply->unreached && (reply->lost || reply->status < 300 || (reply->status >= 500 && reply->status != 503));
}

// Whether nobody can know what became of a write with this answer.
static bool is_doubtful(const struct fake_reply *reply) {
    bool is_half = reply->cut && reply->status < 300;
    return !reply->unreached && (reply->lost || is_half || (reply->status >= 500 && reply->status != 503));
}

static bool carries(const struct fake_request *request, const struct target_item *item, size_t index) {
    char mark[32];
    snprintf(mark, sizeof mark, item->form != NULL ? "\"item-%zu\"" : "/things/7%zu", index);
    return request->writes && text_holds(item->form != NULL ? request->body : request->url, text_of(mark));
}

// Goes through what was sent of an item.
static void check_sent(const struct rig *rig, size_t index) {
    const struct target_item *item = &rig->items[index];
    bool doubtful = false;
    size_t sent = 0;
    for (size_t i = 0; i < fake.count; i++) {
        const struct fake_request *request = &fake.requests[i];
        if (!request->writes) {
            doubtful = false; // it was looked up
        } else if (carries(request, item, index)) {
            demand(!doubtful || item->verb != TARGET_CREATE || request->keyed,
                   "a create that may be in is not sent again unasked");
            doubtful = may_be_in(&request->reply);
            demand(request->keyed == rig->keyed, "a key is sent where there is one");
            sent++;
        }
    }
    demand(sent <= 2, "an item is sent once, and once by itself");
}

static void check_receipt(const struct rig *rig, size_t index) {
    const struct target_receipt *receipt = &rig->receipts[index];
    const struct target_item *item = &rig->items[index];
    demand(receipt->outcome >= TARGET_DONE && receipt->outcome <= TARGET_UNKNOWN, "every item has a receipt");
    if (receipt->outcome == TARGET_DONE) {
        demand(receipt->external.length > 0 || item->verb == TARGET_DELETE, "what is done has an id");
        demand(!receipt->has_reply || receipt->reply.kind == VALUE_OBJECT, "a reply is a record");
        return;
    }
    demand(receipt->outcome != TARGET_GONE || item->verb == TARGET_UPDATE, "only what is changed can be gone");
    demand_error(&receipt->error);
    if (receipt->outcome == TARGET_FAILED) { // certainly not in: nothing of it may be left open
        bool open = false;
        for (size_t i = 0; i < fake.count; i++) {
            const struct fake_request *request = &fake.requests[i];
            if (!request->writes || carries(request, item, index)) {
                open = request->writes && is_doubtful(&request->reply);
            }
        }
        demand(!open || item->verb != TARGET_CREATE, "a create that may be in has not failed");
    }
}

// The first byte is how the type is written, the second the items, the third the end of the script.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text script = {(const char *)data, size};
    unsigned kind = take_byte(&script);
    unsigned pick = take_byte(&script);
    enum fake_end end = (enum fake_end)(take_byte(&script) % 3);
    struct rig rig;
    struct error error;
    error_clear(&error);
    fake_begin(script, end);
    rig_open(&rig, kind, pick);
    size_t chunk = target_chunk(rig.target, rig.items, rig.count);
    demand(chunk >= 1 && chunk <= rig.count, "some of the items are taken, and no more than there are");
    memset(rig.receipts, 0x5a, sizeof rig.receipts);
    bool ok = target_write(rig.target, rig.items, rig.count, &rig.arena, rig.receipts, &error);
    if (!ok) {
        demand_error(&error);
        demand(error.scope == ERROR_RUN, "only what ends the push ends it");
    }
    demand(fake.count <= REQUESTS_MAX, "an item costs a few requests");
    for (size_t i = 0; i < rig.count; i++) {
        check_sent(&rig, i);
        check_receipt(&rig, i);
    }
    size_t before = fake.count;
    for (size_t i = 0; i < rig.count; i++) {
        if (rig.receipts[i].outcome == TARGET_UNKNOWN) {
            memset(&rig.receipts[i], 0x5a, sizeof rig.receipts[i]);
            if (!target_resolve(rig.target, &rig.items[i], &rig.arena, &rig.receipts[i], &error)) {
                demand_error(&error);
            }
            check_receipt(&rig, i);
        }
    }
    for (size_t i = before; i < fake.count; i++) {
        demand(!fake.requests[i].writes || fake.requests[i].keyed, "finding out sends nothing anew without a key");
    }
    rig_close(&rig);
    fake_end();
    return 0;
}
