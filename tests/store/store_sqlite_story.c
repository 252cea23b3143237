#include "store_sqlite_story.h"

#include <sqlite3.h>
#include <unistd.h>

#include "store/store_sqlite.h"

enum {
    PAGE_NEW = 6,
    PAGE_EFFECTS = 11,
    BULK_IDS = 4,
    BULK = 3 * BULK_IDS,
    ARENA_MAX = 64 * 1024 * 1024,
    NOTE_BYTES = 700
};

static const struct value *fields_of(struct story *story, const char *code) {
    static char note[NOTE_BYTES + 1];
    memset(note, 'n', NOTE_BYTES);
    struct value *fields = arena_take_zero(story->kit.arena, 2, sizeof *fields);
    struct text text;
    CHECK(fields != NULL && arena_text(story->kit.arena, text_of(code), &text));
    fields[0] = value_text(text);
    fields[1] = value_text(text_of(note));
    return fields;
}

static struct text named(struct story *story, int page, int row) {
    char name[24];
    struct text text;
    snprintf(name, sizeof name, "%03d-%d", page, row);
    CHECK(arena_text(story->kit.arena, text_of(name), &text));
    return text;
}

// --- opening ---

static bool tell_open(struct story *story, int part, struct error *error) {
    (void)part;
    struct store_setup setup = {.folder = story->kit.folder, .create = true};
    return store_open(&store_sqlite, &setup, &story->kit.store, error);
}

static bool tell_prepare(struct story *story, int part, struct error *error) {
    (void)part;
    return store_prepare(story->kit.store, &story->kit.group, 1, TEXT_LITERAL("return {}"), error);
}

static bool tell_linkset(struct story *story, int part, struct error *error) {
    return part == 0
               ? store_linkset(story->kit.store, TEXT_LITERAL("wells"), story->kit.group, false, &story->kit.groups,
                               error)
               : store_linkset(story->kit.store, TEXT_LITERAL("ponds"), story->kit.group, true, &story->ponds, error);
}

static bool tell_track(struct story *story, int part, struct error *error) {
    (void)part;
    return store_track(story->kit.store, story->kit.groups, error);
}

static bool tell_lease(struct story *story, int part, struct error *error) {
    (void)part;
    return store_lease_take(story->kit.store, TEXT_LITERAL("acme/pull"), &story->kit.lease, error);
}

static bool tell_run(struct story *story, int part, struct error *error) {
    (void)part;
    struct run_row row = kit_run_row("acme/pull", 1000);
    return store_run_begin(story->kit.store, &story->kit.lease, &row, &story->kit.run, error);
}

static bool tell_reserve(struct story *story, int page, struct error *error) {
    int count = page == STORY_PAGES ? BULK : PAGE_NEW;
    return store_reserve(story->kit.store, count, &story->first[page], error);
}

// --- pages ---

static bool commit(struct story *story, const struct page *page, int64_t seqs, struct error *error) {
    enum commit_outcome outcome;
    if (!store_commit(story->kit.store, page, &outcome, error)) {
        return false;
    }
    CHECK(outcome == COMMIT_DONE);
    story->seq += seqs;
    return true;
}

static struct effect effect_of(struct story *story, enum effect_kind kind, int page, int row) {
    return (struct effect){
        .kind = kind,
        .datatype = story->kit.group,
        .id = story->first[page] + row,
        .base_seq = kind == EFFECT_CREATE ? 0 : story->first_seq[page] + row,
        .fields = kind == EFFECT_CREATE || kind == EFFECT_UPDATE ? fields_of(story, "code") : NULL,
        .links = story->kit.groups,
        .external = named(story, page, row),
        .seen = kit_print(kind == EFFECT_CREATE ? "1" : "2"),
        .adds_link = kind == EFFECT_CREATE,
    };
}

// New records, and of the page before one merged, one edited, one deleted, one agreed on, one whose link goes.
static size_t effects_of(struct story *story, int page, struct effect effects[PAGE_EFFECTS], int64_t *seqs) {
    size_t count = 0;
    for (int i = 0; i < PAGE_NEW; i++) {
        effects[count++] = effect_of(story, EFFECT_CREATE, page, i);
    }
    *seqs = PAGE_NEW;
    if (page > 0) {
        effects[count] = effect_of(story, EFFECT_UPDATE, page - 1, 0);
        effects[count++].agreed = fields_of(story, "theirs");
        effects[count] = effect_of(story, EFFECT_UPDATE, page - 1, 1);
        effects[count++].links = NULL;
        effects[count++] = effect_of(story, EFFECT_DELETE, page - 1, 2);
        effects[count] = effect_of(story, EFFECT_AGREE, page - 1, 3);
        effects[count].sends = true;
        effects[count++].sent = kit_print("sent");
        effects[count++] = effect_of(story, EFFECT_FORGET, page - 1, 4);
        *seqs += 4;
    }
    return count;
}

