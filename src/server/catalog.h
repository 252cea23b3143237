#ifndef WEIR_SERVER_CATALOG_H
#define WEIR_SERVER_CATALOG_H

// The syncs there are: found as syncs/ORG/NAME.lua (and NAME.json, made of a template), read by `manifest` children,
// kept in memory and in the ledger. A script that changed is read again; one that is broken is reported, and the last
// good one goes on: its files are kept (snapshot.h), and that is what runs use.
//
// The supervisor's thread changes it; anybody may read copies.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/value.h"
#include "server/ledger.h"

struct catalog;

struct catalog_sync {
    struct text org;
    struct text name;
    struct text manifest;  // JSON; empty: no script was good yet
    struct value declared; // the same, read; missing when empty
    struct text snapshot;  // the folder of its files
    struct text broken;
    bool paused;
    int64_t planned_us;
    int64_t next_us;
};

bool catalog_open(struct ledger *ledger, struct catalog **out, struct error *error);
void catalog_close(struct catalog *catalog); // accepts NULL

// A sync, or (`found` false) none of that name. Texts live in the arena.
bool catalog_find(struct catalog *catalog, struct text org, struct text name, struct arena *arena, bool *found,
                  struct catalog_sync *out, struct error *error);

// All of an organisation (empty: all), by name.
bool catalog_list(struct catalog *catalog, struct text org, struct arena *arena, struct catalog_sync **out,
                  size_t *count, struct error *error);

// The supervisor's: puts or replaces one, in the ledger and here; takes one out.
bool catalog_put(struct catalog *catalog, const struct sync_row *row, struct error *error);
bool catalog_drop(struct catalog *catalog, struct text org, struct text name, struct error *error);
// What the ledger says already (a plan that came, a pause): only here.
bool catalog_note(struct catalog *catalog, const struct sync_row *row, struct error *error);

// A person's, from any thread.
bool catalog_pause(struct catalog *catalog, struct text org, struct text name, bool paused, const struct actor *who,
                   struct error *error);

// The next time that any sync is due; 0: none is.
int64_t catalog_next(struct catalog *catalog);

// The syncs that are due at `now_us`, paused ones too. Texts live in the arena.
bool catalog_due(struct catalog *catalog, int64_t now_us, struct arena *arena, struct catalog_sync **out, size_t *count,
                 struct error *error);

#endif
