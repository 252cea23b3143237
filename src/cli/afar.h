#ifndef WEIR_CLI_AFAR_H
#define WEIR_CLI_AFAR_H

// A weir server as the commands with --server see it: a question over HTTP, and its answer as a value or an error. The
// files afar_*.c hold what each command does there; what it shows is shown by the same code as for homes here.
//
// TLS is verified. The server may stand at any address, also a private one: who types the command names it. The token
// goes nowhere but to the URL's own scheme, host and port, and no redirect leads elsewhere. An error of the server
// keeps its code, message and place.
//
// A server's answers are somebody else's bytes: sizes are bounded, kinds are checked, what is missing reads as empty or
// 0, and whatever is shown goes through visible_write or a JSON writer.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "cli/cli.h"
#include "http/http.h"
#include "model/value.h"

struct afar {
    struct cli *cli;
    struct http *http;
    struct arena arena; // of the answers, until the end of the command
    struct text org;    // that is asked for by name; empty: the token's
};

// Takes server, token and organisation from the command line or the environment. Close it in any case.
bool afar_open(struct cli *cli, struct afar *out, struct error *error);
void afar_close(struct afar *afar);

// A path, part by part, each encoded; the organisation is added to its query by itself. Failures of memory show when it
// is asked.
struct afar_path {
    struct buffer text;
    bool has_query;
};
struct afar_path afar_path(const char *begin); // "/v1/runs", as it is
void afar_path_part(struct afar_path *path, struct text part);
void afar_path_number(struct afar_path *path, int64_t number);
void afar_path_query(struct afar_path *path, const char *name, struct text value);
void afar_path_count(struct afar_path *path, const char *name, int64_t number);
void afar_path_clear(struct afar_path *path);

// Asks and waits for the whole answer, a value in the arena (missing when there is none). Any status but 2xx is an
// error. Clears the path. `body` is JSON; empty: none.
bool afar_ask(struct afar *afar, const char *verb, struct afar_path *path, struct text body, struct value *out,
              struct error *error);

// The same for what is given and taken otherwise: a body of another type, and an answer as its bytes.
bool afar_send(struct afar *afar, const struct http_request *request, struct text *out, struct error *error);

// The whole URL behind the server's, with the organisation, in the arena. Clears the path.
bool afar_url(struct afar *afar, struct afar_path *path, struct text *out, struct error *error);

// Sets the error that an answer with a wrong status stands for. Always returns false.
bool afar_refuse(struct http_call *call, const struct http_head *head, struct arena *arena, struct error *error);

// --- what answers hold ---

// The members of an object by their names; of another kind or not there: empty, 0, false, NULL.
struct text afar_text(const struct object *object, const char *name);
int64_t afar_integer(const struct object *object, const char *name);
bool afar_bool(const struct object *object, const char *name);
int64_t afar_time(const struct object *object, const char *name); // of an ISO 8601 text
const struct object *afar_object(const struct object *object, const char *name);
const struct value *afar_member(const struct object *object, const char *name);

// The answer as an object, or an error that says it is none.
bool afar_take_object(const struct value *answer, const struct object **out, struct error *error);

// Asks for a list page by page ("next" goes into `after`), and gives each item to `on_item`, which returns false with
// an error, or with none (ERROR_NONE) when it has seen enough; an item lives for the call. `path` is asked as it is,
// with limit and after added.
struct afar_list {
    const char *path;        // "/v1/dead"
    const char *name;        // of the list in the answer: "dead"
    const char *filter_name; // a parameter of the query; NULL: none
    struct text filter;
    const char *cursor; // the parameter that goes on: "after"
    int64_t limit;      // 0: all
    bool (*on_item)(void *context, const struct object *item, struct error *error);
    void *context;
};
bool afar_list(struct afar *afar, const struct afar_list *list, struct error *error);

// --- words of the command line ---

// NAME or ORG/NAME of a sync: the organisation goes into afar->org. Two different ones are a mistake.
bool afar_sync(struct afar *afar, const char *word, struct text *name, struct error *error);
bool afar_org(struct afar *afar, struct text org, struct error *error);

#endif
