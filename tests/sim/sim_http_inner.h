#ifndef WEIR_TESTS_SIM_SIM_HTTP_INNER_H
#define WEIR_TESTS_SIM_SIM_HTTP_INNER_H

// What the files of the fake network share.

#include "http/http.h"
#include "http/http_url.h"
#include "sim_http.h"

enum { SIM_CALL_BYTES_MAX = 16 * 1024 * 1024 };

struct http {
    struct arena arena;
    struct sim *sim;
    struct sim_remote *remote;
    struct http_url base;
    const struct clock *clock;
    int64_t silence_us;
    bool dead; // its process is
    struct http_call *first;
    struct http_call *last;
};

enum sim_step { SIM_STEP_WAITS, SIM_STEP_ANSWERED, SIM_STEP_FAILED };

struct http_call {
    struct http *http;
    struct http_call *next;
    struct arena arena;
    const char *verb;
    struct http_url url;
    struct sim_ask ask;
    bool writes;
    int64_t number;
    enum sim_fault fault; // SIM_FAULTS: none
    enum sim_step step;
    bool silent;   // no answer comes, and whoever waits for it learns that late
    bool harmed;   // what comes is not what the datasource said
    bool torn;     // the connection breaks behind `arrives`
    bool unproven; // the body ends where the connection does
    struct sim_say say;
    size_t arrives; // so many bytes of the body
    size_t taken;
    struct error error;
};

// sim_http_fate.c: what becomes of a request.

bool sim_http_dead(struct http *http);
bool sim_http_say_dead(struct error *error); // false
// Of a read, or of a write that the server may have seen.
void sim_call_lose(struct http_call *call, const char *words);
// "GET http://east.sim/api/wells", for messages.
struct text sim_call_show(const struct http_call *call, struct buffer *room);
// It is on its way: carried out, unless the plan says otherwise.
void sim_call_send(struct http_call *call);
// Its answer is waited for.
void sim_call_await(struct http_call *call);
// What is late has no call any more.
void sim_late_arrive(struct sim *sim);

#endif
