#ifndef WEIR_BASE_QUOTE_H
#define WEIR_BASE_QUOTE_H

// JSON strings, the one place that says how a text is escaped: external ids (model/) and JSON itself (format/) must
// agree to the byte. Escaped are the quote, the backslash and the control characters; all else stands for itself.
// Nothing here allocates or fails.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

// How many bytes the text takes as a JSON string, quotes included. Its own length + 2 when nothing is escaped.
size_t quote_length(struct text text);

// Writes the text as a JSON string of quote_length bytes, without a NUL, and returns the byte behind it.
char *quote_write(char *to, struct text text);

// The marks of the bytes of a word that may not stand in a JSON string: those below 0x20, the quote, the backslash.
// A byte's mark is its top bit. A borrow can mark bytes above a true mark wrongly, never below the first.
static inline uint64_t quote_marks(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ (ones * '"');
    uint64_t slash = word ^ (ones * '\\');
    uint64_t marks = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    return marks & (ones * 0x80);
}

// The first byte from `at` on that may not stand in a JSON string as it is, or `end`. The bytes before it are or-ed
// into `seen`, whose bit 7 then says whether any of them is not ASCII.
static inline const char *quote_scan(const char *at, const char *end, unsigned char *seen) {
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t any = 0;
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        uint64_t marks = quote_marks(word);
        if (marks != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            unsigned before = (unsigned)__builtin_ctzll(marks) & ~7U; // bits of the bytes before the mark
            any |= word & ((UINT64_C(1) << before) - 1);
            *seen |= (any & high) != 0 ? 0x80 : 0;
            return at + before / 8;
#else
            break;
#endif
        }
        any |= word;
        at += 8;
    }
    unsigned char tail = (any & high) != 0 ? 0x80 : 0;
    while (at < end) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            break;
        }
        tail |= byte;
        at++;
    }
    *seen |= tail;
    return at;
}

#endif
