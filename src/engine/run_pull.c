#include <string.h>

#include "engine/run_work.h"
#include "engine/since.h"

bool run_tracks(const struct sync *sync, const struct sync_type *type) {
    return type->pushes || sync->conflict != CONFLICT_DATASOURCE;
}

enum { SETTLE_BYTES_MAX = 1024 * 1024 }; // names of datasources

static bool settled_links(struct run *run, struct text datasource, const struct datatype *datatype,
                          struct linkset **links, struct error *error) {
    int64_t repeats, conflicts;
    return store_linkset(run->store, datasource, datatype, false, links, error) &&
           (!(*links)->bulk || store_settle(run->store, *links, &run->lease, run->row.id,
                                            clock_now(run->request->clock), &repeats, &conflicts, error));
}

bool run_links(struct run *run, const struct datatype *datatype, struct linkset **links, struct error *error) {
    return settled_links(run, run->sync->datasource, datatype, links, error);
}

bool run_settle(struct run *run, const struct datatype *datatype, struct error *error) {
    struct arena arena;
    struct text datasource;
    struct linkset *links;
    arena_init(&arena, SETTLE_BYTES_MAX);
    bool ok = run->store->type->unsettled(run->store, datatype, &arena, &datasource, error);
    while (ok && datasource.length > 0) {
        ok = settled_links(run, datasource, datatype, &links, error) &&
             run->store->type->unsettled(run->store, datatype, &arena, &datasource, error);
    }
    arena_clear(&arena);
    return ok;
}

// A retry and a drain of an inbox read what home has: no datasource is asked, and no place in it is kept.
static bool reads_home(const struct run *run) {
    return run->request->retry || run->intake != NULL;
}

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
    bool bulk = may_be_bulk(type) && !run->request->retry && run->intake == NULL;
    if ((!resumes || !bulk) && !run_links(run, type->datatype, links, error)) {
        return false;
    }
    if (bulk && !store_linkset(run->store, run->sync->datasource, type->datatype, true, links, error)) {
        return false;
    }
    (*links)->spare = type->pull.has_function; // Lua then takes twice as long as the commits
    return (*links)->tracked || !run_tracks(run->sync, type) || store_track(run->store, *links, error);
}

// The links of the other types that a record function may give records of.
static bool open_other_links(struct run *run, const struct sync_type *type, struct error *error) {
    for (size_t i = 0; type->pull.has_function && i < run->sync->datatype_count; i++) {
        const struct datatype *datatype = run->sync->datatypes[i];
        if (resolver_linkset(&run->resolver, run->sync->datasource, datatype->name) != NULL) {
            continue;
        }
        struct linkset *links;
        if (run->resolver.linkset_count == RESOLVE_LINKSETS_MAX) {
            return error_set(error, ERROR_LIMIT, "one run can keep links of at most %d datatypes",
                             RESOLVE_LINKSETS_MAX);
        }
        if (!run_links(run, datatype, &links, error)) {
            return false;
        }
        run->resolver.linksets[run->resolver.linkset_count++] = links;
    }
    return true;
}

// Where the pass begins: where it stopped, or at the watermark.
static bool find_since(struct run *run, const struct sync_type *type, bool resumes, struct text *out,
                       struct error *error) {
    struct since_ask ask = {run->request, type, run->key, run->restored, &run->journal.log};
    *out = (struct text){"", 0};
    if (reads_home(run)) {
        return true;
    }
    if (resumes) {
        *out = run->resumed.since;
        return true;
    }
    bool again;
    bool ok = since_find(&ask, &run->arena, out, &again, error);
    run->read_before += ok && again; // a watermark comes from records that were read
    return ok;
}

static void give_source(struct run *run, struct pass *pass) {
    pass->source = run->sync->source;
    pass->session = reads_home(run) ? NULL : run->session;
    if (run->intake != NULL) {
        pass->source = &source_intake;
        pass->source_context = (void *)run->intake;
    } else if (run->request->retry) {
        pass->source = &source_replay;
        pass->source_context = &run->replay;
    }
}

