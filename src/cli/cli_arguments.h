#ifndef WEIR_CLI_ARGUMENTS_H
#define WEIR_CLI_ARGUMENTS_H

// Reads a command line by a declared list of options. Options stand anywhere, as --name, --name value or
// --name=value; -h is --help; `--` ends them. What is no option is a word. Texts are the process's own argv.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct cli_option {
    const char *name;  // "rows"; NULL ends a list
    const char *value; // what stands behind it in a usage line, "N"; NULL: a flag
    bool many;         // may be given more than once
    const char *help;
};

struct cli_given {
    const struct cli_option *option;
    const char *value; // NULL for a flag
};

struct cli_arguments {
    const char **words;
    size_t word_count;
    struct cli_given *given;
    size_t given_count;
};

// Reads `count` arguments by both lists (either may be NULL). Mistakes are ERROR_USAGE, with a "did you mean" where
// one is near. Clear it in any case.
bool cli_arguments_read(struct cli_arguments *arguments, const struct cli_option *own, const struct cli_option *common,
                        int count, char *const *values, struct error *error);
void cli_arguments_clear(struct cli_arguments *arguments);

// Whether a flag (or any option) was given.
bool cli_flag(const struct cli_arguments *arguments, const char *name);

// The value of an option, or NULL when it wasn't given.
const char *cli_value(const struct cli_arguments *arguments, const char *name);

// The values of an option that may come more than once: start with *place 0; NULL at the end.
const char *cli_next(const struct cli_arguments *arguments, const char *name, size_t *place);

// A whole number from 0 up, or `fallback` when the option wasn't given.
bool cli_count(const struct cli_arguments *arguments, const char *name, int64_t fallback, int64_t *out,
               struct error *error);

// Finds what a misspelt word may have meant: offer every candidate, then ask.
struct cli_nearest {
    struct text word;
    const char *best;
    size_t distance;
};
void cli_nearest_offer(struct cli_nearest *nearest, const char *candidate);
const char *cli_nearest_name(const struct cli_nearest *nearest); // NULL when nothing is near

#endif
