#ifndef WEIR_TESTS_FUZZ_HTTP_FAKE_H
#define WEIR_TESTS_FUZZ_HTTP_FAKE_H

// The HTTP client of http.h in memory, linked in its place: requests are kept and answered from a script, which is a
// part of a fuzz target's input. One answer after the other, with a 0x1e byte between them:
//
//     200 u                 the status; u: only the connection ends the body, c: it is cut off, x: nobody listens,
//     Content-Type: a/b     l: the answer is lost
//                           headers, and an empty line
//     [{"id":1}]            the body

#include <stddef.h>

#include "base/arena.h"
#include "http/http.h"

enum { FAKE_REQUESTS_MAX = 2000 };

enum fake_end { FAKE_EMPTY, FAKE_AGAIN, FAKE_SILENT }; // what comes when the script is at its end

struct fake_reply {
    int status;
    bool unproven, cut, unreached, lost;
    struct text headers;
    struct text body;
};

struct fake_request {
    struct text verb;
    struct text url; // whole
    struct text body;
    bool writes;
    bool keyed; // it has headers of its own: an idempotency key
    bool heard; // somebody asked for its answer
    struct fake_reply reply;
};

struct fake {
    struct arena arena;
    struct text script;
    enum fake_end end;
    size_t replies; // that the script had so far
    struct fake_reply last;
    struct fake_request requests[FAKE_REQUESTS_MAX];
    size_t count;
    size_t open; // calls that were not closed
    int64_t now_us;
};

extern struct fake fake;
extern const struct clock fake_clock;

#define FAKE_BASE "http://fake.example/api"

void fake_begin(struct text script, enum fake_end end);
void fake_end(void); // demands that all was closed

#endif
