#include "store/store_sqlite_internal.h"

// The columns are told to people in docs/reference/home.md.
//
// Dead letters, conflicts and pending rows are AUTOINCREMENT: a number once shown, or held by a page that is still
// being decided, must never name another row later.
//
// An index on seq is not kept in the typed tables: it costs a load about a tenth and nothing reads it before a push
// does. Tracking a linkset makes it (weir_seq_NAME), and the one that finds tombstones by seq; seqs only grow, so it is
// appended to from then on.
static const char *const version_1[] = {
    "CREATE TABLE weir_counter("
    "  name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    "INSERT INTO weir_counter VALUES ('id', 0), ('seq', 0);",

    "CREATE TABLE weir_script("
    "  print BLOB PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_datatype("
    "  name TEXT PRIMARY KEY, declaration TEXT NOT NULL, module BLOB NOT NULL) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_linkset("
    "  number INTEGER PRIMARY KEY, datasource TEXT NOT NULL, datatype TEXT NOT NULL, settled INTEGER NOT NULL,"
    "  UNIQUE(datasource, datatype)) STRICT;",

    "CREATE TABLE weir_tombstone("
    "  id INTEGER PRIMARY KEY, datatype TEXT NOT NULL, seq INTEGER NOT NULL, origin TEXT NOT NULL,"
    "  at_us INTEGER NOT NULL) STRICT;",

    "CREATE TABLE weir_history("
    "  datatype TEXT NOT NULL, id INTEGER NOT NULL, seq INTEGER NOT NULL, fields TEXT NOT NULL,"
    "  PRIMARY KEY(id, seq)) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_pending("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, awaits_datasource TEXT NOT NULL, awaits_type TEXT NOT NULL,"
    "  awaits_external TEXT NOT NULL, datatype TEXT NOT NULL, home INTEGER NOT NULL, field TEXT NOT NULL,"
    "  datasource TEXT NOT NULL, external TEXT NOT NULL, seen BLOB NOT NULL, fields TEXT, place TEXT NOT NULL,"
    "  at_us INTEGER NOT NULL, run INTEGER NOT NULL) STRICT;",
    "CREATE INDEX weir_pending_awaits ON weir_pending(awaits_datasource, awaits_type, awaits_external);",
    "CREATE UNIQUE INDEX weir_pending_record ON weir_pending(datasource, datatype, external) WHERE home = 0;",
    "CREATE UNIQUE INDEX weir_pending_field ON weir_pending(datatype, home, field) WHERE home <> 0;",

    "CREATE TABLE weir_dead("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, flow TEXT NOT NULL, datasource TEXT NOT NULL, type TEXT NOT NULL,"
    "  external TEXT NOT NULL, print BLOB NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, place TEXT NOT NULL,"
    "  payload TEXT, raw BLOB, attempts INTEGER NOT NULL, at_us INTEGER NOT NULL, run INTEGER NOT NULL) STRICT;",
    "CREATE UNIQUE INDEX weir_dead_record ON weir_dead(flow, type, external);",

    "CREATE TABLE weir_conflict("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, datasource TEXT NOT NULL, datatype TEXT NOT NULL,"
    "  external TEXT NOT NULL, home INTEGER NOT NULL, print BLOB NOT NULL, payload TEXT, place TEXT NOT NULL,"
    "  met_run INTEGER NOT NULL, at_us INTEGER NOT NULL, run INTEGER NOT NULL) STRICT;",
    "CREATE UNIQUE INDEX weir_conflict_repeat ON weir_conflict(datasource, datatype, external, print)"
    "  WHERE kind = 'repeat';",

    "CREATE TABLE weir_run("
    "  id INTEGER PRIMARY KEY, key TEXT NOT NULL, sync TEXT NOT NULL, params TEXT NOT NULL, status TEXT NOT NULL,"
    "  started_us INTEGER NOT NULL, ended_us INTEGER NOT NULL, message TEXT NOT NULL,"
    "  read INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,"
    "  unchanged INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0,"
    "  deleted INTEGER NOT NULL DEFAULT 0, pushed INTEGER NOT NULL DEFAULT 0, pending INTEGER NOT NULL DEFAULT 0,"
    "  print BLOB NOT NULL, script BLOB NOT NULL, process INTEGER NOT NULL) STRICT;",
    "CREATE INDEX weir_run_key ON weir_run(key);",
    "CREATE INDEX weir_run_live ON weir_run(key) WHERE status = 'running';",

    "CREATE TABLE weir_log("
    "  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at_us INTEGER NOT NULL, level TEXT NOT NULL,"
    "  text TEXT NOT NULL) STRICT;",
    "CREATE INDEX weir_log_run ON weir_log(run);",

    "CREATE TABLE weir_checkpoint("
    "  key TEXT PRIMARY KEY, print BLOB NOT NULL, run INTEGER NOT NULL, type_index INTEGER NOT NULL,"
    "  position TEXT NOT NULL, pass_seq INTEGER NOT NULL, read INTEGER NOT NULL, created INTEGER NOT NULL,"
    "  updated INTEGER NOT NULL, unchanged INTEGER NOT NULL, skipped INTEGER NOT NULL, dead INTEGER NOT NULL,"
    "  deleted INTEGER NOT NULL, pushed INTEGER NOT NULL, pending INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_watermark("
    "  key TEXT NOT NULL, type TEXT NOT NULL, direction TEXT NOT NULL, text TEXT NOT NULL,"
    "  PRIMARY KEY(key, type, direction)) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_state("
    "  sync TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    "  PRIMARY KEY(sync, name)) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_lease("
    "  key TEXT PRIMARY KEY, token INTEGER NOT NULL, process INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

    "CREATE TABLE weir_audit("
    "  id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, origin TEXT NOT NULL, run INTEGER NOT NULL,"
    "  text TEXT NOT NULL) STRICT;",
    NULL,
};

