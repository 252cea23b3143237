#include "store/store_sqlite_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

// One table a (datasource, datatype), weir_link_<number>, with the home id as its key and a UNIQUE index on the
// external id; a bulk linkset has no index yet.
//
// A source that is read again mostly gives its records in the order in which it first gave them, which is the order
// of their links. So link_find walks the table beside it, a step a record, and asks the index only when the walk
// doesn't meet the id; after that it goes on from there. 1M links: walked in 0.19 s, asked one by one in 0.66 s.

static bool prepare_for(sqlite3 *db, const struct sqlite_linkset *links, const char *before, const char *after,
                        sqlite3_stmt **out, struct error *error) {
    char sql[256];
    if (*out != NULL) {
        return true;
    }
    snprintf(sql, sizeof sql, "%s weir_link_%" PRId64 " %s", before, links->number, after);
    return sqlite_prepare(db, sql, out, error);
}

#define INDEX_MAKE \
    "CREATE UNIQUE INDEX IF NOT EXISTS weir_link_%" PRId64 "_external ON weir_link_%" PRId64 "(external);"
#define INDEX_DROP "DROP INDEX IF EXISTS weir_link_%" PRId64 "_external;"

bool sqlite_link_add(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error) {
    return prepare_for(store->writer.db, links, "INSERT INTO",
                       "(home, external, seen, sent, agreed_seq) SELECT id, external, seen, NULL, seq FROM weir_batch",
                       &links->add, error);
}

bool sqlite_link_index(struct sqlite_store *store, struct sqlite_linkset *links, bool keep, struct error *error) {
    char sql[160];
    snprintf(sql, sizeof sql, keep ? INDEX_MAKE : INDEX_DROP, links->number, links->number);
    links->is_indexed = keep;
    links->scatters = !keep;
    return sqlite_exec(store->writer.db, sql, error);
}

bool sqlite_link_agree(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error) {
    return prepare_for(store->writer.db, links, "UPDATE",
                       "SET seen = ?3, agreed_seq = ?4 WHERE home = ?1 AND external = ?2", &links->agree, error);
}

bool sqlite_link_send(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error) {
    return prepare_for(store->writer.db, links, "UPDATE",
                       "SET sent = ?2, sent_before = ?3, bounces = ?4 WHERE home = ?1", &links->send, error);
}

bool sqlite_link_forget(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error) {
    return prepare_for(store->writer.db, links, "DELETE FROM", "WHERE home = ?1 AND external = ?2", &links->forget,
                       error);
}

