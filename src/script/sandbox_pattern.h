#ifndef WEIR_SCRIPT_SANDBOX_PATTERN_H
#define WEIR_SCRIPT_SANDBOX_PATTERN_H

// Lua's patterns, matched by a matcher that pays for its work: every attempt costs a step, so a pattern that
// backtracks for ever ends by the step budget like any loop. Lua's own matcher can't be stopped. May raise (a
// malformed pattern, no steps left) and holds nothing.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { PATTERN_CAPTURES_MAX = 32 };

struct pattern_capture {
    const char *start;
    ptrdiff_t length; // or one of the two below
};
enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

struct sandbox;

struct pattern {
    lua_State *lua;
    struct sandbox *sandbox;
    const char *text; // what is searched
    const char *text_end;
    const char *source; // the pattern itself, behind an anchoring ^
    const char *source_end;
    bool anchored;
    int depth; // how many items of the pattern are being tried
    int captures;
    struct pattern_capture capture[PATTERN_CAPTURES_MAX];
};

// `may_anchor` is false where a leading ^ stands for itself.
void pattern_init(struct pattern *pattern, lua_State *lua, struct text text, struct text source, bool may_anchor);

// Where the match that starts at `at` ends, or NULL.
const char *pattern_match(struct pattern *pattern, const char *at);

// Pushes one capture (the whole match for the first when the pattern has none).
void pattern_push_capture(struct pattern *pattern, int index, const char *start, const char *end);

// Pushes all of them and returns how many. `whole` says whether a pattern without captures gives the whole match.
int pattern_push_captures(struct pattern *pattern, const char *start, const char *end, bool whole);

#endif
