#include "script/sandbox_pattern.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "script/sandbox_state.h"

// Items of a pattern that may be open at once: bounds the C stack that a match takes.
enum { DEPTH_MAX = 200 };

static void pay(struct pattern *pattern, size_t steps) {
    struct sandbox *sandbox = pattern->sandbox;
    sandbox->left -= (int64_t)steps;
    if (sandbox->left <= 0) {
        sandbox_spend(pattern->lua, 0); // raises
    }
}

void pattern_init(struct pattern *pattern, lua_State *lua, struct text text, struct text source, bool may_anchor) {
    pattern->lua = lua;
    pattern->sandbox = sandbox_of(lua);
    pattern->text = text.data;
    pattern->text_end = text.data + text.length;
    pattern->anchored = may_anchor && source.length > 0 && source.data[0] == '^';
    pattern->source = source.data + (pattern->anchored ? 1 : 0);
    pattern->source_end = source.data + source.length;
    pattern->depth = 0;
    pattern->captures = 0;
}

// One item that matches a single character: where it ends, and so what repeats it.
struct single {
    const char *start;
    const char *end;
};

// Finds the end of a set: `at` stands behind its [.
static const char *set_end(struct pattern *pattern, const char *at) {
    const char *from = at;
    if (at < pattern->source_end && *at == '^') {
        at++;
    }
    bool first = true; // a ] in the first place stands for itself
    while (at < pattern->source_end && (first || *at != ']')) {
        first = false;
        at += *at == '%' ? 2 : 1;
    }
    if (at >= pattern->source_end) {
        luaL_error(pattern->lua, "malformed pattern (missing ']')");
    }
    pay(pattern, (size_t)(at - from) / 8);
    return at + 1;
}

static struct single read_single(struct pattern *pattern, const char *at) {
    struct single single = {at, at + 1};
    if (*at == '%') {
        if (single.end >= pattern->source_end) {
            luaL_error(pattern->lua, "malformed pattern (ends with '%%')");
        }
        single.end++;
    } else if (*at == '[') {
        single.end = set_end(pattern, at + 1);
    }
    return single;
}

static bool class_has(int letter, int c) {
    bool has;
    switch (tolower(letter)) {
    case 'a':
        has = isalpha(c) != 0;
        break;
    case 'c':
        has = iscntrl(c) != 0;
        break;
    case 'd':
        has = isdigit(c) != 0;
        break;
    case 'g':
        has = isgraph(c) != 0;
        break;
    case 'l':
        has = islower(c) != 0;
        break;
    case 'p':
        has = ispunct(c) != 0;
        break;
    case 's':
        has = isspace(c) != 0;
        break;
    case 'u':
        has = isupper(c) != 0;
        break;
    case 'w':
        has = isalnum(c) != 0;
        break;
    case 'x':
        has = isxdigit(c) != 0;
        break;
    case 'z': // old, and still understood
        has = c == 0;
        break;
    default:
        return letter == c;
    }
    return isupper(letter) ? !has : has;
}

// Whether the set from [ to `end` (behind its ]) holds the character.
static bool set_has(struct pattern *pattern, struct single set, int c) {
    const char *at = set.start + 1;
    const char *last = set.end - 1;
    bool negated = *at == '^';
    if (negated) {
        at++;
    }
    pay(pattern, (size_t)(last - at) / 8);
    while (at < last) {
        if (*at == '%') {
            if (class_has((unsigned char)at[1], c)) {
                return !negated;
            }
            at += 2;
        } else if (last - at > 2 && at[1] == '-') {
            if ((unsigned char)at[0] <= c && c <= (unsigned char)at[2]) {
                return !negated;
            }
            at += 3;
        } else if ((unsigned char)*at++ == c) {
            return !negated;
        }
    }
    return negated;
}