bool sqlite_link_count(struct store *base, struct linkset *linkset, int64_t *out, struct error *error) {
    sqlite3_stmt *statement = NULL;
    bool found;
    *out = 0;
    bool ok = prepare_for(sqlite_of(base)->reader.db, (struct sqlite_linkset *)linkset, "SELECT count(*) FROM", "",
                          &statement, error);
    if (ok) {
        struct sqlite_query query = sqlite_again(statement);
        ok = sqlite_next(&query, &found, error);
        *out = ok && found ? sqlite3_column_int64(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return ok;
}

bool sqlite_unsettled(struct store *base, const struct datatype *datatype, struct arena *arena, struct text *datasource,
                      struct error *error) {
    struct sqlite_query query;
    bool found;
    *datasource = TEXT_LITERAL("");
    if (!sqlite_ask(&sqlite_of(base)->reader,
                    "SELECT datasource FROM weir_linkset WHERE datatype = ?1 AND settled = 0 LIMIT 1", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, datatype->name);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = !found || sqlite_copy_at(query.statement, 0, arena, datasource, error);
    sqlite_end(&query);
    return ok;
}

bool sqlite_linkset_settled(struct sqlite_store *store, const struct sqlite_linkset *links, bool *settled,
                            bool *tracked, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer, "SELECT settled, tracked FROM weir_linkset WHERE number = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, links->number);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *settled = found && sqlite3_column_int(query.statement, 0) != 0;
    *tracked = found && sqlite3_column_int(query.statement, 1) != 0;
    sqlite_end(&query);
    return true;
}

// How far apart the homes of two links found one after the other may be to take the source for an ordered one, and
// how often in a row the walk may miss after that. New records among the old ones miss too.
enum { WALK_GAP = 64, WALK_CREDIT = 16 };

// --- finding and making linksets ---

// What home says of a linkset.
struct known {
    int64_t number; // 0: it has none
    bool settled;
    bool tracked;
};

static bool linkset_known(struct sqlite_side *side, struct text datasource, struct text datatype, struct known *out,
                          struct error *error) {
    struct sqlite_query query;
    bool found;
    *out = (struct known){0};
    if (!sqlite_ask(side, "SELECT number, settled, tracked FROM weir_linkset WHERE datasource = ?1 AND datatype = ?2",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, datasource);
    sqlite_give_text(&query, datatype);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        out->number = sqlite3_column_int64(query.statement, 0);
        out->settled = sqlite3_column_int(query.statement, 1) != 0;
        out->tracked = sqlite3_column_int(query.statement, 2) != 0;
        sqlite_end(&query);
    }
    return true;
}

static bool has_links(struct sqlite_side *side, int64_t number, bool *out, struct error *error) {
    struct sqlite_linkset links = {.number = number};
    sqlite3_stmt *statement = NULL;
    bool ok = prepare_for(side->db, &links, "SELECT 1 FROM", "LIMIT 1", &statement, error);
    if (ok) {
        struct sqlite_query query = sqlite_again(statement);
        ok = sqlite_next(&query, out, error);
    }
    sqlite3_finalize(statement);
    return ok;
}

static bool table_make(struct sqlite_store *store, struct text datasource, struct text datatype, int64_t *number,
                       struct error *error) {
    struct sqlite_query query;
    char sql[512];
    if (!sqlite_ask(&store->writer, "INSERT INTO weir_linkset(datasource, datatype, settled) VALUES (?1, ?2, 0)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, datasource);
    sqlite_give_text(&query, datatype);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    *number = sqlite3_last_insert_rowid(store->writer.db);
    snprintf(sql, sizeof sql,
             "CREATE TABLE weir_link_%" PRId64 "(home INTEGER PRIMARY KEY, external TEXT NOT NULL,"
             " seen BLOB NOT NULL, sent BLOB, agreed_seq INTEGER NOT NULL, sent_before BLOB, bounces INTEGER) STRICT;",
             *number);
    return sqlite_exec(store->writer.db, sql, error);
}

// A first load into an empty table does without the table's own indexes too. That of the natural key, for one: in the
// order of the file its places are scattered, and 1M readings with the key (resource, datetime) took 12 s of work with
// it, 1.6 s without, and 0.7 s to make it at the end. Until then a look-up by key reads the whole table.
static bool write_bulk(struct sqlite_store *store, struct buffer *sql, const struct datatype *datatype,
                       struct error *error) {
    bool rows = true;
    struct buffer ask;
    buffer_init(&ask, 256);
    buffer_string(&ask, "SELECT 1 FROM ");
    sqlite_quote(&ask, datatype->name);
    buffer_append(&ask, " LIMIT 1", sizeof " LIMIT 1");
    sqlite3_stmt *statement = NULL;
    bool ok = ask.failed ? error_memory(error) : sqlite_prepare(store->writer.db, ask.data, &statement, error);
    if (ok) {
        struct sqlite_query query = sqlite_again(statement);
        ok = sqlite_next(&query, &rows, error);
    }
    sqlite3_finalize(statement);
    buffer_clear(&ask);
    if (ok && !rows) {
        sqlite_indexes_drop(sql, datatype);
        buffer_string(sql, "DROP INDEX IF EXISTS \"weir_seq_");
        buffer_text(sql, datatype->name);
        buffer_string(sql, "\";");
    }
    return ok;
}

bool sqlite_linkset_turn(struct sqlite_store *store, int64_t number, const struct datatype *datatype, bool bulk,
                         bool *clash, struct error *error) {
    struct buffer sql;
    bool ok = true;
    bool tracked = false;
    *clash = false;
    buffer_init(&sql, HOME_TEXT_MAX);
    if (bulk) {
        buffer_print(&sql, INDEX_DROP, number);
        ok = write_bulk(store, &sql, datatype, error);
    } else {
        buffer_print(&sql, INDEX_MAKE, number, number);
        buffer_print(&sql, "DROP INDEX IF EXISTS weir_link_%" PRId64 "_repeat;", number);
        sqlite_indexes_make(&sql, datatype);
        ok = sqlite_is_tracked(store, datatype->name, &tracked, error);
        if (tracked) {
            sqlite_seq_index(&sql, datatype);
        }
    }
    buffer_print(&sql, "UPDATE weir_linkset SET settled = %d WHERE number = %" PRId64, bulk ? 0 : 1, number);
    buffer_append(&sql, "", 1);
    if (ok && sql.failed) {
        ok = error_memory(error);
    } else if (ok) {
        int status = sqlite3_exec(store->writer.db, sql.data, NULL, NULL, NULL);
        *clash = status == SQLITE_CONSTRAINT_UNIQUE;
        ok = status == SQLITE_OK || *clash || sqlite_fail(store->writer.db, status, "change", error);
    }
    buffer_clear(&sql);
    return ok;
}

// Finds the linkset in home, or makes it; `known` says what it is then.
static bool linkset_make(struct sqlite_store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                         struct known *known, struct error *error) {
    bool links = false;
    bool clash = false; // not among no links
    if (!sqlite_begin(store, error)) {
        return false;
    }
    bool ok = linkset_known(&store->writer, datasource, datatype->name, known, error);
    bool is_new = ok && known->number == 0;
    if (is_new) {
        ok = table_make(store, datasource, datatype->name, &known->number, error);
    }
    // One that has links stays as it is.
    if (ok && (is_new || known->settled == bulk)) {
        ok = has_links(&store->writer, known->number, &links, error) &&
             (links || sqlite_linkset_turn(store, known->number, datatype, bulk, &clash, error));
        known->settled = links ? known->settled : !bulk;
    }
    if (!ok) {
        sqlite_rollback(store);
        return false;
    }
    return sqlite_commit(store, error);
}

static struct sqlite_linkset *linkset_keep(struct sqlite_store *store, struct text datasource,
                                           const struct datatype *datatype, int64_t number) {
    struct sqlite_linkset *links = memory_zero(1, sizeof *links);
    char *name = memory_take(datasource.length + datatype->name.length + 1);
    if (links == NULL || name == NULL) {
        memory_free(links);
        memory_free(name);
        return NULL;
    }
    if (datasource.length > 0) {
        memcpy(name, datasource.data, datasource.length);
    }
    name[datasource.length] = '\0';
    memcpy(name + datasource.length + 1, datatype->name.data, datatype->name.length);
    links->name = name;
    links->type = (struct text){name + datasource.length + 1, datatype->name.length};
    links->number = number;
    links->credit = WALK_CREDIT;
    links->links = (struct linkset){.datasource = {name, datasource.length}, .datatype = datatype};
    links->next = store->linksets;
    store->linksets = links;
    return links;
}

static bool linkset_find(struct sqlite_store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                         struct linkset **out, struct error *error) {
    struct sqlite_linkset *links = store->linksets;
    struct known known = {.settled = true};
    while (links != NULL &&
           (!text_same(links->links.datasource, datasource) || !text_same(links->type, datatype->name))) {
        links = links->next;
    }
    if (links != NULL && links->links.datatype != datatype) {
        links->links.datatype = datatype; // the one that it was found by before may be gone
    }
    if (links != NULL && links->links.bulk == bulk) {
        *out = &links->links;
        return true;
    }
    if (store->read_only) {
        if (!linkset_known(&store->reader, datasource, datatype->name, &known, error)) {
            return false;
        }
        if (known.number == 0) {
            return error_set(error, ERROR_NOT_THERE, "home %s has no links of %.*s to %.*s", store->path,
                             TEXT_ARGS(datatype->name), TEXT_ARGS(datasource));
        }
    } else if (!linkset_make(store, datasource, datatype, bulk, &known, error)) {
        return false;
    }
    if (links == NULL) {
        links = linkset_keep(store, datasource, datatype, known.number);
        if (links == NULL) {
            return error_memory(error);
        }
    }
    links->links.bulk = !known.settled;
    links->links.tracked = known.tracked;
    *out = &links->links;
    return true;
}

bool sqlite_linkset(struct store *base, struct text datasource, const struct datatype *datatype, bool bulk,
                    struct linkset **out, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    pthread_mutex_lock(&store->linking);
    bool ok = linkset_find(store, datasource, datatype, bulk, out, error);
    pthread_mutex_unlock(&store->linking);
    return ok;
}

void sqlite_linksets_close(struct sqlite_store *store) {
    while (store->linksets != NULL) {
        struct sqlite_linkset *links = store->linksets;
        store->linksets = links->next;
        sqlite3_finalize(links->add);
        sqlite3_finalize(links->agree);
        sqlite3_finalize(links->send);
        sqlite3_finalize(links->forget);
        sqlite3_finalize(links->scan);
        sqlite3_finalize(links->seek);
        sqlite3_finalize(links->of);
        memory_free(links->name);
        memory_free(links);
    }
}

// --- finding links ---

static bool walk_step(struct sqlite_linkset *links, struct error *error) {
    struct sqlite_query query = {.statement = links->scan};
    links->scan_home = links->seek_home + 1; // where to look again when the walk has come to its end
    return sqlite_next(&query, &links->is_scanning, error);
}

static bool walk_from(struct sqlite_linkset *links, int64_t home, struct error *error) {
    struct sqlite_query query = sqlite_again(links->scan);
    sqlite_give_integer(&query, home);
    return sqlite_next(&query, &links->is_scanning, error);
}

static void walk_rest(struct sqlite_linkset *links) {
    if (links->is_scanning) {
        links->scan_home = sqlite3_column_int64(links->scan, 0);
        sqlite3_reset(links->scan);
        links->is_scanning = false;
    }
}

void sqlite_linksets_rest(struct sqlite_store *store) {
    pthread_mutex_lock(&store->linking);
    for (struct sqlite_linkset *links = store->linksets; links != NULL; links = links->next) {
        walk_rest(links);
    }
    pthread_mutex_unlock(&store->linking);
}

void sqlite_link_at(sqlite3_stmt *statement, bool sent, struct link *out) {
    *out = (struct link){
        .home = sqlite3_column_int64(statement, 0),
        .seen = sqlite_print_at(statement, 1),
        .agreed_seq = sqlite3_column_int64(statement, 2),
    };
    if (sent) {
        out->sent = sqlite_print_at(statement, 4);
        out->sent_before = sqlite_print_at(statement, 5);
        out->bounces = sqlite3_column_int64(statement, 6);
    }
}

// What the reader's statements give. A pull that nothing is pushed back for doesn't pay for what was sent.
static bool links_read(struct sqlite_store *store, struct sqlite_linkset *links, struct error *error) {
    static const char plain[] = "SELECT home, seen, agreed_seq, external FROM";
    static const char sent[] = "SELECT home, seen, agreed_seq, external, sent, sent_before, bounces FROM";
    sqlite3 *db = store->reader.db;
    if (links->links.tracked != links->reads_sent) {
        walk_rest(links);
        sqlite3_finalize(links->scan);
        sqlite3_finalize(links->seek);
        sqlite3_finalize(links->of);
        links->scan = links->seek = links->of = NULL;
        links->reads_sent = links->links.tracked;
    }
    const char *columns = links->reads_sent ? sent : plain;
    return prepare_for(db, links, columns, "WHERE home >= ?1 ORDER BY home", &links->scan, error) &&
           prepare_for(db, links, columns, "WHERE external = ?1", &links->seek, error) &&
           prepare_for(db, links, columns, "WHERE home = ?1", &links->of, error);
}

static bool link_seek(struct sqlite_linkset *links, struct text external, struct link *out, struct error *error) {
    bool found;
    struct sqlite_query query = sqlite_again(links->seek);
    sqlite_give_text(&query, external);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (!found) {
        links->credit -= links->credit > 0;
        return true; // a new record: the walk stays where it is
    }
    sqlite_link_at(links->seek, links->reads_sent, out);
    sqlite_end(&query);
    bool is_near = out->home > links->seek_home && out->home - links->seek_home <= WALK_GAP;
    links->seek_home = out->home;
    links->credit = is_near ? WALK_CREDIT : links->credit - (links->credit > 0);
    if (links->credit == 0) {
        walk_rest(links);
        return true;
    }
    return walk_from(links, out->home + 1, error);
}

static bool link_walk(struct sqlite_linkset *links, struct text external, struct link *out, struct error *error) {
    if (links->is_scanning && text_same(sqlite_text_at(links->scan, 3), external)) {
        sqlite_link_at(links->scan, links->reads_sent, out);
        links->seek_home = out->home;
        links->credit = WALK_CREDIT;
        return walk_step(links, error);
    }
    return link_seek(links, external, out, error);
}

bool sqlite_link_find(struct store *base, struct linkset *linkset, const struct text *externals, size_t count,
                      struct link *out, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    struct sqlite_linkset *links = (struct sqlite_linkset *)linkset;
    memset(out, 0, count * sizeof *out);
    if (linkset->bulk || count == 0) {
        return true;
    }
    if (!links_read(store, links, error)) {
        return false;
    }
    bool ok = links->is_scanning || links->credit == 0 || walk_from(links, links->scan_home, error);
    for (size_t i = 0; i < count && ok; i++) {
        ok = link_walk(links, externals[i], &out[i], error);
    }
    if (!store->in_snapshot) {
        walk_rest(links); // a walk left open would hold its view of home, and with it the log
    }
    return ok;
}

bool sqlite_link_of(struct store *base, struct linkset *linkset, int64_t home, struct arena *arena, struct link *out,
                    struct text *external, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    struct sqlite_linkset *links = (struct sqlite_linkset *)linkset;
    bool found;
    *out = (struct link){0};
    *external = (struct text){"", 0};
    if (!links_read(store, links, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(links->of);
    sqlite_give_integer(&query, home);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = true;
    if (found) {
        sqlite_link_at(links->of, links->reads_sent, out);
        ok = sqlite_copy_at(links->of, 3, arena, external, error);
        sqlite_end(&query);
    }
    return ok;
}
