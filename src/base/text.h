#ifndef WEIR_BASE_TEXT_H
#define WEIR_BASE_TEXT_H

// A slice of bytes that somebody else owns, and small questions about it. A text may hold NUL and is not terminated
// by one. Nothing here allocates or fails.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *data;
    size_t length;
};

// For printf: printf("%.*s", TEXT_ARGS(text)).
#define TEXT_ARGS(text) (int)(text).length, (text).data

#define TEXT_LITERAL(literal) ((struct text){"" literal "", sizeof(literal) - 1})

static inline struct text text_of(const char *string) {
    return (struct text){string, strlen(string)};
}

static inline bool text_same(struct text a, struct text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool text_is(struct text a, const char *string) {
    return text_same(a, text_of(string));
}

// memcmp order, the shorter first when one starts the other.
int text_compare(struct text a, struct text b);

// Without the ASCII white space at both ends.
struct text text_trim(struct text a);

// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms, nothing past U+10FFFF). NUL is allowed.
// On false, `bad` (may be NULL) receives the offset of the first bad byte.
bool text_utf8(struct text a, size_t *bad);

// How many single-character edits turn one into the other, by bytes; for "did you mean". Texts over 64 bytes count
// as wholly different.
size_t text_distance(struct text a, struct text b);

enum { TEXT_INTEGER_MAX = 20 };

// An integer in decimal, in `room`; not terminated.
struct text text_digits(int64_t integer, char room[TEXT_INTEGER_MAX]);

// A whole decimal integer with an optional sign, nothing around it, that fits 64 bits.
bool text_integer(struct text a, int64_t *out);

#endif
