// One record, one request: what each answer means, and what is done about one that never came.

#include "source/target_http.h"

#include "contract/target_contract.h"
#include "source/source_http_print.h"
#include "target_rig.h"
#include "test.h"

#define THINGS "\"path\":\"/things\""
#define FORM "{\"name\":\"a\",\"value\":1.50}"

// --- the contract ---

static void order(void *context, enum target_trouble trouble) {
    struct api *api = &((struct target_rig *)context)->api;
    api->next_after = 0;
    api->say_header = NULL;
    api->say_body = "{\"error\":{\"message\":\"no\"}}";
    api->say_status = trouble == TROUBLE_REFUSE ? 422 : trouble == TROUBLE_UNSENT ? 503 : 403;
    api->next = trouble == TROUBLE_LOST ? API_LOST : trouble == TROUBLE_DROPPED ? API_DROPPED : API_SAY;
    api_sync(api);
}

static size_t count(void *context) {
    api_sync(&((struct target_rig *)context)->api);
    return remote_count(&((struct target_rig *)context)->api.remote, "thing");
}

static bool has(void *context, struct text external, const char *value) {
    struct remote_fake *remote = &((struct target_rig *)context)->api.remote;
    const struct remote_row *row = remote_find(remote, TEXT_LITERAL("thing"), external);
    const struct value *field = row != NULL && !row->gone ? object_find(&row->fields, TEXT_LITERAL("value")) : NULL;
    return field != NULL && text_is(value_slice(field), value);
}

static struct print seen(void *context, struct text external, uint64_t seed) {
    struct remote_fake *remote = &((struct target_rig *)context)->api.remote;
    const struct remote_row *row = remote_find(remote, TEXT_LITERAL("thing"), external);
    CHECK(row != NULL);
    return http_print(&row->fields, seed, NULL);
}

static void contract(const char *type, bool knows, bool keys) {
    struct target_rig rig;
    target_rig_open(&rig, type);
    rig.api.keys = keys;
    struct target_world world = {
        .type = &target_http,
        .setup = rig.setup,
        .knows = knows,
        .context = &rig,
        .order = order,
        .count = count,
        .has = has,
        .seen = seen,
    };
    target_contract_run(&world);
    target_rig_close(&rig);
}

TEST(target_http, contract_find_f08) {
    contract("{" THINGS ",\"find\":[\"name\"],\"match\":\"{field}\"}", true, false);
}

TEST(target_http, contract_key_f08) {
    contract("{" THINGS ",\"idempotency\":\"Idempotency-Key\"}", true, true);
}

TEST(target_http, contract_nothing_f08) {
    contract("{" THINGS "}", false, false);
}

TEST(target_http, contract_array_f08) {
    contract("{" THINGS ",\"find\":[\"name\"],\"create\":{\"array\":true,\"max\":3}}", true, false);
}

TEST(target_http, contract_read_back) {
    contract("{" THINGS ",\"find\":[\"name\"],\"read_back\":\"one\"}", true, false);
    contract("{" THINGS ",\"find\":[\"name\"],\"read_back\":\"ids\",\"ids\":\"ids\"}", true, false);
    contract("{" THINGS ",\"find\":[\"name\"],\"read_back\":\"none\"}", true, false);
}

// --- requests ---

TEST(target_http, requests) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"update\":\"PUT /things/{id}\",\"idempotency\":\"Idempotency-Key\"}");
    remote_put(&rig.api.remote, "thing", "{\"id\":\"a/b c\",\"name\":\"x\",\"other\":1}");
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    CHECK_TEXT(buffer_view(&rig.api.last_body), FORM);
    CHECK_TEXT(buffer_view(&rig.api.last_key), "op-1");
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_UPDATE, "a/b c", FORM);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "a/b c");
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_DELETE, "1", NULL);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "");
    CHECK_INT(rig.api.last_body.length, 0);
    CHECK_TEXT(api_story(&rig.api), "POST /things\nPUT /things/a%2Fb%20c\nDELETE /things/1\n");
    target_rig_close(&rig);
}

