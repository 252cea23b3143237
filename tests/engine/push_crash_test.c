#include "push_rig.h"
#include "store/store_memory.h"

// A run both ways that dies at every single transaction and at every single call of the datasource, before and after
// it. From then on nothing it does has any effect: that is what a kill is. The next runs must reach the end of an
// undisturbed run: one object there for each record, whole links, and a quiet run after them.

#define ID(id) ((long long)(id))

static struct killer {
    int left;   // steps until it dies
    bool after; // at the end of the step, its outcome lost
    bool dead;
} killer;

// Whether the step happens; dies on its way.
static bool step_begins(void) {
    if (!killer.dead && killer.left == 0 && !killer.after) {
        killer.dead = true;
    }
    return !killer.dead;
}

static bool step_ends(void) {
    if (killer.left-- == 0 && killer.after) {
        killer.dead = true;
    }
    return !killer.dead;
}

static enum store_memory_outcome on_transaction(void *context, const char *name) {
    (void)context;
    (void)name;
    if (!step_begins()) {
        return STORE_MEMORY_REFUSE;
    }
    return step_ends() ? STORE_MEMORY_COMMIT : STORE_MEMORY_COMMIT_SILENT;
}

static struct remote_fake *story_remote;

static bool died(struct error *error) {
    error_set(error, ERROR_HTTP_REFUSED, "the process is dead");
    error->scope = ERROR_RUN;
    return false;
}

// One item at a time, so that a kill may come between any two.
static bool mortal_write(struct target *target, const struct target_item *items, size_t count, struct arena *arena,
                         struct target_receipt *receipts, struct error *error) {
    for (size_t i = 0; i < count; i++) {
        receipts[i] = (struct target_receipt){.outcome = TARGET_UNKNOWN};
    }
    for (size_t i = 0; i < count; i++) {
        if (!step_begins()) {
            return died(error);
        }
        CHECK_OK(remote_fake_target.write(target, &items[i], 1, arena, &receipts[i], error), error);
        if (!step_ends()) {
            receipts[i] = (struct target_receipt){.outcome = TARGET_UNKNOWN};
            return died(error);
        }
    }
    return true;
}

static bool mortal_resolve(struct target *target, const struct target_item *item, struct arena *arena,
                           struct target_receipt *receipt, struct error *error) {
    if (!step_begins()) {
        return died(error);
    }
    bool named = item->form != NULL && object_find(item->form, TEXT_LITERAL("name")) != NULL;
    story_remote->find[0] = named ? "name" : "value"; // each type has its own
    CHECK_OK(remote_fake_target.resolve(target, item, arena, receipt, error), error);
    return step_ends() || died(error);
}

static struct target_type mortal_target;
static struct source_type mortal_source;

static bool mortal_open(const struct target_setup *setup, struct target **out, struct error *error) {
    bool ok = remote_fake_target.open(setup, out, error);
    if (ok) {
        (*out)->type = &mortal_target;
    }
    return ok;
}

// What both sides have when the story begins, and what then happens on each.
static void prepare_story(struct push_rig *rig, bool keys) {
    mortal_target = remote_fake_target;
    mortal_target.open = mortal_open;
    mortal_target.write = mortal_write;
    mortal_target.resolve = mortal_resolve;
    mortal_source = remote_fake;
    mortal_source.target = &mortal_target;
    push_rig_open(rig, SYNC_BOTH);
    rig->sync.source = &mortal_source;
    rig->remote.honours_keys = keys;
    rig->remote.has_find = true;
    story_remote = &rig->remote;
    rig->types[0].push.back = (struct transform){.rules = rig->back_rules, .count = 1};
    int64_t ids[5];
    for (int i = 0; i < 5; i++) {
        ids[i] = push_rig_put(rig, "resource", "{\"name\":\"w%d\"}", i);
    }
    push_rig_run(rig, RUN_DONE);
    push_rig_run(rig, RUN_DONE);
    push_rig_put(rig, "resource", "{\"id\":%lld,\"code\":\"edited\"}", ID(ids[0]));
    push_rig_delete(rig, "resource", ids[1]);
    int64_t parent = push_rig_put(rig, "resource", "{\"name\":\"parent\"}");
    push_rig_put(rig, "resource", "{\"name\":\"child\",\"parent\":%lld}", ID(parent));
    push_rig_put(rig, "reading", "{\"resource\":%lld,\"value\":1.5}", ID(parent));
    push_rig_put(rig, "reading", "{\"resource\":%lld,\"value\":2}", ID(ids[2]));
    remote_put(&rig->remote, "resource", "{\"id\":3,\"name\":\"w2\",\"code\":\"theirs\"}");
    remote_put(&rig->remote, "resource", "{\"name\":\"new there\"}");
}