static bool tell_page(struct story *story, int number, struct error *error) {
    struct effect effects[PAGE_EFFECTS];
    int64_t seqs;
    const int64_t done = number / 2;
    struct text name = named(story, number, 0);
    struct page page = kit_page(&story->kit);
    page.effects = effects;
    page.effect_count = effects_of(story, number, effects, &seqs);
    const struct dead_row dead = {.flow = TEXT_LITERAL("f"), .external = name, .payload = kit_text("raw")};
    const struct pending_row pending = {.datasource = TEXT_LITERAL("wells"), .external = name};
    const struct conflict_row conflict = {.kind = TEXT_LITERAL("edit"), .external = name, .payload = kit_text("lost")};
    const struct log_row log = {1, LOG_INFO, name};
    const struct checkpoint checkpoint = {.position = name};
    const struct intent_row intent = {.operation = name, .form = {.kind = VALUE_MISSING}};
    const struct watermark_row watermark = {.key = TEXT_LITERAL("k"), .text = name};
    const struct held_row held = {.key = TEXT_LITERAL("k"), .home = number};
    const struct stale_row stale = {.datatype = TEXT_LITERAL("group"), .home = number};
    page.deads = &dead;
    page.pendings = &pending;
    page.conflicts = &conflict;
    page.logs = &log;
    page.checkpoint = &checkpoint;
    page.intents = &intent;
    page.intents_done = &done;
    page.watermarks = &watermark;
    page.helds = &held;
    page.stales = &stale;
    page.dead_count = page.pending_count = page.conflict_count = page.log_count = page.watermark_count = 1;
    page.held_count = page.stale_count = 1;
    page.intent_count = (size_t)(number % 2); // every second one pushes
    page.intent_done_count = number > 0 ? 1 : 0;
    story->first_seq[number] = story->seq + 1;
    if (!commit(story, &page, seqs, error)) {
        return false;
    }
    story->marks += number % 2;
    return true;
}

static bool tell_snapshot(struct story *story, int part, struct error *error) {
    if (part == 0) {
        story->kit.type->snapshot_end(story->kit.store);
        return true;
    }
    return story->kit.type->snapshot(story->kit.store, error);
}

// Every id three times, each time in another form.
static bool tell_bulk(struct story *story, int part, struct error *error) {
    struct effect effects[BULK];
    static const char *const forms[] = {"1", "2", "3"};
    (void)part;
    for (int i = 0; i < BULK; i++) {
        effects[i] = effect_of(story, EFFECT_CREATE, STORY_PAGES, i);
        effects[i].fields = fields_of(story, forms[i / BULK_IDS]);
        effects[i].seen = kit_print(forms[i / BULK_IDS]);
        effects[i].external = named(story, STORY_PAGES, i * 3 % BULK_IDS);
        effects[i].links = story->ponds;
    }
    struct page page = kit_page(&story->kit);
    page.effects = effects;
    page.effect_count = BULK;
    return commit(story, &page, BULK, error);
}

static bool tell_settle(struct story *story, int part, struct error *error) {
    int64_t repeats;
    int64_t conflicts;
    (void)part;
    if (!store_settle(story->kit.store, story->ponds, &story->kit.lease, story->kit.run, 1, &repeats, &conflicts,
                      error)) {
        return false;
    }
    story->seq += BULK_IDS; // the form that wins
    return true;
}

static bool tell_run_end(struct story *story, int part, struct error *error) {
    (void)part;
    const struct log_row log = {2, LOG_WARNING, TEXT_LITERAL("the end")};
    struct run_row row = {.id = story->kit.run, .key = story->kit.lease.key, .status = RUN_DONE, .ended_us = 2000};
    if (!store_run_end(story->kit.store, &story->kit.lease, &row, true, &log, 1, error)) {
        return false;
    }
    store_lease_free(story->kit.store, &story->kit.lease);
    story->kit.run = 0;
    return true;
}

static bool tell_close(struct story *story, int part, struct error *error) {
    (void)part;
    (void)error;
    store_close(story->kit.store);
    story->kit.store = NULL;
    return true;
}

// --- the steps ---

static const struct {
    const char *name;
    bool (*tell)(struct story *story, int part, struct error *error);
    int part;
} steps[] = {
    {"open", tell_open, 0},
    {"prepare", tell_prepare, 0},
    {"linkset", tell_linkset, 0},
    {"bulk linkset", tell_linkset, 1},
    {"track", tell_track, 0},
    {"lease", tell_lease, 0},
    {"run", tell_run, 0},
    {"reserve", tell_reserve, 0},
    {"page 0", tell_page, 0},
    {"reserve", tell_reserve, 1},
    {"page 1", tell_page, 1},
    {"snapshot", tell_snapshot, 1},
    {"reserve", tell_reserve, 2},
    {"page 2", tell_page, 2},
    {"reserve", tell_reserve, 3},
    {"page 3", tell_page, 3},
    {"snapshot end", tell_snapshot, 0},
    {"reserve", tell_reserve, 4},
    {"page 4", tell_page, 4},
    {"reserve for bulk", tell_reserve, STORY_PAGES},
    {"bulk", tell_bulk, 0},
    {"settle", tell_settle, 0},
    {"run end", tell_run_end, 0},
    {"close", tell_close, 0},
    {"open again", tell_open, 0},
    {"prepare again", tell_prepare, 0},
    {"linkset again", tell_linkset, 0},
    {"lease again", tell_lease, 0},
    {"run again", tell_run, 0},
    {"reserve", tell_reserve, 5},
    {"page 5", tell_page, 5},
};

