#include "sim_check_small.h"

#include "sim_home.h"
#include "store/store_memory.h"

struct small small;

// --- the world ---

#define KNOB(scope, name, text, simplest, help) [KNOB_##name] = simplest,
static const int64_t simplest[SIM_KNOBS] = {
#include "sim_knobs.def"
};
#undef KNOB

void small_event(int number, enum sim_what what, enum sim_place place) {
    CHECK(small.plan.count < sizeof small.events / sizeof *small.events);
    small.events[small.plan.count++] = (struct sim_event){.number = number, .what = what, .place = place};
}

void small_wrote(int number, enum sim_place place) {
    small_event(number, SIM_EDIT, place);
    small.sim.tokens[number].made = true;
}

void small_born(int number, enum sim_place place) {
    small_event(number, SIM_MAKE, place);
    small.sim.tokens[number].made = true;
    small.sim.births[number] = 1;
    small.sim.identities[number] = (signed char)(1 + sim_org_of(place) * SIM_TYPES + SIM_WELL);
}

static void use(int source) {
    static const char *const keys[] = {"a/east", "a/west", "b/north"};
    memcpy(small.plan.world.sources[source], simplest, sizeof simplest);
    small.plan.world.sources[source][KNOB_USED] = source != SMALL_WEST;
    small.sim.remotes[source].sim = &small.sim;
    small.sim.remotes[source].place = (enum sim_place)(SIM_EAST + source);
    small.sim.remotes[source].knobs = small.plan.world.sources[source];
    small.sim.syncs[source].key = text_of(keys[source]);
}

static void fill(void) {
    struct sim_form first = small_form("k1", "<1>", "", 0);
    struct sim_form second = small_form("k2", "<2>", "", 0);
    struct sim_form third = small_form("k3", "<3>", "", 0);
    small_born(1, SIM_EAST);
    small_born(2, SIM_A);
    small_born(3, SIM_NORTH);
    small.a_1 = small_put(0, SIM_WELL, 0, first);
    small.a_2 = small_put(0, SIM_WELL, 0, second);
    small.b_1 = small_put(1, SIM_WELL, 0, third);
    small_row(SMALL_EAST, SIM_WELL, 11, first, SIM_PERSON);
    small_row(SMALL_EAST, SIM_WELL, 12, second, SIM_WEIR);
    small_row(SMALL_NORTH, SIM_WELL, 31, third, SIM_PERSON);
    small_tie(SMALL_EAST, SIM_WELL, small.a_1, 11, true);
    small_tie(SMALL_EAST, SIM_WELL, small.a_2, 12, true);
    small_tie(SMALL_NORTH, SIM_WELL, small.b_1, 31, true);
}

void small_open(void) {
    memset(&small, 0, sizeof small);
    memcpy(small.plan.world.world, simplest, sizeof simplest);
    small.plan.world.world[KNOB_PARENTS] = 1;
    small.plan.world.world[KNOB_READINGS] = 1;
    small.plan.events = small.events;
    small.sim.plan = &small.plan;
    small.sim.counters = &small.counters;
    small.sim.run_source = -1;
    arena_init(&small.sim.arena, 64 * 1024 * 1024);
    sim_now = &small.sim;
    for (int source = 0; source < SIM_SOURCES; source++) {
        use(source);
    }
    for (int org = 0; org < SIM_ORGS; org++) {
        sim_home_open(&small.sim, org);
    }
    fill();
}

void small_close(void) {
    for (int org = 0; org < SIM_ORGS; org++) {
        sim_home_close(&small.sim, org);
    }
    store_memory_forget();
    arena_clear(&small.sim.arena);
    sim_now = NULL;
}

// --- asking the checker ---

static void expect(const char *words) {
    const char *found = small.sim.failed ? small.sim.message : NULL;
    if (words == NULL ? found != NULL : found == NULL || strstr(found, words) == NULL) {
        test_fail(__FILE__, __LINE__, "found: %s; expected: %s", found != NULL ? found : "nothing",
                  words != NULL ? words : "nothing");
    }
    small.sim.failed = false;
}

void small_end(const char *words) {
    sim_check_end(&small.sim);
    expect(words);
}

void small_run(enum sim_place source, const char *words) {
    sim_check_run(&small.sim, source);
    expect(words);
}

// --- home ---

struct sim_form small_form(const char *legacy, const char *name, const char *code, int64_t ref) {
    struct sim_form form = {.ref = ref};
    snprintf(form.legacy, sizeof form.legacy, "%s", legacy);
    snprintf(form.name, sizeof form.name, "%s", name);
    snprintf(form.code, sizeof form.code, "%s", code);
    return form;
}

static struct store *store_of(int org) {
    return small.sim.homes[org].people;
}

static const struct datatype *type_of(int org, enum sim_type type) {
    return small.sim.homes[org].list[type];
}

