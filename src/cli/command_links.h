#ifndef WEIR_CLI_COMMAND_LINKS_H
#define WEIR_CLI_COMMAND_LINKS_H

// One of `weir links`, wherever it comes from.

#include "cli/listing.h"

extern const char *const links_heads[];

// `agreed_seq` NULL: nobody says it.
bool links_row(struct listing *listing, struct text datasource, struct text external, int64_t home,
               const int64_t *agreed_seq, struct error *error);

#endif
