#ifndef WEIR_BASE_ZONE_FILE_H
#define WEIR_BASE_ZONE_FILE_H

// What a compiled file of the tz database says (RFC 8536, version 2 and later), for zone.c alone. weir reads the files
// itself because the C library's way, one global zone for the whole process behind setenv and tzset, fits neither
// several zones nor threads.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

// When a yearly change happens, by the clock that runs until then.
struct zone_change {
    enum { CHANGE_WEEK, CHANGE_JULIAN, CHANGE_DAY } kind; // M3.2.0, J60 (29 February never counts), 59
    int month;
    int week; // 5 is the last
    int day;  // of the week (0 is Sunday) or of the year
    int32_t time_s;
};

// The rule that goes on for ever behind the listed changes: EST5EDT,M3.2.0,M11.1.0.
struct zone_tail {
    bool is_there;
    bool has_summer;
    int32_t winter_s;
    int32_t summer_s;
    struct zone_change start;
    struct zone_change end;
};

struct zone_rules {
    int32_t first_s; // the offset before the first change
    size_t count;
    int64_t *starts; // ascending, in local seconds; on the heap, with the offsets behind them
    int32_t *offsets_s;
    struct zone_tail tail;
};

// Takes the rules out of a file's bytes. On true `out->starts` is on the heap (NULL when there are no changes).
bool zone_rules_read(struct text file, const char *name, struct zone_rules *out, struct error *error);

// The offset at a local time.
int32_t zone_rules_offset(const struct zone_rules *rules, int64_t local_s);

#endif
