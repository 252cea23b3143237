#ifndef WEIR_TESTS_SIM_SIM_DISK_H
#define WEIR_TESTS_SIM_SIM_DISK_H

// The fake disk (support/disk_fake.h) as a plan uses it. For homes in memory nothing of it happens.

#include "sim.h"

void sim_disk_open(struct sim *sim); // an empty folder on a whole disk
void sim_disk_close(struct sim *sim);
const char *sim_disk_folder(void);

// A home's database, which is closed, copied past the fake disk; and what is there is on the platter: no handle is
// open.
void sim_disk_copy(const char *home, const char *from, const char *to);
void sim_disk_settle(struct sim *sim);

// What goes wrong with the disk in the run that begins; and nothing any more.
void sim_disk_trouble(struct sim *sim);
void sim_disk_calls(const struct sim *sim,
                    int64_t calls[SIM_DISK_ONCE]); // since then, by the trouble that could strike
void sim_disk_calm(struct sim *sim);

// The process dies, or the whole machine; open handles change nothing from now on. Then they may be closed, and what is
// left is opened anew.
void sim_disk_die(struct sim *sim, bool machine);
bool sim_disk_is_dead(const struct sim *sim); // also in the middle of a call, by a fault of the disk
void sim_disk_revive(struct sim *sim);

#endif
