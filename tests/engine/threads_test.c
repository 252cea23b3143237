// Runs with two threads, while people edit the same home from a third and a signal comes from there too. What each of
// them wrote must be on both sides in the end. Built with the thread sanitizer these are also what it looks at.

#include <pthread.h>

#include "engine/edit.h"
#include "format/format_json.h"
#include "push_rig.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

enum {
    RECORDS = 60,
    ROUNDS = 4,
    ROUNDS_ON_DISK = 2,
    RUNS_MAX = 200,
    EDITS = 1500,
    EDITS_ON_DISK = 120,
    SIGNALS = 10,
    CODE_BYTES = 32
};

struct people {
    struct push_rig *rig;
    struct store *store; // their own, on the same home
    struct error error;
    struct arena arena;
    pthread_t thread;
    atomic_bool done;
    int signals; // how many they will still send
    int edits;
    int edits_left; // in this round
    int64_t ids[RECORDS];
    char codes[RECORDS][CODE_BYTES]; // what they wrote last
    int made;                        // records that are theirs
};

static int64_t put(struct people *people, const char *json) {
    struct edit edit = {.store = people->store,
                        .datatype = &people->rig->resource,
                        .clock = &clock_system,
                        .origin = TEXT_LITERAL("people")};
    struct value value;
    int64_t id;
    bool created, changed;
    CHECK_OK(json_read(text_of(json), &people->arena, NULL, &value, &people->error), &people->error);
    CHECK_OK(edit_put(&edit, value.as.object, &id, &created, &changed, &people->error), &people->error);
    arena_reset(&people->arena);
    return id;
}

// --- commits that fail ---

static atomic_int transactions;
static _Thread_local bool is_person; // whose commits go well: what they wrote is what is looked for

static enum store_memory_outcome fail_some(void *context, const char *call) {
    (void)context;
    if (is_person || strcmp(call, "commit") != 0 || atomic_fetch_add(&transactions, 1) % 23 != 22) {
        return STORE_MEMORY_COMMIT;
    }
    return atomic_load(&transactions) % 2 == 0 ? STORE_MEMORY_REFUSE : STORE_MEMORY_COMMIT_SILENT;
}

// --- people ---

static void *edit_on(void *context) {
    struct people *people = context;
    char json[120];
    is_person = true;
    do {
        int i = people->edits++ * 7 % RECORDS;
        snprintf(people->codes[i], CODE_BYTES, "c%d", people->edits);
        snprintf(json, sizeof json, "{\"id\":%lld,\"code\":\"%s\"}", (long long)people->ids[i], people->codes[i]);
        put(people, json);
        if (people->edits % 9 == 0) {
            snprintf(json, sizeof json, "{\"name\":\"made %d\"}", people->made++);
            put(people, json);
        }
        if (people->signals > 0 && people->edits % 40 == 0) {
            people->signals--;
            atomic_store(&people->rig->stop, true);
        }
    } while (--people->edits_left > 0 && !atomic_load(&people->done));
    return NULL;
}

// --- the datasource: between the runs somebody renames everything ---

static void rename_all(struct push_rig *rig, int round) {
    for (int i = 1; i <= RECORDS; i++) {
        char json[120];
        char id[20];
        snprintf(id, sizeof id, "%d", i);
        struct text code = TEXT_LITERAL("null");
        struct value value;
        if (round > 0) {
            struct text before = remote_get(&rig->remote, "resource", id);
            CHECK_OK(json_read(before, &rig->arena, NULL, &value, &rig->error), &rig->error);
            const struct value *now = object_find(value.as.object, TEXT_LITERAL("code"));
            code = now != NULL && now->kind == VALUE_TEXT ? value_slice(now) : code;
        }
        bool is_null = text_is(code, "null");
        snprintf(json, sizeof json, "{\"id\":%d,\"name\":\"n%d of %d\",\"code\":%s%.*s%s,\"parent\":%d}", i, i, round,
                 is_null ? "" : "\"", TEXT_ARGS(code), is_null ? "" : "\"", i * 7 % RECORDS + 1);
        remote_put(&rig->remote, "resource", json);
    }
}

struct ids {
    int64_t ids[RECORDS];
    int count;
};

static bool take_id(void *context, const struct home_row *row, struct error *error) {
    (void)error;
    struct ids *ids = context;
    CHECK(ids->count < RECORDS);
    ids->ids[ids->count++] = row->id;
    return true;
}

// Which record of home is which of the datasource's.
static void find_ids(struct push_rig *rig, struct people *people) {
    struct ids ids = {.count = 0};
    struct scan all = {.filter = {"", 0}};
    CHECK_OK(rig->store_type->record_scan(rig->store, &rig->resource, &all, take_id, &ids, &rig->error), &rig->error);
    CHECK_INT(ids.count, RECORDS);
    for (int i = 0; i < RECORDS; i++) {
        struct text external;
        int64_t number = 0;
        push_rig_link(rig, "resource", ids.ids[i], &external);
        CHECK(text_integer(external, &number) && number >= 1 && number <= RECORDS);
        people->ids[number - 1] = ids.ids[i];
    }
}

