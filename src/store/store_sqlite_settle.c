#include "store/store_sqlite_apply.h"

#include <inttypes.h>
#include <stdio.h>

// The end of a bulk load. Mostly no id came twice: then the UNIQUE index is simply made. If one did, an index that
// allows repeats is made instead, and the repeats are resolved through it, a bounded number a transaction:
//
//    links of one id, by home id     A1   A2   A3 … An         homes are given out in the order of arrival
//    stays                           A1                        (so is its record)
//    wins                            An, if its print differs from A1's; else A1
//    lose                            all others: link and record go, and what An said otherwise stays as a conflict
//
// The winner's form is written over A1's record last, so a group that a kill left half done is a smaller group of the
// same first and last. When no repeat is left, the UNIQUE index takes the other's place.

enum { SETTLE_STEPS_MAX = 5000, SETTLE_ARENA_MAX = 256 * 1024 * 1024, SQL_MAX = 320 };

enum settle_statement {
    SETTLE_GROUP,       // the next id that came twice, from ?1 on
    SETTLE_ENDS,        // the first link of an id, and the last whose record is there
    SETTLE_LINK,        // a link by home
    SETTLE_NEXT,        // the next link of an id, after home ?2, without home ?3
    SETTLE_LINK_AGREE,  //
    SETTLE_LINK_REMOVE, //
    SETTLE_REMOVE,      // a record
    SETTLE_STATEMENTS,
};

struct settle {
    struct sqlite_store *store;
    struct sqlite_linkset *links;
    const struct lease *lease;
    int64_t run;
    int64_t at_us;
    struct sqlite_table *table;
    sqlite3_stmt *statements[SETTLE_STATEMENTS];
    sqlite3_stmt *take; // the winner's form into the first's record
    struct arena arena; // a group's
    int64_t steps;      // in this transaction
    int64_t repeats;
    int64_t conflicts;
};

struct member {
    int64_t home; // 0: none
    struct print seen;
    int64_t agreed_seq;
};

// Writes SQL in which @ stands for the linkset's table and $ for the datatype's.
static bool settle_prepare(struct settle *settle, const char *form, sqlite3_stmt **out, struct error *error) {
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    for (const char *c = form; *c != '\0'; c++) {
        if (*c == '@') {
            buffer_print(&sql, "weir_link_%" PRId64, settle->links->number);
        } else if (*c == '$') {
            sqlite_quote(&sql, settle->links->links.datatype->name);
        } else {
            buffer_byte(&sql, *c);
        }
    }
    buffer_append(&sql, "", 1);
    bool ok = sql.failed ? error_memory(error) : sqlite_prepare(settle->store->writer.db, sql.data, out, error);
    buffer_clear(&sql);
    return ok;
}

static bool statements_prepare(struct settle *settle, struct error *error) {
    static const char *const forms[SETTLE_STATEMENTS] = {
        [SETTLE_GROUP] = "SELECT external FROM @ WHERE external >= ?1 GROUP BY external HAVING count(*) > 1 LIMIT 1",
        [SETTLE_ENDS] = "SELECT min(l.home), max(CASE WHEN r.id IS NOT NULL THEN l.home END) FROM @ AS l"
                        " LEFT JOIN $ AS r ON r.id = l.home WHERE l.external = ?1",
        [SETTLE_LINK] = "SELECT home, seen, agreed_seq FROM @ WHERE home = ?1",
        [SETTLE_NEXT] = "SELECT home, seen, agreed_seq FROM @ WHERE external = ?1 AND home > ?2 AND home <> ?3"
                        " ORDER BY home LIMIT 1",
        [SETTLE_LINK_AGREE] = "UPDATE @ SET seen = ?2, agreed_seq = ?3 WHERE home = ?1",
        [SETTLE_LINK_REMOVE] = "DELETE FROM @ WHERE home = ?1",
        [SETTLE_REMOVE] = "DELETE FROM $ WHERE id = ?1",
    };
    for (int i = 0; i < SETTLE_STATEMENTS; i++) {
        if (settle->statements[i] == NULL && !settle_prepare(settle, forms[i], &settle->statements[i], error)) {
            return false;
        }
    }
    return true;
}

static bool take_prepare(struct settle *settle, struct error *error) {
    const struct datatype *datatype = settle->links->links.datatype;
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "INSERT OR REPLACE INTO ");
    sqlite_quote(&sql, datatype->name);
    for (int part = 0; part < 2; part++) {
        buffer_string(&sql, part == 0 ? "(id, seq, origin, extra" : ") SELECT ?1, ?2, origin, extra");
        for (size_t i = 0; i < datatype->count; i++) {
            buffer_byte(&sql, ',');
            sqlite_quote(&sql, datatype->fields[i].name);
        }
    }
    buffer_string(&sql, " FROM ");
    sqlite_quote(&sql, datatype->name);
    buffer_append(&sql, " WHERE id = ?3", sizeof " WHERE id = ?3");
    bool ok =
        sql.failed ? error_memory(error) : sqlite_prepare(settle->store->writer.db, sql.data, &settle->take, error);
    buffer_clear(&sql);
    return ok;
}

