#include "format/format_csv_write.h"

#include <inttypes.h>

#include "format/format_json.h"

static bool is_formula(struct text text) {
    return text.length > 0 && text.data[0] != '\0' && strchr("=+-@\t\r", text.data[0]) != NULL;
}

static bool needs_quotes(struct text text, char delimiter) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == delimiter || c == '"' || c == '\n' || c == '\r') {
            return true;
        }
    }
    return false;
}

static void write_quoted(struct buffer *buffer, struct text text, bool formula) {
    buffer_string(buffer, formula ? "\"'" : "\"");
    while (text.length > 0) {
        const char *quote = memchr(text.data, '"', text.length);
        size_t length = quote != NULL ? (size_t)(quote - text.data) + 1 : text.length;
        buffer_append(buffer, text.data, length);
        if (quote != NULL) {
            buffer_byte(buffer, '"');
        }
        text.data += length;
        text.length -= length;
    }
    buffer_byte(buffer, '"');
}

static void write_text(struct buffer *buffer, const struct csv_style *style, struct text text) {
    bool formula = style->people && is_formula(text);
    if (needs_quotes(text, style->delimiter)) {
        write_quoted(buffer, text, formula);
        return;
    }
    if (formula) {
        buffer_byte(buffer, '\'');
    }
    buffer_text(buffer, text);
}

void csv_write_row(struct buffer *buffer, const struct csv_style *style, const struct text *fields, size_t count) {
    size_t start = buffer->length;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_byte(buffer, style->delimiter);
        }
        write_text(buffer, style, fields[i]);
    }
    if (buffer->length == start) {
        buffer_string(buffer, "\"\""); // an empty line would be no row
    }
    buffer_byte(buffer, '\n');
}

static void write_json(struct buffer *buffer, const struct csv_style *style, const struct value *value) {
    struct buffer json;
    buffer_init(&json, buffer->ceiling);
    json_write(&json, value);
    if (json.failed) {
        buffer->failed = true;
    } else {
        write_text(buffer, style, buffer_view(&json));
    }
    buffer_clear(&json);
}

static void write_value(struct buffer *buffer, const struct csv_style *style, const struct value *value) {
    switch ((enum value_kind)value->kind) {
    case VALUE_MISSING:
    case VALUE_NULL:
        break;
    case VALUE_BOOL:
        buffer_string(buffer, value->as.boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        buffer_print(buffer, "%" PRId64, value->as.integer);
        break;
    case VALUE_DECIMAL:
        buffer_text(buffer, value_slice(value));
        break;
    case VALUE_TEXT:
        if (value->length == 0) {
            buffer_string(buffer, "\"\"");
        } else {
            write_text(buffer, style, value_slice(value));
        }
        break;
    case VALUE_LIST:
    case VALUE_OBJECT:
        write_json(buffer, style, value);
        break;
    }
}

void csv_write_values(struct buffer *buffer, const struct csv_style *style, const struct value *values, size_t count) {
    size_t start = buffer->length;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_byte(buffer, style->delimiter);
        }
        write_value(buffer, style, &values[i]);
    }
    if (buffer->length == start) {
        buffer_string(buffer, "\"\"");
    }
    buffer_byte(buffer, '\n');
}