TEST(target_http, composite_key) {
    static const struct text names[] = {{"postcode", 8}, {"id", 2}, {"village", 7}};
    static const struct path key[] = {{&names[0], 1}, {&names[1], 1}};
    static const struct path other[] = {{&names[0], 1}, {&names[2], 1}};
    struct target_rig rig;
    target_rig_open_key(&rig, "{" THINGS "}", key, 2);
    remote_put(&rig.api.remote, "thing", "{\"id\":7,\"postcode\":\"31\",\"name\":\"x\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"postcode\":\"31\",\"name\":\"y\"}");
    target_rig_add(&rig, TARGET_UPDATE, "[\"31\",\"7\"]", "{\"name\":\"z\"}");
    target_rig_write(&rig);
    CHECK_TEXT(rig.receipts[0].external, "[\"31\",\"8\"]");
    CHECK_INT(rig.receipts[1].outcome, TARGET_DONE);
    CHECK_TEXT(rig.receipts[1].external, "[\"31\",\"7\"]");
    CHECK_TEXT(api_story(&rig.api), "POST /things\nPATCH /things/7\n");
    rig.setup.key = other;
    CHECK(!target_rig_try(&rig, "{" THINGS "}"));
    CHECK_INT(rig.error.code, ERROR_OPTION_MISSING);
    CHECK(target_rig_try(&rig, "{" THINGS ",\"update\":\"PATCH /things/{postcode}-{village}\"}"));
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_UPDATE, "[\"3 1\",\"9\"]", "{\"name\":\"z\"}");
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_GONE);
    CHECK_TEXT(api_story(&rig.api), "POST /things\nPATCH /things/7\nPATCH /things/3%201-9\n");
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_DELETE, "[\"31\",\"9\"]", NULL);
    CHECK(!target_rig_send(&rig)); // nothing says how
    CHECK_INT(rig.error.code, ERROR_OPTION_MISSING);
    target_rig_close(&rig);
}

TEST(target_http, settings_refused) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    static const struct {
        const char *type;
        enum error_code code;
    } bad[] = {
        {"{" THINGS ",\"method\":\"POST\"}", ERROR_OPTION_MISSING},
        {"{" THINGS ",\"format\":\"csv\"}", ERROR_OPTION_MISSING},
        {"{" THINGS ",\"create\":\"SEND /things\"}", ERROR_OPTION_TYPE},
        {"{" THINGS ",\"update\":{\"request\":\"PUT things\"}}", ERROR_OPTION_TYPE},
        {"{" THINGS ",\"read_back\":\"find\"}", ERROR_OPTION_MISSING},
        {"{" THINGS ",\"read_back\":\"ids\"}", ERROR_OPTION_MISSING},
        {"{" THINGS ",\"delete\":{\"array\":true}}", ERROR_OPTION_TYPE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!target_rig_try(&rig, bad[i].type));
        CHECK_INT(rig.error.code, bad[i].code);
    }
    target_rig_close(&rig);
}

TEST(target_http, one_at_a_time) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"create\":\"one-at-a-time\"}");
    for (int i = 0; i < 5; i++) {
        target_rig_add(&rig, TARGET_CREATE, "", FORM);
    }
    // Nothing could find out what became of it: a crash must leave no more than one open.
    CHECK_INT(target_chunk(rig.target, rig.items, rig.count), 1);
    target_rig_write(&rig);
    CHECK_INT(rig.api.under_way_most, 1);
    target_rig_done(&rig, 4, "5");
    target_rig_close(&rig);
}

TEST(target_http, chunks) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    for (int i = 0; i < 100; i++) {
        target_rig_add(&rig, TARGET_CREATE, "", FORM);
    }
    CHECK_INT(target_chunk(rig.target, rig.items, rig.count), 64);
    CHECK_INT(target_chunk(rig.target, rig.items, 7), 7);
    CHECK(
        target_rig_try(&rig, "{" THINGS ",\"create\":{\"array\":true,\"max\":20,\"at_once\":2},\"find\":[\"name\"]}"));
    CHECK_INT(target_chunk(rig.target, rig.items, rig.count), 40);
    CHECK(target_rig_try(&rig, "{" THINGS ",\"create\":{\"array\":true,\"max\":20,\"bytes\":100}}"));
    CHECK_INT(target_chunk(rig.target, rig.items, rig.count), 3);
    CHECK(target_rig_try(&rig, "{" THINGS "}"));
    CHECK_INT(target_chunk(rig.target, rig.items, rig.count), 4);
    target_rig_close(&rig);
}

