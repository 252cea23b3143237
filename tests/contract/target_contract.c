#include "contract/target_contract.h"

#include <inttypes.h>

#include "test.h"

enum { ITEMS_MAX = 12, CEILING = 16 * 1024 * 1024, SEED = 77 };

static const struct text key_name = {"id", 2};
static const struct path key = {&key_name, 1};

struct target_setup target_contract_setup(void) {
    return (struct target_setup){
        .type_name = TEXT_LITERAL("thing"),
        .key = &key,
        .key_count = 1,
        .clock = &clock_system,
        .log = &log_none,
    };
}

// One go: items in, receipts out.
struct go {
    struct target_world *world;
    struct target *target;
    struct arena arena;
    struct target_item items[ITEMS_MAX];
    struct target_receipt receipts[ITEMS_MAX];
    size_t count;
    struct error error;
};

static const struct text names[] = {{"name", 4}, {"value", 5}};
static const struct shape shape = {2, names};

static void go_open(struct go *go, struct target_world *world) {
    *go = (struct go){.world = world};
    arena_init(&go->arena, CEILING);
    CHECK_OK(target_open(world->type, &world->setup, &go->target, &go->error), &go->error);
}

static void go_close(struct go *go) {
    target_close(go->target);
    arena_clear(&go->arena);
}

static int64_t operation_last; // no two writes of a test share one

static void add(struct go *go, enum target_verb verb, struct text external, const char *name, const char *value) {
    struct target_item *item = &go->items[go->count++];
    const char *operation = arena_print(&go->arena, "op-%" PRId64, ++operation_last);
    struct object *form = arena_take(&go->arena, sizeof *form);
    struct value *values = arena_take(&go->arena, 2 * sizeof *values);
    CHECK(operation != NULL && form != NULL && values != NULL);
    *item = (struct target_item){.verb = verb, .operation = text_of(operation), .external = external, .seed = SEED};
    if (verb != TARGET_DELETE) {
        values[0] = value_text(text_of(name));
        values[1] = value_text(text_of(value));
        *form = (struct object){&shape, values};
        item->form = form;
    }
}

static void fill_receipts(struct go *go) {
    memset(go->receipts, 0x5a, sizeof go->receipts); // so that one that was not filled shows
}

// Writes all items in chunks, as the engine does.
static void go_write(struct go *go) {
    fill_receipts(go);
    for (size_t at = 0; at < go->count;) {
        size_t taken = target_chunk(go->target, go->items + at, go->count - at);
        CHECK(taken >= 1 && taken <= go->count - at);
        CHECK_OK(target_write(go->target, go->items + at, taken, &go->arena, go->receipts + at, &go->error),
                 &go->error);
        at += taken;
    }
}

static void check_done(struct go *go, size_t at, const char *value) {
    const struct target_receipt *receipt = &go->receipts[at];
    CHECK_INT(receipt->outcome, TARGET_DONE);
    CHECK(receipt->external.length > 0);
    CHECK(go->world->has(go->world->context, receipt->external, value));
    if (receipt->has_reply) {
        CHECK_INT(receipt->reply.kind, VALUE_OBJECT);
        struct text external;
        CHECK_OK(record_key(receipt->reply.as.object, go->world->setup.key, go->world->setup.key_count, &go->arena,
                            &external, &go->error),
                 &go->error);
        CHECK(text_same(external, receipt->external));
        struct print seen = go->world->seen(go->world->context, receipt->external, SEED);
        CHECK(print_same(receipt->seen, seen));
    }
}

static size_t there(const struct go *go) {
    return go->world->count(go->world->context);
}

static void next(struct go *go) {
    go->count = 0;
}

static struct text kept(struct go *go, size_t at) {
    struct text text;
    CHECK(arena_text(&go->arena, go->receipts[at].external, &text));
    return text;
}

static void plain(struct target_world *world) {
    struct go go;
    go_open(&go, world);
    size_t before = there(&go);
    static const char *const values[] = {"0", "1", "2", "3", "4"};
    for (size_t i = 0; i < 5; i++) {
        const char *name = arena_print(&go.arena, "plain %zu", i);
        CHECK(name != NULL);
        add(&go, TARGET_CREATE, text_of(""), name, values[i]);
    }
    go_write(&go);
    CHECK_INT(there(&go), before + 5);
    for (size_t i = 0; i < 5; i++) {
        check_done(&go, i, values[i]);
        for (size_t j = 0; j < i; j++) {
            CHECK(!text_same(go.receipts[i].external, go.receipts[j].external));
        }
    }
    struct text first = kept(&go, 0), second = kept(&go, 1);
    next(&go);
    add(&go, TARGET_UPDATE, first, "plain 0", "ten");
    add(&go, TARGET_DELETE, second, NULL, NULL);
    add(&go, TARGET_CREATE, text_of(""), "plain 5", "five");
    go_write(&go);
    check_done(&go, 0, "ten");
    CHECK(text_same(go.receipts[0].external, first));
    CHECK_INT(go.receipts[1].outcome, TARGET_DONE);
    CHECK_INT(go.receipts[1].external.length, 0);
    check_done(&go, 2, "five");
    CHECK_INT(there(&go), before + 5);
    next(&go);
    add(&go, TARGET_DELETE, second, NULL, NULL);
    add(&go, TARGET_UPDATE, second, "plain 1", "x");
    go_write(&go);
    CHECK_INT(go.receipts[0].outcome, TARGET_DONE);
    CHECK_INT(go.receipts[1].outcome, TARGET_GONE);
    CHECK_INT(there(&go), before + 5);
    go_close(&go);
}

