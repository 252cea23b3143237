// `weir get`, `weir put`, `weir delete` and `weir links` at a server.

#include "cli/afar.h"
#include "cli/afar_commands.h"
#include "cli/command_links.h"
#include "cli/command_records.h"
#include "cli/listing.h"
#include "format/format_json.h"

enum { RECORD_BYTES_MAX = 64 * 1024 * 1024 };

static bool take_org(struct afar *afar, const char *org, struct error *error) {
    return org == NULL || afar_org(afar, text_of(org), error);
}

// --- the datatype ---

static bool read_fields(struct afar *afar, const struct value *list, struct datatype *out, struct error *error) {
    struct field *fields = arena_take_zero(&afar->arena, list->length + 1, sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < list->length; i++) {
        const struct object *field;
        if (!afar_take_object(&list->as.items[i], &field, error)) {
            return false;
        }
        fields[i].name = afar_text(field, "name");
        fields[i].target = afar_text(field, "target");
        // A type that a newer server may have is shown as it comes.
        if (!field_type_find(afar_text(field, "type"), &fields[i].type)) {
            fields[i].type = FIELD_JSON;
        }
    }
    out->fields = fields;
    out->count = list->length;
    out->keeps_extra = true;
    return true;
}

static bool find_type(struct afar *afar, const char *name, struct datatype *out, struct error *error) {
    struct afar_path path = afar_path("/v1/home");
    struct value answer;
    const struct object *object;
    if (!afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *types = afar_member(object, "types");
    struct cli_nearest nearest = {.word = text_of(name)};
    for (uint32_t i = 0; types != NULL && types->kind == VALUE_LIST && i < types->length; i++) {
        const struct object *type;
        if (!afar_take_object(&types->as.items[i], &type, error)) {
            return false;
        }
        struct text found = afar_text(type, "name");
        const struct value *fields = afar_member(type, "fields");
        if (text_is(found, name) && fields != NULL && fields->kind == VALUE_LIST) {
            *out = (struct datatype){.name = found};
            return read_fields(afar, fields, out, error);
        }
        const char *offered = arena_copy(&afar->arena, found.data, found.length);
        cli_nearest_offer(&nearest, offered != NULL ? offered : "");
    }
    const char *meant = cli_nearest_name(&nearest);
    return error_set(error, ERROR_NOT_THERE, "there is no datatype '%s'%s%s%s", name,
                     meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "", meant != NULL ? "?" : "");
}

// --- get ---

static const struct field *field_named(const struct datatype *datatype, struct text name, size_t *place) {
    for (size_t i = 0; i < datatype->count; i++) {
        if (text_same(datatype->fields[i].name, name)) {
            *place = i;
            return &datatype->fields[i];
        }
    }
    return NULL;
}

// A record's JSON as a row of home; what is no field stands in `extra`.
static bool read_record(const struct object *record, const struct datatype *datatype, struct arena *arena,
                        struct home_row *out, struct error *error) {
    static const struct shape no_names = {0, NULL};
    static const struct object nothing = {&no_names, NULL};
    const struct object *fields = afar_object(record, "fields");
    fields = fields != NULL ? fields : &nothing;
    uint32_t count = fields->shape->count;
    struct text *names = arena_take_zero(arena, count + 1, sizeof *names);
    struct value *values = arena_take_zero(arena, count + 1, sizeof *values);
    struct shape *shape = arena_take_zero(arena, 1, sizeof *shape);
    struct object *extra = arena_take_zero(arena, 1, sizeof *extra);
    *out = (struct home_row){
        .id = afar_integer(record, "id"), .seq = afar_integer(record, "seq"), .origin = afar_text(record, "origin")};
    out->fields = arena_take_zero(arena, datatype->count + 1, sizeof *out->fields);
    if (names == NULL || values == NULL || shape == NULL || extra == NULL || out->fields == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        out->fields[i] = value_null();
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t place;
        const struct field *field = field_named(datatype, fields->shape->names[i], &place);
        if (field == NULL) {
            names[shape->count] = fields->shape->names[i];
            values[shape->count++] = fields->values[i];
        } else if (!field_take(field, &fields->values[i], arena, &out->fields[place], error)) {
            return false;
        }
    }
    shape->names = names;
    *extra = (struct object){shape, values};
    if (shape->count > 0) {
        out->extra = value_object(extra);
    }
    return true;
}

struct getting {
    struct record_list *list;
    struct arena arena; // of one record
};

static bool on_record(void *context, const struct object *record, struct error *error) {
    struct getting *getting = context;
    struct home_row row;
    arena_reset(&getting->arena);
    return read_record(record, getting->list->datatype, &getting->arena, &row, error) &&
           record_list_row(getting->list, &row, error);
}

static bool list_records(struct afar *afar, struct record_list *list, const struct datatype *datatype,
                         struct error *error) {
    struct getting getting = {.list = list};
    struct afar_path path = afar_path("/v1/home");
    struct text where = {"", 0};
    afar_path_part(&path, datatype->name);
    buffer_byte(&path.text, '\0');
    bool ok = !path.text.failed && arena_text(&afar->arena, buffer_view(&path.text), &where);
    afar_path_clear(&path);
    struct afar_list asked = {.path = where.data,
                              .name = "records",
                              .cursor = "after",
                              .limit = list->limit > 0 ? list->limit + 1 : 0,
                              .on_item = on_record,
                              .context = &getting};
    arena_init(&getting.arena, RECORD_BYTES_MAX);
    ok = (ok || error_memory(error)) && record_list_begin(list, datatype, &afar->arena, error) &&
         afar_list(afar, &asked, error) && record_list_end(list, afar->org, error);
    arena_clear(&getting.arena);
    return ok;
}

static bool show_record(struct afar *afar, struct record_list *list, const struct datatype *datatype, int64_t id,
                        struct error *error) {
    struct afar_path path = afar_path("/v1/home");
    struct value answer;
    const struct object *record;
    struct home_row row;
    list->datatype = datatype;
    afar_path_part(&path, datatype->name);
    afar_path_number(&path, id);
    return afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) &&
           afar_take_object(&answer, &record, error) && read_record(record, datatype, &afar->arena, &row, error) &&
           record_show(list, &row, error);
}

