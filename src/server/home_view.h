#ifndef WEIR_SERVER_HOME_VIEW_H
#define WEIR_SERVER_HOME_VIEW_H

// What the handlers over an organisation's home share: a borrowed home to look at or to edit, its datatypes, its
// records as JSON, and what its errors are as answers. Calls that are bool have answered when they give false.

#include "server/exchange.h"
#include "server/homes.h"

struct home_view {
    struct home *home;
    struct store *store;
    bool looks; // a snapshot is held
};

// To look: with a snapshot. An organisation without a home is a 404.
bool home_view_open(struct exchange *exchange, struct home_view *out);
// To edit: without one.
bool home_view_edit(struct exchange *exchange, struct home_view *out);
// Looks, in an open one, at what stands there now.
bool home_view_look(struct exchange *exchange, struct home_view *view);
// Accepts one that was not opened; has no say in the answer.
void home_view_close(struct exchange *exchange, struct home_view *view);

// An error of home as an answer.
void home_view_fail(struct exchange *exchange, const struct error *error);

// A datatype by its name, in the exchange's arena. One that home doesn't know is a 404.
bool home_view_type(struct exchange *exchange, struct home_view *view, struct text name, const struct datatype **out);

// A record's members: id, seq, origin, fields.
void home_put_row(struct members *members, const struct datatype *datatype, const struct home_row *row);

// "links": [{datasource, external}…], all of a record. False with the error, unanswered.
bool home_put_links(struct exchange *exchange, struct home_view *view, const struct datatype *datatype, int64_t id,
                    struct error *error);

// The one row that the path's number means: `look` scans for it, and sets `found` with its members put.
struct home_showing {
    struct exchange *exchange;
    int64_t id;
    bool found;
};
void home_show_one(struct exchange *exchange, const char *what,
                   bool (*look)(struct store *store, const struct scan *scan, struct home_showing *showing,
                                struct error *error));

// ETag: the record's seq.
void home_put_tag(struct exchange *exchange, const struct home_row *row);

// The origin of what a token changes: "api:NAME".
bool home_origin(struct exchange *exchange, struct text *out);

#endif
