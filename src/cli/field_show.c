#include "cli/field_show.h"

#include "base/civil.h"
#include "format/format_json.h"

static bool is_awaiting(const struct field *field, const struct value *value) {
    if (field == NULL || field->type != FIELD_REF || value->kind != VALUE_LIST || value->length != 3) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (value->as.items[i].kind != VALUE_TEXT) {
            return false;
        }
    }
    return true;
}

void field_show(struct buffer *out, const struct field *field, const struct value *value) {
    char iso[CIVIL_ISO_MAX];
    if (value->kind == VALUE_MISSING) {
        return;
    }
    if (value->kind == VALUE_TEXT) {
        buffer_text(out, value_slice(value));
    } else if (field != NULL && field->type == FIELD_TIME && value->kind == VALUE_INTEGER) {
        civil_iso(value->as.integer, iso);
        buffer_string(out, iso);
    } else if (is_awaiting(field, value)) {
        buffer_text(out, value_slice(&value->as.items[1]));
        buffer_byte(out, ' ');
        buffer_text(out, value_slice(&value->as.items[2]));
        buffer_string(out, " of ");
        buffer_text(out, value_slice(&value->as.items[0]));
    } else {
        json_write(out, value);
    }
}

void time_show(struct buffer *out, int64_t time_us) {
    char iso[CIVIL_ISO_MAX];
    if (time_us == 0) {
        buffer_byte(out, '-');
        return;
    }
    civil_iso(time_us - time_us % 1000000, iso);
    buffer_string(out, iso);
}
