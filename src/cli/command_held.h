#ifndef WEIR_CLI_COMMAND_HELD_H
#define WEIR_CLI_COMMAND_HELD_H

// One of `weir conflicts list`, `weir conflicts show` and `weir deletes list`, wherever it comes from.

#include "cli/listing.h"
#include "port/store.h"

extern const char *const conflict_heads[];
bool conflict_list_row(struct listing *listing, const struct conflict_row *row, struct error *error);
bool conflict_show_row(const struct cli *cli, const struct conflict_row *row, struct error *error);

extern const char *const held_heads[];
bool held_list_row(struct listing *listing, const struct held_row *row, struct error *error);

// The end of such a list, with what may be done.
bool held_list_end(struct listing *listing, struct error *error);

// What is told of deletes that were approved or dropped.
bool held_tell_settled(const struct cli *cli, bool approve, int64_t count, struct error *error);

#endif
