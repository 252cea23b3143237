#include "engine/run.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "engine/pass.h"
#include "engine/replay.h"

enum { RUN_BYTES_MAX = 16 * 1024 * 1024 };

// Everything that lives as long as one run.
struct run {
    const struct run_request *request;
    const struct sync *sync;
    struct store *store;
    struct run_report *report;
    struct arena arena;
    struct text key;
    struct text name; // ORG/NAME
    struct lease lease;
    bool leased;
    struct run_row row;
    struct checkpoint resumed; // where to go on
    bool has_checkpoint;
    int64_t read_before; // by the last run that ended well
    struct journal journal;
    struct pipeline pipeline;
    struct resolver resolver;
    struct id_block ids;
    struct replay replay;
};

// --- before: what earlier runs left ---

struct last_run {
    bool found;
    struct run_row row;
};

static bool take_last(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct last_run *last = context;
    bool ended_well = row->status == RUN_DONE || row->status == RUN_WARNING;
    if (ended_well) {
        last->found = true;
        last->row = *row;
    }
    return !ended_well; // newest first: the first is the last
}

static bool look_back(struct run *run, bool *answered, struct error *error) {
    const struct run_request *request = run->request;
    const struct store_type *store = run->store->type;
    struct last_run last = {.found = false};
    struct scan scan = {.filter = run->key, .newest_first = true};
    *answered = false;
    if (!store->run_scan(run->store, &scan, take_last, &last, error)) {
        return false;
    }
    if (last.found) {
        run->read_before = last.row.counts.read;
    }
    if (last.found && run->sync->once && !request->force && !request->retry) {
        *answered = true;
        run->report->answered = true;
        run->report->run = last.row.id;
        run->report->status = last.row.status;
        run->report->counts = last.row.counts;
        run->report->span_us = last.row.ended_us - last.row.started_us;
        return true;
    }
    if (request->retry) {
        return true;
    }
    bool found;
    if (!store->checkpoint_find(run->store, run->key, &run->arena, &found, &run->resumed, error)) {
        return false;
    }
    run->has_checkpoint = found && !request->force && print_same(run->resumed.print, run->sync->print) &&
                          run->resumed.type_index < (int64_t)run->sync->type_count;
    return true;
}

// --- one type ---

// A first load may take links unindexed when nothing can ask for them meanwhile: no record of the type refers to
// another of it, and none is looked up by a natural key.
static bool may_be_bulk(const struct sync_type *type) {
    const struct datatype *datatype = type->datatype;
    bool refers_to_itself = false;
    for (size_t i = 0; i < datatype->count; i++) {
        refers_to_itself = refers_to_itself || (datatype->fields[i].type == FIELD_REF &&
                                                text_same(datatype->fields[i].target, datatype->name));
    }
    return !refers_to_itself && datatype->key_count == 0;
}

// Opens the flow's own links. A first load that another script (or an older form of this one) left unfinished is
// settled first.
static bool open_links(struct run *run, const struct sync_type *type, bool resumes, struct linkset **links,
                       struct error *error) {
    struct text datasource = run->sync->datasource;
    bool bulk = may_be_bulk(type) && !run->request->retry;
    if (!resumes || !bulk) {
        int64_t repeats, conflicts;
        if (!store_linkset(run->store, datasource, type->datatype, false, links, error)) {
            return false;
        }
        if ((*links)->bulk && !store_settle(run->store, *links, &run->lease, run->row.id,
                                            clock_now(run->request->clock), &repeats, &conflicts, error)) {
            return false;
        }
    }
    if (bulk && !store_linkset(run->store, datasource, type->datatype, true, links, error)) {
        return false;
    }
    (*links)->spare = type->pull.has_function; // Lua then takes twice as long as the commits
    return true;
}

// The links of the other types that a record function may give records of.
static bool open_other_links(struct run *run, const struct sync_type *type, struct error *error) {
    for (size_t i = 0; type->pull.has_function && i < run->sync->datatype_count; i++) {
        const struct datatype *datatype = run->sync->datatypes[i];
        if (resolver_linkset(&run->resolver, run->sync->datasource, datatype->name) != NULL) {
            continue;
        }
        struct linkset *links;
        int64_t repeats, conflicts;
        if (run->resolver.linkset_count == RESOLVE_LINKSETS_MAX) {
            return error_set(error, ERROR_LIMIT, "one run can keep links of at most %d datatypes",
                             RESOLVE_LINKSETS_MAX);
        }
        if (!store_linkset(run->store, run->sync->datasource, datatype, false, &links, error) ||
            (links->bulk && !store_settle(run->store, links, &run->lease, run->row.id, clock_now(run->request->clock),
                                          &repeats, &conflicts, error))) {
            return false;
        }
        run->resolver.linksets[run->resolver.linkset_count++] = links;
    }
    return true;
}

