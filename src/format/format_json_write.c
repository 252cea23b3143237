#include <stdlib.h>

#include "base/quote.h"
#include "format/format_json.h"
#include "model/decimal.h"

static void text_write(struct buffer *buffer, struct text text) {
    size_t length = quote_length(text);
    if (buffer_reserve(buffer, length)) {
        quote_write(buffer->data + buffer->length, text);
        buffer->length += length;
    }
}

// Whatever is written alike in both forms.
static void scalar_write(struct buffer *buffer, const struct value *value) {
    char digits[TEXT_INTEGER_MAX];
    switch ((enum value_kind)value->kind) {
    case VALUE_BOOL:
        buffer_text(buffer, value->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false"));
        break;
    case VALUE_INTEGER:
        buffer_text(buffer, text_digits(value->as.integer, digits));
        break;
    case VALUE_DECIMAL:
        buffer_text(buffer, value_slice(value));
        break;
    case VALUE_TEXT:
        text_write(buffer, value_slice(value));
        break;
    default:
        buffer_text(buffer, TEXT_LITERAL("null"));
        break;
    }
}

void json_write(struct buffer *buffer, const struct value *value) {
    if (value->kind == VALUE_LIST) {
        buffer_byte(buffer, '[');
        for (uint32_t i = 0; i < value->length && !buffer->failed; i++) {
            if (i > 0) {
                buffer_byte(buffer, ',');
            }
            json_write(buffer, &value->as.items[i]);
        }
        buffer_byte(buffer, ']');
    } else if (value->kind == VALUE_OBJECT) {
        const struct object *object = value->as.object;
        char before = '{';
        for (uint32_t i = 0; i < object->shape->count && !buffer->failed; i++) {
            if (object->values[i].kind != VALUE_MISSING) {
                buffer_byte(buffer, before);
                text_write(buffer, object->shape->names[i]);
                buffer_byte(buffer, ':');
                json_write(buffer, &object->values[i]);
                before = ',';
            }
        }
        if (before == '{') {
            buffer_byte(buffer, '{');
        }
        buffer_byte(buffer, '}');
    } else {
        scalar_write(buffer, value);
    }
}

struct member {
    struct text name;
    const struct value *value;
};

static int member_order(const void *a, const void *b) {
    return text_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static bool object_canonical(struct buffer *buffer, const struct object *object, struct arena *scratch) {
    struct member *members = arena_take_zero(scratch, object->shape->count, sizeof *members);
    if (members == NULL) {
        return false;
    }
    size_t count = 0;
    bool is_sorted = true;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (object->values[i].kind != VALUE_MISSING) {
            members[count] = (struct member){object->shape->names[i], &object->values[i]};
            is_sorted = is_sorted && (count == 0 || member_order(&members[count - 1], &members[count]) < 0);
            count++;
        }
    }
    if (!is_sorted) {
        qsort(members, count, sizeof *members, member_order);
    }
    buffer_byte(buffer, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_byte(buffer, ',');
        }
        text_write(buffer, members[i].name);
        buffer_byte(buffer, ':');
        if (!json_write_canonical(buffer, members[i].value, scratch)) {
            return false;
        }
    }
    return buffer_byte(buffer, '}');
}

bool json_write_canonical(struct buffer *buffer, const struct value *value, struct arena *scratch) {
    struct text plain;
    switch ((enum value_kind)value->kind) {
    case VALUE_LIST:
        buffer_byte(buffer, '[');
        for (uint32_t i = 0; i < value->length; i++) {
            if (i > 0) {
                buffer_byte(buffer, ',');
            }
            if (!json_write_canonical(buffer, &value->as.items[i], scratch)) {
                return false;
            }
        }
        return buffer_byte(buffer, ']');
    case VALUE_OBJECT:
        return object_canonical(buffer, value->as.object, scratch);
    case VALUE_DECIMAL:
        return decimal_plain(scratch, value_slice(value), &plain) && buffer_text(buffer, plain);
    default:
        scalar_write(buffer, value);
        return !buffer->failed;
    }
}
