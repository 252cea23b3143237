#include "disk_fake.h"

#include <pthread.h>

#include "disk_fake_internal.h"
#include "test.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct {
    enum disk_trouble trouble; // DISK_TROUBLES: none
    uint64_t left;             // calls until it strikes; 0: it has struck, or never will
    bool stays;
    bool has_struck;
    uint64_t counts[DISK_CALLS];
    bool is_dead;
    bool lies;
    uint64_t random;
    uint64_t keeps_of_ten; // the mood of the power failure
    void (*watcher)(void);
} disk = {.trouble = DISK_TROUBLES};

// Which calls a trouble strikes, a bit each.
enum {
    CHANGES = 1 << DISK_CALL_WRITE | 1 << DISK_CALL_TRUNCATE | 1 << DISK_CALL_SYNC | 1 << DISK_CALL_DELETE,
};

static const unsigned strikes[DISK_TROUBLES] = {
    [DISK_EIO_READ] = 1 << DISK_CALL_READ,
    [DISK_EIO_WRITE] = 1 << DISK_CALL_WRITE,
    [DISK_SHORT_WRITE] = 1 << DISK_CALL_WRITE,
    [DISK_FULL] = 1 << DISK_CALL_WRITE,
    [DISK_EIO_TRUNCATE] = 1 << DISK_CALL_TRUNCATE,
    [DISK_EIO_SYNC] = 1 << DISK_CALL_SYNC,
    [DISK_EIO_DELETE] = 1 << DISK_CALL_DELETE,
    [DISK_EIO_OPEN] = 1 << DISK_CALL_OPEN,
    [DISK_KILL] = CHANGES,
    [DISK_POWER_OFF] = CHANGES,
};

void disk_enter(void) {
    pthread_mutex_lock(&mutex);
}

void disk_leave(void) {
    pthread_mutex_unlock(&mutex);
}

void disk_tell(void) {
    if (disk.watcher != NULL) {
        disk.watcher();
    }
}

bool disk_is_dead(void) {
    return disk.is_dead;
}

bool disk_lies(void) {
    return disk.lies;
}

// splitmix64
uint64_t disk_draw(uint64_t below) {
    uint64_t mixed = disk.random += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return (mixed ^ mixed >> 31) % below;
}

bool disk_keeps(void) {
    return disk_draw(10) < disk.keeps_of_ten;
}

enum disk_trouble disk_call(enum disk_call call) {
    disk.counts[call]++;
    if (disk.left == 0 || (strikes[disk.trouble] >> call & 1) == 0 || --disk.left > 0) {
        return DISK_TROUBLES;
    }
    disk.has_struck = true;
    disk.left = disk.stays ? 1 : 0;
    return disk.trouble;
}

void disk_die(bool power_off) {
    if (disk.is_dead) {
        return;
    }
    disk.is_dead = true;
    if (power_off) {
        static const uint64_t moods[] = {0, 10, 5, 9, 2}; // all is lost, all is kept, some
        disk.keeps_of_ten = moods[disk_draw(sizeof moods / sizeof moods[0])];
        disk_nodes_power_off();
        disk_posix_power_off();
    }
}

static void forget(void) {
    disk_nodes_forget();
    disk_posix_forget();
}

void disk_fake_install(void) {
    disk_enter();
    disk_vfs_install();
    disk_leave();
}

void disk_fake_reset(uint64_t seed) {
    disk_enter();
    CHECK_INT(disk_vfs_handles(), 0);
    forget();
    disk.trouble = DISK_TROUBLES;
    disk.left = 0;
    disk.has_struck = disk.is_dead = disk.lies = false;
    memset(disk.counts, 0, sizeof disk.counts);
    disk.random = seed;
    disk_leave();
}

static void fault(enum disk_trouble trouble, uint64_t at, bool stays) {
    CHECK(trouble < DISK_TROUBLES && at > 0);
    disk_enter();
    disk.trouble = trouble;
    disk.left = at;
    disk.stays = stays;
    disk.has_struck = false;
    disk_leave();
}

void disk_fake_fault(enum disk_trouble trouble, uint64_t at) {
    fault(trouble, at, false);
}

void disk_fake_fault_on(enum disk_trouble trouble, uint64_t at) {
    fault(trouble, at, true);
}

void disk_fake_calm(void) {
    disk_enter();
    disk.left = 0;
    disk_leave();
}

bool disk_fake_struck(void) {
    disk_enter();
    bool has_struck = disk.has_struck;
    disk_leave();
    return has_struck;
}

uint64_t disk_fake_calls(enum disk_trouble trouble) {
    uint64_t sum = 0;
    disk_enter();
    for (int call = 0; call < DISK_CALLS; call++) {
        sum += strikes[trouble] >> call & 1 ? disk.counts[call] : 0;
    }
    disk_leave();
    return sum;
}

void disk_fake_lie(bool lies) {
    disk_enter();
    disk.lies = lies;
    disk_leave();
}

void disk_fake_watch(void (*change)(void)) {
    disk_enter();
    disk.watcher = change;
    disk_leave();
}

void disk_fake_power_off(void) {
    disk_enter();
    disk_die(true);
    disk_leave();
}

void disk_fake_kill(void) {
    disk_enter();
    disk_die(false);
    disk_leave();
}

bool disk_fake_is_dead(void) {
    disk_enter();
    bool is_dead = disk.is_dead;
    disk_leave();
    return is_dead;
}

void disk_fake_revive(void) {
    disk_enter();
    CHECK_INT(disk_vfs_handles(), 0);
    disk.is_dead = false;
    disk.left = 0;
    disk_leave();
}