static bool same_both_sides(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct push_rig *rig = context;
    struct text external;
    struct link link = push_rig_link(rig, "resource", row->id, &external);
    CHECK(link.home == row->id);
    CHECK_INT(link.agreed_seq, row->seq);
    struct text json = remote_get(&rig->remote, "resource", external.data);
    char name[80];
    snprintf(name, sizeof name, "\"name\":\"%.*s\"", TEXT_ARGS(value_slice(&row->fields[RES_NAME])));
    CHECK(strstr(json.data, name) != NULL);
    const struct value *code = &row->fields[RES_CODE];
    snprintf(name, sizeof name, "\"code\":\"%.*s\"", code->kind == VALUE_TEXT ? (int)code->length : 0,
             code->kind == VALUE_TEXT ? code->as.text : "");
    CHECK(code->kind != VALUE_TEXT || strstr(json.data, name) != NULL);
    return true;
}

static bool is_linked(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    CHECK(push_rig_link(context, "reading", row->id, NULL).home == row->id);
    return true;
}

static bool count_row(void *context, const struct home_row *row, struct error *error) {
    (void)row;
    (void)error;
    ++*(int64_t *)context;
    return true;
}

static void check_end(struct push_rig *rig) {
    struct scan all = {.filter = {"", 0}};
    int64_t resources = 0;
    int64_t readings = 0;
    const struct store_type *store = rig->store_type;
    CHECK_OK(store->record_scan(rig->store, &rig->resource, &all, count_row, &resources, &rig->error), &rig->error);
    CHECK_OK(store->record_scan(rig->store, &rig->reading, &all, count_row, &readings, &rig->error), &rig->error);
    CHECK_INT(resources, 7);
    CHECK_INT(readings, 2);
    CHECK_INT(remote_count(&rig->remote, "resource"), 7);
    CHECK_INT(remote_count(&rig->remote, "reading"), 2);
    CHECK_OK(store->record_scan(rig->store, &rig->resource, &all, same_both_sides, rig, &rig->error), &rig->error);
    CHECK_OK(store->record_scan(rig->store, &rig->reading, &all, is_linked, rig, &rig->error), &rig->error);
    CHECK_INT(push_rig_intents(rig, INTENT_SENDING), 0);
    CHECK_INT(push_rig_intents(rig, INTENT_UNKNOWN), 0);
    CHECK_INT(push_rig_intents(rig, INTENT_PARKED), 0);
    CHECK_INT(push_rig_deads(rig), 0);
}

struct plan {
    bool after;
    bool keys;
    size_t chunk;
    int lost; // which write of the story loses its answer, from 1; 0: none
    enum remote_trouble trouble;
};

static void die_everywhere(const struct plan *plan) {
    bool died_once = true;
    int steps = 0;
    for (; died_once; steps++) {
        struct push_rig rig;
        killer = (struct killer){.left = INT32_MAX};
        prepare_story(&rig, plan->keys);
        rig.remote.chunk = plan->chunk;
        if (plan->lost > 0) {
            remote_fault(&rig.remote, rig.remote.writes + (size_t)plan->lost, plan->trouble);
        }
        killer = (struct killer){.left = steps, .after = plan->after};
        store_memory_hook(on_transaction, NULL);
        error_clear(&rig.error);
        (void)!run_sync(&rig.request, &rig.report, &rig.error);
        died_once = killer.dead;
        store_memory_hook(NULL, NULL);
        killer = (struct killer){.left = INT32_MAX};
        push_rig_reopen(&rig, true);
        push_rig_run(&rig, RUN_DONE);
        push_rig_run(&rig, RUN_DONE);
        push_rig_run(&rig, RUN_DONE);
        check_end(&rig);
        push_rig_quiet(&rig);
        push_rig_close(&rig);
        CHECK(steps < 200);
    }
    CHECK(steps > 15); // it did die here and there
}

TEST(engine_push_crash, before_every_step_f07) {
    die_everywhere(&(struct plan){.chunk = 1});
    die_everywhere(&(struct plan){.chunk = 0});
}

TEST(engine_push_crash, after_every_step_f07) {
    die_everywhere(&(struct plan){.after = true, .chunk = 1});
    die_everywhere(&(struct plan){.after = true, .chunk = 0});
}

TEST(engine_push_crash, with_idempotency_keys_f07) {
    die_everywhere(&(struct plan){.keys = true});
    die_everywhere(&(struct plan){.keys = true, .after = true});
}

TEST(engine_push_crash, with_lost_answers_f08) {
    for (int lost = 1; lost <= 6; lost++) {
        die_everywhere(&(struct plan){.lost = lost, .trouble = REMOTE_LOST});
        die_everywhere(&(struct plan){.lost = lost, .trouble = REMOTE_LOST, .after = true, .chunk = 2});
    }
}

TEST(engine_push_crash, with_dropped_requests_f08) {
    for (int lost = 1; lost <= 6; lost++) {
        die_everywhere(&(struct plan){.lost = lost, .trouble = REMOTE_DROPPED});
        die_everywhere(&(struct plan){.lost = lost, .trouble = REMOTE_DROPPED, .after = true, .chunk = 2});
    }
}
