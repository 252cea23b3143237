#ifndef WEIR_TESTS_SUPPORT_DISK_FAKE_INTERNAL_H
#define WEIR_TESTS_SUPPORT_DISK_FAKE_INTERNAL_H

// What the files of the fake disk share.
//
//    disk_fake.c         faults, counting, death         disk_fake_vfs.c      the calls that SQLite makes
//    disk_fake_file.c    what a file held before its     disk_fake_posix.c    the calls that weir makes itself
//                        sync, and what is left of it

#include <sqlite3.h>
#include <stddef.h>

#include "disk_fake.h"

enum disk_call {
    DISK_CALL_READ,
    DISK_CALL_WRITE,
    DISK_CALL_TRUNCATE,
    DISK_CALL_SYNC,
    DISK_CALL_DELETE, // names that change: a rename, a new folder
    DISK_CALL_OPEN,
    DISK_CALLS,
};

// --- disk_fake.c ---

// Counts a call; gives the trouble that strikes it, or DISK_TROUBLES. All else of the fake disk happens between enter
// and leave, this too.
enum disk_trouble disk_call(enum disk_call call);
void disk_enter(void);
void disk_leave(void);
// Tells the watcher; outside of enter and leave.
void disk_tell(void);
bool disk_is_dead(void);
bool disk_lies(void);
void disk_die(bool power_off);
uint64_t disk_draw(uint64_t below);
// Whether one of those things that are not synced is kept, as the mood of this power failure is.
bool disk_keeps(void);

// --- disk_fake_file.c ---

struct disk_node;

// The file of a path. `is_new`: its name is not synced.
struct disk_node *disk_node_open(const char *path, sqlite3_file *real, bool is_new);
// Before a write or truncate is done.
void disk_node_change(struct disk_node *node, sqlite3_file *real, sqlite3_int64 from, sqlite3_int64 to);
// After it: the file has this size.
void disk_node_sized(struct disk_node *node, sqlite3_int64 size);
void disk_node_synced(struct disk_node *node);
void disk_node_stranded(struct disk_node *node); // its sync failed
// Before it is deleted.
void disk_node_deleted(const char *path);
// The names in a folder are synced.
void disk_names_synced(const char *folder, size_t length);
void disk_node_names_synced(const struct disk_node *node); // in the folder it is in
void disk_nodes_power_off(void);
void disk_nodes_forget(void);

// --- disk_fake_posix.c ---

void disk_posix_names_synced(const char *folder, size_t length);
void disk_posix_power_off(void);
void disk_posix_forget(void);

// --- disk_fake_vfs.c ---

void disk_vfs_install(void);
int disk_vfs_handles(void); // that are open

#endif
