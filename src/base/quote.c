#include "base/quote.h"

// The letter behind the backslash, 'u' for the long form \u00XX; the bytes that need none are never asked for.
static char escape_letter(unsigned char byte) {
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 'u';
    }
}

size_t quote_length(struct text text) {
    size_t length = text.length + 2;
    const char *at = text.data;
    const char *end = at != NULL ? at + text.length : NULL;
    unsigned char seen = 0;
    while (at != end && (at = quote_scan(at, end, &seen)) != end) {
        length += escape_letter((unsigned char)*at) == 'u' ? 5 : 1;
        at++;
    }
    return length;
}

char *quote_write(char *to, struct text text) {
    static const char digits[] = "0123456789abcdef";
    const char *at = text.data;
    const char *end = at != NULL ? at + text.length : NULL;
    *to++ = '"';
    while (at != end) {
        unsigned char seen = 0;
        const char *stop = quote_scan(at, end, &seen);
        memcpy(to, at, (size_t)(stop - at));
        to += stop - at;
        at = stop;
        if (at != end) {
            unsigned char byte = (unsigned char)*at++;
            *to++ = '\\';
            *to++ = escape_letter(byte);
            if (to[-1] == 'u') {
                *to++ = '0';
                *to++ = '0';
                *to++ = digits[byte >> 4];
                *to++ = digits[byte & 15];
            }
        }
    }
    *to++ = '"';
    return to;
}
