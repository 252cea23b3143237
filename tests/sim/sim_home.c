#include "sim_home.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/edit.h"
#include "format/format_json.h"
#include "sim_disk.h"
#include "sim_people.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

// --- the datatypes ---

static void define(struct sim *sim, struct sim_home *home, enum sim_type type) {
    static const struct {
        const char *name;
        enum field_type type;
    } fields[] = {[SIM_FIELD_LEGACY] = {"legacy", FIELD_TEXT},
                  [SIM_FIELD_NAME] = {"name", FIELD_TEXT},
                  [SIM_FIELD_CODE] = {"code", FIELD_TEXT},
                  [SIM_FIELD_REF] = {"ref", FIELD_REF},
                  [SIM_FIELD_AT] = {"at", FIELD_TEXT}};
    static const uint32_t key[] = {SIM_FIELD_LEGACY};
    bool refers = type == SIM_READING || sim->plan->world.world[KNOB_PARENTS] != 0;
    for (size_t i = 0; i < SIM_HOME_FIELDS; i++) {
        bool is_ref = i == SIM_FIELD_REF;
        home->names[type][i] = text_of(fields[i].name);
        home->fields[type][i] = (struct field){
            .name = home->names[type][i],
            .type = is_ref && !refers ? FIELD_TEXT : fields[i].type, // then nothing keeps a first load from being one
            .required = i == SIM_FIELD_NAME || i == SIM_FIELD_LEGACY || (is_ref && type == SIM_READING),
            .fallback = {.kind = VALUE_MISSING},
            .target = text_of(is_ref && refers ? "well" : ""),
        };
    }
    home->shapes[type] = (struct shape){SIM_HOME_FIELDS, home->names[type]};
    home->types[type] = (struct datatype){
        .name = text_of(type == SIM_WELL ? "well" : "reading"),
        .fields = home->fields[type],
        .count = SIM_HOME_FIELDS,
        .shape = &home->shapes[type],
        .key = key,
        .key_count = sim->plan->world.world[KNOB_NATURAL] != 0 ? 1 : 0,
    };
    home->list[type] = &home->types[type];
}

// --- opening ---

static void demand(const struct sim *sim, bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "simulator: %s: W%d %s\n", what, (int)sim->error.code, sim->error.message);
        abort();
    }
}

static bool try_handle(struct sim *sim, struct sim_home *home, struct store **out) {
    struct store_setup setup = {.folder = text_of(home->folder), .create = true};
    return store_open(home->type, &setup, out, &sim->error) &&
           store_prepare(*out, home->list, SIM_TYPES, TEXT_LITERAL(""), &sim->error);
}

static void open_handle(struct sim *sim, struct sim_home *home, struct store **out) {
    demand(sim, try_handle(sim, home, out), "a home opens");
}

static void open_handles(struct sim *sim, struct sim_home *home) {
    bool was = sim->person;
    sim->person = true;
    open_handle(sim, home, &home->store);
    open_handle(sim, home, &home->people);
    sim->person = was;
}

static void close_handles(struct sim_home *home) {
    store_close(home->store);
    store_close(home->people);
    home->store = NULL;
    home->people = NULL;
}

void sim_home_open(struct sim *sim, int org) {
    struct sim_home *home = &sim->homes[org];
    bool on_disk = sim->plan->world.world[KNOB_SQLITE] != 0;
    home->type = on_disk ? &store_sqlite : &store_memory;
    if (on_disk) {
        snprintf(home->folder, sizeof home->folder, "%s/%s", sim_disk_folder(), org == 0 ? "a" : "b");
    } else {
        snprintf(home->folder, sizeof home->folder, "%s", org == 0 ? "a" : "b");
    }
    define(sim, home, SIM_WELL);
    define(sim, home, SIM_READING);
    open_handles(sim, home);
}

void sim_home_close(struct sim *sim, int org) {
    close_handles(&sim->homes[org]);
}

bool sim_home_reopen(struct sim *sim, int org) {
    struct sim_home *home = &sim->homes[org];
    bool was = sim->person;
    if (home->type == &store_memory) {
        return true;
    }
    sim->person = true;
    store_close(home->store);
    home->store = NULL;
    bool ok = try_handle(sim, home, &home->store);
    sim->person = was;
    return ok;
}

void sim_home_revive(struct sim *sim) {
    store_memory_crash();
    for (int org = 0; org < SIM_ORGS; org++) {
        if (sim->homes[org].type != NULL) {
            close_handles(&sim->homes[org]);
        }
    }
    sim_disk_revive(sim);
    for (int org = 0; org < SIM_ORGS; org++) {
        if (sim->homes[org].type != NULL) {
            open_handles(sim, &sim->homes[org]);
        }
    }
}

