#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/store_contract_kit.h"
#include "store/store_sqlite.h"
#include "test.h"

// Home's lock, the log it covers, and leases across processes.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/acme", test_folder());
    return path;
}

static int64_t file_size(const char *name) {
    char path[400];
    struct stat found;
    snprintf(path, sizeof path, "%s/%s", home_folder(), name);
    return stat(path, &found) == 0 ? found.st_size : 0;
}

// A process that takes something and keeps it until it is told, or killed.
struct holder {
    pid_t process;
    int tell;
};

static struct holder holder_start(void (*take)(void)) {
    int ready[2];
    int told[2];
    char byte;
    CHECK(pipe(ready) == 0 && pipe(told) == 0);
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        close(told[1]);
        close(ready[0]);
        take();
        CHECK(write(ready[1], "x", 1) == 1);
        while (read(told[0], &byte, 1) < 0 && errno == EINTR) {
        }
        _exit(0);
    }
    close(ready[1]);
    close(told[0]);
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return (struct holder){process, told[1]};
}

static void holder_end(struct holder holder, bool kill_it) {
    int status;
    if (kill_it) {
        CHECK(kill(holder.process, SIGKILL) == 0);
    }
    close(holder.tell);
    CHECK(waitpid(holder.process, &status, 0) == holder.process);
}

static void take_lock(void) {
    char path[400];
    snprintf(path, sizeof path, "%s/home.lock", home_folder());
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open(path, O_RDWR);
    CHECK(file >= 0 && fcntl(file, F_OFD_SETLK, &lock) == 0);
}

static void *tell(void *holder) {
    holder_end(*(struct holder *)holder, false);
    return NULL;
}

TEST(store_sqlite_lock, commit_waits_for_another) {
    struct kit kit;
    pthread_t thread;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct holder holder = holder_start(take_lock);
    CHECK(pthread_create(&thread, NULL, tell, &holder) == 0);
    kit_add_group(&kit, "a", "A", "1");
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_INT(kit_seq(&kit), 1);
    kit_close(&kit);
}

static void take_lease(void) {
    static struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
}

TEST(store_sqlite_lock, lease_ends_with_its_process) {
    struct kit kit;
    struct lease lease;
    kit_open(&kit, &store_sqlite, home_folder());
    struct holder holder = holder_start(take_lease);
    CHECK(!store_lease_take(kit.store, TEXT_LITERAL("acme/pull"), &lease, &kit.error));
    CHECK_INT(kit.error.code, ERROR_LEASE_HELD);
    char process[32];
    snprintf(process, sizeof process, "process %d", (int)holder.process);
    CHECK(strstr(kit.error.message, process) != NULL);
    holder_end(holder, true);
    kit_run(&kit);
    static struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.runs[0].status, RUN_INTERRUPTED);
    CHECK_INT(rows.as.runs[1].status, RUN_RUNNING);
    kit_close(&kit);
}

enum { LOAD_PAGES = 60, LOAD_ROWS = 500, LOAD_TEXT = 2000 };

// Loads about 60 MB in 60 pages.
static void load(struct kit *kit, int from, int to) {
    static char note[LOAD_TEXT + 1];
    static struct effect effects[LOAD_ROWS];
    static char externals[LOAD_ROWS][16];
    memset(note, 'n', LOAD_TEXT);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), kit_text(note)};
    for (int page = from; page < to; page++) {
        int64_t first = kit_reserve(kit, LOAD_ROWS);
        for (int i = 0; i < LOAD_ROWS; i++) {
            snprintf(externals[i], sizeof externals[i], "%06d", page * LOAD_ROWS + i);
            effects[i] = (struct effect){.kind = EFFECT_CREATE,
                                         .datatype = kit->group,
                                         .id = first + i,
                                         .fields = fields,
                                         .links = kit->groups,
                                         .external = text_of(externals[i]),
                                         .adds_link = true};
        }
        kit_commit_effects(kit, effects, LOAD_ROWS);
    }
}

