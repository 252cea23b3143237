#include "sim_disk.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/disk_fake.h"

static char folder[256];

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

// `at` counts from the run's beginning, as the disk does from now on.
void sim_disk_trouble(struct sim *sim) {
    for (size_t i = 0; i < sim->plan->count && on_disk(sim); i++) {
        const struct sim_event *event = &sim->plan->events[i];
        if (event->what == SIM_DISK && event->run == sim->run->number && event->detail < DISK_TROUBLES) {
            disk_fake_fault((enum disk_trouble)event->detail, (uint64_t)event->at);
        }
    }
}

void sim_disk_calm(struct sim *sim) {
    if (on_disk(sim)) {
        sim->counters->what[SIM_DISK] += disk_fake_struck();
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
