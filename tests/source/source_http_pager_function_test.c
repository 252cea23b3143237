#include "format/format_json.h"
#include "http_rig.h"
#include "test.h"

// A script's function in C: goes on behind the last id until the body says that it is done.
struct script {
    struct mapper mapper;
    int calls;
    bool repeats;
    bool fails;
};

static bool script_call(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                        struct arena *arena, struct mapped *out, struct error *error) {
    struct script *script = (struct script *)mapper;
    struct value value;
    script->calls++;
    CHECK(function == 7 && count == 2);
    if (script->fails && objects[0] != NULL) {
        return error_set(error, ERROR_TRANSFORM, "the function failed");
    }
    if (objects[0] == NULL) {
        CHECK(objects[1] == NULL);
        out->value = (struct value){.kind = VALUE_NULL};
        return true;
    }
    const struct value *body = object_find(objects[0], TEXT_LITERAL("body"));
    const struct value *last = object_find(objects[0], TEXT_LITERAL("last"));
    const struct value *headers = object_find(objects[0], TEXT_LITERAL("headers"));
    CHECK_TEXT(value_slice(object_find(headers->as.object, TEXT_LITERAL("x-many"))), "a, b");
    CHECK_TEXT(value_slice(object_find(headers->as.object, TEXT_LITERAL("content-type"))), "application/json");
    CHECK(object_find(objects[0], TEXT_LITERAL("status"))->as.integer == 200 && objects[1] != NULL);
    if (object_find(body->as.object, TEXT_LITERAL("done"))->as.boolean) {
        return true;
    }
    int64_t id = script->repeats ? 2 : object_find(last->as.object, TEXT_LITERAL("id"))->as.integer;
    const char *text = arena_print(arena, "{\"path\":\"/after\",\"query\":{\"id\":%lld}}", (long long)id);
    CHECK(text != NULL && json_read(text_of(text), arena, NULL, &value, error));
    out->value = value;
    return true;
}

static void script_release(struct mapper *mapper) {
    (void)mapper;
}

static const struct mapper_type script_type = {.call = script_call, .release = script_release};

static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
    int64_t after = stub_integer(request, "id", 0);
    (void)context;
    buffer_string(&reply->headers, "X-Many: a\r\nx-many: b\r\n");
    stub_print(reply, "{\"items\":[{\"id\":%lld},{\"id\":%lld}],\"done\":%s}", (long long)after + 1,
               (long long)after + 2, after >= 4 ? "true" : "false");
}

#define SETTINGS "{\"page\":{\"kind\":\"function\",\"call\":7}}"
#define TYPES "{\"reading\":{\"path\":\"/readings\",\"records\":\"items\"}}"

TEST(source_http_pager_function, goes_on) {
    struct http_rig rig;
    struct script script = {.mapper = {&script_type}};
    rig_open(&rig, answer, NULL, SETTINGS, TYPES);
    rig_mapper(&rig, &script.mapper);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 3 4 5 6 last full");
    CHECK_TEXT(http_stub_log(rig.stub), "GET /api/readings\nGET /api/after?id=2\nGET /api/after?id=4\n");
    CHECK_INT(script.calls, 4);
    rig_close(&rig);
}

TEST(source_http_pager_function, goes_on_where_it_stood) {
    struct http_rig rig;
    struct script script = {.mapper = {&script_type}};
    char position[4096];
    rig_open(&rig, answer, NULL, SETTINGS, TYPES);
    rig_mapper(&rig, &script.mapper);
    rig.setup.page_records = 1;
    CHECK_TEXT(rig_part(&rig, 3), "1 2 3");
    snprintf(position, sizeof position, "%s", rig.position);
    rig.setup.position = text_of(position);
    CHECK_TEXT(rig_pass(&rig, 0), "4 5 6 last full");
    rig_close(&rig);
}

TEST(source_http_pager_function, guards_f26) {
    struct http_rig rig;
    struct script script = {.mapper = {&script_type}, .repeats = true};
    rig_open(&rig, answer, NULL, SETTINGS, TYPES);
    rig_mapper(&rig, &script.mapper);
    CHECK_TEXT(rig_pass(&rig, 0), "1 2 W3040");
    script = (struct script){.mapper = {&script_type}, .fails = true};
    rig_pass(&rig, 0);
    CHECK_INT(rig.error.code, ERROR_TRANSFORM);
    CHECK_INT(rig.error.scope, ERROR_SOURCE);
    rig_close(&rig);
}
