#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/output.h"
#include "cli/table.h"

enum { GET_BYTES_MAX = 256 * 1024 * 1024, GET_DEFAULT = 50, COLUMNS_MOST = TABLE_COLUMNS_MAX - 1 };

struct listing {
    const struct cli *cli;
    const struct datatype *datatype;
    struct table *table;
    struct buffer text; // a cell in the making
    int64_t count;
    int64_t limit; // 0: all
    bool more;     // there are more than that
};

static bool put_json(const struct listing *listing, const struct home_row *row, struct error *error) {
    struct output output;
    output_init(&output, listing->cli);
    output_begin(&output);
    output_integer(&output, "id", row->id);
    output_integer(&output, "seq", row->seq);
    output_text(&output, "origin", row->origin);
    output_fields(&output, listing->datatype, row->fields, &row->extra);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static void put_value(struct listing *listing, const struct field *field, const struct value *value) {
    buffer_reset(&listing->text);
    if (!value_empty(value)) {
        field_show(&listing->text, field, value);
    }
    bool number = value->kind == VALUE_DECIMAL || (value->kind == VALUE_INTEGER && field->type == FIELD_INTEGER);
    listing->table->right[listing->table->filled % listing->table->columns] |= number;
    table_text(listing->table, buffer_view(&listing->text));
}

static bool on_record(void *context, const struct home_row *row, struct error *error) {
    struct listing *listing = context;
    if (listing->limit > 0 && listing->count == listing->limit) {
        listing->more = true; // the scan's limit is one more than ours
        return true;
    }
    listing->count++;
    if (listing->cli->json) {
        return put_json(listing, row, error);
    }
    table_id(listing->table, row->id);
    for (size_t i = 0; i < listing->datatype->count && i < COLUMNS_MOST; i++) {
        put_value(listing, &listing->datatype->fields[i], &row->fields[i]);
    }
    return true;
}

static bool finish_table(struct listing *listing, struct text org, struct error *error) {
    struct buffer out;
    buffer_init(&out, GET_BYTES_MAX);
    bool ok = true;
    size_t left_out = 0;
    if (listing->count == 0) {
        buffer_string(&out, "no records\n");
    } else {
        ok = table_write_narrow(listing->table, listing->cli->columns, &left_out, &out, error);
    }
    left_out += listing->datatype->count > COLUMNS_MOST ? listing->datatype->count - COLUMNS_MOST : 0;
    if (listing->more) {
        buffer_string(&out, "… and more; --limit 0 shows all\n");
    }
    if (left_out > 0) {
        buffer_print(&out, "%zu more fields do not fit; `weir get %.*s %.*s ID` shows all of a record\n", left_out,
                     TEXT_ARGS(org), TEXT_ARGS(listing->datatype->name));
    }
    ok = ok && (!out.failed || error_memory(error)) && cli_write(listing->cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

static bool list_records(struct listing *listing, struct cli_place *place, struct error *error) {
    const char *heads[TABLE_COLUMNS_MAX + 1] = {"ID"};
    struct table table;
    struct scan scan = {.limit = listing->limit > 0 ? listing->limit + 1 : 0};
    for (size_t i = 0; i < listing->datatype->count && i < COLUMNS_MOST; i++) {
        struct text name = listing->datatype->fields[i].name;
        heads[i + 1] = arena_copy(&place->arena, name.data, name.length);
        if (heads[i + 1] == NULL) {
            return error_memory(error);
        }
    }
    table_init(&table, heads);
    listing->table = &table;
    bool ok = place->store->type->record_scan(place->store, listing->datatype, &scan, on_record, listing, error) &&
              (listing->cli->json || finish_table(listing, place->org, error));
    table_clear(&table);
    return ok;
}

static void put_pair(struct listing *listing, struct text name, const struct field *field, const struct value *value) {
    buffer_reset(&listing->text);
    field_show(&listing->text, field, value);
    table_text(listing->table, name);
    table_text(listing->table, buffer_view(&listing->text));
}

static bool show_fields(struct listing *listing, const struct home_row *row, struct error *error) {
    struct table table;
    struct buffer out;
    table_init(&table, (const char *const[]){"", "", NULL});
    buffer_init(&out, GET_BYTES_MAX);
    listing->table = &table;
    struct value id = value_integer(row->id);
    struct value seq = value_integer(row->seq);
    struct value origin = value_text(row->origin);
    put_pair(listing, TEXT_LITERAL("id"), NULL, &id);
    put_pair(listing, TEXT_LITERAL("seq"), NULL, &seq);
    put_pair(listing, TEXT_LITERAL("origin"), NULL, &origin);
    for (size_t i = 0; i < listing->datatype->count; i++) {
        put_pair(listing, listing->datatype->fields[i].name, &listing->datatype->fields[i], &row->fields[i]);
    }
    if (row->extra.kind == VALUE_OBJECT) {
        const struct object *extra = row->extra.as.object;
        for (uint32_t i = 0; i < extra->shape->count; i++) {
            put_pair(listing, extra->shape->names[i], NULL, &extra->values[i]);
        }
    }
    bool ok = table_write(&table, 0, &out, error) && cli_write(listing->cli, buffer_view(&out), error);
    buffer_clear(&out);
    table_clear(&table);
    return ok;
}

static bool show_record(struct listing *listing, struct cli_place *place, int64_t id, struct error *error) {
    struct home_row row;
    if (!place->store->type->record_find(place->store, listing->datatype, id, &place->arena, &row, error)) {
        return false;
    }
    if (row.id == 0) {
        return error_set(error, ERROR_NOT_THERE, "%.*s has no %.*s %lld", TEXT_ARGS(place->org),
                         TEXT_ARGS(listing->datatype->name), (long long)id);
    }
    return listing->cli->json ? put_json(listing, &row, error) : show_fields(listing, &row, error);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct listing listing = {.cli = cli};
    size_t count = arguments->word_count;
    int64_t id = 0;
    int64_t ignored;
    // A type's name begins with a letter, so a number in the end is the id: [ORG] TYPE [ID].
    bool has_id = count == 3 || (count == 2 && text_integer(text_of(arguments->words[1]), &ignored));
    size_t names = count - has_id;
    cli_place_init(&place);
    buffer_init(&listing.text, GET_BYTES_MAX);
    bool ok = cli_count(arguments, "limit", cli->json ? 0 : GET_DEFAULT, &listing.limit, &error) &&
              (!has_id || cli_id(arguments->words[count - 1], "record's id", &id, &error)) &&
              cli_place_open(cli, names == 2 ? arguments->words[0] : NULL, arguments->words[names - 1], HOME_READ,
                             &place, &error);
    listing.datatype = place.datatype;
    ok = ok && (has_id ? show_record(&listing, &place, id, &error) : list_records(&listing, &place, &error));
    buffer_clear(&listing.text);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    {"limit", "N", false, "at most N records (default 50, with --json all; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_get = {
    .name = "get",
    .purpose = "show the records of a datatype, or one of them",
    .usage = "[ORG] TYPE [ID]",
    .words_min = 1,
    .words_max = 3,
    .options = options,
    .about = "Times are ISO 8601 in UTC, references the id of the record they mean. With --json a record is one\n"
             "line that `weir put` takes back.\n",
    .examples = "weir get example city\n"
                "weir get example city 7 --json\n",
    .exits = "0124",
    .reports = true,
    .run = run,
};
