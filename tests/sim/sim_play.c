#include "sim_play.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "sim_check.h"
#include "sim_disk.h"
#include "sim_home.h"
#include "sim_http.h"
#include "sim_people.h"
#include "sim_sync.h"
#include "store/store_memory.h"

struct sim *sim_now;

enum { ARENA_MAX = 512 * 1024 * 1024, ROUNDS_MAX = 12 };

#define SIM_START INT64_C(1767225600000000) // 2026-01-01T00:00:00Z
#define DAY_US INT64_C(86400000000)

// --- telling ---

// The folder of the homes has another name each time.
static void hide_folder(char *line) {
    const char *folder = sim_disk_folder();
    size_t length = strlen(folder), changing = strlen("XXXXXX");
    for (char *at = length > 0 ? strstr(line, folder) : NULL; at != NULL; at = strstr(at + length, folder)) {
        memset(at + length - changing, 'X', changing);
    }
}

void sim_tell(struct sim *sim, const char *format, ...) {
    char line[1000];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    hide_folder(line);
    sim->trace = print_join(sim->trace, print_of(text_of(line), 0));
    if (sim->told != NULL) {
        fprintf(sim->told, "%s%s\n", sim->run != NULL ? "    " : "", line);
    }
}

void sim_find(struct sim *sim, const char *format, ...) {
    if (sim->failed) {
        return;
    }
    va_list list;
    va_start(list, format);
    vsnprintf(sim->message, sizeof sim->message, format, list);
    va_end(list);
    sim->failed = true;
    sim_tell(sim, "FOUND: %s", sim->message);
}

static bool ends_with(struct text text, const char *words) {
    size_t length = strlen(words);
    return text.length >= length && memcmp(text.data + text.length - length, words, length) == 0;
}

static void take_line(void *context, enum log_level level, struct text text) {
    struct sim *sim = context;
    if (sim->run_source >= 0 && (ends_with(text, "it is made anew") || ends_with(text, "it is brought back"))) {
        sim->syncs[sim->run_source].anew = true;
    }
    sim_tell(sim, "log %s: %.*s", log_level_name(level), TEXT_ARGS(text));
}

// --- time ---

static int64_t now(void *context) {
    const struct sim *sim = context;
    return sim->now_us + sim->jump_us;
}

static void wait_for(void *context, int64_t span_us) {
    struct sim *sim = context;
    sim->now_us += span_us;
}

// --- steps ---

const struct sim_event *sim_due(struct sim *sim, enum sim_what what, int64_t at) {
    if (sim->calm || sim->run == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sim->plan->count; i++) {
        const struct sim_event *event = &sim->plan->events[i];
        if (event->run == sim->run->number && event->what == what && event->at == at) {
            return event;
        }
    }
    return NULL;
}

static void die(struct sim *sim, const struct sim_event *event, const char *when, int64_t at) {
    sim->dead = true;
    bool machine = event->what == SIM_POWER;
    sim_tell(sim, "%s %s %lld", machine ? "the power goes" : "killed", when, (long long)at);
    sim_disk_die(sim, machine);
    sim->counters->what[event->what]++;
}

static const struct sim_event *death(struct sim *sim, int64_t step, int64_t after) {
    const struct sim_event *event = sim_due(sim, SIM_CRASH, step);
    event = event != NULL ? event : sim_due(sim, SIM_POWER, step);
    return event != NULL && event->detail == after ? event : NULL;
}

// A fault of the disk may have killed it in the middle of a call.
static void notice_death(struct sim *sim) {
    if (!sim->dead && sim->run != NULL && sim_disk_is_dead(sim)) {
        sim->dead = true;
        sim_tell(sim, "killed in the middle of a write");
    }
}

bool sim_step_begins(struct sim *sim) {
    notice_death(sim);
    const struct sim_event *event = sim->dead ? NULL : death(sim, sim->steps + 1, 0);
    sim->steps += !sim->dead;
    if (event != NULL) {
        die(sim, event, "before step", sim->steps);
        sim->counters->crashed_before++;
    }
    return !sim->dead;
}

bool sim_step_ends(struct sim *sim) {
    notice_death(sim);
    const struct sim_event *event = sim->dead ? NULL : death(sim, sim->steps, 1);
    if (event != NULL) {
        die(sim, event, "after step", sim->steps);
        sim->counters->crashed_after++;
    }
    return !sim->dead;
}

