#include "model/decimal.h"

#include <stdio.h>

// A number taken apart: 0.DIGITS × 10^top, the first and the last digit not 0. Zero has no digits.
//
//     12.50   digits 125, top 2        0.003   digits 3, top -2
struct parts {
    bool negative;
    long top;
    size_t count;
    char digits[DECIMAL_BYTES_MAX];
};

// Where the pieces of a JSON number stand in its text.
struct layout {
    bool negative;
    struct text whole;
    struct text fraction;
    long exponent;
};

static size_t digits_span(struct text text, size_t from) {
    size_t i = from;
    while (i < text.length && text.data[i] >= '0' && text.data[i] <= '9') {
        i++;
    }
    return i;
}

// The exponent from the byte behind the e; false when it is none or beyond the limit. Leading zeros don't count.
static bool exponent_read(struct text text, size_t from, long *out) {
    bool negative = false;
    if (from < text.length && (text.data[from] == '-' || text.data[from] == '+')) {
        negative = text.data[from] == '-';
        from++;
    }
    if (from == text.length || digits_span(text, from) != text.length) {
        return false;
    }
    long sum = 0;
    for (size_t i = from; i < text.length; i++) {
        sum = sum * 10 + (text.data[i] - '0');
        if (sum > DECIMAL_EXPONENT_MAX) {
            return false;
        }
    }
    *out = negative ? -sum : sum;
    return true;
}

// Reads the layout of a JSON number; false when it is none.
static bool layout_read(struct text text, struct layout *out) {
    if (text.length == 0) {
        return false;
    }
    size_t at = text.data[0] == '-' ? 1 : 0;
    size_t stop = digits_span(text, at);
    *out = (struct layout){.negative = at == 1, .whole = {text.data + at, stop - at}};
    if (stop == at || (stop - at > 1 && text.data[at] == '0')) {
        return false;
    }
    at = stop;
    if (at < text.length && text.data[at] == '.') {
        stop = digits_span(text, at + 1);
        out->fraction = (struct text){text.data + at + 1, stop - at - 1};
        if (out->fraction.length == 0) {
            return false;
        }
        at = stop;
    }
    if (at < text.length && (text.data[at] == 'e' || text.data[at] == 'E')) {
        return exponent_read(text, at + 1, &out->exponent);
    }
    return at == text.length;
}

static void parts_read(struct text text, struct parts *out) {
    struct layout layout;
    *out = (struct parts){0};
    if (text.length > DECIMAL_BYTES_MAX || !layout_read(text, &layout)) {
        return; // decimal_check says no to it; here it counts as zero
    }
    memcpy(out->digits, layout.whole.data, layout.whole.length);
    if (layout.fraction.length > 0) {
        memcpy(out->digits + layout.whole.length, layout.fraction.data, layout.fraction.length);
    }
    size_t count = layout.whole.length + layout.fraction.length;
    size_t zeros = 0;
    while (zeros < count && out->digits[zeros] == '0') {
        zeros++;
    }
    while (count > zeros && out->digits[count - 1] == '0') {
        count--;
    }
    out->count = count - zeros;
    if (out->count > 0) {
        memmove(out->digits, out->digits + zeros, out->count);
        out->negative = layout.negative;
        out->top = (long)layout.whole.length - (long)zeros + layout.exponent;
    }
}

bool decimal_check(struct text text) {
    struct layout layout;
    if (text.length > DECIMAL_BYTES_MAX || !layout_read(text, &layout)) {
        return false;
    }
    // Far from the limit nothing has to be taken apart.
    if (layout.exponent <= DECIMAL_EXPONENT_MAX - DECIMAL_BYTES_MAX &&
        layout.exponent >= DECIMAL_BYTES_MAX - DECIMAL_EXPONENT_MAX) {
        return true;
    }
    struct parts parts;
    parts_read(text, &parts);
    return parts.count == 0 || (parts.top - 1 <= DECIMAL_EXPONENT_MAX && parts.top - 1 >= -DECIMAL_EXPONENT_MAX);
}

int decimal_compare(struct text a, struct text b) {
    if (text_same(a, b)) {
        return 0;
    }
    struct parts left;
    struct parts right;
    parts_read(a, &left);
    parts_read(b, &right);
    int left_sign = left.count == 0 ? 0 : left.negative ? -1 : 1;
    int right_sign = right.count == 0 ? 0 : right.negative ? -1 : 1;
    if (left_sign != right_sign || left_sign == 0) {
        return left_sign - right_sign;
    }
    if (left.top != right.top) {
        return left.top > right.top ? left_sign : -left_sign;
    }
    int order = text_compare((struct text){left.digits, left.count}, (struct text){right.digits, right.count});
    return order == 0 ? 0 : order > 0 ? left_sign : -left_sign;
}

