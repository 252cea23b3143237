#include "store/store_sqlite_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "format/format_json.h"

// How a value stands in a column:
//
//    text     TEXT                          time   INTEGER, microseconds UTC
//    integer  INTEGER                       json   TEXT, JSON
//    decimal  TEXT, the digits as they came ref    INTEGER, the id of a home record
//    bool     INTEGER, 0 or 1               any    NULL for null

const char *sqlite_column_type(enum field_type type) {
    switch (type) {
    case FIELD_TEXT:
    case FIELD_DECIMAL:
    case FIELD_JSON:
        return "TEXT";
    case FIELD_INTEGER:
    case FIELD_BOOL:
    case FIELD_TIME:
    case FIELD_REF:
        return "INTEGER";
    }
    return "TEXT";
}

enum column_form { COLUMN_NULL, COLUMN_INTEGER, COLUMN_TEXT, COLUMN_SCRATCH };

enum { INTEGER_DIGITS = 24 };

// The form a value takes in its column. A SCRATCH text stands in `scratch` until the next call.
static enum column_form column_form(const struct field *field, const struct value *value, struct buffer *scratch,
                                    int64_t *integer, struct text *text) {
    if (value_empty(value)) {
        return COLUMN_NULL;
    }
    if (field->type == FIELD_JSON) {
        buffer_reset(scratch);
        json_write(scratch, value);
        return COLUMN_SCRATCH;
    }
    switch ((enum value_kind)value->kind) {
    case VALUE_BOOL:
        *integer = value->as.boolean ? 1 : 0;
        return COLUMN_INTEGER;
    case VALUE_INTEGER:
        if (field->type == FIELD_DECIMAL) {
            buffer_reset(scratch);
            buffer_print(scratch, "%" PRId64, value->as.integer);
            return COLUMN_SCRATCH;
        }
        *integer = value->as.integer;
        return COLUMN_INTEGER;
    case VALUE_DECIMAL:
    case VALUE_TEXT:
        *text = value_slice(value);
        return COLUMN_TEXT;
    case VALUE_MISSING:
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_OBJECT:
        break;
    }
    assert(false && "a value reached home unchecked");
    return COLUMN_NULL;
}

static bool give_scratch(struct sqlite_query *query, struct buffer *scratch) {
    if (scratch->failed) {
        return false;
    }
    int status = sqlite3_bind_text64(query->statement, ++query->place, scratch->data, scratch->length, SQLITE_TRANSIENT,
                                     SQLITE_UTF8);
    if (query->status == SQLITE_OK) {
        query->status = status;
    }
    return true;
}

bool sqlite_give_value(struct sqlite_query *query, const struct field *field, const struct value *value,
                       struct buffer *scratch) {
    int64_t integer = 0;
    struct text text = {NULL, 0};
    switch (column_form(field, value, scratch, &integer, &text)) {
    case COLUMN_NULL:
        sqlite_give_null(query);
        return true;
    case COLUMN_INTEGER:
        sqlite_give_integer(query, integer);
        return true;
    case COLUMN_TEXT:
        sqlite_give_text(query, text);
        return true;
    case COLUMN_SCRATCH:
        return give_scratch(query, scratch);
    }
    return true;
}

void sqlite_result_value(sqlite3_context *context, const struct field *field, const struct value *value,
                         struct buffer *scratch) {
    int64_t integer = 0;
    struct text text = {NULL, 0};
    switch (column_form(field, value, scratch, &integer, &text)) {
    case COLUMN_NULL:
        break; // what SQLite takes when nothing is said
    case COLUMN_INTEGER:
        sqlite3_result_int64(context, integer);
        break;
    case COLUMN_TEXT:
        sqlite3_result_text64(context, text.data != NULL ? text.data : "", text.length, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case COLUMN_SCRATCH:
        if (scratch->failed) {
            sqlite3_result_error_nomem(context);
        } else {
            sqlite3_result_text64(context, scratch->data, scratch->length, SQLITE_TRANSIENT, SQLITE_UTF8);
        }
        break;
    }
}

bool sqlite_give_json(struct sqlite_query *query, const struct value *value, struct buffer *scratch) {
    if (value->kind == VALUE_MISSING) {
        sqlite_give_null(query);
        return true;
    }
    buffer_reset(scratch);
    json_write(scratch, value);
    return give_scratch(query, scratch);
}

bool sqlite_json_at(sqlite3_stmt *statement, int column, struct arena *arena, struct value *out, struct error *error) {
    *out = (struct value){.kind = VALUE_MISSING};
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        return true;
    }
    struct text text;
    return sqlite_copy_at(statement, column, arena, &text, error) && json_read(text, arena, NULL, out, error);
}

bool sqlite_value_at(sqlite3_stmt *statement, int column, const struct field *field, struct arena *arena,
                     struct value *out, struct error *error) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        *out = value_null();
        return true;
    }
    struct text text;
    switch (field->type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_REF:
        *out = value_integer(sqlite3_column_int64(statement, column));
        return true;
    case FIELD_BOOL:
        *out = value_bool(sqlite3_column_int64(statement, column) != 0);
        return true;
    case FIELD_TEXT:
        if (!sqlite_copy_at(statement, column, arena, &text, error)) {
            return false;
        }
        *out = value_text(text);
        return true;
    case FIELD_DECIMAL:
        if (!sqlite_copy_at(statement, column, arena, &text, error)) {
            return false;
        }
        *out = value_decimal(text);
        return true;
    case FIELD_JSON:
        return sqlite_json_at(statement, column, arena, out, error);
    }
    return true;
}

bool sqlite_literal(struct buffer *buffer, const struct field *field, const struct value *value, struct error *error) {
    struct buffer scratch;
    int64_t integer = 0;
    struct text text = {NULL, 0};
    buffer_init(&scratch, HOME_TEXT_MAX);
    switch (column_form(field, value, &scratch, &integer, &text)) {
    case COLUMN_NULL:
        buffer_string(buffer, "NULL");
        break;
    case COLUMN_INTEGER:
        // Bare digits would be minus a number that 64 bits don't hold; as text they are taken for what they say.
        if (integer == INT64_MIN) {
            buffer_print(buffer, "'%" PRId64 "'", integer);
        } else {
            buffer_print(buffer, "%" PRId64, integer);
        }
        break;
    case COLUMN_SCRATCH:
        text = buffer_view(&scratch);
        buffer->failed = buffer->failed || scratch.failed;
        // fall through
    case COLUMN_TEXT:
        buffer_byte(buffer, '\'');
        for (size_t i = 0; i < text.length; i++) {
            if (text.data[i] == '\'') {
                buffer_byte(buffer, '\'');
            }
            buffer_byte(buffer, text.data[i]);
        }
        buffer_byte(buffer, '\'');
        break;
    }
    buffer_clear(&scratch);
    return !buffer->failed || error_memory(error);
}
