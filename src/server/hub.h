#ifndef WEIR_SERVER_HUB_H
#define WEIR_SERVER_HUB_H

// What happens in the live runs, for whoever watches: each run's latest progress and its last events. It is a memory of
// what children say, no more; what must last is in homes and in the ledger. Of any thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

struct hub;

bool hub_open(struct hub **out, struct error *error);
void hub_close(struct hub *hub); // accepts NULL

// An event of a run, as one line of JSON. Events are numbered from 1 a run; only the latest ones are kept.
void hub_tell(struct hub *hub, int64_t job, struct text kind, struct text json);

// The run ended: its events stay for a while.
void hub_end(struct hub *hub, int64_t job);

// Appends the events past `after` as a stream of server-sent events, and gives the number of the last one. `ended` says
// whether no more will come. False when the run isn't known here (it ended long ago, or before this server started).
bool hub_events(struct hub *hub, int64_t job, int64_t after, struct buffer *out, int64_t *last, bool *ended);

// The latest "progress" event's JSON, in the arena; empty when there is none.
bool hub_progress(struct hub *hub, int64_t job, struct arena *arena, struct text *out, struct error *error);

// How many events there were; for those that wait for the next. 0 when the run isn't known.
int64_t hub_count(struct hub *hub, int64_t job);

#endif