enum cli_exit afar_get(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct record_list list;
    struct record_words words;
    struct datatype datatype;
    bool opened = afar_open(cli, &afar, &error);
    bool ok = record_list_open(&list, cli, arguments, opened ? &error : &(struct error){0}) && opened &&
              record_words_read(arguments, &words, &error) && take_org(&afar, words.org, &error) &&
              find_type(&afar, words.type, &datatype, &error) &&
              (words.id > 0 ? show_record(&afar, &list, &datatype, words.id, &error)
                            : list_records(&afar, &list, &datatype, &error));
    record_list_close(&list);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- put ---

struct putting {
    struct afar afar; // with an arena of its own, that is emptied with each record
    const char *type;
};

// The id goes into the path, the rest into the body.
static bool write_fields(const struct object *fields, struct arena *arena, struct buffer *body, int64_t *id,
                         struct error *error) {
    uint32_t count = fields->shape->count;
    struct text *names = arena_take(arena, (count + 1) * sizeof *names);
    struct value *values = arena_take(arena, (count + 1) * sizeof *values);
    struct shape shape = {0, names};
    *id = 0;
    if (names == NULL || values == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct value *value = &fields->values[i];
        if (!text_is(fields->shape->names[i], "id")) {
            names[shape.count] = fields->shape->names[i];
            values[shape.count++] = *value;
        } else if (value->kind == VALUE_INTEGER && value->as.integer > 0) {
            *id = value->as.integer;
        } else if (!value_empty(value)) {
            return error_set(error, ERROR_FIELD_TYPE, "id is a whole number from 1 up");
        }
    }
    struct object object = {&shape, values};
    struct value whole = value_object(&object);
    json_write(body, &whole);
    return !body->failed || error_memory(error);
}

static bool put_there(void *context, const struct object *fields, struct arena *arena, int64_t *id,
                      enum put_outcome *outcome, bool *ends, struct error *error) {
    struct putting *putting = context;
    struct afar_path path = afar_path("/v1/home");
    struct buffer body;
    struct value answer;
    const struct object *object = NULL;
    int64_t given;
    arena_reset(&putting->afar.arena);
    buffer_init(&body, RECORD_BYTES_MAX);
    afar_path_part(&path, text_of(putting->type));
    bool ok = write_fields(fields, arena, &body, &given, error);
    if (ok) {
        if (given > 0) {
            afar_path_number(&path, given);
        }
        ok = afar_ask(&putting->afar, given > 0 ? "PATCH" : "POST", &path, buffer_view(&body), &answer, error) &&
             afar_take_object(&answer, &object, error);
        // What is wrong with a record is its own; what is wrong with the server stands in the way of all.
        *ends = !ok && (error->code / 1000 == 3 || error->code / 1000 == 7 || cli_exit_of(error) == CLI_HOME);
    } else {
        afar_path_clear(&path);
    }
    buffer_clear(&body);
    struct text became = afar_text(object, "outcome");
    *outcome = text_is(became, "created") ? PUT_CREATED : text_is(became, "updated") ? PUT_UPDATED : PUT_UNCHANGED;
    *id = afar_integer(object, "id");
    return ok;
}

enum cli_exit afar_put(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct datatype datatype;
    int64_t refused = 0;
    struct putting putting = {.type = arguments->words[arguments->word_count - 1]};
    struct put_way way = {put_there, &putting};
    arena_init(&putting.afar.arena, RECORD_BYTES_MAX);
    bool ok = afar_open(cli, &afar, &error) &&
              take_org(&afar, arguments->word_count > 1 ? arguments->words[0] : NULL, &error) &&
              find_type(&afar, putting.type, &datatype, &error);
    if (ok) {
        struct arena own = putting.afar.arena;
        putting.afar = afar;
        putting.afar.arena = own;
        ok = put_lines(cli, &way, &refused, &error);
    }
    arena_clear(&putting.afar.arena);
    afar_close(&afar);
    return !ok ? cli_fail(cli, &error) : refused > 0 ? CLI_FAILED : CLI_DONE;
}

// --- delete ---

enum cli_exit afar_delete(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct record_words words;
    struct value answer;
    struct afar_path path = afar_path("/v1/home");
    bool ok = afar_open(cli, &afar, &error) && record_words_read(arguments, &words, &error) &&
              (words.id > 0 || error_set(&error, ERROR_USAGE, "which one? weir delete [ORG] TYPE ID")) &&
              take_org(&afar, words.org, &error);
    if (ok) {
        afar_path_part(&path, text_of(words.type));
        afar_path_number(&path, words.id);
        ok = afar_ask(&afar, "DELETE", &path, TEXT_LITERAL(""), &answer, &error) &&
             tell_deleted(cli, afar.org, text_of(words.type), words.id, &error);
    } else {
        afar_path_clear(&path);
    }
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- links ---

static bool show_link(struct listing *listing, const struct object *link, int64_t id, struct error *error) {
    int64_t home = id > 0 ? id : afar_integer(link, "id");
    return links_row(listing, afar_text(link, "datasource"), afar_text(link, "external"), home, NULL, error);
}

static bool find_links(struct afar *afar, struct listing *listing, const struct cli_arguments *arguments,
                       struct error *error) {
    const char *external = cli_value(arguments, "external");
    const char *datasource = cli_value(arguments, "datasource");
    struct afar_path path = afar_path("/v1/links");
    struct value answer;
    const struct object *object;
    int64_t id;
    if (!cli_count(arguments, "record", 0, &id, error)) {
        return false;
    }
    if ((external != NULL) == (id > 0)) {
        return error_set(error, ERROR_USAGE, "a server is asked for one record's links: --record ID or --external ID");
    }
    afar_path_query(&path, "type", text_of(arguments->words[arguments->word_count - 1]));
    if (external != NULL) {
        afar_path_query(&path, "external", text_of(external));
    } else {
        afar_path_count(&path, "id", id);
    }
    if (!afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *links = afar_member(object, "links");
    for (uint32_t i = 0; links != NULL && links->kind == VALUE_LIST && i < links->length; i++) {
        const struct object *link;
        if (!afar_take_object(&links->as.items[i], &link, error)) {
            return false;
        }
        bool meant = datasource == NULL || text_is(afar_text(link, "datasource"), datasource);
        if (meant && !show_link(listing, link, id, error)) {
            return false;
        }
    }
    return listing_finish(listing, "no links", "", error);
}

enum cli_exit afar_links(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct listing listing;
    listing_init(&listing, cli, links_heads);
    bool ok = afar_open(cli, &afar, &error) &&
              take_org(&afar, arguments->word_count > 1 ? arguments->words[0] : NULL, &error) &&
              listing_limit(&listing, arguments, 0, &error) && find_links(&afar, &listing, arguments, &error);
    listing_close(&listing);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}
