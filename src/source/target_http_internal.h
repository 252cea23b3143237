#ifndef WEIR_SOURCE_TARGET_HTTP_INTERNAL_H
#define WEIR_SOURCE_TARGET_HTTP_INTERNAL_H

// What the parts of the HTTP target share; for target_http*.c alone. A write goes through three stages:
//
//    parcels   target_http_write.c    items into requests, several of them under way together, answers into receipts
//    doubts    target_http_doubt.c    what the answers left open: looked up, asked for, or sent again by itself
//    reading   target_http_read.c     the form that the datasource keeps, where the answer did not have it
//
// Each item has a `part` that says what is still to be done for it. target_http_way.c reads the settings,
// target_http_send.c carries one request and sorts its answer, target_http_match.c finds the items in an answer.

#include "base/buffer.h"
#include "base/map.h"
#include "http/http.h"
#include "port/target.h"
#include "source/source_http_path.h"
#include "source/source_http_session.h"
#include "source/source_http_template.h"

enum { TARGET_ANSWER_MAX = 64 * 1024 * 1024, TARGET_BODY_MAX = 256 * 1024 * 1024, TARGET_AT_ONCE_MAX = 64 };

enum target_read_back { READ_BACK_REPLY, READ_BACK_ONE, READ_BACK_FIND, READ_BACK_IDS, READ_BACK_NONE };

// One way of writing.
struct target_way {
    const char *verb;
    struct text path; // with placeholders
    bool array;
    size_t items_max; // a request
    size_t bytes_max;
    struct text under;
    size_t at_once;
    struct path reply; // names NULL: the whole answer
    bool order;
    struct http_ok ok;
};

struct target_http {
    struct target target;
    struct target_setup setup;
    const struct http_session *session;
    struct arena arena;        // what was made of the settings
    struct target_way ways[3]; // by target_verb
    const struct text *find;   // fields
    size_t find_count;
    struct text match;
    struct text path; // of reading, with placeholders
    struct text one;  // of one record
    struct text ids;  // the query's parameter
    size_t ids_max;
    struct path records;
    enum target_read_back read_back;
    bool widened;            // a pass adds the parent's fields (`with`): what is read back is not all that it will read
    struct text idempotency; // the header's name, or empty
    struct map doubted;      // operations of creates that were sent and not found: they may still arrive
};

// Reads the settings.
bool target_http_ways(struct target_http *target, struct error *error);

// What an answer says about a write.
enum answer_kind {
    ANSWER_GOOD,    // it is done
    ANSWER_REFUSED, // it is certainly not, by its own fault
    ANSWER_LATER,   // it is certainly not, and may be tried again
    ANSWER_MISSING, // what it is about is not there
    ANSWER_ENDED,   // it is certainly not, and nothing else would be either
    ANSWER_DOUBT,   // nobody knows
};

struct answer {
    enum answer_kind kind;
    int status;    // 0: there was none
    bool has_body; // `body` was there and is JSON
    struct value body;
    struct text location; // of a 201: where the new record is, or empty
    struct error error;   // of all kinds but GOOD
};

// One request of the target: first made (url, body), then on its way, or with the reason why it could not be sent.
struct sending {
    const char *verb;
    struct buffer url;
    struct buffer body;
    struct text operation;    // the idempotency key, or empty
    const struct http_ok *ok; // NULL: its status is enough
    bool writes;
    bool failed;
    struct error error;
    struct http_call *call;
};

void sending_init(struct sending *sending, const char *verb, bool writes);
void sending_clear(struct sending *sending); // ends it
void target_http_start(struct target_http *target, struct sending *sending);
void target_http_await(struct sending *sending, struct arena *arena, struct answer *answer);

// What is still to be done for an item.
enum step {
    STEP_SEND,  // not sent yet
    STEP_FIND,  // a create of which nobody knows: looked up by its form
    STEP_ASK,   // an update or a delete of which nobody knows: asked for by its id
    STEP_ALONE, // certainly not in: sent again by itself
    STEP_READ,  // done, and its form is to be read
    STEP_OVER,
};

