#include "storm.h"

#include <stdarg.h>

#include "format/format_json.h"

static const struct text flow = {"test/two_way", 12};

// --- all that home remembers ---

// Everything beside the records, taken together: the losers' forms as text, the rows one may be accounted by, and a
// print of it all.
struct papers {
    struct storm *storm;
    struct buffer text;
    struct print print;
    int64_t dead_homes[STORM_ROWS]; // of push dead letters
    struct text dead_externals[STORM_ROWS];
    size_t dead_count, dead_external_count;
    int64_t held[STORM_ROWS];
    size_t held_count;
    int64_t waiting[STORM_ROWS]; // records with a reference that waits
    size_t waiting_count;
    int open_intents;
    int parked;
    int64_t parked_homes[STORM_ROWS];
};

static void note(struct papers *papers, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct papers *papers, const char *format, ...) {
    char line[400];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    papers->print = print_join(papers->print, print_of(text_of(line), 0));
}

static void write_down(struct papers *papers, const struct value *value) {
    if (value->kind != VALUE_MISSING) {
        json_write(&papers->text, value);
        CHECK(buffer_byte(&papers->text, 0x0a));
    }
}

static struct text kept(struct papers *papers, struct text text) {
    struct text out;
    CHECK(arena_text(&papers->storm->rig.arena, text, &out));
    return out;
}

static bool take_dead(void *context, const struct dead_row *row, struct error *error) {
    (void)error;
    struct papers *papers = context;
    write_down(papers, &row->payload);
    note(papers, "dead %lld %.*s %.*s %lld", (long long)row->id, TEXT_ARGS(row->external), TEXT_ARGS(row->code),
         (long long)row->attempts);
    CHECK(papers->dead_count < STORM_ROWS && papers->dead_external_count < STORM_ROWS);
    if (text_is(row->direction, "push")) {
        CHECK(text_integer(row->external, &papers->dead_homes[papers->dead_count++]));
    } else {
        papers->dead_externals[papers->dead_external_count++] = kept(papers, row->external);
    }
    return true;
}

static bool take_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct papers *papers = context;
    write_down(papers, &row->payload);
    note(papers, "conflict %lld", (long long)row->id);
    return true;
}

static bool take_pending(void *context, const struct pending_row *row, struct error *error) {
    (void)error;
    struct papers *papers = context;
    write_down(papers, &row->fields);
    note(papers, "pending %lld %.*s", (long long)row->id, TEXT_ARGS(row->external));
    CHECK(papers->waiting_count < STORM_ROWS);
    papers->waiting[papers->waiting_count++] = row->home;
    return true;
}

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    (void)error;
    struct papers *papers = context;
    note(papers, "held %lld %lld %d", (long long)row->id, (long long)row->home, row->approved);
    CHECK(papers->held_count < STORM_ROWS);
    papers->held[papers->held_count++] = row->home;
    return true;
}

static bool take_intent(void *context, const struct intent_row *row, struct error *error) {
    (void)error;
    struct papers *papers = context;
    note(papers, "intent %lld %d", (long long)row->id, (int)row->state);
    papers->open_intents += row->state != INTENT_PARKED;
    CHECK(papers->parked < STORM_ROWS);
    if (row->state == INTENT_PARKED) {
        papers->parked_homes[papers->parked++] = row->home;
    }
    return true;
}

static bool take_watermark(void *context, const struct watermark_row *row, struct error *error) {
    (void)error;
    note(context, "watermark %.*s %.*s %.*s", TEXT_ARGS(row->type), TEXT_ARGS(row->direction), TEXT_ARGS(row->text));
    return true;
}

static bool take_link(void *context, struct text datasource, struct text external, const struct link *link,
                      struct error *error) {
    (void)datasource;
    (void)error;
    note(context, "link %.*s %lld %lld %d %llx %llx", TEXT_ARGS(external), (long long)link->home,
         (long long)link->agreed_seq, (int)link->bounces, (unsigned long long)link->seen.low,
         (unsigned long long)link->sent.low);
    return true;
}

static void read_papers(struct storm *storm, struct papers *papers) {
    struct push_rig *rig = &storm->rig;
    const struct store_type *store = rig->store_type;
    struct scan of_flow = {.filter = flow};
    struct scan of_type = {.filter = rig->resource.name};
    struct scan of_source = {.filter = TEXT_LITERAL("remote")};
    struct scan all = {.filter = {"", 0}};
    *papers = (struct papers){.storm = storm};
    buffer_init(&papers->text, 1 << 26);
    CHECK_OK(store->dead_scan(rig->store, &of_flow, take_dead, papers, &rig->error) &&
                 store->conflict_scan(rig->store, &of_type, take_conflict, papers, &rig->error) &&
                 store->pending_scan(rig->store, &of_type, take_pending, papers, &rig->error) &&
                 store->held_scan(rig->store, &of_flow, take_held, papers, &rig->error) &&
                 store->intent_scan(rig->store, &of_flow, take_intent, papers, &rig->error) &&
                 store->watermark_scan(rig->store, &all, take_watermark, papers, &rig->error) &&
                 store->link_scan(rig->store, &rig->resource, &of_source, take_link, papers, &rig->error),
             &rig->error);
    CHECK(buffer_byte(&papers->text, 0));
}

