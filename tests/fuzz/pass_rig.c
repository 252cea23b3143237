#include "pass_rig.h"

#include "format/format_json.h"
#include "fuzz.h"
#include "http_fake.h"
#include "source/source_http.h"

enum { ARENA_MAX = 64 << 20 };

// The settings' pager, and the type "reading": {"kind":…} and {"path":…}.
static const struct {
    const char *page;
    const char *type;
} kinds[PASS_KINDS] = {
    {"\"whole\"", ""},
    {"\"whole\"", ",\"records\":\"results\",\"cursor\":\"at\",\"since\":\"after\""},
    {"\"whole\"", ",\"format\":\"jsonl\",\"gone\":\"deleted\""},
    {"\"whole\"", ",\"format\":\"csv\""},
    {"\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":2", ""},
    {"\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":3,\"overlap\":0,\"total\":\"count\"",
     ",\"records\":\"results\""},
    {"\"offset\",\"offset\":\"skip\",\"limit\":\"limit\",\"size\":2,\"total\":\"header:X-Total\"",
     ",\"format\":\"csv\""},
    {"\"number\",\"page\":\"page\",\"size\":2", ""},
    {"\"number\",\"page\":\"page\",\"size\":2,\"first\":0,\"pages\":\"pages\",\"total\":\"count\"",
     ",\"records\":\"results\""},
    {"\"link\"", ",\"cursor\":\"at\",\"cursor_format\":\"iso\""},
    {"\"next\",\"next\":\"next\"", ",\"records\":\"results\""},
    {"\"cursor\",\"next\":\"next\",\"cursor\":\"cursor\"", ",\"records\":\"results\""},
    {"\"cursor\",\"next\":\"next\",\"more\":\"more\",\"cursor\":\"cursor\",\"in_body\":true",
     ",\"records\":\"results\",\"method\":\"POST\""},
    {"\"keyset\",\"after\":\"after\",\"limit\":\"limit\",\"size\":2", ",\"cursor\":\"at\""},
    {"\"keyset\",\"after\":\"after\",\"limit\":\"limit\",\"size\":2",
     ",\"cursor\":\"at\",\"cursor_format\":\"epoch_ms\",\"format\":\"jsonl\",\"overlap\":60000000"},
    {"\"window\",\"from\":\"from\",\"to\":\"to\",\"width\":864000000000,\"size\":2,\"limit\":\"limit\","
     "\"start\":\"2023-09-01T00:00:00Z\"",
     ",\"cursor\":\"at\",\"cursor_format\":\"iso\""},
    {"\"function\",\"call\":0", ",\"records\":\"results\""},
    {"\"whole\"", ",\"each\":\"station\",\"path\":\"/stations/{id}/readings\",\"with\":{\"of\":\"id\"}"},
    {"\"whole\"", ",\"only\":[\"1\",\"2\",\"3\"],\"lookup\":true"},
    {"\"whole\"", ",\"only\":[\"1\",\"2\",\"3\",\"4\"],\"ids\":\"ids\",\"ids_max\":2,\"ok\":{\"path\":\"ok\"},"
                  "\"records\":\"results\""},
};

static const struct object *read_object(struct pass_rig *rig, const char *json) {
    struct error error;
    struct value value = {0};
    demand(json != NULL && json_read(text_of(json), &rig->arena, NULL, &value, &error), "settings are JSON");
    return value.as.object;
}

// A function pager's function: the answer's `next` as it stands in the body, or the end.
static bool call_next(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                      struct arena *arena, struct mapped *out, struct error *error) {
    (void)mapper, (void)function, (void)count, (void)arena, (void)error;
    *out = (struct mapped){.value = value_null()};
    const struct value *body = objects[0] != NULL ? object_find(objects[0], TEXT_LITERAL("body")) : NULL;
    const struct value *next =
        body != NULL && body->kind == VALUE_OBJECT ? object_find(body->as.object, TEXT_LITERAL("next")) : NULL;
    out->value = next != NULL ? *next : out->value;
    return true;
}

static void release(struct mapper *mapper) {
    (void)mapper;
}

void pass_rig_open(struct pass_rig *rig, unsigned kind) {
    static const struct text id[] = {{"id", 2}};
    static const struct path key[] = {{id, 1}};
    static const struct mapper_type mapper_type = {.call = call_next, .release = release};
    static struct mapper mapper = {&mapper_type};
    struct error error;
    *rig = (struct pass_rig){0};
    arena_init(&rig->arena, ARENA_MAX);
    const char *settings =
        arena_print(&rig->arena, "{\"base\":\"" FAKE_BASE "\",\"at_once\":%u,\"page\":{\"pages_max\":20,\"kind\":%s}}",
                    1 + kind % 3, kinds[kind % PASS_KINDS].page);
    const char *more = kinds[kind % PASS_KINDS].type;
    const char *path = strstr(more, "\"path\":\"/") == NULL ? "\"path\":\"/readings\"" : "\"ids_max\":9";
    const char *types =
        arena_print(&rig->arena, "{\"station\":{\"path\":\"/stations\"},\"reading\":{%s%s}}", path, more);
    rig->setup = (struct source_setup){
        .settings = read_object(rig, settings),
        .types = read_object(rig, types),
        .type_name = TEXT_LITERAL("reading"),
        .since = {"", 0},
        .key = key,
        .key_count = 1,
        .folder = {"", 0},
        .position = {"", 0},
        .seed = 42,
        .page_records = 100,
        .clock = &fake_clock,
        .log = &log_none,
    };
    const struct value *type = object_find(rig->setup.types, rig->setup.type_name);
    demand(type != NULL && type->kind == VALUE_OBJECT, "the type is there");
    rig->setup.type = type->as.object;
    struct session_setup session = {.settings = rig->setup.settings,
                                    .name = TEXT_LITERAL("fake"),
                                    .folder = {"", 0},
                                    .mapper = &mapper,
                                    .clock = &fake_clock,
                                    .log = &log_none};
    demand(source_session_open(&source_http, &session, &rig->session, &error), "a session opens");
    rig->setup.session = rig->session;
}

void pass_rig_close(struct pass_rig *rig) {
    source_session_close(rig->session);
    arena_clear(&rig->arena);
}