// --- backups ---

void sim_home_backup(struct sim *sim, int org) {
    struct sim_home *home = &sim->homes[org];
    if (home->type == &store_memory) {
        home->backup = store_memory_backup(text_of(home->folder));
    } else {
        close_handles(home);
        sim_disk_copy(home->folder, "home.db", "backup.db");
        home->backup = 1;
        open_handles(sim, home);
    }
    sim->counters->what[SIM_BACKUP]++;
}

// home.mark is not in the backup: it stays as it is.
static void restore_disk(struct sim *sim, int org) {
    for (int i = 0; i < SIM_ORGS; i++) {
        if (sim->homes[i].type != NULL) {
            close_handles(&sim->homes[i]);
        }
    }
    sim_disk_copy(sim->homes[org].folder, "backup.db", "home.db");
    sim_disk_settle(sim);
    for (int i = 0; i < SIM_ORGS; i++) {
        if (sim->homes[i].type != NULL) {
            open_handles(sim, &sim->homes[i]);
        }
    }
}

// What only the lost home knew is lost with it: nobody can know it any more.
static void forget_lost(struct sim *sim, int org) {
    bool *there = calloc(SIM_TOKENS, sizeof *there);
    SIM_CHECK(there != NULL);
    for (int type = 0; type < SIM_TYPES; type++) {
        size_t count;
        const struct home_row *rows = sim_home_rows(sim, org, (enum sim_type)type, &count);
        for (size_t i = 0; i < count; i++) {
            there[sim_token_of(value_slice(&rows[i].fields[SIM_FIELD_NAME]))] = true;
            if (rows[i].fields[SIM_FIELD_CODE].kind == VALUE_TEXT) {
                there[sim_token_of(value_slice(&rows[i].fields[SIM_FIELD_CODE]))] = true;
            }
        }
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        for (size_t i = 0; i < remote->row_count; i++) {
            const struct sim_row *row = &remote->rows[i];
            const struct sim_form *form = sim_row_form(row);
            if (!row->gone || row->changes) {
                there[sim_token_of(text_of(form->name))] = true;
                there[sim_token_of(text_of(form->code))] = true;
                there[sim_token_of(text_of(row->form.name))] = true;
                there[sim_token_of(text_of(row->form.code))] = true;
            }
        }
    }
    for (int i = 1; i < SIM_TOKENS; i++) {
        sim->tokens[i].over = sim->tokens[i].over || !there[i];
    }
    free(there);
}

void sim_home_restore(struct sim *sim, int org) {
    struct sim_home *home = &sim->homes[org];
    if (home->type == NULL || home->backup == 0) {
        return;
    }
    if (home->type == &store_memory) {
        close_handles(home);
        store_memory_restore(text_of(home->folder), home->backup);
        open_handles(sim, home);
    } else {
        restore_disk(sim, org);
    }
    home->backup = 0; // once
    home->restored = true;
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (sim_org_of((enum sim_place)(SIM_EAST + source)) == org) {
            memset(sim->syncs[source].marks, 0, sizeof sim->syncs[source].marks);
            memset(sim->syncs[source].pulled, 0, sizeof sim->syncs[source].pulled);
            memset(sim->syncs[source].looked, -1, sizeof sim->syncs[source].looked);
        }
    }
    forget_lost(sim, org);
    sim->counters->what[SIM_RESTORE]++;
}

// --- looking ---

struct rows {
    struct sim *sim;
    struct home_row *list;
    size_t count, capacity;
};

static bool take_row(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct rows *rows = context;
    SIM_CHECK(rows->count < rows->capacity);
    struct home_row *copy = &rows->list[rows->count++];
    *copy = *row;
    copy->fields = arena_take(&rows->sim->arena, SIM_HOME_FIELDS * sizeof *copy->fields);
    SIM_CHECK(copy->fields != NULL && arena_text(&rows->sim->arena, row->origin, &copy->origin));
    for (size_t i = 0; i < SIM_HOME_FIELDS; i++) {
        SIM_CHECK(value_copy(&rows->sim->arena, &row->fields[i], &copy->fields[i]));
    }
    return true;
}