// --- doors: every call of a port passes one before it, and what writes one after it ---

static void people_come(struct sim *sim) {
    for (size_t i = 0; i < sim->plan->count; i++) {
        const struct sim_event *event = &sim->plan->events[i];
        bool is_person = event->what <= SIM_APPROVE && !sim_disk_is_dead(sim);
        if (is_person && event->run == sim->run->number && event->at == sim->doors) {
            sim->counters->people_in_runs++;
            sim_people_act(sim, event);
        }
    }
}

// A home on disk has no hook of its own: its transactions are its writing calls.
static void pass_disk(struct sim *sim, const char *name) {
    static const char *const calls[] = {"store.commit",  "store.settle", "store.run_begin",
                                        "store.run_end", "store.track",  "store.reserve"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        size_t length = strlen(calls[i]);
        if (strncmp(name, calls[i], length) == 0 && name[length] == '\0') {
            sim->transactions++;
            sim_step_begins(sim);
        } else if (strncmp(name, calls[i], length) == 0 && strcmp(name + length, ".after") == 0) {
            sim_step_ends(sim);
        }
    }
}

void fault_point(const char *name) {
    struct sim *sim = sim_now;
    if (sim == NULL || sim->person || sim->run == NULL) {
        return;
    }
    notice_death(sim);
    if (sim->dead) {
        return;
    }
    sim->doors++;
    if (!sim->calm) {
        people_come(sim);
        const struct sim_event *power = sim_due(sim, SIM_POWER, sim->doors);
        if (power != NULL && power->detail == SIM_POWER_DOOR) {
            die(sim, power, "at door", sim->doors);
            return;
        }
        if (sim_due(sim, SIM_STOP, sim->doors) != NULL) {
            sim_tell(sim, "a signal");
            atomic_store(&sim->stop, true);
            sim->counters->what[SIM_STOP]++;
        }
    }
    if (sim->plan->world.world[KNOB_SQLITE] != 0) {
        pass_disk(sim, name);
    }
}

size_t fault_page(void) {
    return 0;
}

size_t fault_log(void) {
    return sim_now != NULL ? (size_t)sim_now->plan->world.world[KNOB_LOG] : 0;
}

static enum store_memory_outcome on_transaction(void *context, const char *call) {
    (void)context;
    struct sim *sim = sim_now;
    if (sim->person || sim->run == NULL) {
        return STORE_MEMORY_COMMIT;
    }
    if (!sim_step_begins(sim)) {
        return STORE_MEMORY_REFUSE;
    }
    const struct sim_event *event = sim_due(sim, SIM_COMMIT, ++sim->transactions);
    if (event != NULL) {
        bool silent = event->detail != 0;
        sim_tell(sim, "%s: %s", call, silent ? "done, but an error comes back" : "refused");
        sim->counters->commits_silent += silent;
        sim->counters->commits_refused += !silent;
        sim->counters->what[SIM_COMMIT]++;
        return silent ? STORE_MEMORY_COMMIT_SILENT : STORE_MEMORY_REFUSE;
    }
    return sim_step_ends(sim) ? STORE_MEMORY_COMMIT : STORE_MEMORY_COMMIT_SILENT;
}

// --- a run ---

static void measure(struct sim *sim, int number, struct sim_verdict *verdict) {
    if (verdict != NULL && verdict->run_count < SIM_RUNS) {
        struct sim_measure *run = &verdict->runs[verdict->run_count++];
        *run = (struct sim_measure){number, sim->steps, sim->requests, sim->transactions, sim->doors, {0}};
        sim_disk_calls(sim, run->disk);
    }
    sim->counters->runs++;
    sim->counters->requests += (uint64_t)sim->requests;
    sim->counters->transactions += (uint64_t)sim->transactions;
    sim->counters->doors += (uint64_t)sim->doors;
}

