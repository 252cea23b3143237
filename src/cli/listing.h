#ifndef WEIR_CLI_LISTING_H
#define WEIR_CLI_LISTING_H

// What the commands that list things share: a table for people, a JSON line each for programs; at most so many, and a
// word when there are more.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "cli/table.h"

struct listing {
    const struct cli *cli;
    struct table table; // for people; unused with --json
    struct buffer text; // a cell in the making
    int64_t count;      // of the rows that were shown
    int64_t limit;      // 0: all
    bool more;          // there are more than that
};

// `heads` as for table_init. Close it in any case.
void listing_init(struct listing *listing, const struct cli *cli, const char *const *heads);
void listing_close(struct listing *listing);

// Takes --limit: without it `usual`, or all with --json.
bool listing_limit(struct listing *listing, const struct cli_arguments *arguments, int64_t usual, struct error *error);

// The limit of the scan: one more than is shown, to know whether there are more.
int64_t listing_scan(const struct listing *listing);

// At each row: false when it is one too many, and only noted.
bool listing_takes(struct listing *listing);

// Writes the table, or `none` when nothing was listed, `behind` it, and a word about the rest. With --json nothing is
// left to be written.
bool listing_finish(struct listing *listing, const char *none, const char *behind, struct error *error);

#endif