static bool prepare_pass(struct run *run, size_t index, struct pass *pass, struct error *error) {
    const struct sync_type *type = &run->sync->types[index];
    bool resumes = run->has_checkpoint && run->resumed.type_index == (int64_t)index;
    memset(pass, 0, sizeof *pass);
    pass->request = run->request;
    pass->pipeline = &run->pipeline;
    pass->page_records = run->request->page_records;
    pass->source = run->request->retry ? &source_replay : run->sync->source;
    pass->source_context = run->request->retry ? &run->replay : NULL;
    pass->checkpoints = !run->request->retry;
    struct linkset *links;
    int64_t pass_seq = run->resumed.pass_seq;
    if (!open_other_links(run, type, error) || !open_links(run, type, resumes, &links, error) ||
        (!resumes && !run->store->type->seq(run->store, &pass_seq, error))) {
        return false;
    }
    int64_t pass_run = run->has_checkpoint ? run->resumed.run : run->row.id;
    pass->position = resumes ? run->resumed.position : (struct text){"", 0};
    pass->checkpoint = (struct checkpoint){
        .print = run->sync->print,
        .run = pass_run,
        .type_index = (int64_t)index,
        .pass_seq = pass_seq,
    };
    pass->flow = (struct flow){
        .sync = run->sync,
        .type = type,
        .type_index = index,
        .store = run->store,
        .links = links,
        .resolver = &run->resolver,
        .ids = &run->ids,
        .lease = &run->lease,
        .run = run->row.id,
        .pass_run = pass_run,
        .pass_seq = pass_seq,
        .log = &run->journal.log,
        .retries = run->request->retry,
        .new_ends = true,
    };
    return true;
}

static bool run_type(struct run *run, size_t index, enum pass_end *end, struct error *error) {
    struct pass pass;
    if (!prepare_pass(run, index, &pass, error)) {
        return false;
    }
    bool ok = flow_init(&pass.flow, error) && pass_run(&pass, end, error);
    mapper_release(run->sync->mapper);
    flow_clear(&pass.flow);
    return ok;
}

static bool run_types(struct run *run, enum pass_end *end, struct error *error) {
    size_t first = run->has_checkpoint ? (size_t)run->resumed.type_index : 0;
    int64_t now_us = clock_now(run->request->clock);
    *end = PASS_COMPLETE;
    if (!resolver_open(&run->resolver, run->sync, &run->lease, run->row.id, now_us, error)) {
        return false;
    }
    for (size_t i = first; i < run->sync->type_count && *end == PASS_COMPLETE; i++) {
        if (!run_type(run, i, end, error)) {
            return false;
        }
    }
    return true;
}

// --- after ---

// A green run that did nothing is no green run.
static enum run_status judge(const struct run *run, const struct counts *counts, struct text *message) {
    if (run->request->retry) {
        return RUN_DONE;
    }
    if (counts->read == 0 && run->read_before > 0) {
        *message = TEXT_LITERAL("nothing was read, though an earlier run read records; look at the source");
        return RUN_WARNING;
    }
    if (counts->read > 0 && counts->skipped == counts->read) {
        *message = TEXT_LITERAL("every record was left out by the transform; look at its weir.skip");
        return RUN_WARNING;
    }
    if (counts->read > 0 && counts->dead == counts->read) {
        *message = TEXT_LITERAL("every record is a dead letter; look at `weir dead list`");
        return RUN_WARNING;
    }
    return RUN_DONE;
}

static bool count_pending(struct run *run, struct error *error) {
    struct text none = {"", 0};
    return run->store->type->pending_count(run->store, none, none, &run->report->pending_now, error);
}

