// What a script's tables take, from the lists that check them.

#include <string.h>

#include "cli/cli_help.h"
#include "script/script.h"

static const char *type_text(const struct option *option) {
    static const char *const names[] = {
        [OPTION_TEXT] = "text",
        [OPTION_INTEGER] = "integer",
        [OPTION_BOOL] = "true or false",
        [OPTION_NAMES] = "text or list",
        [OPTION_TABLE] = "table",
        [OPTION_MAP] = "tables by name",
        [OPTION_FUNCTION] = "function",
        [OPTION_SHARE] = "count or \"5%\"",
        [OPTION_SPAN] = "\"15m\"",
        [OPTION_SIZE] = "\"100kB\"",
        [OPTION_ANY] = "",
    };
    return option->choices != NULL ? option->choices : names[option->type];
}

// Breaks a paragraph into lines of HELP_WIDTH, each behind `indent` spaces.
static void write_wrapped(struct buffer *out, const char *text, int indent) {
    enum { HELP_WIDTH = 100 };
    size_t room = (size_t)(HELP_WIDTH - indent);
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > room) {
            const char *space = memrchr(text, ' ', room + 1);
            length = space != NULL && space != text ? (size_t)(space - text) : room;
        }
        buffer_print(out, "%*s%.*s\n", indent, "", (int)length, text);
        text += length;
        text += *text == ' ';
    }
}

static void write_options(struct buffer *out, const struct option *options, int indent) {
    for (const struct option *option = options; option != NULL && option->key != NULL; option++) {
        buffer_print(out, "%*s%s", indent, "", option->key);
        const char *type = type_text(option);
        if (type[0] != '\0') {
            buffer_print(out, " (%s)", type);
        }
        if (option->required) {
            buffer_string(out, ", must be given");
        } else if (option->fallback != NULL) {
            buffer_print(out, ", default %s", option->fallback);
        }
        buffer_byte(out, '\n');
        write_wrapped(out, option->help, indent + 4);
        write_options(out, option->inner, indent + 4);
    }
}

static bool is_named(const struct option_list *list, const char *topic) {
    const char *dot = strrchr(list->name, '.');
    return strcmp(list->name, topic) == 0 || (dot != NULL && strcmp(dot + 1, topic) == 0);
}

static void write_list(struct buffer *out, const struct option_list *list) {
    buffer_print(out, "%s { … }\n\n", list->name);
    write_wrapped(out, list->help, 0);
    buffer_byte(out, '\n');
    write_options(out, list->options, 2);
}

// What a datasource takes, and each of its types.
static void write_source(struct buffer *out, const struct source_type *source) {
    write_list(out, source->options);
    if (source->type_options != NULL && source->type_options->options[0].key != NULL) {
        buffer_print(out, "\nEach of its types takes, beside the key:\n\n");
        write_options(out, source->type_options->options, 2);
    }
}

// A table that a function of its own makes for an option: weir.auth.login { … } is an `auth`.
static bool write_inner(struct buffer *out, const struct source_type *source, const char *topic) {
    static const char before[] = "weir.";
    const char *key = strncmp(topic, before, sizeof before - 1) == 0 ? topic + sizeof before - 1 : topic;
    for (const struct option *option = source->options->options; option->key != NULL; option++) {
        if (option->type == OPTION_TABLE && strcmp(option->key, key) == 0) {
            buffer_print(out, "%s, as weir.%s.… make it for %s\n\n", key, key, source->options->name);
            write_wrapped(out, option->help, 0);
            buffer_byte(out, '\n');
            write_options(out, option->inner, 2);
            return true;
        }
    }
    return false;
}

bool cli_help_options(const struct cli *cli, const char *topic, struct buffer *out) {
    size_t count;
    const struct option_list *const *lists = script_options(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(lists[i], topic)) {
            write_list(out, lists[i]);
            return true;
        }
    }
    for (size_t i = 0; i < cli->source_count; i++) {
        if (is_named(cli->sources[i]->options, topic)) {
            write_source(out, cli->sources[i]);
            return true;
        }
    }
    for (size_t i = 0; i < cli->source_count; i++) {
        if (write_inner(out, cli->sources[i], topic)) {
            return true;
        }
    }
    return false;
}