static void begin(struct push_rig *rig, struct people *people, size_t page_records) {
    push_rig_open(rig, SYNC_BOTH);
    rig->request.threads = true;
    rig->request.page_records = page_records;
    rig->sync.deletes = false;
    rig->remote.honours_keys = true; // so that a write whose outcome was lost is sent again
    rename_all(rig, 0);
    push_rig_run(rig, RUN_DONE);
    *people = (struct people){.rig = rig};
    arena_init(&people->arena, 1 << 20);
    find_ids(rig, people);
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    CHECK_OK(store_open(rig->store_type, &setup, &people->store, &rig->error), &rig->error);
    CHECK_OK(store_prepare(people->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
}

// Runs until one is done; what interrupts or fails it on the way is the story's.
static void run_until_done(struct push_rig *rig) {
    for (int i = 0; i < RUNS_MAX; i++) {
        error_clear(&rig->error);
        CHECK_OK(run_sync(&rig->request, &rig->report, &rig->error), &rig->error);
        if (rig->report.status == RUN_DONE || rig->report.status == RUN_WARNING) {
            return;
        }
        const struct error *error = &rig->report.error;
        if (rig->report.status != RUN_INTERRUPTED && error->code != ERROR_HOME_IO) {
            test_fail(__FILE__, __LINE__, "the run is %s: W%d %s", run_status_name(rig->report.status),
                      (int)error->code, error->message);
        }
        atomic_store(&rig->stop, false);
    }
    test_fail(__FILE__, __LINE__, "no run of %d is done: W%d %s", RUNS_MAX, (int)rig->report.error.code,
              rig->report.error.message);
}

static bool holds(struct push_rig *rig, struct text form, const char *name, const char *expected) {
    struct value value;
    CHECK_OK(json_read(form, &rig->arena, NULL, &value, &rig->error), &rig->error);
    const struct value *found = object_find(value.as.object, text_of(name));
    return found != NULL && found->kind == VALUE_TEXT && text_is(value_slice(found), expected);
}

static void check_end(struct push_rig *rig, const struct people *people, int rounds) {
    for (int i = 0; i < RECORDS; i++) {
        struct home_row row = push_rig_record(rig, "resource", people->ids[i]);
        char text[40];
        snprintf(text, sizeof text, "n%d of %d", i + 1, rounds);
        CHECK_TEXT(value_slice(&row.fields[RES_NAME]), text);
        struct text external;
        push_rig_link(rig, "resource", row.id, &external);
        struct text there = remote_get(&rig->remote, "resource", external.data);
        CHECK(holds(rig, there, "name", text));
        if (people->codes[i][0] != '\0') {
            CHECK_TEXT(value_slice(&row.fields[RES_CODE]), people->codes[i]);
            CHECK(holds(rig, there, "code", people->codes[i]));
        }
    }
    CHECK_INT(remote_count(&rig->remote, "resource"), RECORDS + people->made); // none lost, none twice
    CHECK_INT(push_rig_deads(rig), 0);
}

static void story(const struct store_type *type, size_t page_records, bool signals, bool fails) {
    struct push_rig rig;
    static struct people people;
    push_rig_store = type;
    begin(&rig, &people, page_records);
    people.signals = signals ? SIGNALS : 0;
    store_memory_hook(fails ? fail_some : NULL, NULL);
    int rounds = type == &store_memory ? ROUNDS : ROUNDS_ON_DISK;
    for (int round = 1; round <= rounds; round++) {
        rename_all(&rig, round);
        atomic_store(&people.done, false);
        people.edits_left = type == &store_memory ? EDITS : EDITS_ON_DISK;
        CHECK(pthread_create(&people.thread, NULL, edit_on, &people) == 0);
        run_until_done(&rig);
        atomic_store(&people.done, true);
        CHECK(pthread_join(people.thread, NULL) == 0);
        atomic_store(&rig.stop, false);
    }
    store_memory_hook(NULL, NULL);
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    check_end(&rig, &people, rounds);
    store_close(people.store);
    arena_clear(&people.arena);
    push_rig_close(&rig);
}

TEST(engine_threads, people_edit_during_runs) {
    story(&store_memory, 3, false, false);
}

TEST(engine_threads, people_edit_during_runs_page_by_page) {
    story(&store_memory, 1, false, false);
}

TEST(engine_threads, people_edit_during_runs_on_disk) {
    story(&store_sqlite, 3, false, false);
}

TEST(engine_threads, signals_come_from_another_thread) {
    story(&store_memory, 2, true, false);
}

TEST(engine_threads, signals_come_from_another_thread_on_disk) {
    story(&store_sqlite, 2, true, false);
}

TEST(engine_threads, commits_fail) {
    story(&store_memory, 2, false, true);
}
