#include "store/store_sqlite_internal.h"

// The indexes of a typed table, beside its id:
//
//    weir_key_TYPE          its natural key
//    weir_ref_TYPE.FIELD    a reference, where something of the datatype is derived
//    weir_seq_TYPE          the seqs, where a linkset of the datatype is tracked
//
// A first load into an empty table does without all of them (store_sqlite_link.c says why).

static void key_index(struct buffer *sql, const struct datatype *datatype) {
    if (datatype->key_count == 0) {
        return;
    }
    buffer_string(sql, "CREATE INDEX IF NOT EXISTS \"weir_key_");
    buffer_text(sql, datatype->name);
    buffer_string(sql, "\" ON ");
    sqlite_quote(sql, datatype->name);
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        buffer_byte(sql, i == 0 ? '(' : ',');
        sqlite_key_part(sql, "", field->name, field->type);
    }
    buffer_string(sql, ");");
}

// A change of a record makes those that refer to it stale, if something of theirs is derived. No field has a dot in its
// name.
static void ref_index(struct buffer *sql, struct text datatype, struct text field, bool make) {
    buffer_string(sql, make ? "CREATE INDEX IF NOT EXISTS \"weir_ref_" : "DROP INDEX IF EXISTS \"weir_ref_");
    buffer_text(sql, datatype);
    buffer_byte(sql, '.');
    buffer_text(sql, field);
    buffer_byte(sql, '"');
    if (make) {
        buffer_string(sql, " ON ");
        sqlite_quote(sql, datatype);
        buffer_byte(sql, '(');
        sqlite_quote(sql, field);
        buffer_byte(sql, ')');
    }
    buffer_byte(sql, ';');
}

void sqlite_indexes_make(struct buffer *sql, const struct datatype *datatype) {
    key_index(sql, datatype);
    for (size_t i = 0; i < datatype->count && datatype->derive_count > 0; i++) {
        if (datatype->fields[i].type == FIELD_REF) {
            ref_index(sql, datatype->name, datatype->fields[i].name, true);
        }
    }
}

void sqlite_indexes_drop(struct buffer *sql, const struct datatype *datatype) {
    buffer_string(sql, "DROP INDEX IF EXISTS \"weir_key_");
    buffer_text(sql, datatype->name);
    buffer_string(sql, "\";");
    for (size_t i = 0; i < datatype->count && datatype->derive_count > 0; i++) {
        if (datatype->fields[i].type == FIELD_REF) {
            ref_index(sql, datatype->name, datatype->fields[i].name, false);
        }
    }
}

void sqlite_seq_index(struct buffer *sql, const struct datatype *datatype) {
    buffer_string(sql, "CREATE INDEX IF NOT EXISTS \"weir_seq_");
    buffer_text(sql, datatype->name);
    buffer_string(sql, "\" ON ");
    sqlite_quote(sql, datatype->name);
    buffer_string(sql, "(seq);");
}
