#ifndef WEIR_CLI_COMMAND_DEAD_H
#define WEIR_CLI_COMMAND_DEAD_H

// What the `weir dead` commands share: which dead letters are meant.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/cli_home.h"
#include "cli/listing.h"

// The words of a dead command: [ORG | ORG/SYNC] and numbers behind it. Both are in the place's arena.
struct dead_wish {
    const char *org;  // NULL: the only one
    struct text sync; // ORG/SYNC, or empty
    int64_t *ids;
    size_t id_count;
};
bool dead_wish_read(const struct cli_arguments *arguments, size_t from, struct arena *arena, struct dead_wish *out,
                    struct error *error);

// One of `weir dead list`, and of `weir dead show`, wherever it comes from. A payload that is missing is not told.
extern const char *const dead_heads[];
bool dead_list_row(struct listing *listing, const struct dead_row *row, struct error *error);
bool dead_show_row(const struct cli *cli, const struct dead_row *row, struct error *error);

// What is told of letters that were dropped.
bool dead_tell_dropped(const struct cli *cli, size_t count, struct error *error);

// Writes the rejected rows of `scan` as CSV to `path` (NULL: standard output): the columns of the payloads, then
// weir_code, weir_reason, weir_place and, for what was no record, weir_raw.
bool dead_csv(const struct cli *cli, struct store *store, const struct scan *scan, const char *path,
              struct error *error);

#endif
