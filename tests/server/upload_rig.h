#ifndef WEIR_TESTS_SERVER_UPLOAD_RIG_H
#define WEIR_TESTS_SERVER_UPLOAD_RIG_H

// What the tests of uploads share: an organisation "acme" in a fresh folder, a clock that ticks, and a disk that fails
// when a test says so (the linker sends the calls here).

#include "base/arena.h"
#include "server/upload.h"
#include "test.h"

enum rig_call { RIG_WRITE, RIG_FSYNC, RIG_RENAME };

struct rig {
    struct uploads uploads;
    struct arena arena;
    struct error error;
    char folder[300];
};

// 10 files of 1,000 bytes, 5,000 in all.
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);

extern int64_t rig_now_us;

#define RIG_ORG TEXT_LITERAL("acme")

// Begins one called `name` of `expected` bytes; gives its id.
struct text rig_begin(struct rig *rig, const char *name, uint64_t expected, char id[UPLOAD_ID_HEX]);
// Begins one, and appends `bytes`.
struct text rig_send(struct rig *rig, const char *name, struct text bytes, char id[UPLOAD_ID_HEX]);
// And finishes it.
struct text rig_put(struct rig *rig, const char *name, struct text bytes, char id[UPLOAD_ID_HEX]);

bool rig_append(struct rig *rig, struct text id, uint64_t offset, struct text bytes);
bool rig_finish(struct rig *rig, struct text id, struct upload_info *out);

// A whole upload's bytes, which must be `expected`.
void rig_check_content(struct rig *rig, struct text id, struct text expected);

// How many files there are in the folder whose names end so; "": all.
size_t rig_files(const struct rig *rig, const char *ending);

// From now on, the `at`-th of these calls (from 1) and all behind it fail with `reason`. A write writes `writes` bytes
// of the one that strikes first. 0: none does.
void rig_disk(enum rig_call call, int at, int reason, size_t writes);

// From now on, nothing may be renamed that was written to and not synced since, and no name of ".part" may go before
// the names in its folder are synced. In one thread.
void rig_watch(void);

// All names are synced.
bool rig_is_synced(void);

#endif