// --- answers ---

// What one answer makes of a create, an update and a delete of a record that is there.
static void answers(int status, const char *body, const char *type, enum target_outcome create,
                    enum target_outcome update, enum target_outcome remove) {
    const enum target_outcome expected[] = {create, update, remove};
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    remote_put(&rig.api.remote, "thing", "{\"id\":1,\"name\":\"old\"}");
    for (int verb = TARGET_CREATE; verb <= TARGET_DELETE; verb++) {
        rig.api.next = API_SAY;
        rig.api.say_status = status;
        rig.api.say_body = body;
        rig.api.say_type = type;
        target_rig_next(&rig);
        target_rig_add(&rig, (enum target_verb)verb, verb == TARGET_CREATE ? "" : "1",
                       verb == TARGET_DELETE ? NULL : FORM);
        target_rig_write(&rig);
        CHECK_INT(rig.receipts[0].outcome, expected[verb]);
        CHECK_TEXT(remote_get(&rig.api.remote, "thing", "1"), "{\"id\":1,\"name\":\"old\"}");
    }
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 1);
    target_rig_close(&rig);
}

TEST(target_http, answers) {
    const enum target_outcome failed = TARGET_FAILED;
    answers(400, "{\"error\":\"no\"}", NULL, failed, failed, failed);
    answers(409, "{\"error\":\"no\"}", NULL, failed, failed, failed);
    answers(422, "", NULL, failed, failed, failed);
    answers(404, "{\"error\":\"no\"}", NULL, failed, TARGET_GONE, TARGET_DONE);
    answers(410, "", NULL, failed, TARGET_GONE, TARGET_DONE);
    answers(429, "", NULL, failed, failed, failed);
    answers(500, "", NULL, failed, failed, failed); // looked up, and it is not there
}

TEST(target_http, page_with_200_f14) {
    const enum target_outcome failed = TARGET_FAILED;
    answers(200, "<html>please log in</html>", "text/html", failed, failed, failed);
    answers(200, "{\"error\":{\"message\":\"no\"}}", NULL, failed, failed, failed);
    answers(200, "{\"name\":", NULL, failed, failed, failed);
}

// It is not there, and the next try would be answered with the same page: a dead letter, not a retry.
TEST(target_http, page_with_200_ends_the_push_f14) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    rig.api.next = API_SAY;
    rig.api.say_status = 200;
    rig.api.say_type = "text/html";
    rig.api.say_body = "<html>please log in</html>";
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_REFUSED, ERROR_RUN);
    CHECK_INT(rig.receipts[0].error.retry, RETRY_NEVER);
    target_rig_close(&rig);
}

TEST(target_http, success_predicate_f14) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"create\":{\"ok\":{\"path\":\"status\",\"is\":\"OK\"}}}");
    rig.api.next = API_SAY;
    rig.api.say_status = 200;
    rig.api.say_body = "{\"status\":\"FAILED\",\"why\":\"quota\"}";
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_PUSH_REFUSED, ERROR_RECORD);
    target_rig_close(&rig);
}

TEST(target_http, redirect_is_no_success_f16) {
    const enum target_outcome failed = TARGET_FAILED;
    answers(302, "", NULL, failed, failed, failed);
    answers(307, "", NULL, failed, failed, failed);
}

TEST(target_http, location_names_the_record) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    rig.api.next = API_SAY;
    rig.api.say_status = 201;
    rig.api.say_body = "";
    rig.api.say_header = "Location: https://example.org/api/things/a%2fb%20?x=1";
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_DONE);
    CHECK_TEXT(rig.receipts[0].external, "a/b ");
    CHECK(print_same(rig.receipts[0].seen, (struct print){0, 0}));
    target_rig_close(&rig);
}

// A pass adds the parent's fields to such a record, so what came back is not yet what will be read.
TEST(target_http, record_of_a_parent) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"each\":\"station\",\"with\":{\"station\":\"code\"}}");
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_DONE);
    CHECK(rig.receipts[0].has_reply);
    CHECK(print_same(rig.receipts[0].seen, (struct print){0, 0}));
    target_rig_close(&rig);
}

