// What the passes and pushes of a run share at its datasource.

#include "engine/retry.h"
#include "engine/run_work.h"

struct session_setup run_session_setup(const struct run_request *request, const struct log *log) {
    const struct sync *sync = request->sync;
    return (struct session_setup){
        .settings = sync->source_settings,
        .name = sync->datasource,
        .folder = sync->folder,
        .allowed = request->allowed,
        .allowed_count = request->allowed_count,
        .vault = request->vault,
        .mapper = sync->mapper,
        .clock = request->clock,
        .log = log,
    };
}

bool run_session(struct run *run, struct error *error) {
    const struct run_request *request = run->request;
    const struct sync *sync = run->sync;
    if (run->session != NULL || sync->source->session_open == NULL) {
        return true;
    }
    struct session_setup setup = run_session_setup(request, &run->journal.log);
    struct retry retry = retry_of(request, &run->journal.log, run->row.id);
    while (!source_session_open(sync->source, &setup, &run->session, error)) {
        run->session = NULL;
        if (!retry_again(&retry, error)) {
            return false;
        }
    }
    return true;
}