struct part {
    const struct target_item *item;
    struct target_receipt *receipt;
    enum step step;
    bool in;          // certainly in; only its id isn't known
    bool may_alone;   // when it isn't found, it is sent by itself
    bool doubtful;    // sent before under the same idempotency key, and nobody knows
    struct error why; // why nobody knows, or why it is sent again
};

// One call of write or resolve.
struct work {
    struct target_http *target;
    struct arena *arena;
    struct part *parts;
    size_t count;
    bool paused;        // the datasource asks to wait or is not there: nothing more is sent
    bool ended;         // nothing would be taken any more
    struct error error; // why
};

// Several requests under way together, at most `at_once`. `make` makes the request of number `index` (false, with
// `error`: it can't be sent); `settle` is given its answer, in the same order. Once the work is paused or ended no more
// are sent, and those are not settled.
struct convoy {
    size_t count;
    size_t at_once;
    bool (*make)(struct work *work, void *context, size_t index, struct sending *sending, struct error *error);
    void (*settle)(struct work *work, void *context, size_t index, struct answer *answer);
    void *context;
};

void convoy_run(struct work *work, const struct convoy *convoy);

// The receipts of an item.
void part_failed(struct part *part, const struct error *error);
void part_gone(struct part *part, const struct error *error);
void part_unknown(struct part *part, const struct error *error);

// It is in: `record` is the datasource's, as it answered, or NULL. `read`: that is the form that a pass reads; else it
// is read back where the type says so. A created record whose id is not known is to be found.
void part_done(struct work *work, struct part *part, const struct object *record, bool read);

// The record as the datasource has it, into a receipt that is DONE. `whole`: all of its key is there.
void part_shown(struct work *work, struct part *part, const struct object *record); // of an update that isn't in
void part_record(struct work *work, struct part *part, const struct object *record, bool whole);

// The records of an answer at a path (or all of it), and the one record where there is just one.
void answer_records(const struct answer *answer, const struct path *path, const struct value **records, size_t *count);
const struct object *answer_record(const struct answer *answer, const struct path *path);

// The id at the end of a 201's Location, as a record with nothing but its id; NULL when there is none, or the key has
// several fields.
const struct object *location_record(struct work *work, const struct answer *answer);

// An answer that says that the parts went in, given to them.
void match_answer(struct work *work, const struct target_way *way, struct part *parts, size_t count,
                  const struct answer *answer);

// Whether a record has the form's values in the fields of `find`; and whether it has all of the form.
bool find_alike(const struct target_http *target, const struct object *form, const struct object *record);
bool form_kept(const struct object *form, const struct object *record);

// What to do about a part of which nobody knows whether it went in.
void part_doubt(struct work *work, struct part *part, const struct error *why);

// The requests that look a record up by its form and ask for one by its id.
bool find_make(struct work *work, const struct target_item *item, struct sending *sending, struct error *error);
bool ask_make(struct work *work, const struct target_item *item, struct text external, struct sending *sending,
              struct error *error);

// What the answer to find_make says. STRANGE: records came that don't have the values that were asked for.
enum found { FOUND_NONE, FOUND_ONE, FOUND_SEVERAL, FOUND_STRANGE, FOUND_UNREADABLE };
enum found find_in(const struct target_http *target, const struct target_item *item, const struct answer *answer,
                   const struct object **hit);

// Gives every part that is still open the receipt that is certain.
void parts_close(struct work *work);

// Does what the steps say until nothing but reading back is left; and reads back.
void doubts_run(struct work *work);
void reads_run(struct work *work);

// Sends the parts of step STEP_SEND, in arrays where the way says so; or (`alone`) those of STEP_ALONE, one by one.
void parcels_run(struct work *work, struct part *parts, size_t count, bool alone);

// How many of the items, from the first on, go into one request.
size_t parcel_count(struct target_http *target, const struct target_item *items, size_t count);

#endif