static bool single_has(struct pattern *pattern, struct single single, const char *at) {
    if (at >= pattern->text_end) {
        return false;
    }
    pay(pattern, 1);
    int c = (unsigned char)*at;
    switch (*single.start) {
    case '.':
        return true;
    case '%':
        return class_has((unsigned char)single.start[1], c);
    case '[':
        return set_has(pattern, single, c);
    default:
        return (unsigned char)*single.start == c;
    }
}

static const char *match(struct pattern *pattern, const char *at, const char *source);

static const char *match_longest(struct pattern *pattern, const char *at, struct single single, const char *rest) {
    const char *end = at;
    while (single_has(pattern, single, end)) {
        end++;
    }
    for (;; end--) {
        const char *found = match(pattern, end, rest);
        if (found != NULL || end == at) {
            return found;
        }
    }
}

static const char *match_shortest(struct pattern *pattern, const char *at, struct single single, const char *rest) {
    for (;; at++) {
        const char *found = match(pattern, at, rest);
        if (found != NULL || !single_has(pattern, single, at)) {
            return found;
        }
    }
}

// %bxy: from an x to the y that closes it.
static const char *match_balance(struct pattern *pattern, const char *at, const char *source) {
    if (pattern->source_end - source < 2) {
        luaL_error(pattern->lua, "malformed pattern (missing arguments to '%%b')");
    }
    if (at >= pattern->text_end || *at != source[0]) {
        return NULL;
    }
    size_t open = 1;
    const char *start = at;
    for (at++; at < pattern->text_end; at++) {
        if (*at == source[1]) {
            if (--open == 0) {
                pay(pattern, (size_t)(at - start) / 2);
                return at + 1;
            }
        } else if (*at == source[0]) {
            open++;
        }
    }
    pay(pattern, (size_t)(at - start) / 2);
    return NULL;
}

// %f[set]: the character before is not in the set, this one is. Both ends of the text count as NUL.
static bool at_frontier(struct pattern *pattern, const char *at, struct single set) {
    int before = at > pattern->text ? (unsigned char)at[-1] : 0;
    int here = at < pattern->text_end ? (unsigned char)*at : 0;
    return !set_has(pattern, set, before) && set_has(pattern, set, here);
}

static const char *match_back(struct pattern *pattern, const char *at, char digit) {
    int index = digit - '1';
    if (index < 0 || index >= pattern->captures || pattern->capture[index].length == CAPTURE_OPEN) {
        luaL_error(pattern->lua, "invalid capture index %%%d", index + 1);
    }
    if (pattern->capture[index].length < 0) {
        return NULL; // a position is no text that could come again
    }
    size_t length = (size_t)pattern->capture[index].length;
    pay(pattern, length / 16);
    bool same = (size_t)(pattern->text_end - at) >= length && memcmp(at, pattern->capture[index].start, length) == 0;
    return same ? at + length : NULL;
}

static const char *match_open(struct pattern *pattern, const char *at, const char *source) {
    bool position = source < pattern->source_end && *source == ')';
    if (pattern->captures == PATTERN_CAPTURES_MAX) {
        luaL_error(pattern->lua, "too many captures");
    }
    pattern->capture[pattern->captures++] = (struct pattern_capture){at, position ? CAPTURE_POSITION : CAPTURE_OPEN};
    const char *found = match(pattern, at, position ? source + 1 : source);
    if (found == NULL) {
        pattern->captures--;
    }
    return found;
}

static const char *match_close(struct pattern *pattern, const char *at, const char *source) {
    int index = pattern->captures - 1;
    while (index >= 0 && pattern->capture[index].length != CAPTURE_OPEN) {
        index--;
    }
    if (index < 0) {
        luaL_error(pattern->lua, "invalid pattern capture");
    }
    pattern->capture[index].length = at - pattern->capture[index].start;
    const char *found = match(pattern, at, source);
    if (found == NULL) {
        pattern->capture[index].length = CAPTURE_OPEN;
    }
    return found;
}

