#ifndef WEIR_ENGINE_MERGE_H
#define WEIR_ENGINE_MERGE_H

// Three forms into one: the base that both sides last agreed on, home's form, and the datasource's. By field, or
// wholly for one side. Pure but for a policy that is the script's own function.

#include <stdbool.h>

#include "engine/transform.h"
#include "port/mapper.h"
#include "port/sync.h"

struct merge {
    const struct datatype *datatype;
    const struct value *base;     // home's fields; NULL: there is none (an adoption, or an edit before tracking began)
    const struct value *home;     // as it stands
    const struct form *remote;    // MISSING fields were not said anything about: home's stays
    const struct transform *pull; // what the datasource could have said; NULL: anything
    enum conflict_policy policy;
    bool home_is_newer; // for CONFLICT_NEWEST
    struct mapper *mapper;
    uint32_t function; // for CONFLICT_FUNCTION
};

struct merged {
    struct value *fields; // as home shall be
    struct value *agreed; // as both sides then agree: the datasource's form over the base
    bool home_lost;       // something of home's that the base did not have is not in `fields`
    bool remote_lost;     // likewise of the datasource's
    bool same_as_home;    // `fields` is what home has
    bool same_as_agreed;  // nothing of home's is left to be pushed
};

// Whether the datasource could say something about a field of home.
bool merge_may_say(const struct transform *pull, size_t place);

// Whether a push writes a field of home to the datasource. A function may look at any.
bool merge_is_told(const struct sync_type *type, const struct field *field);

// Fields live in `arena` or are parts of what was given. False only with an error of the function or of memory.
bool merge_forms(const struct merge *merge, struct arena *arena, struct merged *out, struct error *error);

#endif