struct home_row *sim_home_rows(struct sim *sim, int org, enum sim_type type, size_t *count) {
    struct sim_home *home = &sim->homes[org];
    struct rows rows = {.sim = sim, .capacity = 2 * SIM_ROWS};
    struct scan all = {.filter = {"", 0}};
    rows.list = arena_take(&sim->arena, rows.capacity * sizeof *rows.list);
    SIM_CHECK(rows.list != NULL);
    bool ok = false;
    for (int times = 0; times < 2 && !ok; times++) { // what strikes reading strikes once
        rows.count = 0;
        ok = home->type->record_scan(home->people, &home->types[type], &all, take_row, &rows, &sim->error);
    }
    demand(sim, ok, "home's records can be read");
    *count = rows.count;
    return rows.list;
}

// One of all, or NULL.
static const struct home_row *pick_row(struct sim *sim, int org, int64_t pick, enum sim_type *type) {
    struct home_row *lists[SIM_TYPES];
    size_t counts[SIM_TYPES];
    for (int i = 0; i < SIM_TYPES; i++) {
        lists[i] = sim_home_rows(sim, org, (enum sim_type)i, &counts[i]);
    }
    size_t all = counts[SIM_WELL] + counts[SIM_READING];
    if (all == 0) {
        return NULL;
    }
    size_t at = (size_t)pick % all;
    *type = at < counts[SIM_WELL] ? SIM_WELL : SIM_READING;
    return *type == SIM_WELL ? &lists[SIM_WELL][at] : &lists[SIM_READING][at - counts[SIM_WELL]];
}

// --- people ---

static void end_value(struct sim *sim, const struct value *value) {
    if (value->kind == VALUE_TEXT) {
        sim_token_over(sim, value_slice(value));
    }
}

// On a disk that fails people are told so: what they wrote may be there or not.
static bool refused(struct sim *sim, const char *what) {
    if (sim->plan->world.world[KNOB_SQLITE] == 0 || sim->calm) {
        sim_find(sim, "%s: W%d %s", what, (int)sim->error.code, sim->error.message);
    }
    sim_tell(sim, "refused: W%d", (int)sim->error.code);
    return false;
}

static bool put(struct sim *sim, int org, enum sim_type type, const char *json) {
    struct sim_home *home = &sim->homes[org];
    struct edit edit = {home->people, &home->types[type], &sim->clock, TEXT_LITERAL("put"), 0};
    struct value value;
    int64_t id;
    bool created, changed;
    demand(sim, json_read(text_of(json), &sim->arena, NULL, &value, &sim->error), "what people write is JSON");
    if (!edit_put(&edit, value.as.object, &id, &created, &changed, &sim->error)) {
        return refused(sim, "a person cannot edit home");
    }
    return true;
}

static bool is_there(struct sim *sim, int org, enum sim_type type, int identity) {
    size_t count;
    const struct home_row *rows = sim_home_rows(sim, org, type, &count);
    for (size_t i = 0; i < count; i++) {
        if (sim_identity_of(value_slice(&rows[i].fields[SIM_FIELD_LEGACY])) == identity) {
            return true;
        }
    }
    return false;
}

void sim_home_make(struct sim *sim, int org, const struct sim_event *event) {
    char json[300], more[60] = "";
    enum sim_type type = event->detail != 0 && sim->plan->world.world[KNOB_READINGS] != 0 ? SIM_READING : SIM_WELL;
    int identity = sim_identity_for(sim, event, org, type);
    size_t count;
    const struct home_row *wells = sim_home_rows(sim, org, SIM_WELL, &count);
    bool refers = type == SIM_READING || (sim->plan->world.world[KNOB_PARENTS] != 0 && event->pick % 2 == 1);
    if (is_there(sim, org, type, identity) || (type == SIM_READING && count == 0)) {
        return; // nobody makes the same one twice
    }
    if (refers && count > 0) {
        snprintf(more, sizeof more, ",\"ref\":%" PRId64, wells[(size_t)event->pick % count].id);
    }
    snprintf(json, sizeof json, "{\"legacy\":\"k%d\",\"name\":\"%s\"%s}", identity, sim_token_new(sim, event), more);
    sim_tell(sim, "%s: home makes %s", sim_place_name((enum sim_place)org), json);
    sim->births[identity]++;
    sim->tokens[event->number].over = !put(sim, org, type, json);
    sim->counters->what[SIM_MAKE]++;
}

