#include "sim_check.h"

#include <string.h>

#include "sim_check_work.h"

// --- watermarks ---

enum { MARK_FULL, MARK_PUSH };

static struct text watermark(const struct sim_papers *papers, const struct sim_sync *sync, enum sim_type type,
                             const char *direction) {
    for (size_t i = 0; i < papers->watermark_count; i++) {
        const struct watermark_row *row = &papers->watermarks[i];
        if (text_same(row->key, sync->key) && text_is(row->type, sim_type_name(type)) &&
            text_is(row->direction, direction)) {
            return row->text;
        }
    }
    return TEXT_LITERAL("");
}

static void check_push_mark(const struct sim_papers *papers, int source, enum sim_type type) {
    struct sim *sim = papers->sim;
    struct sim_sync *sync = &sim->syncs[source];
    struct text text = watermark(papers, sync, type, "push");
    int64_t mark = 0;
    bool is_number = text.length == 0 || text_integer(text, &mark);
    if (!is_number || mark < sync->marks[MARK_PUSH][type]) {
        sim_find(sim, "the push watermark of %s, %s went back from %lld to '%.*s'", sim_source_name(source),
                 sim_type_name(type), (long long)sync->marks[MARK_PUSH][type], TEXT_ARGS(text));
    }
    sync->marks[MARK_PUSH][type] = mark;
}

// In the datasource's own order: numbers as numbers, ISO texts of one form as texts.
static bool is_before(struct text a, struct text b) {
    int64_t number_a, number_b;
    if (text_integer(a, &number_a) && text_integer(b, &number_b)) {
        return number_a < number_b;
    }
    return a.length == b.length && text_compare(a, b) < 0;
}

// After a pass that read everything it is what was read: what was newest may have been deleted.
static void check_pull_mark(const struct sim_papers *papers, int source, enum sim_type type) {
    struct sim *sim = papers->sim;
    struct sim_sync *sync = &sim->syncs[source];
    struct text mark = watermark(papers, sync, type, "pull");
    struct text was = text_of(sync->pulled[type]);
    struct text full = watermark(papers, sync, type, "full");
    int64_t print = full.length > 0 ? (int64_t)(print_of(full, 0).low | 1) : 0;
    bool read_all = sim->forced || print == 0 || print != sync->marks[MARK_FULL][type];
    if (mark.length == 0 ? was.length > 0 : !read_all && is_before(mark, was)) {
        sim_find(sim, "the pull watermark of %s, %s went back from '%.*s' to '%.*s'", sim_source_name(source),
                 sim_type_name(type), TEXT_ARGS(was), TEXT_ARGS(mark));
    }
    SIM_CHECK(mark.length < sizeof sync->pulled[type]);
    memset(sync->pulled[type], 0, sizeof sync->pulled[type]);
    if (mark.length > 0) {
        memcpy(sync->pulled[type], mark.data, mark.length);
    }
    sync->marks[MARK_FULL][type] = print;
}

// --- runs ---

static void check_live(const struct sim_papers *papers, int source) {
    const struct sim_sync *sync = &papers->sim->syncs[source];
    int64_t first = 0;
    for (size_t i = 0; i < papers->run_count; i++) {
        const struct run_row *run = &papers->runs[i];
        if (run->status != RUN_RUNNING || !text_same(run->key, sync->key)) {
            continue;
        }
        if (first != 0) {
            sim_find(papers->sim, "runs %lld and %lld of %s both say that they are running", (long long)first,
                     (long long)run->id, sim_source_name(source));
        }
        first = run->id;
    }
}

void sim_check_run(struct sim *sim, enum sim_place place) {
    struct sim_papers papers;
    int source = sim_source_of(place);
    if (sim->failed || !sim_papers_read(sim, sim_org_of(place), &papers)) {
        return;
    }
    for (int type = 0; type < SIM_TYPES; type++) {
        check_push_mark(&papers, source, (enum sim_type)type);
        check_pull_mark(&papers, source, (enum sim_type)type);
    }
    check_live(&papers, source);
    sim_check_guard(&papers, source);
    sim_check_apart(&papers);
    sim_check_known(&papers);
    sim_papers_clear(&papers);
}

// --- after the storm ---

static void check_org(struct sim *sim, const struct sim_papers *papers) {
    static void (*const checks[])(const struct sim_papers *papers) = {
        sim_check_apart, sim_check_intents, sim_check_values,  sim_check_deaths,
        sim_check_sides, sim_check_doubles, sim_check_letters, sim_check_conflicts,
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks && !sim->failed; i++) {
        checks[i](papers);
    }
}

void sim_check_end(struct sim *sim) {
    for (int org = 0; org < SIM_ORGS && !sim->failed; org++) {
        struct sim_papers papers;
        if (sim_papers_read(sim, org, &papers)) {
            check_org(sim, &papers);
            sim_papers_clear(&papers);
        }
    }
}
