#ifndef WEIR_TESTS_SOURCE_API_FAKE_H
#define WEIR_TESTS_SOURCE_API_FAKE_H

// A small web API over a fake remote, as a function from a request to an answer: GET, POST, PUT, PATCH and DELETE of
// /things and /things/ID, one object or an array, filters as ?name=value. It goes wrong where a test wants it to.

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "support/remote_fake.h"

enum api_trouble {
    API_FINE,
    API_LOST,    // applied; the connection ends without an answer
    API_DROPPED, // not applied; likewise
    API_CUT,     // applied; the answer ends in the middle
    API_SAY,     // not applied; `say_status`, `say_body`
    API_BROKEN,  // applied; `say_status`, `say_body`
};

struct api {
    struct remote_fake remote;
    pthread_mutex_t lock;
    enum api_trouble next; // what becomes of the next write
    size_t next_after;     // after so many good ones
    bool always;           // and of all after it
    int say_status;
    const char *say_type; // NULL: application/json
    const char *say_body;
    const char *say_header; // "Retry-After: 7", or NULL
    const char *bad;        // rows whose JSON holds this are refused with 422
    bool atomic;            // one bad row refuses the whole array; else the good ones stay
    bool silent;            // answers to writes have no records
    bool reversed;          // an array's answer is in the other order
    bool counts;            // DELETE answers 200 {"count":n}, also for what is missing
    bool ignores_filters;
    bool keys;           // honours Idempotency-Key
    size_t body_max;     // 0: any
    struct buffer story; // a line for each request: "POST /things"
    size_t writes;
    size_t reads;
    size_t body_most;        // bytes of the largest body
    atomic_size_t under_way; // requests being answered now
    size_t under_way_most;
    int then_status; // what the write after `next` is answered with; 0: as usual
    struct buffer last_body;
    struct buffer last_key;
};

struct api_request {
    struct text verb;
    struct text url; // path and query
    struct text body;
    struct text key; // Idempotency-Key, or empty
};

struct api_reply {
    int status; // 0: the connection ends
    const char *type;
    const char *header; // or NULL
    struct text body;   // in the arena
    size_t cut;         // so many bytes of the body are sent, then the connection ends; 0: all
};

void api_open(struct api *api);
void api_close(struct api *api);
void api_answer(struct api *api, const struct api_request *request, struct arena *arena, struct api_reply *reply);
struct text api_story(struct api *api);

// Between a test's own looks and the server's threads: what one did before, the other sees after.
void api_sync(struct api *api);

#endif