// Two ways: what a link was sent, what a push is about to send, how far it came, what waits for a person.
static const char *const version_2[] = {
    "ALTER TABLE weir_linkset ADD COLUMN tracked INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_history ADD COLUMN edited_us INTEGER NOT NULL DEFAULT 0;",
    "INSERT INTO weir_counter VALUES ('track', 0), ('mark', 0);",

    "ALTER TABLE weir_run ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_run ADD COLUMN held INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_run ADD COLUMN until_us INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_checkpoint ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_checkpoint ADD COLUMN held INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE weir_checkpoint ADD COLUMN since TEXT NOT NULL DEFAULT '';",

    "ALTER TABLE weir_dead ADD COLUMN direction TEXT NOT NULL DEFAULT 'pull';",
    "DROP INDEX weir_dead_record;",
    "CREATE UNIQUE INDEX weir_dead_record ON weir_dead(flow, type, external, direction);",

    ("CREATE TABLE weir_intent("
     "  id INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL UNIQUE, key TEXT NOT NULL,"
     "  datasource TEXT NOT NULL, datatype TEXT NOT NULL, verb TEXT NOT NULL, home INTEGER NOT NULL,"
     "  external TEXT NOT NULL, base_seq INTEGER NOT NULL, sent BLOB NOT NULL, form TEXT, state TEXT NOT NULL,"
     "  at_us INTEGER NOT NULL, run INTEGER NOT NULL) STRICT;"),

    ("CREATE TABLE weir_held("
     "  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, direction TEXT NOT NULL, datasource TEXT NOT NULL,"
     "  datatype TEXT NOT NULL, external TEXT NOT NULL, home INTEGER NOT NULL, approved INTEGER NOT NULL,"
     "  at_us INTEGER NOT NULL, run INTEGER NOT NULL, UNIQUE(key, direction, datatype, home)) STRICT;"),

    ("CREATE TABLE weir_stale("
     "  datatype TEXT NOT NULL, home INTEGER NOT NULL, seq INTEGER NOT NULL,"
     "  PRIMARY KEY(datatype, home)) STRICT, WITHOUT ROWID;"),
    NULL,
};

// The service: which request started a run, what was posted and waits, and who has closed home.
static const char *const version_3[] = {
    "ALTER TABLE weir_run ADD COLUMN request INTEGER NOT NULL DEFAULT 0;",

    ("CREATE TABLE weir_inbox("
     "  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, sync TEXT NOT NULL, type TEXT NOT NULL,"
     "  batch TEXT NOT NULL, place INTEGER NOT NULL, print BLOB NOT NULL, payload TEXT, origin TEXT NOT NULL,"
     "  posted_us INTEGER NOT NULL, posted_seq INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',"
     "  outcome TEXT NOT NULL DEFAULT '', home INTEGER NOT NULL DEFAULT 0, code TEXT NOT NULL DEFAULT '',"
     "  reason TEXT NOT NULL DEFAULT '', done_us INTEGER NOT NULL DEFAULT 0, done_seq INTEGER NOT NULL DEFAULT 0,"
     "  UNIQUE(key, batch, place)) STRICT;"),
    "CREATE INDEX weir_inbox_waiting ON weir_inbox(key, id) WHERE state = 'waiting';",
    "CREATE INDEX weir_inbox_done ON weir_inbox(done_us) WHERE state = 'done';",
    "CREATE INDEX weir_inbox_home ON weir_inbox(home, id) WHERE home <> 0;",

    ("CREATE TABLE weir_closed("
     "  key TEXT PRIMARY KEY, sync TEXT NOT NULL, run INTEGER NOT NULL, token INTEGER NOT NULL,"
     "  since_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;"),
    NULL,
};

const char *const *const sqlite_migrations[] = {version_1, version_2, version_3, NULL};

// The tables of links have numbers for names: each gets its columns by itself.
bool sqlite_migrate_links(sqlite3 *db, int64_t version, struct error *error) {
    static const char sql[] = "SELECT group_concat('ALTER TABLE weir_link_' || number || ' ADD COLUMN sent_before BLOB;"
                              " ALTER TABLE weir_link_' || number || ' ADD COLUMN bounces INTEGER;', ' ')"
                              " FROM weir_linkset";
    if (version != 2) {
        return true;
    }
    sqlite3_stmt *statement;
    bool found;
    if (!sqlite_prepare(db, sql, &statement, error)) {
        return false;
    }
    struct buffer changes;
    buffer_init(&changes, HOME_TEXT_MAX);
    struct sqlite_query query = sqlite_again(statement);
    bool ok = sqlite_next(&query, &found, error);
    if (ok && found) {
        buffer_text(&changes, sqlite_text_at(statement, 0));
        buffer_append(&changes, "", 1);
    }
    sqlite3_finalize(statement);
    ok = ok && (changes.failed ? error_memory(error) : !found || sqlite_exec(db, changes.data, error));
    buffer_clear(&changes);
    return ok;
}
