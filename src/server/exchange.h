#ifndef WEIR_SERVER_EXCHANGE_H
#define WEIR_SERVER_EXCHANGE_H

// One request and its answer, as the handlers see them: no HTTP library in it. web.c makes it, route.c says whose it
// is, a handler of a route answers it. Texts of the request live as long as the exchange; the arena is its own.
//
// A handler answers with one of the calls below and returns; an answer is one. What can't be answered yet says so with
// `ready`: the exchange then sleeps without a thread, and is asked again whenever something happened (web_wake) or at
// `until_us`. A body that is too large to hold is taken as it comes (`take`); an answer without an end is given as it
// comes (`give`).

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "format/format_members.h"
#include "model/value.h"
#include "server/role.h"

enum { QUERY_MAX = 32, PATH_PARAMS_MAX = 4, ANSWER_HEADERS_MAX = 8 };

struct pair {
    struct text name;
    struct text value;
};

enum given { GIVEN_SOME, GIVEN_NOTHING_YET, GIVEN_END };

struct route;
struct service;
struct web_request;

struct exchange {
    // what was asked
    struct text method;
    struct text path;             // as it came
    struct pair query[QUERY_MAX]; // decoded
    size_t query_count;
    struct buffer body; // whole, for routes that take one
    struct arena arena;
    struct web_request *web; // web.c's own
    int64_t at_us;           // when it came

    // what the router found
    struct service *service;
    const struct route *route;
    struct text params[PATH_PARAMS_MAX]; // of the path, decoded, in their order
    struct identity identity;
    struct text org; // whose data is meant

    // the answer
    int status; // 0: there is none yet
    const char *type;
    struct buffer answer;
    struct members members; // into `answer`
    struct pair headers[ANSWER_HEADERS_MAX];
    size_t header_count;
    bool closes; // the connection ends behind it

    // what takes its time
    bool (*ready)(struct exchange *exchange, bool late); // answers, or false: not yet. `late`: at until_us
    int64_t until_us;
    bool (*take)(struct exchange *exchange, struct text bytes); // false: it was answered (a refusal)
    enum given (*give)(struct exchange *exchange, struct buffer *out);
    void (*end)(struct exchange *exchange); // always, at the end; frees `state`
    void *state;
};

void exchange_init(struct exchange *exchange);
void exchange_clear(struct exchange *exchange);

// --- asking ---

// A header by its name, empty when there is none.
struct text exchange_header(const struct exchange *exchange, const char *name);

// A query's parameter, empty when there is none.
struct text exchange_query(const struct exchange *exchange, const char *name);

// A whole number of the query from `least` to `most`, or `fallback`; false: answered with 400.
bool exchange_count(struct exchange *exchange, const char *name, int64_t fallback, int64_t least, int64_t most,
                    int64_t *out);

// The body as one JSON object (an empty body is an empty one); false: answered with 400.
bool exchange_object(struct exchange *exchange, const struct object **out);

// Members of it: false when one has another kind than it should (answered with 400). What isn't there leaves `out`.
bool exchange_member_text(struct exchange *exchange, const struct object *object, const char *name, struct text *out);
bool exchange_member_bool(struct exchange *exchange, const struct object *object, const char *name, bool *out);
bool exchange_member_integer(struct exchange *exchange, const struct object *object, const char *name, int64_t *out);

// Whether all members of a body are among `names` (NULL ends them); false: answered with 400.
bool exchange_members_known(struct exchange *exchange, const struct object *object, const char *const *names);

// A path parameter that is a number from 1 up; false: answered with 404.
bool exchange_id(struct exchange *exchange, size_t param, int64_t *out);

// --- answering ---

// A JSON answer: members are put into exchange->members between the two; `name` NULL throughout for lists.
struct members *exchange_begin(struct exchange *exchange, int status);
void exchange_end(struct exchange *exchange);

// {"error":{"code","message","place","help"}} with the status that it stands for, or with one of its own.
void exchange_fail(struct exchange *exchange, const struct error *error);
void exchange_refuse(struct exchange *exchange, int status, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Text of another kind; the caller has written it into exchange->answer.
void exchange_text(struct exchange *exchange, int status, const char *type);

// 204, nothing to say.
void exchange_empty(struct exchange *exchange);

// `value` must live as long as the exchange.
void exchange_header_put(struct exchange *exchange, const char *name, struct text value);

#endif