static bool among(const int64_t *list, size_t count, int64_t id) {
    for (size_t i = 0; i < count; i++) {
        if (list[i] == id) {
            return true;
        }
    }
    return false;
}

// --- after each run ---

static int64_t mark(struct storm *storm, struct text direction) {
    struct push_rig *rig = &storm->rig;
    struct text text;
    int64_t number = 0;
    CHECK_OK(rig->store_type->watermark_find(rig->store, flow, TEXT_LITERAL("resource"), direction, &rig->arena, &text,
                                             &rig->error),
             &rig->error);
    CHECK(text.length == 0 || text_integer(text, &number));
    return number;
}

void storm_check_run(struct storm *storm) {
    int64_t pushed_to = mark(storm, TEXT_LITERAL("push"));
    int64_t pulled_to = mark(storm, TEXT_LITERAL("pull"));
    CHECK(pushed_to >= storm->pushed_to);
    CHECK(pulled_to >= storm->pulled_to || storm->restored ||
          storm->rig.request.force); // the newest may have been deleted there
    storm->pushed_to = pushed_to;
    storm->pulled_to = pulled_to;
}

// --- after the storm ---

static struct text trimmed(const struct value *value) {
    return value != NULL && value->kind == VALUE_TEXT ? text_trim(value_slice(value)) : text_of("");
}

static void check_field(const struct home_row *row, const struct remote_row *there, size_t field, const char *name) {
    struct text ours = trimmed(&row->fields[field]);
    struct text theirs = trimmed(object_find(&there->fields, text_of(name)));
    if (!text_same(ours, theirs)) {
        test_fail(__FILE__, __LINE__, "%s of %lld is '%.*s' in home and '%.*s' there", name, (long long)row->id,
                  TEXT_ARGS(ours), TEXT_ARGS(theirs));
    }
}

static void check_parent(struct storm *storm, const struct papers *papers, const struct home_row *row,
                         const struct remote_row *there) {
    const struct value *parent = object_find(&there->fields, TEXT_LITERAL("parent"));
    struct text external;
    if (!storm->parents || row->fields[RES_PARENT].kind != VALUE_INTEGER) {
        CHECK(parent == NULL || value_empty(parent) || among(papers->waiting, papers->waiting_count, row->id));
        return;
    }
    CHECK(parent != NULL && !value_empty(parent));
    struct link link = push_rig_link(&storm->rig, "resource", row->fields[RES_PARENT].as.integer, &external);
    char digits[TEXT_INTEGER_MAX];
    struct text theirs = parent->kind == VALUE_INTEGER ? text_digits(parent->as.integer, digits) : value_slice(parent);
    CHECK(link.home == 0 || storm->anew || text_same(theirs, external)); // a parent made anew has another id there
}

// A record of home: it is there as it is here, or somebody can see why not.
static void check_record(struct storm *storm, const struct papers *papers, const struct home_row *row) {
    struct text external;
    struct link link = push_rig_link(&storm->rig, "resource", row->id, &external);
    bool is_dead = among(papers->dead_homes, papers->dead_count, row->id);
    if (is_dead || among(papers->held, papers->held_count, row->id)) {
        return;
    }
    if (link.home == 0) {
        test_fail(__FILE__, __LINE__, "record %lld of home is not there", (long long)row->id);
    }
    const struct remote_row *there = remote_find(&storm->rig.remote, TEXT_LITERAL("resource"), external);
    CHECK(there != NULL);
    // An operation of before the backup is answered as it was then, whatever has happened to its record since.
    bool may_miss =
        !storm->deletes || (storm->rig.remote.never_full && !storm->tombstones) || (storm->keys && storm->restored);
    if (there->gone) {
        if (!may_miss) {
            test_fail(__FILE__, __LINE__, "record %lld of home, %.*s, is gone there", (long long)row->id,
                      TEXT_ARGS(external));
        }
        return;
    }
    if (link.agreed_seq != row->seq) {
        test_fail(__FILE__, __LINE__, "record %lld has seq %lld and is agreed on at %lld", (long long)row->id,
                  (long long)row->seq, (long long)link.agreed_seq);
    }
    check_field(row, there, RES_NAME, "name");
    check_field(row, there, RES_CODE, "code");
    check_field(row, there, RES_LEGACY, "legacy");
    check_parent(storm, papers, row, there);
}

