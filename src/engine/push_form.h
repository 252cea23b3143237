#ifndef WEIR_ENGINE_PUSH_FORM_H
#define WEIR_ENGINE_PUSH_FORM_H

// From home's record to the object that the datasource is given, and from its reply back into home's fields. Rules
// are carried out here in C, functions get a view of home's record: its fields, its id, and what it keeps beside them.
//
// What goes out is in the datasource's terms: references as the ids it knows records by, times as texts. A field that
// is null goes out as null; a field that nothing was said about does not go out.

#include <stdbool.h>

#include "base/map.h"
#include "engine/transform.h"
#include "port/store.h"

struct push_former {
    const struct sync *sync;
    const struct sync_type *type;
    struct store *store;
    const struct shape *view;     // id, then the datatype's fields
    struct linkset **rule_links;  // by rule: of a RULE_LINK
    struct linkset **back_links;  // by rule of `back`: of a RULE_REF
    struct linkset **field_links; // by field: of a reference that is copied
    bool *read;                   // by field: some rule reads it, so that it isn't copied as well
    bool copies;                  // the fields of the same name go out too
    bool reads;                   // of push_former_view: the links above are NULL where home has none of them
    struct map waits;             // a reference of a record that isn't known here yet -> its place in `awaited`
    struct text *awaited;         // how the datasource calls what it refers to
    size_t awaited_capacity;
    struct arena arena;
};

struct push_formed {
    bool skipped;
    struct text reason;
    const struct object *form;
    struct print print; // of the form
    bool borrowed;      // a reference that isn't known here yet goes out as the datasource has it
};

// On the writing side: opens the links that the references lead to.
bool push_former_init(struct push_former *former, const struct sync *sync, const struct sync_type *type,
                      struct store *store, const struct lease *lease, int64_t run, int64_t at_us, struct error *error);
// The same on the reading side alone, for forms that nobody sends: nothing is made, and push_back is not for it.
bool push_former_view(struct push_former *former, const struct sync *sync, const struct sync_type *type,
                      struct store *store, struct error *error);
void push_former_clear(struct push_former *former);

// Remembers an optional reference that waits. It is null in home, which is no edit of home's: it goes out as it came.
bool push_former_wait(struct push_former *former, const struct pending_row *row, struct error *error);
// What the datasource has in a field that is null here, where that waits. NULL: nothing waits.
const struct text *push_former_awaited(const struct push_former *former, const struct linkset *links,
                                       const struct field *field, const struct object *view);

// Makes the form of one record. An error of scope RECORD is the record's own: PUSH_WAITS when it refers to one that the
// datasource does not have yet.
bool push_form(struct push_former *former, const struct home_row *row, struct arena *arena, struct push_formed *out,
               struct error *error);

// Whether replies give anything back.
bool push_has_back(const struct push_former *former);

// What the reply gives back: `form` has a value for each field that was said, else MISSING.
bool push_back(struct push_former *former, const struct home_row *row, const struct object *reply, struct arena *arena,
               struct form *form, struct error *error);

// The view that functions get, as an object that also serves as a dead letter's payload.
bool push_view(const struct push_former *former, const struct home_row *row, struct arena *arena, struct object *out,
               struct error *error);

// One part, from 1, of an external id; the whole for 0.
bool push_part(struct text external, uint32_t part, struct arena *arena, struct text *out, struct error *error);

// The links of a datatype to a datasource, NULL when home has none; on the reading side.
bool push_links_there(struct store *store, struct text datasource, const struct datatype *datatype,
                      struct linkset **out, struct error *error);

#endif
