#ifndef WEIR_CLI_CLI_FILE_H
#define WEIR_CLI_CLI_FILE_H

// Where a command writes data: standard output, or a file that is there whole or not at all. It is written beside its
// place and moved there at the end.

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"

struct cli_file {
    const char *path; // NULL: standard output
    FILE *stream;
    char beside[PATH_MAX];
};

bool cli_file_open(const struct cli *cli, const char *path, struct cli_file *out, struct error *error);
bool cli_file_write(struct cli_file *file, struct text text, struct error *error);

// Ends it: `keep` moves the file to its place, else it goes. Closes in any case.
bool cli_file_close(struct cli_file *file, bool keep, struct error *error);

#endif