// Writes zeros and digits so that `top` digits stand before the point.
static size_t plain_write(const struct parts *parts, char *to) {
    size_t used = 0;
    if (parts->top <= 0) {
        size_t zeros = (size_t)-parts->top;
        to[used++] = '0';
        to[used++] = '.';
        memset(to + used, '0', zeros);
        used += zeros;
        memcpy(to + used, parts->digits, parts->count);
        return used + parts->count;
    }
    size_t top = (size_t)parts->top;
    size_t whole = top < parts->count ? top : parts->count;
    memcpy(to, parts->digits, whole);
    used = whole;
    if (top > parts->count) {
        memset(to + used, '0', top - parts->count);
        used += top - parts->count;
    } else if (top < parts->count) {
        to[used++] = '.';
        memcpy(to + used, parts->digits + whole, parts->count - whole);
        used += parts->count - whole;
    }
    return used;
}

// Large numbers as DIGITSe9, small ones as D.IGITSe-9: neither is ever longer than what was read.
static size_t exponent_write(const struct parts *parts, char *to, size_t room) {
    size_t used = 0;
    long exponent;
    if (parts->top > 0) {
        memcpy(to, parts->digits, parts->count);
        used = parts->count;
        exponent = parts->top - (long)parts->count;
    } else {
        to[used++] = parts->digits[0];
        if (parts->count > 1) {
            to[used++] = '.';
            memcpy(to + used, parts->digits + 1, parts->count - 1);
            used += parts->count - 1;
        }
        exponent = parts->top - 1;
    }
    return used + (size_t)snprintf(to + used, room - used, "e%ld", exponent);
}

bool decimal_plain(struct arena *arena, struct text text, struct text *out) {
    struct parts parts;
    parts_read(text, &parts);
    if (parts.count == 0) {
        *out = TEXT_LITERAL("0");
        return true;
    }
    long count = (long)parts.count;
    long length = parts.top <= 0 ? 2 - parts.top + count : parts.top >= count ? parts.top : count + 1;
    length += parts.negative;
    char room[DECIMAL_BYTES_MAX + 16];
    size_t used = 0;
    if (parts.negative) {
        room[used++] = '-';
    }
    if (length <= DECIMAL_BYTES_MAX) {
        used += plain_write(&parts, room + used);
    } else {
        used += exponent_write(&parts, room + used, sizeof room - used);
    }
    if (used == text.length && memcmp(room, text.data, used) == 0) {
        *out = text;
        return true;
    }
    return arena_text(arena, (struct text){room, used}, out);
}

// Puts the number into JSON's form: no +, no needless zeros before the whole part, digits at both sides of a point.
// Returns its length, 0 when it can't be one.
static size_t mend(struct text text, char to[DECIMAL_BYTES_MAX + 4]) {
    size_t at = 0;
    size_t used = 0;
    if (text.data[0] == '+' || text.data[0] == '-') {
        if (text.data[0] == '-') {
            to[used++] = '-';
        }
        at = 1;
    }
    size_t stop = digits_span(text, at);
    size_t whole = stop - at;
    bool has_fraction = stop + 1 < text.length && text.data[stop] == '.' && digits_span(text, stop + 1) > stop + 1;
    if (whole == 0 && !has_fraction) {
        return 0;
    }
    while (whole > 1 && text.data[at] == '0') {
        at++;
        whole--;
    }
    if (whole == 0) {
        to[used++] = '0';
    }
    memcpy(to + used, text.data + at, whole);
    used += whole;
    at = stop;
    if (at < text.length && text.data[at] == '.' && !has_fraction) {
        at++; // "5." and "5.e3"
    }
    memcpy(to + used, text.data + at, text.length - at);
    return used + text.length - at;
}

bool decimal_read(struct arena *arena, struct text text, struct text *out) {
    text = text_trim(text);
    if (decimal_check(text)) {
        *out = text;
        return true;
    }
    *out = TEXT_LITERAL("");
    if (text.length == 0 || text.length > DECIMAL_BYTES_MAX) {
        return false;
    }
    char room[DECIMAL_BYTES_MAX + 4];
    struct text mended = {room, mend(text, room)};
    if (mended.length == 0 || !decimal_check(mended)) {
        return false;
    }
    if (!arena_text(arena, mended, out)) {
        *out = (struct text){NULL, 0};
        return false;
    }
    return true;
}
