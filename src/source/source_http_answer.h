#ifndef WEIR_SOURCE_SOURCE_HTTP_ANSWER_H
#define WEIR_SOURCE_SOURCE_HTTP_ANSWER_H

// One page's answer as it comes in: its status and kind are checked, its body is taken apart, and what was given of it
// is counted, so that it can be asked for again and gone on with at the same place. Nothing is believed before the body
// has ended whole.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_csv.h"
#include "format/format_json.h"
#include "format/format_json_stream.h"
#include "format/format_jsonl.h"
#include "http/http.h"
#include "model/record.h"
#include "source/source_http_type.h"

// An answer's body as a stream.
struct http_body {
    struct stream stream;
    struct http_call *call;
    uint64_t bytes; // that came
    bool ended;
};

// How far into a page.
struct http_mile {
    uint64_t given;     // elements that could be read
    uint64_t refused;   // and those that could not
    struct print print; // of all of them
};

struct http_answer {
    const struct http_type *type;
    struct json_stream *json;
    struct jsonl_reader jsonl;
    struct csv_reader *csv;

    // Of the page in hand.
    struct http_call *call; // NULL: there is none. Not owned
    struct http_head head;
    struct http_body body;
    bool is_missing; // no such page, record or list (404)
    bool is_empty;   // 204
    bool was_csv;    // the CSV reader was started
    struct http_mile done;
};

bool http_answer_init(struct http_answer *answer, const struct http_type *type, uint64_t seed, bool lone,
                      struct error *error);
void http_answer_clear(struct http_answer *answer);

// Waits for the head and begins the body. `may_miss`: a 404 is data.
bool http_answer_open(struct http_answer *answer, struct http_call *call, bool may_miss, struct error *error);

// What an element turned out to be.
enum http_found { HTTP_RECORD, HTTP_REJECT, HTTP_END };
struct http_element {
    enum http_found found;
    const struct object *object; // RECORD
    struct text raw;
    uint64_t line;        // of JSON lines
    enum error_code code; // REJECT
    char reason[ERROR_MESSAGE_MAX];
};

// The next element of a JSON or JSON lines body, in the arena.
bool http_answer_next(struct http_answer *answer, struct arena *arena, struct json_shapes *shapes,
                      struct http_element *out, struct error *error);

// The next rows of a CSV body, into an empty batch.
bool http_answer_rows(struct http_answer *answer, struct batch *batch, bool *end, struct error *error);

// Must be called before the arena is reset.
bool http_answer_leave(struct http_answer *answer, struct error *error);

// After the end: what stands around the records (NULL for a format without such), and that all of it was there: ok,
// shape. `proven` says whether the body's end is known to be its end.
bool http_answer_end(struct http_answer *answer, struct arena *arena, struct value *envelope, bool *proven,
                     struct error *error);

#endif