static bool finish_run(struct run *run, bool ok, enum pass_end end, const struct error *reason, struct error *error) {
    struct run_report *report = run->report;
    struct run_row *row = &run->row;
    bool stopped_by_limit = !ok && reason->code == ERROR_RUN_STOPPED;
    row->counts = pipeline_totals(&run->pipeline);
    row->ended_us = clock_now(run->request->clock);
    row->message = (struct text){"", 0};
    if (!ok) {
        row->status = RUN_FAILED;
        row->message = text_of(reason->message);
        log_line(&run->journal.log, LOG_ERROR, "W%d %s", (int)reason->code, reason->message);
        report->error = *reason;
    } else if (end == PASS_STOPPED) {
        row->status = RUN_INTERRUPTED;
        row->message = TEXT_LITERAL("interrupted; run it again: it goes on from here");
    } else {
        row->status = judge(run, &row->counts, &row->message);
    }
    if (row->status == RUN_WARNING) {
        log_line(&run->journal.log, LOG_WARNING, "%.*s", TEXT_ARGS(row->message));
    }
    // What was stopped by its dead letters starts from the beginning next time: what went in is skipped by its links.
    bool complete = !run->request->retry && ((ok && end == PASS_COMPLETE) || stopped_by_limit);
    report->run = row->id;
    report->status = row->status;
    report->counts = row->counts;
    report->span_us = row->ended_us - row->started_us;
    size_t lines;
    const struct log_row *logs = journal_take(&run->journal, &lines);
    return store_run_end(run->store, &run->lease, row, complete, logs, lines, error) && count_pending(run, error);
}

// --- the whole ---

static bool begin(struct run *run, bool *answered, struct error *error) {
    const struct sync *sync = run->sync;
    *answered = false;
    char *name = arena_print(&run->arena, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    if (name == NULL || !sync_key(sync, &run->arena, &run->key)) {
        return error_memory(error);
    }
    run->name = text_of(name);
    if (!store_lease_take(run->store, run->key, &run->lease, error)) {
        return false;
    }
    run->leased = true;
    if (!look_back(run, answered, error) || *answered) {
        return *answered;
    }
    if (!store_prepare(run->store, sync->datatypes, sync->datatype_count, sync->datatype_text, error)) {
        return false;
    }
    run->row = (struct run_row){
        .key = run->key,
        .sync = run->name,
        .params = sync->params,
        .status = RUN_RUNNING,
        .started_us = clock_now(run->request->clock),
        .print = sync->print,
        .script_text = sync->script_text,
        .process = getpid(),
    };
    run->report->resumed = run->has_checkpoint;
    return store_run_begin(run->store, &run->lease, &run->row, &run->row.id, error);
}

static bool carry_out(struct run *run, struct error *error) {
    const struct run_request *request = run->request;
    struct counts none = {0};
    const struct counts *carried = run->has_checkpoint ? &run->resumed.counts : &none;
    struct error reason;
    error_clear(&reason);
    enum pass_end end = PASS_COMPLETE;
    run->replay = (struct replay){run->store, request->dead_ids, request->dead_count, 0, run->name};
    resolver_init(&run->resolver, run->store);
    bool ok = pipeline_open(&run->pipeline, run->store, &run->journal, request->threads, carried, &reason);
    if (!ok) {
        *error = reason;
        resolver_clear(&run->resolver);
        return false;
    }
    if (run->has_checkpoint) {
        log_line(&run->journal.log, LOG_INFO, "goes on where run %lld stopped, after %lld records",
                 (long long)run->resumed.run, (long long)run->resumed.counts.read);
    }
    ok = run_types(run, &end, &reason);
    if (ok && run->replay.unreplayable > 0) {
        log_line(&run->journal.log, LOG_WARNING,
                 "%lld dead letters are rows that could not be read; mend the file and run the sync again",
                 (long long)run->replay.unreplayable);
    }
    bool recorded = finish_run(run, ok, end, &reason, error);
    pipeline_close(&run->pipeline);
    resolver_clear(&run->resolver);
    return recorded;
}

bool run_sync(const struct run_request *request, struct run_report *report, struct error *error) {
    memset(report, 0, sizeof *report);
    error_clear(&report->error);
    struct run *run = memory_zero(1, sizeof *run);
    if (run == NULL) {
        return error_memory(error);
    }
    run->request = request;
    run->sync = request->sync;
    run->store = request->store;
    run->report = report;
    arena_init(&run->arena, RUN_BYTES_MAX);
    journal_init(&run->journal, request->clock, request->log);
    bool answered;
    bool ok = begin(run, &answered, error);
    if (ok && !answered) {
        ok = carry_out(run, error);
    }
    if (run->leased) {
        store_lease_free(run->store, &run->lease);
    }
    journal_clear(&run->journal);
    arena_clear(&run->arena);
    memory_free(run);
    return ok;
}
