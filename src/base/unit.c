#include "base/unit.h"

#include <stddef.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit spans[] = {
    {"ms", 1000},
    {"s", 1000000},
    {"m", 60 * 1000000ll},
    {"h", 3600 * 1000000ll},
    {"d", 86400 * 1000000ll},
    {"w", 7 * 86400 * 1000000ll},
};

static const struct unit sizes[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"KiB", 1024},
    {"MiB", 1024 * 1024},
    {"GiB", 1024ll * 1024 * 1024},
};

enum { DIGITS_MAX = 9 };

static bool unit_read(struct text text, const struct unit *units, size_t count, int64_t *out) {
    int64_t number = 0;
    size_t digits = 0;
    while (digits < text.length && digits <= DIGITS_MAX && text.data[digits] >= '0' && text.data[digits] <= '9') {
        number = number * 10 + (text.data[digits++] - '0');
    }
    if (digits == 0 || digits > DIGITS_MAX || number == 0) {
        return false;
    }
    struct text name = {text.data + digits, text.length - digits};
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, units[i].name)) {
            return !__builtin_mul_overflow(number, units[i].factor, out);
        }
    }
    return false;
}

bool span_read(struct text text, int64_t *span_us) {
    return unit_read(text, spans, sizeof spans / sizeof *spans, span_us);
}

bool size_read(struct text text, int64_t *bytes) {
    return unit_read(text, sizes, sizeof sizes / sizeof *sizes, bytes);
}
