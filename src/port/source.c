#include "port/source.h"

#include <assert.h>

#include "base/fault.h"

bool source_session_open(const struct source_type *type, const struct session_setup *setup, struct session **out,
                         struct error *error) {
    *out = NULL;
    if (type->session_open == NULL) {
        return true;
    }
    bool ok = type->session_open(setup, out, error);
    assert(ok == (*out != NULL));
    return ok;
}

void source_session_close(struct session *session) {
    if (session != NULL) {
        session->type->session_close(session);
    }
}

bool source_open(const struct source_type *type, const struct source_setup *setup, struct source **out,
                 struct error *error) {
    assert(setup->page_records > 0);
    *out = NULL;
    fault_point("source.open");
    bool ok = type->open(setup, out, error);
    assert(ok == (*out != NULL));
    return ok;
}

bool source_read(struct source *source, struct batch *batch, struct error *error) {
    fault_point("source.read");
    bool ok = source->type->read(source, batch, error);
    assert(!ok || (batch->count <= batch->capacity && batch->reject_count <= batch->reject_capacity));
    return ok;
}

void source_close(struct source *source) {
    if (source != NULL) {
        source->type->close(source);
    }
}