TEST(target_http, update_of_nothing) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    rig.api.next = API_SAY;
    rig.api.say_status = 200;
    rig.api.say_body = "{\"count\":0}";
    target_rig_add(&rig, TARGET_UPDATE, "1", FORM);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_GONE);
    target_rig_close(&rig);
}

// A path that names fields of the record: an array goes to one of them.
TEST(target_http, path_from_the_form) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"create\":{\"request\":\"POST /things/{name}/data\",\"array\":true,"
                          "\"order\":true}}");
    rig.api.next = API_SAY;
    rig.api.always = true;
    rig.api.say_status = 200;
    rig.api.say_body = "[{\"id\":1},{\"id\":2}]";
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"b c\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"b c\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"value\":1}");
    target_rig_write(&rig);
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(rig.receipts[i].outcome, TARGET_DONE);
        CHECK_TEXT(rig.receipts[i].external, i % 2 == 0 ? "1" : "2");
    }
    target_rig_failed(&rig, 4, ERROR_FIELD_REQUIRED, ERROR_RECORD);
    CHECK_INT(rig.api.writes, 2);
    target_rig_close(&rig);
}

TEST(target_http, server_words) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    rig.api.bad = "worse";
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"worse\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"b\"}");
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_DONE);
    target_rig_failed(&rig, 1, ERROR_PUSH_REFUSED, ERROR_RECORD);
    CHECK(strstr(rig.receipts[1].error.message, "the row is bad") != NULL);
    CHECK(strstr(rig.receipts[1].error.place, "POST /things") != NULL);
    CHECK_INT(rig.receipts[2].outcome, TARGET_DONE);
    target_rig_close(&rig);
}

TEST(target_http, busy_waits) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"create\":\"one-at-a-time\"}");
    rig.api.next = API_SAY;
    rig.api.next_after = 1;
    rig.api.say_status = 429;
    rig.api.say_body = "";
    rig.api.say_header = "Retry-After: 7";
    for (int i = 0; i < 4; i++) {
        target_rig_add(&rig, TARGET_CREATE, "", FORM);
    }
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "1");
    for (size_t i = 1; i < 4; i++) {
        target_rig_failed(&rig, i, ERROR_HTTP_BUSY, ERROR_BATCH);
        CHECK(rig.receipts[i].error.after_us > 0);
    }
    CHECK_INT(rig.api.writes, 2); // the last two were not sent
    target_rig_close(&rig);
}

TEST(target_http, denied_ends) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"create\":\"one-at-a-time\"}");
    rig.api.next = API_SAY;
    rig.api.next_after = 1;
    rig.api.say_status = 403;
    for (int i = 0; i < 3; i++) {
        target_rig_add(&rig, TARGET_CREATE, "", FORM);
    }
    CHECK(!target_rig_send(&rig));
    CHECK_INT(rig.error.code, ERROR_HTTP_REFUSED);
    CHECK_INT(rig.error.scope, ERROR_RUN);
    target_rig_done(&rig, 0, "1");
    target_rig_failed(&rig, 1, ERROR_HTTP_REFUSED, ERROR_BATCH);
    target_rig_failed(&rig, 2, ERROR_HTTP_REFUSED, ERROR_BATCH);
    CHECK_INT(rig.api.writes, 2);
    target_rig_close(&rig);
}

TEST(target_http, nobody_listens) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    target_rig_elsewhere(&rig);
    CHECK(target_rig_try(&rig, "{" THINGS "}"));
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_add(&rig, TARGET_DELETE, "1", NULL);
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_CONNECT, ERROR_BATCH);
    target_rig_failed(&rig, 1, ERROR_HTTP_CONNECT, ERROR_BATCH);
    CHECK(rig.receipts[0].error.retry != RETRY_NEVER);
    target_rig_close(&rig);
}

TEST(target_http, deletes_of_what_is_not_there) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    rig.api.counts = true;
    target_rig_add(&rig, TARGET_DELETE, "9", NULL);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "");
    target_rig_close(&rig);
}
