#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

// What went wrong, how far the damage reaches, and what to do about it.
//
// A function that can fail returns bool and fills the `struct error` its caller gave. An error is set once,
// where it is first seen, and only passed on after that; error_wrap may add where it happened. Setting an error
// never allocates and can't fail: a message too long for its place is cut. "Not found" is data, not an error,
// and a mistake of the programmer is an assertion.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How far the damage reaches: one record goes to the dead letters, one batch is tried again, a source or the
// whole run ends.
enum error_scope { ERROR_RECORD, ERROR_BATCH, ERROR_SOURCE, ERROR_RUN };

// Whether trying the same again can help: never, after a wait, or at once.
enum error_retry { RETRY_NEVER, RETRY_LATER, RETRY_NOW };

// One name a row of error_list.def; the number behind `W` is stable for ever.
enum error_code {
    ERROR_NONE = 0,
#define ERROR_ROW(name, number, scope, retry, title, help) ERROR_##name = (number),
#include "base/error_list.def"
#undef ERROR_ROW
};

enum { ERROR_MESSAGE_MAX = 480, ERROR_PLACE_MAX = 160 };

struct error {
    enum error_code code;
    enum error_scope scope;
    enum error_retry retry;
    int64_t after_us;                // trying again is no use before this time of our clock; 0: nobody said
    char place[ERROR_PLACE_MAX];     // where: "readings.csv line 12, column value"; empty when unknown
    char message[ERROR_MESSAGE_MAX]; // one line: what happened and, with it, what to do
};

// One row of the error list, for the docs and for `weir help W1203`.
struct error_info {
    enum error_code code;
    enum error_scope scope;
    enum error_retry retry;
    const char *title;
    const char *help;
};

// Fills `error` from the code's row and the formatted message. Always returns false, so that a function can end
// with `return error_set(...)`. `error` may be NULL.
bool error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same with errno's text behind the message: "cannot open readings.csv: No such file or directory".
bool error_set_errno(struct error *error, enum error_code code, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Says where it happened, if nothing said so before. Always returns false.
bool error_place(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Out of memory, in a form that needs none. Always returns false.
bool error_memory(struct error *error);

void error_clear(struct error *error);

// The row of a code, or NULL when there is none.
const struct error_info *error_info(enum error_code code);

// The whole list, in the order of the codes; `count` receives its length.
const struct error_info *error_list(size_t *count);

#endif