static void refused(struct target_world *world) {
    struct go go;
    go_open(&go, world);
    size_t before = there(&go);
    world->order(world->context, TROUBLE_REFUSE);
    add(&go, TARGET_CREATE, text_of(""), "refused 0", "a");
    go_write(&go);
    CHECK_INT(go.receipts[0].outcome, TARGET_FAILED);
    CHECK_INT(go.receipts[0].error.scope, ERROR_RECORD);
    CHECK_INT(go.receipts[0].error.code, ERROR_PUSH_REFUSED);
    CHECK(go.receipts[0].error.message[0] != 0);
    CHECK_INT(there(&go), before);
    next(&go);
    add(&go, TARGET_CREATE, text_of(""), "refused 1", "b");
    go_write(&go);
    check_done(&go, 0, "b");
    go_close(&go);
}

static void unsent(struct target_world *world) {
    struct go go;
    go_open(&go, world);
    size_t before = there(&go);
    world->order(world->context, TROUBLE_UNSENT);
    add(&go, TARGET_CREATE, text_of(""), "unsent", "a");
    go_write(&go);
    CHECK_INT(go.receipts[0].outcome, TARGET_FAILED);
    CHECK_INT(go.receipts[0].error.scope, ERROR_BATCH);
    CHECK(go.receipts[0].error.retry != RETRY_NEVER);
    CHECK_INT(there(&go), before);
    go_write(&go);
    check_done(&go, 0, "a");
    CHECK_INT(there(&go), before + 1);
    go_close(&go);
}

// The answer is lost: the record may be there or not, and there must never be two of it.
static void lost(struct target_world *world, enum target_trouble trouble) {
    struct go go;
    go_open(&go, world);
    size_t before = there(&go);
    world->order(world->context, trouble);
    add(&go, TARGET_CREATE, text_of(""), trouble == TROUBLE_LOST ? "lost" : "dropped", "a");
    go_write(&go);
    if (go.receipts[0].outcome == TARGET_UNKNOWN) {
        CHECK(go.receipts[0].error.code != ERROR_NONE);
        fill_receipts(&go);
        CHECK_OK(target_resolve(go.target, &go.items[0], &go.arena, &go.receipts[0], &go.error), &go.error);
    }
    if (!world->knows) {
        CHECK_INT(go.receipts[0].outcome, TARGET_UNKNOWN);
        CHECK_INT(there(&go), before + (trouble == TROUBLE_LOST ? 1 : 0));
    } else if (go.receipts[0].outcome == TARGET_FAILED) {
        CHECK_INT(trouble, TROUBLE_DROPPED);
        CHECK_INT(there(&go), before);
        CHECK(go.receipts[0].error.retry != RETRY_NEVER);
        go_write(&go);
        check_done(&go, 0, "a");
        CHECK_INT(there(&go), before + 1);
    } else {
        check_done(&go, 0, "a");
        CHECK_INT(there(&go), before + 1);
    }
    go_close(&go);
}

// Updates and deletes can always be found out: by asking for the record, or by sending them again.
static void lost_later(struct target_world *world, enum target_verb verb, enum target_trouble trouble) {
    struct go go;
    go_open(&go, world);
    const char *name = arena_print(&go.arena, "later %d %d", (int)verb, (int)trouble);
    CHECK(name != NULL);
    add(&go, TARGET_CREATE, text_of(""), name, "a");
    go_write(&go);
    check_done(&go, 0, "a");
    struct text external = kept(&go, 0);
    size_t before = there(&go);
    next(&go);
    world->order(world->context, trouble);
    add(&go, verb, external, name, "b");
    go_write(&go);
    if (go.receipts[0].outcome == TARGET_UNKNOWN) {
        CHECK_OK(target_resolve(go.target, &go.items[0], &go.arena, &go.receipts[0], &go.error), &go.error);
    }
    if (go.receipts[0].outcome == TARGET_FAILED) {
        CHECK(go.receipts[0].error.retry != RETRY_NEVER);
        go_write(&go);
    }
    CHECK_INT(go.receipts[0].outcome, TARGET_DONE);
    CHECK(verb == TARGET_DELETE || world->has(world->context, external, "b"));
    CHECK_INT(there(&go), verb == TARGET_DELETE ? before - 1 : before);
    go_close(&go);
}

static void denied(struct target_world *world) {
    struct go go;
    go_open(&go, world);
    size_t before = there(&go);
    world->order(world->context, TROUBLE_DENIED);
    add(&go, TARGET_CREATE, text_of(""), "denied 0", "a");
    fill_receipts(&go);
    CHECK(!target_write(go.target, go.items, go.count, &go.arena, go.receipts, &go.error));
    CHECK_INT(go.error.scope, ERROR_RUN);
    CHECK_INT(go.error.code, ERROR_HTTP_REFUSED);
    CHECK_INT(go.receipts[0].outcome, TARGET_FAILED);
    CHECK_INT(go.receipts[0].error.scope, ERROR_BATCH);
    CHECK_INT(there(&go), before);
    go_close(&go);
}

void target_contract_run(struct target_world *world) {
    plain(world);
    refused(world);
    unsent(world);
    lost(world, TROUBLE_LOST);
    lost(world, TROUBLE_DROPPED);
    static const enum target_verb verbs[] = {TARGET_UPDATE, TARGET_DELETE};
    for (size_t i = 0; i < 2; i++) {
        lost_later(world, verbs[i], TROUBLE_LOST);
        lost_later(world, verbs[i], TROUBLE_DROPPED);
    }
    denied(world);
}