static bool prepare_pass(struct run *run, size_t index, struct pass *pass, struct error *error) {
    const struct sync_type *type = &run->sync->types[index];
    bool resumes = run->has_checkpoint && run->resumed.type_index == (int64_t)index;
    memset(pass, 0, sizeof *pass);
    pass->request = run->request;
    pass->pipeline = &run->pipeline;
    pass->page_records = run->request->page_records;
    give_source(run, pass);
    pass->checkpoints = !reads_home(run);
    struct linkset *links;
    int64_t pass_seq = run->resumed.pass_seq;
    if (!open_other_links(run, type, error) || !open_links(run, type, resumes, &links, error) ||
        (!resumes && !run->store->type->seq(run->store, &pass_seq, error)) ||
        !find_since(run, type, resumes, &pass->since, error)) {
        return false;
    }
    run->incremental = run->incremental || pass->since.length > 0;
    int64_t pass_run = run->has_checkpoint ? run->resumed.run : run->row.id;
    if (run->intake != NULL) { // a post is no part of a pass: nothing of it repeats, nothing was met before
        pass_run = INT64_MAX;
        pass_seq = INT64_MAX;
    }
    pass->position = resumes ? run->resumed.position : (struct text){"", 0};
    pass->checkpoint = (struct checkpoint){
        .print = run->sync->print,
        .run = pass_run,
        .type_index = (int64_t)index,
        .pass_seq = pass_seq,
        .since = pass->since,
    };
    pass->flow = (struct flow){
        .sync = run->sync,
        .type = type,
        .type_index = index,
        .key = run->key,
        .store = run->store,
        .links = links,
        .resolver = &run->resolver,
        .ids = &run->ids,
        .lease = &run->lease,
        .run = run->row.id,
        .pass_run = pass_run,
        .pass_seq = pass_seq,
        .log = run->log,
        .retries = run->request->retry,
        .inbox = run->intake != NULL,
    };
    return true;
}

static bool pull_type(struct run *run, size_t index, enum pass_end *end, struct error *error) {
    struct pass pass;
    bool has = true;
    if (run->intake != NULL && !intake_has(run->intake, run->sync->types[index].name, &has, error)) {
        return false;
    }
    if (!has) {
        return true;
    }
    if (!prepare_pass(run, index, &pass, error)) {
        return false;
    }
    bool ok = flow_init(&pass.flow, error) && pass_run(&pass, end, error);
    mapper_release(run->sync->mapper);
    flow_clear(&pass.flow);
    return ok;
}

// What a push found since the pass began may be behind the place where it stopped.
static bool drop_checkpoint(struct run *run, struct error *error) {
    bool weighs = false;
    bool ok = !run->has_checkpoint || since_weighs(run->store, run->key, &run->sync->types[run->resumed.type_index],
                                                   &run->arena, &weighs, error);
    run->has_checkpoint = run->has_checkpoint && !weighs;
    return ok;
}

static bool pull_types(struct run *run, size_t first, enum pass_end *end, struct error *error) {
    for (size_t i = first; i < run->sync->type_count && *end == PASS_COMPLETE; i++) {
        if (!pull_type(run, i, end, error)) {
            return false;
        }
    }
    return true;
}

bool run_pull(struct run *run, enum pass_end *end, struct error *error) {
    if (!reads_home(run) && !drop_checkpoint(run, error)) {
        return false;
    }
    int64_t now_us = clock_now(run->request->clock);
    if (!reads_home(run) && !run_session(run, error)) {
        return false;
    }
    if (!resolver_open(&run->resolver, run->sync, &run->lease, run->row.id, now_us, error)) {
        return false;
    }
    bool resumes = run->has_checkpoint;
    if (!pull_types(run, resumes ? (size_t)run->resumed.type_index : 0, end, error)) {
        return false;
    }
    // What was read before the interruption may have changed there since, and a push must not write over that unseen.
    if (!resumes || run->sync->direction != SYNC_BOTH || *end != PASS_COMPLETE) {
        return true;
    }
    run->has_checkpoint = false;
    return pull_types(run, 0, end, error);
}