void small_commit(int org, struct page page) {
    enum commit_outcome outcome;
    page.origin = page.origin.length > 0 ? page.origin : TEXT_LITERAL("put");
    page.at_us = 1;
    CHECK_OK(store_commit(store_of(org), &page, &outcome, &small.sim.error), &small.sim.error);
    CHECK(outcome == COMMIT_DONE);
}

static int64_t seq_of(int org, enum sim_type type, int64_t id) {
    struct home_row row;
    CHECK_OK(store_memory.record_find(store_of(org), type_of(org, type), id, &small.sim.arena, &row, &small.sim.error),
             &small.sim.error);
    return row.id != 0 ? row.seq : 0;
}

static struct linkset *links_of(int source, enum sim_type type) {
    int org = sim_org_of((enum sim_place)(SIM_EAST + source));
    struct linkset *links;
    CHECK_OK(store_linkset(store_of(org), text_of(sim_source_name(source)), type_of(org, type), false, &links,
                           &small.sim.error),
             &small.sim.error);
    return links;
}

static struct value value_or_null(const char *text) {
    return text[0] != '\0' ? value_text(text_of(text)) : value_null();
}

int64_t small_put(int org, enum sim_type type, int64_t id, struct sim_form form) {
    struct value fields[SIM_HOME_FIELDS] = {
        [SIM_FIELD_LEGACY] = value_or_null(form.legacy),
        [SIM_FIELD_NAME] = value_or_null(form.name),
        [SIM_FIELD_CODE] = value_or_null(form.code),
        [SIM_FIELD_REF] = form.ref != 0 ? value_integer(form.ref) : value_null(),
        [SIM_FIELD_AT] = value_null(),
    };
    struct effect effect = {
        .kind = id == 0 ? EFFECT_CREATE : EFFECT_UPDATE, .datatype = type_of(org, type), .id = id, .fields = fields};
    if (id == 0) {
        CHECK_OK(store_reserve(store_of(org), 1, &effect.id, &small.sim.error), &small.sim.error);
    } else {
        effect.base_seq = seq_of(org, type, id);
    }
    small_commit(org, (struct page){.effects = &effect, .effect_count = 1});
    return effect.id;
}

void small_drop_by(int org, enum sim_type type, int64_t id, const char *origin) {
    struct effect effect = {
        .kind = EFFECT_DELETE, .datatype = type_of(org, type), .id = id, .base_seq = seq_of(org, type, id)};
    small_commit(org, (struct page){.origin = text_of(origin), .effects = &effect, .effect_count = 1});
}

void small_drop(int org, enum sim_type type, int64_t id) {
    small_drop_by(org, type, id, "put");
}

static void link_effect(int source, enum sim_type type, enum effect_kind kind, int64_t id, int64_t there, bool adds) {
    int org = sim_org_of((enum sim_place)(SIM_EAST + source));
    char room[TEXT_INTEGER_MAX];
    struct effect effect = {.kind = kind,
                            .datatype = type_of(org, type),
                            .id = id,
                            .base_seq = seq_of(org, type, id),
                            .links = links_of(source, type),
                            .external = text_digits(there, room),
                            .seen = {1, (uint64_t)there},
                            .adds_link = adds};
    small_commit(org, (struct page){.effects = &effect, .effect_count = 1});
}

void small_tie(int source, enum sim_type type, int64_t id, int64_t there, bool adds) {
    link_effect(source, type, EFFECT_AGREE, id, there, adds);
}

void small_untie(int source, enum sim_type type, int64_t id, int64_t there) {
    link_effect(source, type, EFFECT_FORGET, id, there, false);
}

void small_track(int source, enum sim_type type) {
    int org = sim_org_of((enum sim_place)(SIM_EAST + source));
    CHECK_OK(store_track(store_of(org), links_of(source, type), &small.sim.error), &small.sim.error);
}

// --- there ---

static void note(int source, const struct sim_row *row, enum sim_verb verb, struct sim_form before,
                 enum sim_author author) {
    struct sim_remote *remote = &small.sim.remotes[source];
    CHECK(remote->journal_count < SIM_JOURNAL);
    remote->journal[remote->journal_count++] = (struct sim_entry){.moment = ++small.sim.moment,
                                                                  .author = author,
                                                                  .verb = verb,
                                                                  .type = row->type,
                                                                  .id = row->id,
                                                                  .before = before,
                                                                  .after = row->form};
}

struct sim_row *small_row(int source, enum sim_type type, int64_t id, struct sim_form form, enum sim_author author) {
    struct sim_remote *remote = &small.sim.remotes[source];
    struct sim_row *row = &remote->rows[remote->row_count++];
    *row = (struct sim_row){.type = type, .id = id, .form = form};
    note(source, row, SIM_CREATED, (struct sim_form){.ref = 0}, author);
    return row;
}

