#include "storm.h"

#include "store/store_memory.h"

// Many storms (storm.h). Each is a process's worth of runs on a home in memory.

static uint64_t storm_seed;

static void tell_seed(void) {
    if (storm_seed != 0) {
        fprintf(stderr, "seed %llu: run it alone with WEIR_STORM=%llu\n", (unsigned long long)storm_seed,
                (unsigned long long)storm_seed);
    }
}

static void run(struct storm *storm) {
    struct push_rig *rig = &storm->rig;
    error_clear(&rig->error);
    rig->report = (struct run_report){0};
    bool ok = run_sync(&rig->request, &rig->report, &rig->error);
    const struct error *error = ok ? &rig->report.error : &rig->error;
    storm_tell(storm, "  run: %s %s", ok ? run_status_name(rig->report.status) : "broken",
               error->code != ERROR_NONE ? error->message : "");
    bool crashed = storm->dead;
    if (storm->calm) {
        CHECK_OK(ok && (rig->report.status == RUN_DONE || rig->report.status == RUN_WARNING), error);
    }
    storm_calm(storm);
    if (crashed) {
        push_rig_reopen(rig, true);
    }
    storm_check_run(storm);
}

// What only the lost home knew is lost with it: nobody can know it any more.
static void forget_lost(struct storm *storm) {
    bool found[STORM_VALUES] = {false};
    size_t count;
    int number;
    const struct home_row *rows = storm_home(storm, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < RES_FIELDS; f++) {
            const struct value *value = &rows[i].fields[f];
            if (value->kind == VALUE_TEXT && sscanf(value->as.text, "<%d>", &number) == 1) {
                found[number] = true;
            }
        }
    }
    const struct remote_fake *remote = &storm->rig.remote;
    for (size_t i = 0; i < remote->count; i++) {
        const struct object *fields = &remote->rows[i].fields;
        for (size_t f = 0; !remote->rows[i].gone && f < fields->shape->count; f++) {
            const struct value *value = &fields->values[f];
            if (value->kind == VALUE_TEXT && sscanf(value->as.text, "<%d>", &number) == 1) {
                found[number] = true;
            }
        }
    }
    for (int i = 0; i < storm->value_count; i++) {
        storm->over[i] = storm->over[i] || !found[i];
    }
}

static void restore(struct storm *storm) {
    struct push_rig *rig = &storm->rig;
    storm_tell(storm, "home comes back from a backup");
    store_close(rig->store);
    store_memory_restore(text_of(test_folder()), storm->backup);
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    CHECK_OK(store_open(rig->store_type, &setup, &rig->store, &rig->error), &rig->error);
    rig->request.store = rig->store;
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
    storm->pushed_to = 0;
    storm->pulled_to = 0;
    storm->restored = true;
    storm->restores = false; // once
    forget_lost(storm);
}

static void one_step(struct storm *storm) {
    struct push_rig *rig = &storm->rig;
    for (uint64_t acts = storm_draw(storm, 6); acts > 0; acts--) {
        if (storm_one_in(storm, 2)) {
            storm_act_home(storm);
        } else {
            storm_act_there(storm);
        }
    }
    if (storm_one_in(storm, 6)) {
        storm_tell(storm, "a person approves deletes");
        push_rig_approve(rig);
    }
    if (storm->restores && storm->backup == 0 && storm_one_in(storm, 3)) {
        storm_tell(storm, "a backup");
        storm->backup = store_memory_backup(text_of(test_folder()));
    } else if (storm->restores && storm->backup != 0 && storm_one_in(storm, 3)) {
        restore(storm);
    }
    storm_trouble(storm);
    storm_tell(storm, "run");
    run(storm);
    if (rig->report.status == RUN_DONE && storm_one_in(storm, 6)) {
        storm_trouble(storm);
        storm_tell(storm, "retry");
        rig->request.retry = true;
        run(storm);
        rig->request.retry = false;
    }
}

static void weather(uint64_t seed, bool told) {
    static struct storm storm;
    storm.told = told;
    storm_seed = seed;
    storm_open(&storm, seed);
    for (uint64_t steps = 3 + storm_draw(&storm, 10); steps > 0; steps--) {
        one_step(&storm);
    }
    storm_tell(&storm, "calm");
    storm.rig.request.force = !storm.tombstones; // what went there without a trace is only missed by a whole pass
    run(&storm);
    storm.rig.request.force = false;
    run(&storm);
    if (storm.restored) {
        run(&storm); // what was met there after the whole pass is weighed in the next
    }
    storm_check_end(&storm);
    storm_check_quiet(&storm);
    storm_check_end(&storm);
    storm_close(&storm);
    storm_seed = 0;
}

static void storms(uint64_t from, uint64_t to) {
    const char *alone = getenv("WEIR_STORM");
    const char *many = getenv("WEIR_STORMS");
    atexit(tell_seed);
    if (alone != NULL) {
        weather(strtoull(alone, NULL, 10), true);
        return;
    }
    for (uint64_t seed = from; seed <= (many != NULL ? from + strtoull(many, NULL, 10) : to); seed++) {
        weather(seed, false);
    }
}

TEST(engine_storm, everything_acknowledged_is_on_both_sides) {
    storms(1, 1000);
}
