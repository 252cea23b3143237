#include "source/source_http_cursor.h"

#include "base/civil.h"
#include "model/decimal.h"
#include "source/source_http_time.h"

#define DAY_US INT64_C(86400000000)

void http_cursor_init(struct http_cursor *cursor, const struct path *path, struct text format,
                      const struct clock *clock) {
    *cursor = (struct http_cursor){.path = *path, .format = format, .future_us = clock_now(clock) + DAY_US};
    buffer_init(&cursor->high, HTTP_CURSOR_BYTES_MAX);
}

void http_cursor_clear(struct http_cursor *cursor) {
    buffer_clear(&cursor->high);
}

struct http_mark http_cursor_text(const struct http_cursor *cursor, struct text text) {
    struct http_mark mark = {.text = text};
    if (text.length > HTTP_CURSOR_BYTES_MAX || memchr(text.data != NULL ? text.data : "", 0, text.length) != NULL) {
        return (struct http_mark){0};
    }
    if (text.length > 0 && cursor->format.length > 0) {
        if (!civil_parse(text, cursor->format, zone_utc(), &mark.us)) {
            return (struct http_mark){0};
        }
        mark.is_future = mark.us > cursor->future_us;
    }
    return mark;
}

struct http_mark http_cursor_mark(const struct http_cursor *cursor, const struct object *record,
                                  char digits[TEXT_INTEGER_MAX]) {
    const struct value *value = cursor->path.names != NULL ? path_find(record, &cursor->path) : NULL;
    if (value == NULL) {
        return (struct http_mark){0};
    }
    switch ((enum value_kind)value->kind) {
    case VALUE_INTEGER:
        return http_cursor_text(cursor, text_digits(value->as.integer, digits));
    case VALUE_DECIMAL:
    case VALUE_TEXT:
        return http_cursor_text(cursor, value_slice(value));
    default:
        return (struct http_mark){0};
    }
}

int http_cursor_compare(const struct http_cursor *cursor, const struct http_mark *a, const struct http_mark *b) {
    if (cursor->format.length > 0) {
        return (a->us > b->us) - (a->us < b->us);
    }
    if (decimal_check(a->text) && decimal_check(b->text)) {
        return decimal_compare(a->text, b->text);
    }
    return text_compare(a->text, b->text);
}

bool http_cursor_take(struct http_cursor *cursor, const struct http_mark *mark, struct error *error) {
    if (mark->text.length == 0) {
        cursor->missing += cursor->path.names != NULL;
        return true;
    }
    if (mark->is_future) {
        cursor->future++;
        return true;
    }
    struct http_mark high = {.text = buffer_view(&cursor->high), .us = cursor->high_us};
    if (high.text.length > 0 && http_cursor_compare(cursor, mark, &high) <= 0) {
        return true;
    }
    buffer_reset(&cursor->high);
    cursor->high_us = mark->us;
    return buffer_text(&cursor->high, mark->text) || error_memory(error);
}

struct value http_cursor_value(struct text text, struct text format) {
    char digits[TEXT_INTEGER_MAX];
    int64_t integer;
    bool is_number = text_integer(text, &integer) && text_same(text_digits(integer, digits), text);
    bool is_epoch = format.length > 6 && memcmp(format.data, "epoch_", 6) == 0;
    return is_number && (format.length == 0 || is_epoch) ? value_integer(integer) : value_text(text);
}

bool http_cursor_back(struct text since, struct text format, int64_t overlap_us, struct buffer *out,
                      struct error *error) {
    int64_t time_us;
    int64_t from_us;
    struct value value = value_text(since);
    char shown[VALUE_SHOW_MAX];
    if (format.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "overlap needs cursor_format, to know how the cursor is written: cursor_format = \"iso\"");
    }
    if (!civil_parse(since, format, zone_utc(), &time_us)) {
        return error_set(error, ERROR_OPTION_TYPE, "the watermark %s is not written as cursor_format = \"%.*s\" says",
                         value_show(&value, shown), TEXT_ARGS(format));
    }
    if (!__builtin_sub_overflow(time_us, overlap_us, &from_us) && http_time_write(from_us, format, since, out)) {
        return true;
    }
    return out->failed ? error_memory(error)
                       : error_set(error, ERROR_OPTION_TYPE, "the watermark %s less the overlap is before the year 1",
                                   value_show(&value, shown));
}