static void run_once(struct sim *sim, const struct sim_event *event, bool force, struct sim_verdict *verdict) {
    int source = sim_source_of(event->place);
    struct sim_home *home = &sim->homes[sim_org_of(event->place)];
    struct run_request request = {
        .sync = &sim->syncs[source].sync,
        .clock = &sim->clock,
        .log = &sim->log,
        .stop = &sim->stop,
        .page_records = (size_t)sim->plan->world.world[KNOB_PAGE],
        .force = force,
        .retry = event->what == SIM_RETRY,
    };
    sim_tell(sim, "%d: %s runs%s", event->number, sim_place_name(event->place),
             request.retry ? " (dead letters)"
             : force       ? " (everything)"
                           : "");
    sim->run = event;
    sim->run_source = source;
    sim->run_moment = ++sim->moment;
    sim->retries = request.retry;
    sim->doors = sim->requests = sim->transactions = sim->steps = 0;
    sim->lied = false;
    memset(sim->emptied, 0, sizeof sim->emptied);
    sim->forced = force;
    atomic_store(&sim->stop, false);
    sim->report = (struct run_report){.status = RUN_PENDING};
    error_clear(&sim->error);
    if (!sim->calm) {
        sim_disk_trouble(sim);
    }
    bool opens = sim->calm || sim_home_reopen(sim, sim_org_of(event->place));
    request.store = home->store;
    bool ok = opens && run_sync(&request, &sim->report, &sim->error);
    sim_http_end(sim);
    const struct error *error = ok ? &sim->report.error : &sim->error;
    sim_tell(sim, "%s W%d %s", ok ? run_status_name(sim->report.status) : "broken", (int)error->code,
             error->code != ERROR_NONE ? error->message : "");
    measure(sim, event->number, verdict);
    sim->counters->statuses[ok ? sim->report.status : RUN_PENDING]++;
    sim->counters->what[event->what]++;
    notice_death(sim);
    bool was_dead = sim->dead;
    sim->run = NULL;
    sim->run_source = -1;
    sim->dead = false;
    sim_disk_calm(sim);
    if (was_dead || sim->plan->world.world[KNOB_SQLITE] != 0) {
        sim_home_revive(sim); // each run is a process of its own
    }
    if (sim->calm && error->code == ERROR_PAGE_ENDLESS) {
        sim_tell(sim, "nobody can tell whether these are all: page.size must be raised");
        sim->given_up = true;
        return;
    }
    if (sim->calm && (!ok || (sim->report.status != RUN_DONE && sim->report.status != RUN_WARNING))) {
        sim_find(sim, "a run in the calm is %s: W%d %s", ok ? run_status_name(sim->report.status) : "broken",
                 (int)error->code, error->message);
    }
    sim_check_run(sim, event->place);
}

// --- the story ---

static void open_all(struct sim *sim, const struct sim_plan *plan, FILE *told, struct sim_counters *counters) {
    memset(sim, 0, sizeof *sim);
    sim->plan = plan;
    sim->told = told;
    sim->counters = counters;
    sim->now_us = SIM_START;
    sim->run_source = -1;
    sim->clock = (struct clock){now, wait_for, sim};
    sim->log = (struct log){take_line, sim};
    arena_init(&sim->arena, ARENA_MAX);
    sim_now = sim;
    sim_disk_open(sim);
    store_memory_hook(on_transaction, NULL);
    for (int org = 0; org < SIM_ORGS; org++) {
        bool used = false;
        for (int source = 0; source < SIM_SOURCES; source++) {
            used = used || (sim_org_of((enum sim_place)(SIM_EAST + source)) == org &&
                            plan->world.sources[source][KNOB_USED] != 0);
        }
        if (used) {
            sim_home_open(sim, org);
        }
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (plan->world.sources[source][KNOB_USED] != 0) {
            sim_remote_open(&sim->remotes[source], sim, (enum sim_place)(SIM_EAST + source));
            sim_sync_open(sim, (enum sim_place)(SIM_EAST + source));
        }
    }
}

static void close_all(struct sim *sim) {
    for (int org = 0; org < SIM_ORGS; org++) {
        if (sim->homes[org].store != NULL) {
            sim_home_close(sim, org);
        }
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (sim->remotes[source].knobs != NULL) {
            sim_remote_close(&sim->remotes[source]);
        }
    }
    store_memory_hook(NULL, NULL);
    store_memory_forget();
    sim_disk_close(sim);
    arena_clear(&sim->arena);
    sim_now = NULL;
}