TEST(store_sqlite_lock, log_stays_bounded) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    load(&kit, 0, LOAD_PAGES);
    CHECK(file_size("home.db") > 40 * 1024 * 1024);
    CHECK(file_size("home.db-wal") < 24 * 1024 * 1024);
    kit_close(&kit);
}

struct looker {
    struct store *store;
    atomic_bool stop;
};

static void *look(void *context) {
    struct looker *looker = context;
    struct error error;
    int64_t seq;
    while (!atomic_load(&looker->stop)) {
        CHECK_OK(looker->store->type->snapshot(looker->store, &error), &error);
        CHECK_OK(looker->store->type->seq(looker->store, &seq, &error), &error);
        looker->store->type->snapshot_end(looker->store);
    }
    return NULL;
}

// A reader that takes one view after another stands in the log nearly always. On a busy machine it may be put aside
// with a view in its hand, which holds the log for that long: not so in four loads that follow each other.
TEST(store_sqlite_lock, log_stays_bounded_beside_a_reader) {
    struct kit kit;
    pthread_t thread;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct looker looker = {.store = kit.store};
    CHECK(pthread_create(&thread, NULL, look, &looker) == 0);
    bool is_bounded = false;
    for (int round = 0; round < 4 && !is_bounded; round++) {
        int64_t before = round > 0 ? file_size("home.db-wal") : 0;
        load(&kit, round * LOAD_PAGES, (round + 1) * LOAD_PAGES);
        is_bounded = file_size("home.db-wal") - before < 45 * 1024 * 1024;
    }
    atomic_store(&looker.stop, true);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(is_bounded);
    kit_close(&kit);
}

// A view held for long keeps the log growing, and nothing else: it sees what it saw, and the log is copied once it
// ends.
TEST(store_sqlite_lock, long_view_does_not_stop_a_load) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    CHECK_OK(kit.store->type->snapshot(kit.store, &kit.error), &kit.error);
    load(&kit, 0, LOAD_PAGES);
    CHECK_INT(kit_seq(&kit), 0);
    CHECK(file_size("home.db") < 1024 * 1024);
    kit.store->type->snapshot_end(kit.store);
    CHECK_INT(kit_seq(&kit), LOAD_PAGES * LOAD_ROWS);
    load(&kit, LOAD_PAGES, LOAD_PAGES + 20);
    CHECK(file_size("home.db") > 40 * 1024 * 1024);
    kit_close(&kit);
}

// What is there already is not written again.
TEST(store_sqlite_lock, quiet_page_writes_nothing) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct effect group = kit_add_group(&kit, "a", "A", "1");
    const struct pending_row pendings[] = {
        {.awaits_type = TEXT_LITERAL("group"),
         .awaits_external = TEXT_LITERAL("x"),
         .datatype = TEXT_LITERAL("reading"),
         .datasource = TEXT_LITERAL("wells"),
         .external = TEXT_LITERAL("r"),
         .seen = kit_print("r")},
        {.awaits_type = TEXT_LITERAL("group"),
         .awaits_external = TEXT_LITERAL("x"),
         .datatype = TEXT_LITERAL("group"),
         .home = group.id,
         .field = TEXT_LITERAL("name")},
    };
    const struct dead_row dead = {.flow = TEXT_LITERAL("acme/pull"),
                                  .external = TEXT_LITERAL("d"),
                                  .print = kit_print("d"),
                                  .payload = kit_text("\xff raw")};
    const struct conflict_row conflict = {.kind = TEXT_LITERAL("repeat"), .external = TEXT_LITERAL("c")};
    struct page page = kit_page(&kit);
    page.pendings = pendings;
    page.pending_count = 2;
    page.deads = &dead;
    page.dead_count = 1;
    page.conflicts = &conflict;
    page.conflict_count = 1;
    kit_commit(&kit, &page);
    int64_t log = file_size("home.db-wal");
    kit_commit(&kit, &page);
    CHECK_INT(file_size("home.db-wal"), log);
    kit_close(&kit);
}