static bool edit_reference(struct sim *sim, int org, const struct home_row *row, enum sim_type type,
                           const struct sim_event *event) {
    size_t count;
    char json[100];
    const struct home_row *wells = sim_home_rows(sim, org, SIM_WELL, &count);
    if (count == 0 || (type == SIM_WELL && sim->plan->world.world[KNOB_PARENTS] == 0)) {
        return false;
    }
    const struct home_row *well = &wells[(size_t)(event->pick / 7) % count];
    snprintf(json, sizeof json, "{\"id\":%" PRId64 ",\"ref\":%" PRId64 "}", row->id, well->id);
    sim_tell(sim, "%s: home edits %s", sim_place_name((enum sim_place)org), json);
    return put(sim, org, type, json);
}

void sim_home_edit(struct sim *sim, int org, const struct sim_event *event) {
    char json[300];
    enum sim_type type;
    const struct home_row *row = pick_row(sim, org, event->pick, &type);
    if (row == NULL) {
        return;
    }
    if (event->detail == 2) {
        sim->counters->what[SIM_EDIT] += edit_reference(sim, org, row, type, event);
        return;
    }
    bool is_name = event->detail == 0;
    end_value(sim, &row->fields[is_name ? SIM_FIELD_NAME : SIM_FIELD_CODE]);
    snprintf(json, sizeof json, "{\"id\":%" PRId64 ",\"%s\":\"%s\"}", row->id, is_name ? "name" : "code",
             sim_token_new(sim, event));
    sim_tell(sim, "%s: home edits %s (%.*s)", sim_place_name((enum sim_place)org), json,
             TEXT_ARGS(value_slice(&row->fields[SIM_FIELD_LEGACY])));
    sim->tokens[event->number].over = !put(sim, org, type, json);
    sim->counters->what[SIM_EDIT]++;
}

void sim_home_delete(struct sim *sim, int org, const struct sim_event *event) {
    enum sim_type type;
    const struct home_row *row = pick_row(sim, org, event->pick, &type);
    if (row == NULL) {
        return;
    }
    struct sim_home *home = &sim->homes[org];
    struct edit edit = {home->people, &home->types[type], &sim->clock, TEXT_LITERAL("put"), 0};
    end_value(sim, &row->fields[SIM_FIELD_NAME]);
    end_value(sim, &row->fields[SIM_FIELD_CODE]);
    sim_tell(sim, "%s: home deletes %s %" PRId64 " %.*s", sim_place_name((enum sim_place)org),
             type == SIM_WELL ? "well" : "reading", row->id, TEXT_ARGS(value_slice(&row->fields[SIM_FIELD_LEGACY])));
    sim_deleted(sim, sim_identity_of(value_slice(&row->fields[SIM_FIELD_LEGACY])));
    if (!edit_delete(&edit, row->id, &sim->error)) {
        refused(sim, "a person cannot delete from home");
    }
    sim->counters->what[SIM_DELETE]++;
}

struct helds {
    struct sim *sim;
    struct held_row list[200];
    size_t count, fresh;
};

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct helds *helds = context;
    struct arena *arena = &helds->sim->arena;
    SIM_CHECK(helds->count < 200);
    struct held_row *held = &helds->list[helds->count++];
    *held = *row;
    SIM_CHECK(arena_text(arena, row->key, &held->key) && arena_text(arena, row->direction, &held->direction) &&
              arena_text(arena, row->datasource, &held->datasource) &&
              arena_text(arena, row->datatype, &held->datatype) && arena_text(arena, row->external, &held->external));
    helds->fresh += !row->approved;
    held->approved = true;
    return true;
}

void sim_home_approve(struct sim *sim, int org) {
    struct sim_home *home = &sim->homes[org];
    for (int source = 0; source < SIM_SOURCES; source++) {
        enum sim_place place = (enum sim_place)(SIM_EAST + source);
        if (sim_org_of(place) != org || sim->plan->world.sources[source][KNOB_USED] == 0) {
            continue;
        }
        struct helds *helds = calloc(1, sizeof *helds);
        SIM_CHECK(helds != NULL);
        helds->sim = sim;
        struct scan scan = {.filter = sim->syncs[source].key};
        bool ok = home->type->held_scan(home->people, &scan, take_held, helds, &sim->error);
        struct page page = {
            .origin = TEXT_LITERAL("approve"), .at_us = sim->now_us, .helds = helds->list, .held_count = helds->count};
        enum commit_outcome outcome;
        if (!ok || !store_commit(home->people, &page, &outcome, &sim->error)) {
            refused(sim, "a person cannot approve deletes");
        }
        sim->syncs[source].approved += (int64_t)helds->fresh;
        sim->counters->what[SIM_APPROVE] += helds->count > 0;
        free(helds);
    }
}
