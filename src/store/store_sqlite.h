#ifndef WEIR_STORE_STORE_SQLITE_H
#define WEIR_STORE_STORE_SQLITE_H

// The default home: one SQLite file an organisation, FOLDER/home.db, in WAL mode with synchronous=FULL. Beside it
// stand home.lock (covers every commit together with its checkpoint) and lease/ (one lock file a run key). What is in
// the file is told in docs/reference/home.md.

#include "port/store.h"

extern const struct store_type store_sqlite;

#endif
