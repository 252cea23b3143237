#include "sim_disk.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/disk_fake.h"

static char folder[256];
static bool is_troubled; // in the run in hand
static uint64_t calls_before[SIM_DISK_ONCE];

static bool on_disk(const struct sim *sim) {
    return sim->plan->world.world[KNOB_SQLITE] != 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk) {
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

void sim_disk_open(struct sim *sim) {
    if (!on_disk(sim)) {
        return;
    }
    const char *base = getenv("TMPDIR");
    disk_fake_install();
    disk_fake_reset(sim->plan->seed);
    snprintf(folder, sizeof folder, "%s/weir-sim-XXXXXX", base != NULL ? base : "/tmp");
    SIM_CHECK(mkdtemp(folder) != NULL);
}

void sim_disk_close(struct sim *sim) {
    if (on_disk(sim)) {
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        folder[0] = '\0';
    }
}

const char *sim_disk_folder(void) {
    return folder;
}

static void copy(const char *home, const char *from, const char *to, const char *end) {
    static char bytes[64 * 1024];
    char paths[2][400];
    snprintf(paths[0], sizeof paths[0], "%s/%s%s", home, from, end);
    snprintf(paths[1], sizeof paths[1], "%s/%s%s", home, to, end);
    FILE *source = fopen(paths[0], "rb");
    if (source == NULL) {
        remove(paths[1]); // it may not be there
        return;
    }
    FILE *target = fopen(paths[1], "wb");
    SIM_CHECK(target != NULL);
    for (size_t got = fread(bytes, 1, sizeof bytes, source); got > 0; got = fread(bytes, 1, sizeof bytes, source)) {
        SIM_CHECK(fwrite(bytes, 1, got, target) == got);
    }
    SIM_CHECK(ferror(source) == 0);
    fclose(source);
    SIM_CHECK(fclose(target) == 0);
}

// Its log is a part of it.
void sim_disk_copy(const char *home, const char *from, const char *to) {
    copy(home, from, to, "");
    copy(home, from, to, "-wal");
}

void sim_disk_settle(struct sim *sim) {
    disk_fake_reset(sim->plan->seed + (uint64_t)sim->moment);
}

static const enum disk_trouble staying[] = {[SIM_DISK_FULL_ON - SIM_DISK_ONCE] = DISK_FULL,
                                            [SIM_DISK_SYNC_ON - SIM_DISK_ONCE] = DISK_EIO_SYNC,
                                            [SIM_DISK_WRITE_ON - SIM_DISK_ONCE] = DISK_EIO_WRITE};

// `at` counts from the run's beginning, as the disk does from now on. It knows one trouble at a time: the last.
void sim_disk_trouble(struct sim *sim) {
    for (int trouble = 0; trouble < SIM_DISK_ONCE && on_disk(sim); trouble++) {
        calls_before[trouble] = disk_fake_calls((enum disk_trouble)trouble);
    }
    for (size_t i = 0; i < sim->plan->count && on_disk(sim); i++) {
        const struct sim_event *event = &sim->plan->events[i];
        if (event->what != SIM_DISK || event->run != sim->run->number) {
            continue;
        }
        is_troubled = true;
        if (event->detail < SIM_DISK_ONCE) {
            disk_fake_fault((enum disk_trouble)event->detail, (uint64_t)event->at);
        } else {
            disk_fake_fault_on(staying[event->detail - SIM_DISK_ONCE], (uint64_t)event->at);
        }
    }
}

void sim_disk_calls(const struct sim *sim, int64_t calls[SIM_DISK_ONCE]) {
    for (int trouble = 0; trouble < SIM_DISK_ONCE && on_disk(sim); trouble++) {
        calls[trouble] = (int64_t)(disk_fake_calls((enum disk_trouble)trouble) - calls_before[trouble]);
    }
}

void sim_disk_calm(struct sim *sim) {
    if (on_disk(sim)) {
        sim->counters->what[SIM_DISK] += is_troubled && disk_fake_struck();
        is_troubled = false;
        disk_fake_calm();
    }
}

bool sim_disk_is_dead(const struct sim *sim) {
    return on_disk(sim) && disk_fake_is_dead();
}

void sim_disk_die(struct sim *sim, bool machine) {
    if (on_disk(sim) && machine) {
        disk_fake_power_off();
    } else if (on_disk(sim)) {
        disk_fake_kill();
    }
}

void sim_disk_revive(struct sim *sim) {
    if (on_disk(sim)) {
        disk_fake_revive();
    }
}
