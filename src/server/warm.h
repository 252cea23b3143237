#ifndef WEIR_SERVER_WARM_H
#define WEIR_SERVER_WARM_H

// Children that answer: `inbox` takes posted records through a sync's transforms, `view` gives home's records through
// them. Each is of one sync with its parameters and is kept for half a minute after its last answer. Any thread asks;
// the supervisor's starts, speaks and listens.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "server/children.h"
#include "server/service.h"

struct warm;

bool warm_open(struct service *service, struct warm **out, struct error *error);
void warm_close(struct warm *warm); // accepts NULL

struct warm_ask {
    const char *command; // "inbox", "view"
    struct text org;
    struct text sync;
    struct text params; // canonical JSON
    struct text line;   // the request, without its end
};

// Puts a question; its number is asked for with warm_answer. Questions for one child are answered in their order.
bool warm_put(struct warm *warm, const struct warm_ask *ask, int64_t *number, struct error *error);

// Whether the answer is there: the child's line, in the arena (an empty one: the child died, or there are too many
// questions). web_wake tells when to look again. An answer is given once.
bool warm_answer(struct warm *warm, int64_t number, struct arena *arena, struct text *out);

// Puts a question whose answer nobody waits for, unless the same one is to be asked anyway.
bool warm_wish(struct warm *warm, const struct warm_ask *ask, struct error *error);

// Nobody waits for its answer; it is asked all the same.
void warm_release(struct warm *warm, int64_t number);

// Nobody needs it any more.
void warm_forget(struct warm *warm, int64_t number);

// The supervisor's: starts what is asked for and speaks to what runs; lets all go.
void warm_work(struct warm *warm, struct children *children);
void warm_dismiss(struct warm *warm);

// Also the supervisor's: a sync has another script now. Its children answer what they were asked, and go.
void warm_changed(struct warm *warm, struct text org, struct text sync);

#endif