void small_change(int source, struct sim_row *row, struct sim_form form, enum sim_author author) {
    struct sim_form before = row->form;
    row->form = form;
    note(source, row, SIM_UPDATED, before, author);
}

void small_gone(int source, struct sim_row *row, enum sim_author author) {
    row->gone = true;
    note(source, row, SIM_DELETED, row->form, author);
}

struct sim_row *small_find(int source, enum sim_type type, int64_t id) {
    struct sim_remote *remote = &small.sim.remotes[source];
    for (size_t i = 0; i < remote->row_count; i++) {
        if (remote->rows[i].type == type && remote->rows[i].id == id) {
            return &remote->rows[i];
        }
    }
    test_fail(__FILE__, __LINE__, "no row %lld", (long long)id);
}

struct sim_entry *small_last(int source) {
    struct sim_remote *remote = &small.sim.remotes[source];
    return &remote->journal[remote->journal_count - 1];
}

// --- what is put aside ---

static struct value payload_of(const char *name) {
    static const struct text names[] = {{"name", 4}, {"list", 4}};
    static const struct shape shape = {2, names};
    static struct value values[2], items[1];
    static struct object object;
    values[0] = value_or_null(name);
    items[0] = value_null();
    values[1] = value_list(items, 1);
    object = (struct object){&shape, values};
    return value_object(&object);
}

static int org_of(int source) {
    return sim_org_of((enum sim_place)(SIM_EAST + source));
}

void small_dead(int source, const char *direction, enum sim_type type, int64_t external, const char *code,
                const char *name) {
    char room[TEXT_INTEGER_MAX];
    struct dead_row row = {.flow = small.sim.syncs[source].key,
                           .direction = text_of(direction),
                           .datasource = text_of(sim_source_name(source)),
                           .type = text_of(sim_type_name(type)),
                           .external = text_digits(external, room),
                           .code = text_of(code),
                           .reason = TEXT_LITERAL("a reason"),
                           .place = TEXT_LITERAL(""),
                           .payload = payload_of(name),
                           .attempts = 1};
    small_commit(org_of(source), (struct page){.deads = &row, .dead_count = 1});
}

void small_held(int source, enum sim_type type, int64_t home) {
    struct held_row row = {.key = small.sim.syncs[source].key,
                           .direction = TEXT_LITERAL("push"),
                           .datasource = text_of(sim_source_name(source)),
                           .datatype = text_of(sim_type_name(type)),
                           .external = TEXT_LITERAL(""),
                           .home = home};
    small_commit(org_of(source), (struct page){.helds = &row, .held_count = 1});
}

void small_intent(int source, enum sim_type type, int64_t home, enum intent_state state, const char *name) {
    struct intent_row row = {.operation = TEXT_LITERAL("operation"),
                             .key = small.sim.syncs[source].key,
                             .datasource = text_of(sim_source_name(source)),
                             .datatype = text_of(sim_type_name(type)),
                             .verb = TEXT_LITERAL("create"),
                             .external = TEXT_LITERAL(""),
                             .home = home,
                             .form = payload_of(name),
                             .state = state};
    small_commit(org_of(source), (struct page){.intents = &row, .intent_count = 1});
}

void small_conflict(int source, const char *kind, enum sim_type type, int64_t external, const char *name) {
    char room[TEXT_INTEGER_MAX];
    struct conflict_row row = {.kind = text_of(kind),
                               .datasource = text_of(sim_source_name(source)),
                               .datatype = text_of(sim_type_name(type)),
                               .external = text_digits(external, room),
                               .payload = payload_of(name),
                               .place = TEXT_LITERAL("")};
    small_commit(org_of(source), (struct page){.conflicts = &row, .conflict_count = 1});
}

void small_pending(int source, enum sim_type type, int64_t external, int64_t home, const char *name) {
    char room[TEXT_INTEGER_MAX];
    struct pending_row row = {.awaits_datasource = text_of(sim_source_name(source)),
                              .awaits_type = TEXT_LITERAL("well"),
                              .awaits_external = TEXT_LITERAL("99"),
                              .datatype = text_of(sim_type_name(type)),
                              .home = home,
                              .field = text_of(home != 0 ? "ref" : ""),
                              .datasource = text_of(sim_source_name(source)),
                              .external = text_digits(external, room),
                              .fields = payload_of(name),
                              .place = TEXT_LITERAL("")};
    small_commit(org_of(source), (struct page){.pendings = &row, .pending_count = 1});
}

void small_watermark(int source, const char *direction, const char *text) {
    struct watermark_row row = {small.sim.syncs[source].key, TEXT_LITERAL("well"), text_of(direction), text_of(text)};
    small_commit(org_of(source), (struct page){.watermarks = &row, .watermark_count = 1});
}