size_t story_length(void) {
    return sizeof steps / sizeof steps[0];
}

const char *story_step_name(size_t step) {
    return steps[step].name;
}

bool story_step_repeats(size_t step) {
    return steps[step].tell == tell_open || steps[step].tell == tell_prepare || steps[step].tell == tell_linkset ||
           steps[step].tell == tell_track || steps[step].tell == tell_snapshot || steps[step].tell == tell_settle;
}

void story_begin(struct story *story, const char *folder) {
    const struct field fields[] = {
        {.name = TEXT_LITERAL("code"), .type = FIELD_TEXT, .required = true},
        {.name = TEXT_LITERAL("note"), .type = FIELD_TEXT},
    };
    static const uint32_t key[] = {0};
    *story = (struct story){.kit = {.type = &store_sqlite, .folder = text_of(folder), .lease.file = -1}};
    arena_init(&story->kit.memory, ARENA_MAX);
    story->kit.arena = &story->kit.memory;
    story->kit.group = kit_datatype(&story->kit, "group", fields, 2, key, 1, false);
}

bool story_tell(struct story *story, size_t step, struct error *error) {
    error_clear(error);
    return steps[step].tell(story, steps[step].part, error);
}

static void leave(struct story *story) {
    if (story->kit.store != NULL) {
        store_lease_free(story->kit.store, &story->kit.lease);
    }
    store_close(story->kit.store);
    story->kit.store = NULL;
    story->kit.run = 0;
}

void story_end(struct story *story) {
    leave(story);
    arena_clear(&story->kit.memory);
}

bool story_go_on(struct story *story, struct error *error) {
    leave(story);
    error_clear(error);
    bool restored = true;
    int64_t first;
    if (!tell_open(story, 0, error) || !tell_prepare(story, 0, error) || !tell_linkset(story, 0, error) ||
        !tell_lease(story, 0, error) || !tell_run(story, 0, error) ||
        !store_reserve(story->kit.store, 1, &first, error) ||
        !story->kit.type->restored(story->kit.store, &restored, error)) {
        return false;
    }
    // Nobody put a backup back.
    CHECK(!restored);
    struct effect effect = effect_of(story, EFFECT_CREATE, 0, 0);
    effect.id = first;
    effect.links = NULL;
    struct page page = kit_effects(&story->kit, &effect, 1);
    return commit(story, &page, 1, error);
}

// --- what home holds ---

int64_t story_mark(const char *folder) {
    char path[400];
    long long mark = 0;
    snprintf(path, sizeof path, "%s/home.mark", folder);
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        mark = fscanf(file, "%lld\n", &mark) == 1 ? mark : -1;
        fclose(file);
    }
    return mark;
}

static bool rows_print(sqlite3 *db, const char *sql, struct print *out) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        return false;
    }
    int status = sqlite3_step(statement);
    for (; status == SQLITE_ROW; status = sqlite3_step(statement)) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            struct text text = {sqlite3_column_blob(statement, i), (size_t)sqlite3_column_bytes(statement, i)};
            uint64_t type = (uint64_t)sqlite3_column_type(statement, i);
            *out = print_join(*out, print_of(text.data != NULL ? text : TEXT_LITERAL(""), type));
        }
    }
    sqlite3_finalize(statement);
    return status == SQLITE_DONE;
}

static bool tables_print(sqlite3 *db, struct print *out) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &statement,
                           NULL) != SQLITE_OK) {
        return false;
    }
    bool ok = true;
    while (ok && sqlite3_step(statement) == SQLITE_ROW) {
        char sql[300];
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", (const char *)sqlite3_column_text(statement, 0));
        ok = rows_print(db, sql, out);
    }
    return sqlite3_finalize(statement) == SQLITE_OK && ok;
}

static bool check_damage(sqlite3 *db, char damage[200]) {
    sqlite3_stmt *statement;
    damage[0] = '\0';
    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        snprintf(damage, 200, "%s", sqlite3_errmsg(db));
    } else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        snprintf(damage, 200, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    return sqlite3_finalize(statement) == SQLITE_OK;
}

bool story_print(const char *folder, struct print *out, char damage[200]) {
    char path[400];
    sqlite3 *db;
    *out = (struct print){0, 0};
    snprintf(path, sizeof path, "%s/home.db", folder);
    if (damage != NULL) {
        damage[0] = '\0';
    }
    if (access(path, F_OK) != 0) {
        return true;
    }
    struct print none = {0, 0};
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL); // all of it as of one moment
    bool ok = damage == NULL || check_damage(db, damage);
    ok = ok && rows_print(db, "SELECT name, sql FROM sqlite_schema ORDER BY name", out) && tables_print(db, out) &&
         (print_same(*out, none) ||
          (rows_print(db, "PRAGMA user_version", out) && rows_print(db, "PRAGMA application_id", out)));
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return ok;
}
