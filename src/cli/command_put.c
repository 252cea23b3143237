#include <unistd.h>

#include "cli/afar_commands.h"
#include "cli/cli_derive.h"
#include "cli/cli_home.h"
#include "cli/command_records.h"
#include "cli/commands.h"
#include "cli/input_lines.h"
#include "cli/output.h"
#include "engine/edit.h"
#include "format/format_json.h"

enum { PUT_BYTES_MAX = 256 * 1024 * 1024 };

struct putting {
    struct cli *cli;
    const struct put_way *way;
    struct arena arena; // of one line
    int64_t counts[PUT_UNCHANGED + 1];
    int64_t refused;
};

// `weir get --json` gives these beside the fields; they are home's own and not to be edited.
static bool is_homes_own(struct text name) {
    return text_is(name, "seq") || text_is(name, "origin");
}

static bool drop_own(struct arena *arena, const struct object *object, struct object *out, struct error *error) {
    uint32_t count = object->shape->count;
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, (count + 1) * sizeof *names);
    struct value *values = arena_take(arena, (count + 1) * sizeof *values);
    if (shape == NULL || names == NULL || values == NULL) {
        return error_memory(error);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_homes_own(object->shape->names[i])) {
            names[kept] = object->shape->names[i];
            values[kept++] = object->values[i];
        }
    }
    *shape = (struct shape){kept, names};
    *out = (struct object){shape, values};
    return true;
}

static bool put_line(struct putting *putting, struct text line, int64_t *id, const char **outcome, bool *ends,
                     struct error *error) {
    static const char *const names[] = {
        [PUT_CREATED] = "created", [PUT_UPDATED] = "updated", [PUT_UNCHANGED] = "unchanged"};
    struct value value;
    struct object fields;
    enum put_outcome became;
    if (!json_read(line, &putting->arena, NULL, &value, error)) {
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_JSON_SYNTAX, "a record is a JSON object, not %s", value_kind_name(value.kind));
    }
    if (!drop_own(&putting->arena, value.as.object, &fields, error) ||
        !putting->way->put(putting->way->context, &fields, &putting->arena, id, &became, ends, error)) {
        return false;
    }
    *outcome = names[became];
    putting->counts[became]++;
    return true;
}

static bool tell(const struct putting *putting, int64_t line, int64_t id, const char *outcome,
                 const struct error *refused, struct error *error) {
    const struct cli *cli = putting->cli;
    if (!cli->json) {
        if (refused != NULL) {
            cli_error_show(cli, refused);
        } else {
            fprintf(cli->out, "line %lld: %s, id %lld\n", (long long)line, outcome, (long long)id);
        }
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, "line", line);
    output_string(&output, "outcome", outcome);
    if (refused != NULL) {
        output_error(&output, refused);
    } else {
        output_integer(&output, "id", id);
    }
    bool ok = output_end(&output, error);
    fflush(cli->out); // whoever feeds the lines may wait for the answer
    output_clear(&output);
    return ok;
}

static void place_line(struct error *error, int64_t line) {
    char place[ERROR_PLACE_MAX];
    snprintf(place, sizeof place, "%s", error->place);
    error->place[0] = '\0';
    error_place(error, "line %lld%s%s", (long long)line, place[0] != '\0' ? ", " : "", place);
}

// A record that is refused is reported and the next one follows; a home that can't be used ends it.
static bool put_all(struct putting *putting, struct input_lines *lines, struct error *error) {
    while (true) {
        enum input_found found;
        struct text line;
        struct error refused;
        int64_t id = 0;
        bool ends = false;
        const char *outcome = "refused";
        if (!input_lines_next(lines, &found, &line, error)) {
            return false;
        }
        if (found == INPUT_END) {
            return true;
        }
        if (found == INPUT_LINE && text_trim(line).length == 0) {
            continue;
        }
        arena_reset(&putting->arena);
        bool ok = found == INPUT_LINE
                      ? put_line(putting, line, &id, &outcome, &ends, &refused)
                      : error_set(&refused, ERROR_LIMIT, "the line is longer than %d MiB", INPUT_LINE_MAX / 1048576);
        if (!ok) {
            place_line(&refused, lines->line);
            putting->refused++;
            if (ends || refused.code == ERROR_MEMORY) {
                *error = refused;
                return false;
            }
        }
        if (!tell(putting, lines->line, id, outcome, ok ? NULL : &refused, error)) {
            return false;
        }
    }
}

bool put_lines(struct cli *cli, const struct put_way *way, int64_t *refused, struct error *error) {
    struct putting putting = {.cli = cli, .way = way};
    struct input_lines lines;
    arena_init(&putting.arena, PUT_BYTES_MAX);
    input_lines_init(&lines, fileno(cli->in));
    bool ok = put_all(&putting, &lines, error);
    if (!cli->json) {
        fprintf(cli->out, "%lld created, %lld updated, %lld unchanged, %lld refused\n",
                (long long)putting.counts[PUT_CREATED], (long long)putting.counts[PUT_UPDATED],
                (long long)putting.counts[PUT_UNCHANGED], (long long)putting.refused);
    }
    *refused = putting.refused;
    input_lines_clear(&lines);
    arena_clear(&putting.arena);
    return ok;
}

// Into a home here.
static bool put_here(void *context, const struct object *fields, struct arena *arena, int64_t *id,
                     enum put_outcome *outcome, bool *ends, struct error *error) {
    const struct edit *edit = context;
    bool created;
    bool changed;
    (void)arena;
    if (!edit_put(edit, fields, id, &created, &changed, error)) {
        *ends = cli_exit_of(error) == CLI_HOME;
        return false;
    }
    *outcome = created ? PUT_CREATED : changed ? PUT_UPDATED : PUT_UNCHANGED;
    return true;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct edit edit;
    struct put_way way = {put_here, &edit};
    int64_t refused = 0;
    const char *org = arguments->word_count > 1 ? arguments->words[0] : NULL;
    const char *type = arguments->words[arguments->word_count - 1];
    cli_place_init(&place);
    bool ok = cli_place_open(cli, org, type, HOME_EDIT, &place, &error);
    if (ok) {
        edit = (struct edit){place.store, place.datatype, cli->clock, TEXT_LITERAL("put"), 0};
        ok = put_lines(cli, &way, &refused, &error);
        cli_derive_child(cli, place.org, place.store);
    }
    cli_place_clear(&place);
    return !ok ? cli_fail(cli, &error) : refused > 0 ? CLI_FAILED : CLI_DONE;
}

const struct command command_put = {
    .name = "put",
    .purpose = "put records into home, from JSON lines on standard input",
    .usage = "[ORG] TYPE < FILE",
    .words_min = 1,
    .words_max = 2,
    .options = NULL,
    .about = "Each line is one record as a JSON object. With an \"id\" that record is changed, and fields that are\n"
             "not named stay; without one, the record with the same natural key is changed, else a new one is\n"
             "made. null empties a field. Each line goes in by itself: one that is refused is reported with its\n"
             "number and the rest goes on. \"seq\" and \"origin\", as `weir get --json` gives them, are ignored.\n",
    .examples = "echo '{\"id\":7,\"value\":12.5}' | weir put example reading\n"
                "weir get example city --json | weir put example city\n",
    .exits = "0124",
    .reports = true,
    .run = run,
    .afar = afar_put,
};
