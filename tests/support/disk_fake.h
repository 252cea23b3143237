#ifndef WEIR_TESTS_SUPPORT_DISK_FAKE_H
#define WEIR_TESTS_SUPPORT_DISK_FAKE_H

// A disk under SQLite that fails when a test says so, and that loses what was not synced when the power goes.
//
// It is a VFS over the system's own: files are real files, which hold what a program sees (the page cache). What the
// platter would hold is kept in memory beside them: for each sector (512 bytes) written since the file's last sync all
// that it held before, for each file the sizes it had, and which names the folder was not synced for.
//
//    call                        the platter then has
//    write, truncate, delete     what it had
//    sync                        all of the file; with the first sync of a new log or journal, the folder's names too
//    sync that fails             nothing of it, and a later sync does not bring it: the kernel took the pages for
//    written.
//                                Only what is written again is synced again
//    power off                   of each sector one of its forms since the sync, of each file one of its sizes, of each
//                                name the old or the new file: as the seed draws. No order between any of them
//
// home.mark, the folders of a home and their syncs are plain calls of weir and are met by wrapped symbols
// (disk_fake_posix.c; whoever links weir_test_disk gets the link options). home.lock and the lease files are locks
// alone: what is in them does not matter, and they are left out.
//
// One process, any number of threads. Files live wherever the test opens them.

#include <stdbool.h>
#include <stdint.h>

enum disk_trouble {
    DISK_EIO_READ,
    DISK_EIO_WRITE,
    DISK_SHORT_WRITE, // half of it is written
    DISK_FULL,        // strikes writes
    DISK_EIO_TRUNCATE,
    DISK_EIO_SYNC,
    DISK_EIO_DELETE,
    DISK_EIO_OPEN,
    DISK_KILL,      // disk_fake_kill in the middle of a change: a write, sync, truncate, delete, rename or mkdir
    DISK_POWER_OFF, // disk_fake_power_off there
    DISK_TROUBLES,
};

// Makes it SQLite's default. Before the process first opens a database; again, it does nothing.
void disk_fake_install(void);

// A whole disk: no faults, nothing unsynced, nothing counted. No handle may be open.
void disk_fake_reset(uint64_t seed);

// The `at`-th call from now on that the trouble can strike, from 1, meets it; or all from that one on until it calms.
void disk_fake_fault(enum disk_trouble trouble, uint64_t at);
void disk_fake_fault_on(enum disk_trouble trouble, uint64_t at);
void disk_fake_calm(void);

// Whether it came to that.
bool disk_fake_struck(void);

// How many calls since the reset the trouble could have struck.
uint64_t disk_fake_calls(enum disk_trouble trouble);

// Syncs say yes and do nothing: the disk that weir does not work on.
void disk_fake_lie(bool lies);

// Called before each change of home's files, in the thread that makes it; NULL: nothing is. Not for folders.
void disk_fake_watch(void (*change)(void));

// The death of the machine; and of the process alone: what was written stays. From then on all calls on handles that
// are open fail and change nothing, and nothing can be opened, so that stores can be closed. Then revive.
void disk_fake_power_off(void);
void disk_fake_kill(void);
bool disk_fake_is_dead(void);
void disk_fake_revive(void);

// Removes a folder with all that is in it, as if it had never been: after a reset. It need not be there.
void disk_fake_remove(const char *folder);

#endif
