#include "server/upload_preview_table.h"

#include <stdio.h>

#include "base/memory.h"
#include "format/format_csv.h"
#include "format/format_file.h"
#include "format/format_gzip.h"
#include "format/format_text.h"

// A page of rows may hold the longest row there can be, and what it is read from.
enum { LOOK_BYTES = 16 * 1024 * 1024, PAGE_CEILING = 64 * 1024 * 1024, COLUMN_LETTERS = 200 };

// --- so much of a stream and no more ---

struct bounded {
    struct stream stream;
    struct stream *below;
    uint64_t left;
    bool *spent;
};

static bool bounded_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct bounded *bounded = (struct bounded *)stream;
    if (bounded->left == 0) {
        *bounded->spent = true;
        return error_set(error, ERROR_LIMIT, "a preview reads no further");
    }
    bool ok = stream_read(bounded->below, into, room < bounded->left ? room : (size_t)bounded->left, got, error);
    bounded->left -= ok ? *got : 0;
    return ok;
}

static void bounded_close(struct stream *stream) {
    stream_close(((struct bounded *)stream)->below);
    memory_free(stream);
}

// Takes `below` over, on false too.
static bool bounded_open(struct stream *below, bool *spent, struct stream **out, struct error *error) {
    static const struct stream_type type = {bounded_read, NULL, bounded_close};
    struct bounded *bounded = memory_take(sizeof *bounded);
    if (bounded == NULL) {
        stream_close(below);
        return error_memory(error);
    }
    *bounded = (struct bounded){{&type}, below, LOOK_BYTES, spent};
    *out = &bounded->stream;
    return true;
}

bool upload_look_open(const char *path, const char *shown, enum upload_kind kind, bool *spent, struct stream **out,
                      struct error *error) {
    struct file_state state;
    struct stream *stream;
    *spent = false;
    // Packed bytes are bounded too: they may inflate to nothing for a long time.
    bool ok =
        file_state(path, shown, &state, error) && file_open(path, shown, &state, &stream, error) &&
        bounded_open(stream, spent, &stream, error) &&
        (kind < UPLOAD_CSV_GZ || (gzip_open(stream, &stream, error) && bounded_open(stream, spent, &stream, error))) &&
        decode_open(stream, ENCODING_AUTO, &stream, error);
    if (ok) {
        *out = stream;
    }
    return ok;
}

struct text upload_cut(struct text text, size_t most) {
    if (text.length <= most) {
        return text;
    }
    size_t length = most;
    while (length > 0 && most - length < 3 && ((unsigned char)text.data[length] & 0xC0) == 0x80) {
        length--;
    }
    return (struct text){text.data, length};
}

// --- the table ---

struct table {
    const char *path, *shown;
    enum upload_kind kind;
    struct stream *stream;
    struct csv_reader *reader;
    struct batch batch;
    bool spent;
    size_t left; // rows and notes that are still to be put
    struct members *members;
    struct buffer notes; // items of a list: they are told after the rows
    struct members noting;
    struct buffer cell;
};

static void table_close(struct table *table) {
    csv_close(table->reader);
    stream_close(table->stream);
    table->reader = NULL;
    table->stream = NULL;
}

static bool table_open(struct table *table, char delimiter, struct error *error) {
    struct csv_setup setup = {.delimiter = delimiter, .quote = '"', .header = true};
    return (upload_look_open(table->path, table->shown, table->kind, &table->spent, &table->stream, error) &&
            csv_open(&setup, &table->reader, error) && csv_start(table->reader, table->stream, '\0', error)) ||
           error_place(error, "%s", table->shown);
}

static void put_cell(struct table *table, struct members *members, const char *name, struct text cell) {
    struct text cut = upload_cut(cell, UPLOAD_CELL_MAX);
    if (cut.length < cell.length) {
        buffer_reset(&table->cell);
        buffer_text(&table->cell, cut);
        buffer_string(&table->cell, "…");
        table->members->out->failed |= table->cell.failed;
        cut = buffer_view(&table->cell);
    }
    members_text(members, name, cut);
}

