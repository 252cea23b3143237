#include "storm.h"

#include "store/store_memory.h"

struct storm *storm_now;

// --- steps: whatever a kill can come before or after ---

static bool step_begins(void) {
    struct storm *storm = storm_now;
    if (!storm->dead && storm->steps_left == 0 && !storm->dies_after) {
        storm->dead = true;
        storm_tell(storm, "  (dies before)");
    }
    return !storm->dead;
}

static bool step_ends(void) {
    struct storm *storm = storm_now;
    if (storm->steps_left-- == 0 && storm->dies_after) {
        storm->dead = true;
        storm_tell(storm, "  (dies after)");
    }
    return !storm->dead;
}

static bool died(struct error *error) {
    error_set(error, ERROR_HTTP_REFUSED, "the process is dead");
    error->scope = ERROR_RUN;
    error->retry = RETRY_NEVER;
    return false;
}

// --- home's doors ---

static enum store_memory_outcome on_transaction(void *context, const char *name) {
    (void)context;
    struct storm *storm = storm_now;
    if (storm == NULL || storm->person || storm->calm) {
        return STORE_MEMORY_COMMIT;
    }
    if (!step_begins()) {
        return STORE_MEMORY_REFUSE;
    }
    if (storm->trouble-- == 0) {
        bool silent = storm_one_in(storm, 2);
        storm_tell(storm, "  (%s %s)", name, silent ? "done, but an error came back" : "refused");
        return silent ? STORE_MEMORY_COMMIT_SILENT : STORE_MEMORY_REFUSE;
    }
    return step_ends() ? STORE_MEMORY_COMMIT : STORE_MEMORY_COMMIT_SILENT;
}

// --- the datasource's ---

static struct target_type target_doors;
static struct source_type source_doors;

static bool open_target(const struct target_setup *setup, struct target **out, struct error *error) {
    bool ok = remote_fake_target.open(setup, out, error);
    if (ok) {
        (*out)->type = &target_doors;
    }
    return ok;
}

static bool write_items(struct target *target, const struct target_item *items, size_t count, struct arena *arena,
                        struct target_receipt *receipts, struct error *error) {
    for (size_t i = 0; i < count; i++) {
        receipts[i] = (struct target_receipt){.outcome = TARGET_UNKNOWN};
    }
    for (size_t i = 0; i < count; i++) {
        if (!step_begins()) {
            return died(error);
        }
        if (!remote_fake_target.write(target, &items[i], 1, arena, &receipts[i], error)) {
            for (size_t after = i + 1; after < count; after++) {
                receipts[after] = receipts[i]; // not sent
            }
            return false;
        }
        storm_tell(storm_now, "  written: outcome %d, %.*s", (int)receipts[i].outcome, TEXT_ARGS(receipts[i].external));
        if (!step_ends()) {
            receipts[i] = (struct target_receipt){.outcome = TARGET_UNKNOWN};
            return died(error);
        }
    }
    return true;
}

static bool resolve_item(struct target *target, const struct target_item *item, struct arena *arena,
                         struct target_receipt *receipt, struct error *error) {
    if (!step_begins()) {
        return died(error);
    }
    bool ok = remote_fake_target.resolve(target, item, arena, receipt, error);
    if (storm_now->rig.remote.dark) { // as a client over a network says it
        error_set(&receipt->error, ERROR_HTTP_CONNECT, "it can't be reached");
    }
    storm_tell(storm_now, "  resolve %.*s: outcome %d, %.*s", TEXT_ARGS(item->external), (int)receipt->outcome,
               TEXT_ARGS(receipt->external));
    return ok && (step_ends() || died(error));
}

static bool open_source(const struct source_setup *setup, struct source **out, struct error *error) {
    bool ok = remote_fake.open(setup, out, error);
    if (ok) {
        (*out)->type = &source_doors;
    }
    return ok;
}

static bool read_page(struct source *source, struct batch *batch, struct error *error) {
    struct storm *storm = storm_now;
    if (storm->dead) {
        return died(error);
    }
    while (!storm->calm && storm->lively && storm_one_in(storm, 4)) {
        if (storm_one_in(storm, 2)) {
            storm_act_home(storm);
        } else {
            storm_act_there(storm);
        }
    }
    return remote_fake.read(source, batch, error);
}

// While it is being written, home is edited. (What is edited there between a pull and a push is lost to the push's
// form: no contract of today's tells a datasource to refuse that.)
static void on_write(void *context, const struct target_item *item) {
    struct storm *storm = context;
    static const char *const verbs[] = {"create", "update", "delete"};
    const struct value *name = item->form != NULL ? object_find(item->form, TEXT_LITERAL("legacy")) : NULL;
    storm_tell(storm, "  write %s %.*s %.*s", verbs[item->verb], TEXT_ARGS(item->external),
               name != NULL ? (int)name->length : 0, name != NULL ? name->as.text : "");
    while (!storm->calm && storm->lively && storm_one_in(storm, 4)) {
        storm_act_home(storm);
    }
}

void storm_doors(struct storm *storm) {
    target_doors = remote_fake_target;
    target_doors.open = open_target;
    target_doors.write = write_items;
    target_doors.resolve = resolve_item;
    source_doors = remote_fake;
    source_doors.target = &target_doors;
    source_doors.open = open_source;
    source_doors.read = read_page;
    storm->rig.sync.source = &source_doors;
    storm->rig.remote.on_write = on_write;
    storm->rig.remote.context = storm;
    store_memory_hook(on_transaction, NULL);
    storm_calm(storm);
}

// --- what goes wrong in the next run ---

void storm_trouble(struct storm *storm) {
    struct remote_fake *remote = &storm->rig.remote;
    storm_calm(storm);
    storm->calm = false;
    while (remote->fault_count < 6 && !storm_one_in(storm, 3)) {
        remote_fault(remote, remote->writes + 1 + storm_draw(storm, 8), (enum remote_trouble)storm_draw(storm, 6));
    }
    remote->dark = storm_one_in(storm, 6);
    if (storm_one_in(storm, 3)) {
        storm->steps_left = (int)storm_draw(storm, 40);
        storm->dies_after = storm_one_in(storm, 2);
    } else if (storm_one_in(storm, 4)) {
        storm->trouble = (int)storm_draw(storm, 20);
    }
    if (storm_one_in(storm, 6)) {
        remote->fail_read_at = remote->reads + 1 + storm_draw(storm, 4);
        error_set(&remote->fail_read, ERROR_HTTP_REFUSED, "the reading goes wrong");
        remote->fail_read.scope = ERROR_RUN;
        remote->fail_read.retry = RETRY_NEVER;
    }
}

void storm_calm(struct storm *storm) {
    struct remote_fake *remote = &storm->rig.remote;
    remote->fault_count = 0;
    remote->dark = false;
    remote->fail_read_at = 0;
    storm->steps_left = INT32_MAX;
    storm->trouble = INT32_MAX;
    storm->dies_after = false;
    storm->dead = false;
    storm->calm = true;
}
