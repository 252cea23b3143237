#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/command_records.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/output.h"

enum { GET_BYTES_MAX = 256 * 1024 * 1024, GET_DEFAULT = 50, COLUMNS_MOST = TABLE_COLUMNS_MAX - 1 };

static bool put_json(const struct record_list *list, const struct home_row *row, struct error *error) {
    struct output output;
    output_init(&output, list->cli);
    output_begin(&output);
    output_integer(&output, "id", row->id);
    output_integer(&output, "seq", row->seq);
    output_text(&output, "origin", row->origin);
    output_fields(&output, list->datatype, row->fields, &row->extra);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static void put_value(struct record_list *list, const struct field *field, const struct value *value) {
    buffer_reset(&list->text);
    if (!value_empty(value)) {
        field_show(&list->text, field, value);
    }
    bool number = value->kind == VALUE_DECIMAL || (value->kind == VALUE_INTEGER && field->type == FIELD_INTEGER);
    list->table.right[list->table.filled % list->table.columns] |= number;
    table_text(&list->table, buffer_view(&list->text));
}

bool record_list_row(struct record_list *list, const struct home_row *row, struct error *error) {
    if (list->limit > 0 && list->count == list->limit) {
        list->more = true; // the scan's limit is one more than ours
        return true;
    }
    list->count++;
    if (list->cli->json) {
        return put_json(list, row, error);
    }
    table_id(&list->table, row->id);
    for (size_t i = 0; i < list->datatype->count && i < COLUMNS_MOST; i++) {
        put_value(list, &list->datatype->fields[i], &row->fields[i]);
    }
    return true;
}

static bool finish_table(struct record_list *list, struct text org, struct error *error) {
    struct buffer out;
    buffer_init(&out, GET_BYTES_MAX);
    bool ok = true;
    size_t left_out = 0;
    if (list->count == 0) {
        buffer_string(&out, "no records\n");
    } else {
        ok = table_write_narrow(&list->table, list->cli->columns, &left_out, &out, error);
    }
    left_out += list->datatype->count > COLUMNS_MOST ? list->datatype->count - COLUMNS_MOST : 0;
    if (list->more) {
        buffer_string(&out, "… and more; --limit 0 shows all\n");
    }
    if (left_out > 0) {
        buffer_print(&out, "%zu more fields do not fit; `weir get %.*s %.*s ID` shows all of a record\n", left_out,
                     TEXT_ARGS(org), TEXT_ARGS(list->datatype->name));
    }
    ok = ok && (!out.failed || error_memory(error)) && cli_write(list->cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

bool record_list_open(struct record_list *list, const struct cli *cli, const struct cli_arguments *arguments,
                      struct error *error) {
    *list = (struct record_list){.cli = cli};
    buffer_init(&list->text, GET_BYTES_MAX);
    return cli_count(arguments, "limit", cli->json ? 0 : GET_DEFAULT, &list->limit, error);
}

void record_list_close(struct record_list *list) {
    if (list->has_table) {
        table_clear(&list->table);
    }
    buffer_clear(&list->text);
}

bool record_list_begin(struct record_list *list, const struct datatype *datatype, struct arena *arena,
                       struct error *error) {
    const char *heads[TABLE_COLUMNS_MAX + 1] = {"ID"};
    list->datatype = datatype;
    for (size_t i = 0; i < datatype->count && i < COLUMNS_MOST; i++) {
        struct text name = datatype->fields[i].name;
        heads[i + 1] = arena_copy(arena, name.data, name.length);
        if (heads[i + 1] == NULL) {
            return error_memory(error);
        }
    }
    table_init(&list->table, heads);
    list->has_table = true;
    return true;
}

bool record_list_end(struct record_list *list, struct text org, struct error *error) {
    return list->cli->json || finish_table(list, org, error);
}

static bool on_record(void *context, const struct home_row *row, struct error *error) {
    return record_list_row(context, row, error);
}

static bool list_records(struct record_list *list, struct cli_place *place, struct error *error) {
    struct scan scan = {.limit = list->limit > 0 ? list->limit + 1 : 0};
    return record_list_begin(list, place->datatype, &place->arena, error) &&
           place->store->type->record_scan(place->store, place->datatype, &scan, on_record, list, error) &&
           record_list_end(list, place->org, error);
}

static void put_pair(struct table *table, struct record_list *list, struct text name, const struct field *field,
                     const struct value *value) {
    buffer_reset(&list->text);
    field_show(&list->text, field, value);
    table_text(table, name);
    table_text(table, buffer_view(&list->text));
}

static bool show_fields(struct record_list *list, const struct home_row *row, struct error *error) {
    struct table table;
    struct buffer out;
    table_init(&table, (const char *const[]){"", "", NULL});
    buffer_init(&out, GET_BYTES_MAX);
    struct value id = value_integer(row->id);
    struct value seq = value_integer(row->seq);
    struct value origin = value_text(row->origin);
    put_pair(&table, list, TEXT_LITERAL("id"), NULL, &id);
    put_pair(&table, list, TEXT_LITERAL("seq"), NULL, &seq);
    put_pair(&table, list, TEXT_LITERAL("origin"), NULL, &origin);
    for (size_t i = 0; i < list->datatype->count; i++) {
        put_pair(&table, list, list->datatype->fields[i].name, &list->datatype->fields[i], &row->fields[i]);
    }
    if (row->extra.kind == VALUE_OBJECT) {
        const struct object *extra = row->extra.as.object;
        for (uint32_t i = 0; i < extra->shape->count; i++) {
            put_pair(&table, list, extra->shape->names[i], NULL, &extra->values[i]);
        }
    }
    bool ok = table_write(&table, 0, &out, error) && cli_write(list->cli, buffer_view(&out), error);
    buffer_clear(&out);
    table_clear(&table);
    return ok;
}

bool record_show(struct record_list *list, const struct home_row *row, struct error *error) {
    return list->cli->json ? put_json(list, row, error) : show_fields(list, row, error);
}

static bool show_record(struct record_list *list, struct cli_place *place, int64_t id, struct error *error) {
    struct home_row row;
    if (!place->store->type->record_find(place->store, list->datatype, id, &place->arena, &row, error)) {
        return false;
    }
    if (row.id == 0) {
        return error_set(error, ERROR_NOT_THERE, "%.*s has no %.*s %lld", TEXT_ARGS(place->org),
                         TEXT_ARGS(list->datatype->name), (long long)id);
    }
    return record_show(list, &row, error);
}

bool record_words_read(const struct cli_arguments *arguments, struct record_words *out, struct error *error) {
    size_t count = arguments->word_count;
    int64_t ignored;
    // A type's name begins with a letter, so a number in the end is the id: [ORG] TYPE [ID].
    bool has_id = count == 3 || (count == 2 && text_integer(text_of(arguments->words[1]), &ignored));
    size_t names = count - has_id;
    *out = (struct record_words){.org = names == 2 ? arguments->words[0] : NULL, .type = arguments->words[names - 1]};
    return !has_id || cli_id(arguments->words[count - 1], "record's id", &out->id, error);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct record_list list;
    struct record_words words;
    cli_place_init(&place);
    bool ok = record_list_open(&list, cli, arguments, &error) && record_words_read(arguments, &words, &error) &&
              cli_place_open(cli, words.org, words.type, HOME_READ, &place, &error);
    list.datatype = place.datatype;
    ok = ok && (words.id > 0 ? show_record(&list, &place, words.id, &error) : list_records(&list, &place, &error));
    record_list_close(&list);
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
    .afar = afar_get,
};