// %f needs a set behind it.
static struct single read_frontier(struct pattern *pattern, const char *source) {
    if (source >= pattern->source_end || *source != '[') {
        luaL_error(pattern->lua, "missing '[' after '%%f' in pattern");
    }
    return read_single(pattern, source);
}

// Items that may match in one way only are passed in this loop; what may match in several ways, or must be undone
// when the rest does not match, calls match() again for the rest.
static const char *match_items(struct pattern *pattern, const char *at, const char *source) {
    const char *end = pattern->source_end;
    while (source < end) {
        pay(pattern, 1);
        char kind = *source;
        char escaped = kind == '%' && end - source > 1 ? source[1] : '\0';
        if (kind == '(') {
            return match_open(pattern, at, source + 1);
        }
        if (kind == ')') {
            return match_close(pattern, at, source + 1);
        }
        if (kind == '$' && source + 1 == end) {
            return at == pattern->text_end ? at : NULL;
        }
        if (escaped == 'b') {
            at = match_balance(pattern, at, source + 2);
            source += 4;
        } else if (escaped == 'f') {
            struct single set = read_frontier(pattern, source + 2);
            at = at_frontier(pattern, at, set) ? at : NULL;
            source = set.end;
        } else if (escaped >= '0' && escaped <= '9') {
            at = match_back(pattern, at, escaped);
            source += 2;
        } else {
            struct single single = read_single(pattern, source);
            char repeat = single.end < end ? *single.end : '\0';
            if (repeat == '*') {
                return match_longest(pattern, at, single, single.end + 1);
            }
            if (repeat == '-') {
                return match_shortest(pattern, at, single, single.end + 1);
            }
            bool here = single_has(pattern, single, at);
            if (repeat == '+') {
                return here ? match_longest(pattern, at + 1, single, single.end + 1) : NULL;
            }
            if (repeat == '?') {
                const char *found = here ? match(pattern, at + 1, single.end + 1) : NULL;
                if (found != NULL) {
                    return found;
                }
                source = single.end + 1;
                continue;
            }
            at = here ? at + 1 : NULL;
            source = single.end;
        }
        if (at == NULL) {
            return NULL;
        }
    }
    return at;
}

static const char *match(struct pattern *pattern, const char *at, const char *source) {
    if (source == pattern->source_end) {
        return at;
    }
    if (++pattern->depth > DEPTH_MAX) {
        luaL_error(pattern->lua, "pattern too complex");
    }
    const char *found = match_items(pattern, at, source);
    pattern->depth--;
    return found;
}

const char *pattern_match(struct pattern *pattern, const char *at) {
    pattern->captures = 0;
    pattern->depth = 0;
    pay(pattern, 1);
    return match(pattern, at, pattern->source);
}

void pattern_push_capture(struct pattern *pattern, int index, const char *start, const char *end) {
    if (index >= pattern->captures) {
        if (index != 0) {
            luaL_error(pattern->lua, "invalid capture index %%%d", index + 1);
        }
        lua_pushlstring(pattern->lua, start, (size_t)(end - start));
        return;
    }
    struct pattern_capture capture = pattern->capture[index];
    if (capture.length == CAPTURE_OPEN) {
        luaL_error(pattern->lua, "unfinished capture");
    }
    if (capture.length == CAPTURE_POSITION) {
        lua_pushinteger(pattern->lua, (lua_Integer)(capture.start - pattern->text) + 1);
    } else {
        lua_pushlstring(pattern->lua, capture.start, (size_t)capture.length);
    }
}

int pattern_push_captures(struct pattern *pattern, const char *start, const char *end, bool whole) {
    int count = pattern->captures == 0 && whole ? 1 : pattern->captures;
    luaL_checkstack(pattern->lua, count, "too many captures");
    for (int i = 0; i < count; i++) {
        pattern_push_capture(pattern, i, start, end);
    }
    return count;
}
