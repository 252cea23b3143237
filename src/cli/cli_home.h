#ifndef WEIR_CLI_CLI_HOME_H
#define WEIR_CLI_CLI_HOME_H

// Finding and opening homes for the commands: which organisations DATA holds, which one is meant, which datatype.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "cli/cli.h"
#include "port/store.h"

struct cli_orgs {
    struct text *names; // sorted
    size_t count;
};

// The organisations that have a home in DATA. A DATA that isn't there is ERROR_HOME_MISSING.
bool cli_orgs_find(const struct cli *cli, struct arena *arena, struct cli_orgs *out, struct error *error);

// The organisation that is meant: `given`, or the only one there is when `given` is NULL.
bool cli_org(const struct cli *cli, const char *given, struct arena *arena, struct text *out, struct error *error);

// Opens an organisation's home: for reading, for edits of what is there, or made if need be.
enum home_mode { HOME_READ, HOME_EDIT, HOME_MAKE };
bool cli_home_open(const struct cli *cli, struct text org, enum home_mode mode, struct arena *arena, struct store **out,
                   struct error *error);

// A datatype that home knows, or ERROR_NOT_THERE with what may have been meant.
bool cli_datatype(struct store *store, struct text org, const char *name, struct arena *arena,
                  const struct datatype **out, struct error *error);

// What a command works with that takes [ORG] TYPE: clear it in any case.
struct cli_place {
    struct arena arena;
    struct text org;
    struct store *store;
    const struct datatype *datatype; // NULL when it was opened without a type
    bool snapshot;                   // one is held: HOME_READ
};
void cli_place_init(struct cli_place *place);
bool cli_place_open(const struct cli *cli, const char *org, const char *type, enum home_mode mode,
                    struct cli_place *place, struct error *error);
void cli_place_clear(struct cli_place *place);

// Splits "ORG/NAME"; false when there is no slash.
bool cli_split(const char *word, struct text *org, struct text *name);

// A record's or a row's number.
bool cli_id(const char *word, const char *what, int64_t *out, struct error *error);

#endif