static void put_note(struct table *table, uint64_t line, enum error_code code, struct text reason) {
    char number[16];
    snprintf(number, sizeof number, "W%d", (int)code);
    members_open(&table->noting, NULL);
    members_integer(&table->noting, "line", (int64_t)line);
    members_string(&table->noting, "code", code != ERROR_NONE ? number : NULL);
    members_text(&table->noting, "text", reason);
    members_close(&table->noting);
}

// Rows and notes of a page; each of both counts.
static void put_page(struct table *table) {
    const struct batch *batch = &table->batch;
    for (size_t i = 0; i < batch->count && table->left > 0; i++, table->left--) {
        const struct record *record = &batch->records[i];
        members_open(table->members, NULL);
        members_integer(table->members, "line", (int64_t)record->line);
        members_open_list(table->members, "cells");
        for (uint32_t j = 0; j < record->fields.shape->count; j++) {
            put_cell(table, table->members, NULL, value_slice(&record->fields.values[j]));
        }
        members_close_list(table->members);
        members_close(table->members);
    }
    for (size_t i = 0; i < batch->reject_count && table->left > 0; i++, table->left--) {
        const struct reject *reject = &batch->rejects[i];
        put_note(table, reject->line, reject->code, reject->reason);
    }
}

// `more`: what is in the file goes on behind what was put.
static bool put_rows(struct table *table, bool *more, struct error *error) {
    bool end = false, ok = true;
    while (ok && !end && table->left > 0) {
        ok = batch_reset(&table->batch, table->left, error) && csv_read(table->reader, &table->batch, &end, error);
        if (ok) {
            put_page(table);
        }
    }
    *more = !end;
    return ok || table->spent;
}

static char other_delimiter(struct text name) {
    static const char usual[] = {';', '\t', ',', '|'};
    for (size_t i = 0; i < sizeof usual; i++) {
        if (name.length > 0 && memchr(name.data, usual[i], name.length) != NULL) {
            return usual[i];
        }
    }
    return '\0';
}

static bool put_table(struct table *table, struct error *error) {
    char delimiter = table->kind == UPLOAD_TSV || table->kind == UPLOAD_TSV_GZ ? '\t' : ',';
    if (!table_open(table, delimiter, error)) {
        return false;
    }
    const struct shape *shape = csv_columns(table->reader);
    char other = shape->count == 1 ? other_delimiter(shape->names[0]) : '\0';
    if (other != '\0' && other != delimiter) {
        char note[COLUMN_LETTERS];
        table_close(table);
        if (!table_open(table, other, error)) {
            return false;
        }
        shape = csv_columns(table->reader);
        delimiter = other;
        snprintf(note, sizeof note, "the columns are parted by %s: give delimiter = \"%s\"",
                 other == '\t' ? "tabs" : (const char[]){other, '\0'},
                 other == '\t' ? "\\t" : (const char[]){other, '\0'});
        put_note(table, 1, ERROR_NONE, text_of(note));
    }
    members_text(table->members, "delimiter", (struct text){&delimiter, 1});
    members_open_list(table->members, "columns");
    for (uint32_t i = 0; i < shape->count; i++) {
        put_cell(table, table->members, NULL, shape->names[i]);
    }
    members_close_list(table->members);
    bool more = false;
    members_open_list(table->members, "rows");
    bool ok = put_rows(table, &more, error);
    members_close_list(table->members);
    members_close_list(&table->noting);
    members_json(table->members, "notes", buffer_view(&table->notes));
    members_bool(table->members, "more", more);
    return ok || error_place(error, "%s", table->shown);
}

bool upload_preview_table(const char *path, const char *shown, enum upload_kind kind, size_t rows,
                          struct members *members, struct error *error) {
    struct table table = {.path = path, .shown = shown, .kind = kind, .left = rows, .members = members};
    batch_init(&table.batch, PAGE_CEILING);
    buffer_init(&table.notes, members->out->ceiling);
    buffer_init(&table.cell, UPLOAD_CELL_MAX + 8);
    table.noting = members_begin(&table.notes);
    members_open_list(&table.noting, NULL);
    bool ok = put_table(&table, error);
    members->out->failed |= table.notes.failed;
    table_close(&table);
    batch_clear(&table.batch);
    buffer_clear(&table.notes);
    buffer_clear(&table.cell);
    return ok;
}
