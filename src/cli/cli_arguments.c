#include "cli/cli_arguments.h"

#include "base/memory.h"

#define COUNT_MAX INT64_C(1000000000000000) // far from where adding one overflows

static const struct cli_option help_option = {"help", NULL, true, "show this help"};

static const struct cli_option *list_find(const struct cli_option *list, struct text name) {
    for (; list != NULL && list->name != NULL; list++) {
        if (text_is(name, list->name)) {
            return list;
        }
    }
    return NULL;
}

void cli_nearest_offer(struct cli_nearest *nearest, const char *candidate) {
    size_t distance = text_distance(nearest->word, text_of(candidate));
    if (nearest->best == NULL || distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

const char *cli_nearest_name(const struct cli_nearest *nearest) {
    // A third of the word may be wrong; more, and the guess only misleads.
    size_t most = nearest->word.length < 6 ? 1 + (nearest->word.length > 2) : nearest->word.length / 3;
    return nearest->best != NULL && nearest->distance <= most ? nearest->best : NULL;
}

static bool fail_unknown(struct text name, const struct cli_option *own, const struct cli_option *common,
                         struct error *error) {
    struct cli_nearest nearest = {.word = name};
    for (const struct cli_option *option = own; option != NULL && option->name != NULL; option++) {
        cli_nearest_offer(&nearest, option->name);
    }
    for (const struct cli_option *option = common; option != NULL && option->name != NULL; option++) {
        cli_nearest_offer(&nearest, option->name);
    }
    cli_nearest_offer(&nearest, help_option.name);
    const char *meant = cli_nearest_name(&nearest);
    if (meant != NULL) {
        return error_set(error, ERROR_USAGE, "there is no option --%.*s; did you mean --%s?", TEXT_ARGS(name), meant);
    }
    return error_set(error, ERROR_USAGE, "there is no option --%.*s", TEXT_ARGS(name));
}

// Reads the option at `values[*at]` and steps over its value.
static bool read_option(struct cli_arguments *arguments, const struct cli_option *own, const struct cli_option *common,
                        int count, char *const *values, int *at, struct error *error) {
    struct text name = text_of(values[*at] + 2);
    const char *value = NULL;
    const char *equals = memchr(name.data, '=', name.length);
    if (equals != NULL) {
        value = equals + 1;
        name.length = (size_t)(equals - name.data);
    }
    const struct cli_option *option = list_find(own, name);
    option = option != NULL ? option : list_find(common, name);
    option = option != NULL ? option : text_is(name, help_option.name) ? &help_option : NULL;
    if (option == NULL) {
        return fail_unknown(name, own, common, error);
    }
    if (option->value == NULL && value != NULL) {
        return error_set(error, ERROR_USAGE, "--%s takes no value", option->name);
    }
    if (option->value != NULL && value == NULL) {
        if (*at + 1 == count) {
            return error_set(error, ERROR_USAGE, "--%s needs a value: --%s %s", option->name, option->name,
                             option->value);
        }
        value = values[++*at];
    }
    if (!option->many && cli_flag(arguments, option->name)) {
        return error_set(error, ERROR_USAGE, "--%s is given twice", option->name);
    }
    arguments->given[arguments->given_count++] = (struct cli_given){option, value};
    return true;
}

bool cli_arguments_read(struct cli_arguments *arguments, const struct cli_option *own, const struct cli_option *common,
                        int count, char *const *values, struct error *error) {
    *arguments = (struct cli_arguments){.words = NULL};
    size_t room = (size_t)count + 1;
    arguments->words = memory_zero(room, sizeof *arguments->words);
    arguments->given = memory_zero(room, sizeof *arguments->given);
    if (arguments->words == NULL || arguments->given == NULL) {
        return error_memory(error);
    }
    bool ended = false;
    for (int i = 0; i < count; i++) {
        const char *value = values[i];
        if (ended || value[0] != '-' || value[1] == '\0') {
            arguments->words[arguments->word_count++] = value;
        } else if (strcmp(value, "--") == 0) {
            ended = true;
        } else if (strcmp(value, "-h") == 0) {
            arguments->given[arguments->given_count++] = (struct cli_given){&help_option, NULL};
        } else if (value[1] != '-') {
            return error_set(error, ERROR_USAGE, "there is no option %s; options are written out: --json", value);
        } else if (!read_option(arguments, own, common, count, values, &i, error)) {
            return false;
        }
    }
    return true;
}

void cli_arguments_clear(struct cli_arguments *arguments) {
    memory_free(arguments->words);
    memory_free(arguments->given);
    *arguments = (struct cli_arguments){.words = NULL};
}

bool cli_flag(const struct cli_arguments *arguments, const char *name) {
    for (size_t i = 0; i < arguments->given_count; i++) {
        if (strcmp(arguments->given[i].option->name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *cli_next(const struct cli_arguments *arguments, const char *name, size_t *place) {
    while (*place < arguments->given_count) {
        const struct cli_given *given = &arguments->given[(*place)++];
        if (strcmp(given->option->name, name) == 0) {
            return given->value;
        }
    }
    return NULL;
}

const char *cli_value(const struct cli_arguments *arguments, const char *name) {
    size_t place = 0;
    return cli_next(arguments, name, &place);
}

bool cli_count(const struct cli_arguments *arguments, const char *name, int64_t fallback, int64_t *out,
               struct error *error) {
    const char *value = cli_value(arguments, name);
    *out = fallback;
    if (value != NULL && (!text_integer(text_of(value), out) || *out < 0 || *out > COUNT_MAX)) {
        return error_set(error, ERROR_USAGE, "--%s takes a whole number from 0 up, not '%s'", name, value);
    }
    return true;
}
