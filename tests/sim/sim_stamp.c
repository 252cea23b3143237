// A print of each place. What says when something was (and not what) is left out: a pass that reads everything says so
// at each run.

#include <stdarg.h>

#include "sim_check_work.h"

static void add(struct print *print, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct print *print, const char *format, ...) {
    char line[1000];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    SIM_CHECK(length >= 0 && (size_t)length < sizeof line);
    *print = print_join(*print, print_of(text_of(line), 0));
}

static void add_value(struct print *print, const struct value *value) {
    *print = print_join(*print, value_print(value));
}

static void add_records(struct print *print, const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->record_count; i++) {
        const struct sim_record *record = &papers->records[i];
        add(print, "record %d %lld %lld", (int)record->type, (long long)record->id, (long long)record->seq);
        for (size_t field = 0; field < SIM_HOME_FIELDS; field++) {
            add_value(print, &record->fields[field]);
        }
    }
    for (size_t i = 0; i < papers->tie_count; i++) {
        const struct sim_tie *tie = &papers->ties[i];
        add(print, "link %d %d %.*s %lld %lld %lld", (int)tie->type, tie->source, TEXT_ARGS(tie->external),
            (long long)tie->link.home, (long long)tie->link.agreed_seq, (long long)tie->link.bounces);
        *print = print_join(*print, tie->link.seen);
        *print = print_join(*print, tie->link.sent);
        *print = print_join(*print, tie->link.sent_before);
    }
}

static void add_aside(struct print *print, const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->dead_count; i++) {
        const struct dead_row *row = &papers->deads[i];
        add(print, "dead %lld %.*s %.*s %.*s %.*s %.*s %lld", (long long)row->id, TEXT_ARGS(row->flow),
            TEXT_ARGS(row->direction), TEXT_ARGS(row->type), TEXT_ARGS(row->external), TEXT_ARGS(row->code),
            (long long)row->attempts);
        add_value(print, &row->payload);
    }
    for (size_t i = 0; i < papers->conflict_count; i++) {
        const struct conflict_row *row = &papers->conflicts[i];
        add(print, "conflict %lld %.*s %.*s %lld", (long long)row->id, TEXT_ARGS(row->kind), TEXT_ARGS(row->external),
            (long long)row->home);
        add_value(print, &row->payload);
    }
    for (size_t i = 0; i < papers->pending_count; i++) {
        const struct pending_row *row = &papers->pendings[i];
        add(print, "pending %lld %.*s %.*s %lld %.*s", (long long)row->id, TEXT_ARGS(row->awaits_external),
            TEXT_ARGS(row->external), (long long)row->home, TEXT_ARGS(row->field));
        add_value(print, &row->fields);
    }
}

static void add_ways(struct print *print, const struct sim_papers *papers) {
    for (size_t i = 0; i < papers->held_count; i++) {
        const struct held_row *row = &papers->helds[i];
        add(print, "held %lld %.*s %.*s %.*s %lld %d", (long long)row->id, TEXT_ARGS(row->key),
            TEXT_ARGS(row->direction), TEXT_ARGS(row->datatype), (long long)row->home, row->approved);
    }
    for (size_t i = 0; i < papers->intent_count; i++) {
        const struct intent_row *row = &papers->intents[i];
        add(print, "intent %lld %.*s %.*s %lld %d", (long long)row->id, TEXT_ARGS(row->operation), TEXT_ARGS(row->verb),
            (long long)row->home, (int)row->state);
        add_value(print, &row->form);
    }
    for (size_t i = 0; i < papers->watermark_count; i++) {
        const struct watermark_row *row = &papers->watermarks[i];
        bool is_time = text_is(row->direction, "full");
        struct text text = is_time && row->text.length > 0 ? TEXT_LITERAL("once") : row->text;
        add(print, "watermark %.*s %.*s %.*s %.*s", TEXT_ARGS(row->key), TEXT_ARGS(row->type),
            TEXT_ARGS(row->direction), TEXT_ARGS(text));
    }
}

static void add_row(struct print *print, const struct sim_row *row) {
    add(print, "row %d %lld %lld %d %d %d", (int)row->type, (long long)row->id, (long long)row->stamp_us, row->gone,
        row->hidden, row->changes);
    add(print, "%s|%s|%s|%lld", row->form.legacy, row->form.name, row->form.code, (long long)row->form.ref);
    if (row->changes) {
        add(print, "%s|%s|%s|%lld %d", row->next.legacy, row->next.name, row->next.code, (long long)row->next.ref,
            row->next_gone);
    }
}

void sim_stamp_take(struct sim *sim, struct sim_stamp *out) {
    *out = (struct sim_stamp){0};
    for (int org = 0; org < SIM_ORGS; org++) {
        struct sim_papers papers;
        if (sim_papers_read(sim, org, &papers)) {
            add_records(&out->places[org], &papers);
            add_aside(&out->places[org], &papers);
            add_ways(&out->places[org], &papers);
            sim_papers_clear(&papers);
        }
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        const struct sim_remote *remote = &sim->remotes[source];
        struct print *print = &out->places[SIM_EAST + source];
        for (size_t i = 0; sim_source_used(sim, source) && i < remote->row_count; i++) {
            add_row(print, &remote->rows[i]);
        }
        add(print, "changes %zu writes %llu", remote->journal_count, (unsigned long long)remote->writes);
    }
}

enum sim_place sim_stamp_differs(const struct sim_stamp *a, const struct sim_stamp *b) {
    for (int place = 0; place < SIM_PLACES; place++) {
        if (!print_same(a->places[place], b->places[place])) {
            return (enum sim_place)place;
        }
    }
    return SIM_PLACES;
}
