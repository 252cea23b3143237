#include <arpa/inet.h>
#include <string.h>

#include "http/http.h"

enum { RANGE_TEXT_MAX = 64, BITS_OF_IPV4_PREFIX = 96, BITS_MAX = 128 };

bool http_range_read(struct text text, struct http_range *out) {
    char host[RANGE_TEXT_MAX];
    unsigned bits = 0;
    const char *slash = memchr(text.data, '/', text.length);
    size_t length = slash != NULL ? (size_t)(slash - text.data) : text.length;
    if (length == 0 || length >= sizeof host || memchr(text.data, 0, length) != NULL) {
        return false;
    }
    memcpy(host, text.data, length);
    host[length] = '\0';
    struct in_addr four;
    *out = (struct http_range){.bits = BITS_MAX};
    unsigned width = BITS_MAX;
    if (inet_pton(AF_INET, host, &four) == 1) {
        out->address[10] = out->address[11] = 0xff;
        memcpy(out->address + 12, &four, sizeof four);
        width = 32;
    } else if (inet_pton(AF_INET6, host, out->address) != 1) {
        return false;
    }
    if (slash == NULL) {
        return true;
    }
    size_t digits = text.length - length - 1;
    if (digits == 0 || digits > 3) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        char digit = slash[1 + i];
        if (digit < '0' || digit > '9') {
            return false;
        }
        bits = bits * 10 + (unsigned)(digit - '0');
    }
    out->bits = width == BITS_MAX ? bits : bits + BITS_OF_IPV4_PREFIX;
    return bits <= width;
}