static bool member_next(struct sqlite_query *query, struct member *out, struct error *error) {
    bool found;
    *out = (struct member){0};
    if (!sqlite_next(query, &found, error)) {
        return false;
    }
    if (found) {
        out->home = sqlite3_column_int64(query->statement, 0);
        out->seen = sqlite_print_at(query->statement, 1);
        out->agreed_seq = sqlite3_column_int64(query->statement, 2);
        sqlite_end(query);
    }
    return true;
}

// Runs a cached statement with two numbers.
static bool change(struct settle *settle, const char *sql, int64_t first, int64_t second, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&settle->store->writer, sql, &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, first);
    sqlite_give_integer(&query, second);
    sqlite_give_text(&query, settle->links->links.datatype->name);
    return sqlite_run(&query, error);
}

// A record's fields and what came beside them, as one object.
static bool form_of(struct arena *arena, const struct datatype *datatype, const struct home_row *row,
                    struct value *out) {
    const struct object *extra = row->extra.kind == VALUE_OBJECT ? row->extra.as.object : NULL;
    uint32_t more = extra != NULL ? extra->shape->count : 0;
    uint32_t count = (uint32_t)datatype->count;
    struct text *names = arena_take_zero(arena, count + more + 1, sizeof *names);
    struct value *values = arena_take_zero(arena, count + more + 1, sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = datatype->fields[i].name;
        values[i] = row->fields[i];
    }
    for (uint32_t i = 0; i < more; i++) {
        names[count + i] = extra->shape->names[i];
        values[count + i] = extra->values[i];
    }
    *shape = (struct shape){count + more, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

// Keeps the form that a member's record is about to lose: an edit by somebody else in any case, the source's own when
// it isn't the one that wins.
static bool form_keep(struct settle *settle, struct text external, const struct member *lost, int64_t first,
                      struct print winner, struct error *error) {
    const struct datatype *datatype = settle->links->links.datatype;
    struct home_row row;
    bool found;
    if (!sqlite_table_find(&settle->store->writer, settle->table, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(settle->table->find);
    sqlite_give_integer(&query, lost->home);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool is_edit = found && sqlite3_column_int64(query.statement, 1) != lost->agreed_seq;
    if (!found || (!is_edit && print_same(lost->seen, winner))) {
        sqlite_end(&query);
        return true;
    }
    struct conflict_row conflict = {
        .kind = is_edit ? TEXT_LITERAL("edit") : TEXT_LITERAL("repeat"),
        .datasource = settle->links->links.datasource,
        .datatype = datatype->name,
        .external = external,
        .home = first,
        .print = lost->seen,
        .at_us = settle->at_us,
        .run = settle->run,
    };
    bool ok = sqlite_row_at(query.statement, datatype, &settle->arena, &row, error) &&
              (form_of(&settle->arena, datatype, &row, &conflict.payload) || error_memory(error));
    sqlite_end(&query);
    bool added = false;
    ok = ok && sqlite_put_conflict(settle->store, &conflict, &added, error);
    settle->conflicts += added;
    return ok;
}

// Other datasources' links to a record that goes lead to the one that stays, unless that has one of theirs.
static bool links_move(struct settle *settle, int64_t from, int64_t to, struct error *error) {
    struct sqlite_query query;
    bool found;
    char sql[SQL_MAX];
    if (!sqlite_ask(&settle->store->writer, "SELECT number FROM weir_linkset WHERE datatype = ?1 AND number <> ?2",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, settle->links->links.datatype->name);
    sqlite_give_integer(&query, settle->links->number);
    for (;;) {
        if (!sqlite_next(&query, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        long long number = sqlite3_column_int64(query.statement, 0);
        snprintf(sql, sizeof sql,
                 "UPDATE OR IGNORE weir_link_%lld SET home = %lld WHERE home = %lld; "
                 "DELETE FROM weir_link_%lld WHERE home = %lld",
                 number, (long long)to, (long long)from, number, (long long)from);
        if (!sqlite_exec(settle->store->writer.db, sql, error)) {
            sqlite_end(&query);
            return false;
        }
    }
}

static bool member_remove(struct settle *settle, const struct member *member, int64_t first, struct error *error) {
    struct sqlite_query query = sqlite_again(settle->statements[SETTLE_LINK_REMOVE]);
    sqlite_give_integer(&query, member->home);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    query = sqlite_again(settle->statements[SETTLE_REMOVE]);
    sqlite_give_integer(&query, member->home);
    settle->repeats++;
    settle->steps++;
    return sqlite_run(&query, error) && links_move(settle, member->home, first, error) &&
           sqlite_bases_drop(settle->store, member->home, error) &&
           change(settle, "DELETE FROM weir_pending WHERE home = ?1 AND home <> ?2 AND datatype = ?3", member->home, 0,
                  error);
}

static bool is_edited(struct settle *settle, const struct member *member, bool *edited, struct error *error) {
    bool found;
    if (!sqlite_table_find(&settle->store->writer, settle->table, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(settle->table->find);
    sqlite_give_integer(&query, member->home);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *edited = found && sqlite3_column_int64(query.statement, 1) != member->agreed_seq;
    sqlite_end(&query);
    return true;
}

// The winner's form goes over the first's record, and its waiting references with it. One that somebody edited since it
// came is ahead of what both sides agree on.
static bool form_take(struct settle *settle, const struct member *first, const struct member *winner,
                      struct error *error) {
    int64_t seq;
    bool edited;
    if ((settle->take == NULL && !take_prepare(settle, error)) || !is_edited(settle, winner, &edited, error) ||
        !sqlite_count(settle->store, "seq", 1 + edited, &seq, error)) {
        return false;
    }
    const struct datatype *datatype = settle->links->links.datatype;
    if (!sqlite_base_keep(settle->store, datatype, first->home, settle->links->number, settle->at_us, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(settle->take);
    sqlite_give_integer(&query, first->home);
    sqlite_give_integer(&query, seq);
    sqlite_give_integer(&query, winner->home);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    query = sqlite_again(settle->statements[SETTLE_LINK_AGREE]);
    sqlite_give_integer(&query, first->home);
    sqlite_give_print(&query, winner->seen);
    sqlite_give_integer(&query, seq - edited);
    return sqlite_run(&query, error) &&
           (settle->store->tracks.count == 0 ||
            sqlite_base_free(settle->store, datatype->name, first->home, first->agreed_seq, error)) &&
           change(settle, "DELETE FROM weir_tombstone WHERE id = ?1 AND id <> ?2 AND datatype = ?3", first->home, 0,
                  error) &&
           change(settle, "DELETE FROM weir_pending WHERE home = ?1 AND home <> ?2 AND datatype = ?3", first->home, 0,
                  error) &&
           change(settle, "UPDATE weir_pending SET home = ?1 WHERE home = ?2 AND home <> 0 AND datatype = ?3",
                  first->home, winner->home, error);
}

static bool member_find(struct settle *settle, int64_t home, struct member *out, struct error *error) {
    struct sqlite_query query = sqlite_again(settle->statements[SETTLE_LINK]);
    sqlite_give_integer(&query, home);
    return member_next(&query, out, error);
}

static bool group_ends(struct settle *settle, struct text external, struct member *first, struct member *winner,
                       struct error *error) {
    bool found;
    struct sqlite_query query = sqlite_again(settle->statements[SETTLE_ENDS]);
    sqlite_give_text(&query, external);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    int64_t first_home = sqlite3_column_int64(query.statement, 0);
    int64_t last_home = sqlite3_column_int64(query.statement, 1);
    sqlite_end(&query);
    if (!member_find(settle, first_home, first, error) ||
        !member_find(settle, last_home != 0 ? last_home : first_home, winner, error)) {
        return false;
    }
    if (print_same(first->seen, winner->seen)) {
        *winner = *first;
    }
    return true;
}

// Resolves one group, or as much of it as still fits the transaction.
static bool group_settle(struct settle *settle, struct text external, struct error *error) {
    struct member first;
    struct member winner;
    struct member lost;
    if (!group_ends(settle, external, &first, &winner, error)) {
        return false;
    }
    while (settle->steps < SETTLE_STEPS_MAX) {
        struct sqlite_query query = sqlite_again(settle->statements[SETTLE_NEXT]);
        sqlite_give_text(&query, external);
        sqlite_give_integer(&query, first.home);
        sqlite_give_integer(&query, winner.home);
        if (!member_next(&query, &lost, error)) {
            return false;
        }
        if (lost.home == 0) {
            break;
        }
        if (!form_keep(settle, external, &lost, first.home, winner.seen, error) ||
            !member_remove(settle, &lost, first.home, error)) {
            return false;
        }
    }
    if (settle->steps >= SETTLE_STEPS_MAX || winner.home == first.home) {
        return true;
    }
    return form_keep(settle, external, &first, first.home, winner.seen, error) &&
           form_take(settle, &first, &winner, error) && member_remove(settle, &winner, first.home, error);
}

// One transaction's worth of repeats, from the id in `from` on. `more` says whether some may be left.
static bool groups_settle(struct settle *settle, struct buffer *from, bool *more, struct error *error) {
    bool found;
    settle->steps = 0;
    *more = true;
    settle->store->tracks.is_fresh = false;
    if (!sqlite_tracks_learn(settle->store, -1, error)) {
        return false;
    }
    while (settle->steps < SETTLE_STEPS_MAX) {
        struct sqlite_query query = sqlite_again(settle->statements[SETTLE_GROUP]);
        sqlite_give_text(&query, buffer_view(from));
        if (!sqlite_next(&query, &found, error)) {
            return false;
        }
        if (!found) {
            *more = false;
            return true;
        }
        arena_reset(&settle->arena);
        struct text external;
        if (!sqlite_copy_at(query.statement, 0, &settle->arena, &external, error)) {
            return false;
        }
        sqlite_end(&query);
        buffer_reset(from);
        if (!buffer_text(from, external)) {
            return error_memory(error);
        }
        if (!group_settle(settle, external, error)) {
            return false;
        }
    }
    return true;
}

// Makes the index that allows repeats; one that a killed settle left is as good.
static bool repeats_index(struct settle *settle, struct error *error) {
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS weir_link_%lld_repeat ON weir_link_%lld(external)",
             (long long)settle->links->number, (long long)settle->links->number);
    return sqlite_exec(settle->store->writer.db, sql, error);
}

// One transaction of settling: begin, the lease, `step`, commit.
static bool settle_step(struct settle *settle, bool (*step)(struct settle *settle, void *context, struct error *error),
                        void *context, struct error *error) {
    if (!sqlite_begin(settle->store, error)) {
        return false;
    }
    int64_t repeats = settle->repeats;
    int64_t conflicts = settle->conflicts;
    if (!sqlite_lease_check(settle->store, settle->lease, error) || !step(settle, context, error)) {
        settle->repeats = repeats;
        settle->conflicts = conflicts;
        sqlite_rollback(settle->store);
        return false;
    }
    return sqlite_commit(settle->store, error);
}

struct finish {
    bool settled;
    bool clash;
};

static bool step_finish(struct settle *settle, void *context, struct error *error) {
    struct finish *finish = context;
    bool tracked;
    if (!sqlite_linkset_settled(settle->store, settle->links, &finish->settled, &tracked, error)) {
        return false;
    }
    if (finish->settled) {
        return true;
    }
    // A clash ends the transaction like an error does; whoever asked looks at `clash`.
    return sqlite_linkset_turn(settle->store, settle->links->number, settle->links->links.datatype, false,
                               &finish->clash, error) &&
           !finish->clash;
}

static bool step_index(struct settle *settle, void *context, struct error *error) {
    (void)context;
    return repeats_index(settle, error);
}

struct progress {
    struct buffer from;
    bool more;
};

static bool step_groups(struct settle *settle, void *context, struct error *error) {
    struct progress *progress = context;
    return groups_settle(settle, &progress->from, &progress->more, error);
}

static bool resolve(struct settle *settle, struct error *error) {
    struct progress progress = {.more = true};
    buffer_init(&progress.from, HOME_TEXT_MAX);
    bool ok = settle_step(settle, step_index, NULL, error) && statements_prepare(settle, error) &&
              sqlite_table(&settle->store->writer, settle->links->links.datatype, &settle->table, error);
    while (ok && progress.more) {
        ok = settle_step(settle, step_groups, &progress, error);
    }
    buffer_clear(&progress.from);
    return ok;
}

bool sqlite_settle(struct store *base, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                   int64_t *repeats, int64_t *conflicts, struct error *error) {
    struct settle settle = {
        .store = sqlite_of(base),
        .links = (struct sqlite_linkset *)links,
        .lease = lease,
        .run = run,
        .at_us = at_us,
    };
    struct finish finish = {0};
    arena_init(&settle.arena, SETTLE_ARENA_MAX);
    bool ok = settle_step(&settle, step_finish, &finish, error);
    while (!ok && finish.clash) {
        finish.clash = false;
        ok = resolve(&settle, error) && settle_step(&settle, step_finish, &finish, error);
    }
    for (int i = 0; i < SETTLE_STATEMENTS; i++) {
        sqlite3_finalize(settle.statements[i]);
    }
    sqlite3_finalize(settle.take);
    arena_clear(&settle.arena);
    *repeats = ok ? settle.repeats : 0;
    *conflicts = ok ? settle.conflicts : 0;
    if (ok) {
        links->bulk = false;
    }
    return ok;
}