static void lose_power(struct sim *sim) {
    if (sim->plan->world.world[KNOB_SQLITE] != 0) {
        sim_tell(sim, "the power goes");
        sim_disk_die(sim, true);
        sim_home_revive(sim);
        sim->counters->what[SIM_POWER]++;
    }
}

static void play_event(struct sim *sim, const struct sim_event *event, struct sim_verdict *verdict) {
    switch (event->what) {
    case SIM_RUN:
    case SIM_RETRY:
        if (event->place >= SIM_EAST && sim->remotes[sim_source_of(event->place)].knobs != NULL) {
            run_once(sim, event, event->what == SIM_RUN && event->detail != 0, verdict);
        }
        break;
    case SIM_WAIT:
        sim->now_us += event->detail * 1000000;
        sim->counters->what[SIM_WAIT]++;
        break;
    case SIM_JUMP:
        sim_tell(sim, "weir's clock jumps by %lld s", (long long)event->detail);
        sim->jump_us += event->detail * 1000000;
        sim->counters->what[SIM_JUMP]++;
        break;
    case SIM_POWER:
        if (event->run == 0) {
            lose_power(sim);
        }
        break;
    default:
        if (event->run == 0) {
            sim_people_act(sim, event);
        }
    }
}

// --- the calm: whole rounds of all syncs until one changes nothing ---

static void round_of_runs(struct sim *sim, bool whole) {
    for (int source = 0; source < SIM_SOURCES && !sim->failed; source++) {
        struct sim_event event = {.what = SIM_RUN, .place = (enum sim_place)(SIM_EAST + source)};
        if (sim->remotes[source].knobs != NULL) {
            // What went without a trace is only missed by a whole pass, and so is what a lie left out. One that is read
            // whole now and then has its turn, too, before all is quiet.
            const int64_t *knobs = sim->remotes[source].knobs;
            bool force = whole && (knobs[KNOB_TOMBSTONES] == 0 || knobs[KNOB_FULL] != 0 || sim->lied_once);
            run_once(sim, &event, force, NULL);
        }
    }
    sim->counters->rounds++;
}

static void settle(struct sim *sim) {
    struct sim_stamp before, after;
    enum sim_place differs = SIM_A;
    sim_tell(sim, "calm");
    sim->calm = true;
    sim->jump_us = 0;      // somebody sets weir's clock right
    sim->now_us += DAY_US; // whoever asked to be left alone for a while is ready again
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (sim->remotes[source].knobs != NULL) {
            sim_remote_show_all(&sim->remotes[source]);
        }
    }
    sim_stamp_take(sim, &after);
    // The first round may do no more than end a pass that was interrupted.
    for (int round = 0; round < ROUNDS_MAX && (round < 2 || differs != SIM_PLACES) && !sim->failed && !sim->given_up;
         round++) {
        before = after;
        round_of_runs(sim, true);
        sim_stamp_take(sim, &after);
        differs = sim_stamp_differs(&before, &after);
    }
    if (sim->given_up) {
        return;
    }
    if (differs != SIM_PLACES) {
        sim_find(sim, "%d rounds of quiet runs and %s still changes", ROUNDS_MAX, sim_place_name(differs));
    }
    if (!sim->failed) {
        sim_check_end(sim);
    }
    for (int times = 0; times < 2 && !sim->failed; times++) {
        sim_tell(sim, "the quiet runs");
        before = after;
        round_of_runs(sim, times > 0);
        sim_stamp_take(sim, &after);
        differs = sim_stamp_differs(&before, &after);
        if (differs != SIM_PLACES && !sim->given_up) {
            sim_find(sim, "a quiet run writes into %s", sim_place_name(differs));
        }
    }
    if (!sim->failed) {
        sim_check_end(sim);
    }
}

void sim_play(const struct sim_plan *plan, FILE *told, struct sim_counters *counters, struct sim_verdict *out) {
    static struct sim sim; // large
    memset(out, 0, sizeof *out);
    open_all(&sim, plan, told, counters);
    for (size_t i = 0; i < plan->count && !sim.failed; i++) {
        play_event(&sim, &plan->events[i], out);
    }
    if (!sim.failed) {
        settle(&sim);
    }
    counters->plans++;
    out->ok = !sim.failed;
    out->trace = sim.trace;
    snprintf(out->message, sizeof out->message, "%s", sim.message);
    close_all(&sim);
}