// One that is there: it is in home, or somebody can see why not.
static void check_there(struct storm *storm, const struct papers *papers, const struct remote_row *row) {
    struct push_rig *rig = &storm->rig;
    struct linkset *links;
    struct link link;
    CHECK_OK(store_linkset(rig->store, TEXT_LITERAL("remote"), &rig->resource, false, &links, &rig->error) &&
                 rig->store_type->link_find(rig->store, links, &row->id, 1, &link, &rig->error),
             &rig->error);
    for (size_t i = 0; i < papers->dead_external_count; i++) {
        if (text_same(papers->dead_externals[i], row->id)) {
            return;
        }
    }
    if (link.home == 0) {
        test_fail(__FILE__, __LINE__, "record %.*s there is not in home", TEXT_ARGS(row->id));
    }
    bool is_here = push_rig_record(rig, "resource", link.home).id != 0;
    if (!is_here && storm->deletes && !among(papers->held, papers->held_count, link.home) &&
        !among(papers->dead_homes, papers->dead_count, link.home)) {
        test_fail(__FILE__, __LINE__, "record %.*s there was deleted in home", TEXT_ARGS(row->id));
    }
}

// How often a name is there: a record that was made once must not have become two.
static void check_names(struct storm *storm, const struct papers *papers, const struct home_row *rows, size_t count) {
    const struct remote_fake *remote = &storm->rig.remote;
    int there[STORM_NAMES] = {0}, here[STORM_NAMES] = {0};
    int name;
    for (size_t i = 0; i < remote->count; i++) {
        const struct value *legacy = object_find(&remote->rows[i].fields, TEXT_LITERAL("legacy"));
        if (!remote->rows[i].gone && sscanf(legacy->as.text, "k%d", &name) == 1) {
            there[name]++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool is_dead = among(papers->dead_homes, papers->dead_count, rows[i].id);
        if (!is_dead && sscanf(rows[i].fields[RES_LEGACY].as.text, "k%d", &name) == 1) {
            here[name]++;
        }
    }
    bool can_know = storm->finds ? !storm->restored || !storm->anew : storm->keys && !storm->restored;
    for (int i = 0; can_know && i < storm->name_count; i++) {
        if (storm->births[i] == 1 && (there[i] > 1 || here[i] > 1)) {
            test_fail(__FILE__, __LINE__, "k%d was made once; it is %d times in home and %d times there", i, here[i],
                      there[i]);
        }
    }
}

// A value that nobody wrote over is somewhere.
static void check_values(struct storm *storm, const struct papers *papers, const struct home_row *rows, size_t count) {
    const struct remote_fake *remote = &storm->rig.remote;
    bool found[STORM_VALUES] = {false};
    int number;
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < RES_FIELDS; f++) {
            const struct value *value = &rows[i].fields[f];
            if (value->kind == VALUE_TEXT && sscanf(value->as.text, "<%d>", &number) == 1) {
                found[number] = true;
            }
        }
    }
    for (size_t i = 0; i < remote->count; i++) {
        const struct object *fields = &remote->rows[i].fields;
        for (size_t f = 0; !remote->rows[i].gone && f < fields->shape->count; f++) {
            const struct value *value = &fields->values[f];
            if (value->kind == VALUE_TEXT && sscanf(value->as.text, "<%d>", &number) == 1) {
                found[number] = true;
            }
        }
    }
    for (int i = 0; i < storm->value_count; i++) {
        char text[20];
        snprintf(text, sizeof text, "<%d>", i);
        if (!found[i] && !storm->over[i] && strstr(papers->text.data, text) == NULL) {
            test_fail(__FILE__, __LINE__, "the value %s is lost", text);
        }
    }
}

void storm_check_end(struct storm *storm) {
    struct papers papers;
    size_t count;
    read_papers(storm, &papers);
    const struct home_row *rows = storm_home(storm, &count);
    CHECK_INT(papers.open_intents, 0);
    for (int i = 0; i < papers.parked; i++) {
        CHECK(among(papers.dead_homes, papers.dead_count, papers.parked_homes[i]));
    }
    for (size_t i = 0; i < count; i++) {
        check_record(storm, &papers, &rows[i]);
    }
    const struct remote_fake *remote = &storm->rig.remote;
    for (size_t i = 0; i < remote->count; i++) {
        if (!remote->rows[i].gone) {
            check_there(storm, &papers, &remote->rows[i]);
        }
    }
    check_names(storm, &papers, rows, count);
    check_values(storm, &papers, rows, count);
    buffer_clear(&papers.text);
}

void storm_check_quiet(struct storm *storm) {
    struct push_rig *rig = &storm->rig;
    struct papers before, after;
    int64_t seq = push_rig_seq(rig);
    size_t writes = rig->remote.writes;
    read_papers(storm, &before);
    storm_tell(storm, "the quiet run");
    CHECK_OK(run_sync(&rig->request, &rig->report, &rig->error), &rig->error);
    read_papers(storm, &after);
    CHECK_INT(push_rig_seq(rig), seq);
    CHECK_INT(rig->remote.writes, writes);
    CHECK(print_same(before.print, after.print));
    CHECK(strcmp(before.text.data, after.text.data) == 0);
    buffer_clear(&before.text);
    buffer_clear(&after.text);
}
