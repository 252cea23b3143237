#include "base/text.h"

int text_compare(struct text a, struct text b) {
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0) {
        return order;
    }
    return (a.length > b.length) - (a.length < b.length);
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text a) {
    while (a.length > 0 && is_space(a.data[0])) {
        a.data++;
        a.length--;
    }
    while (a.length > 0 && is_space(a.data[a.length - 1])) {
        a.length--;
    }
    return a;
}

// How many bytes the sequence at `bytes` takes, or 0 when it is not well-formed.
static size_t utf8_sequence(const unsigned char *bytes, size_t left) {
    unsigned char first = bytes[0];
    size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (first == 0xE0 && bytes[1] < 0xA0) || (first == 0xF0 && bytes[1] < 0x90);
    bool surrogate = first == 0xED && bytes[1] > 0x9F;
    bool too_large = first == 0xF4 && bytes[1] > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

bool text_utf8(struct text a, size_t *bad) {
    const unsigned char *bytes = (const unsigned char *)a.data;
    size_t i = 0;
    while (i < a.length) {
        // Eight ASCII bytes at a time: nearly all input is ASCII.
        while (i + 8 <= a.length) {
            uint64_t eight;
            memcpy(&eight, bytes + i, 8);
            if ((eight & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            i += 8;
        }
        if (i == a.length) {
            break;
        }
        if (bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t length = utf8_sequence(bytes + i, a.length - i);
        if (length == 0) {
            if (bad != NULL) {
                *bad = i;
            }
            return false;
        }
        i += length;
    }
    return true;
}

enum { DISTANCE_MAX = 64 };

size_t text_distance(struct text a, struct text b) {
    if (a.length > DISTANCE_MAX || b.length > DISTANCE_MAX) {
        return a.length > b.length ? a.length : b.length;
    }
    size_t row[DISTANCE_MAX + 1];
    for (size_t j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t above = row[j];
            size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
            size_t moved = (above < row[j - 1] ? above : row[j - 1]) + 1;
            row[j] = replaced < moved ? replaced : moved;
            diagonal = above;
        }
    }
    return row[b.length];
}

struct text text_digits(int64_t integer, char room[TEXT_INTEGER_MAX]) {
    char *end = room + TEXT_INTEGER_MAX;
    char *at = end;
    uint64_t left = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (integer < 0) {
        *--at = '-';
    }
    return (struct text){at, (size_t)(end - at)};
}

bool text_integer(struct text a, int64_t *out) {
    size_t i = 0;
    bool negative = false;
    if (a.length > 0 && (a.data[0] == '-' || a.data[0] == '+')) {
        negative = a.data[0] == '-';
        i = 1;
    }
    if (i == a.length) {
        return false;
    }
    uint64_t sum = 0;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    for (; i < a.length; i++) {
        if (a.data[i] < '0' || a.data[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(a.data[i] - '0');
        if (sum > (limit - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}
