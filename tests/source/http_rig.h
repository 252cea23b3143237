#ifndef WEIR_TESTS_SOURCE_HTTP_RIG_H
#define WEIR_TESTS_SOURCE_HTTP_RIG_H

// Reads through source_http from a stub: settings are JSON, a pass gives a story.
//
//     struct http_rig rig;
//     rig_open(&rig, answer, context, "{\"page\":{\"kind\":\"offset\",\"offset\":\"skip\",\"limit\":\"limit\"}}",
//              "{\"reading\":{\"path\":\"/readings\"}}");
//     CHECK_TEXT(rig_pass(&rig), "1 2 3 last full cursor=…");

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "http_stub.h"
#include "port/source.h"

struct http_rig {
    struct http_stub *stub;
    struct arena arena;
    struct clock clock;
    int64_t now_us; // what the clock says
    struct session *session;
    struct source_setup setup; // a test changes since, page_records and others
    struct buffer story;
    struct buffer log;
    struct error error;  // of the last pass; code ERROR_NONE when it went well
    char position[4096]; // of the last batch
    struct text label;   // the field that the story shows; "id" at first
    size_t batches;
    uint64_t prints; // the sum of the records' prints: the same records give the same sum
    const struct object *types;
};

// `settings` and `types` are JSON without base and with at least {"reading":{…}}; the type "reading" is read. Options
// that a script would give as spans are whole microseconds.
void rig_open(struct http_rig *rig, stub_answer answer, void *context, const char *settings, const char *types);
bool rig_session(struct http_rig *rig, struct mapper *mapper); // opens it again; false with `error`
void rig_mapper(struct http_rig *rig, struct mapper *mapper);  // opens the session again with it
void rig_close(struct http_rig *rig);

// A pass from rig->setup on: the label of each record, -label for one that is gone, !CODE for a reject, then
// "last", "full" and "cursor=…" as the last batch says. An error of the source is W…: its code, in the place where it
// came. `retries` errors of scope BATCH are tried again.
struct text rig_pass(struct http_rig *rig, unsigned retries);

// At most `batches` of them.
struct text rig_part(struct http_rig *rig, size_t batches);

#endif
