#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/zone_file.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

enum { ZONE_NAME_MAX = 64, ZONE_BYTES_MAX = 256 * 1024, DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60 };

// A zone's rules in the form they are asked in: by local time. `starts` are the local seconds from which an offset
// holds when a skipped time belongs after the change and a doubled one before it: both mean that the earlier offset
// goes on until the later of the two clocks has passed the change.
struct zone {
    struct zone *next;
    char name[ZONE_NAME_MAX + 1];
    struct zone_rules rules;
};

static const struct zone utc = {.name = "UTC"};
static struct zone *found_zones; // all that were found so far, to the end of the process

const struct zone *zone_utc(void) {
    return &utc;
}

int64_t zone_utc_seconds(const struct zone *zone, int64_t local_s) {
    return local_s - zone_rules_offset(&zone->rules, local_s);
}

// Two digits from `at` on, or -1.
static int pair_read(struct text text, size_t at) {
    if (text.length < at + 2 || text.data[at] < '0' || text.data[at] > '9' || text.data[at + 1] < '0' ||
        text.data[at + 1] > '9') {
        return -1;
    }
    return (text.data[at] - '0') * 10 + (text.data[at + 1] - '0');
}

// +05:30, +0530, +05
static bool fixed_read(struct text name, int32_t *out_s) {
    if (name.length < 3 || (name.data[0] != '+' && name.data[0] != '-')) {
        return false;
    }
    size_t minutes_at = name.length > 3 && name.data[3] == ':' ? 4 : 3;
    bool has_minutes = name.length > 3;
    int hours = pair_read(name, 1);
    int minutes = has_minutes ? pair_read(name, minutes_at) : 0;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || (has_minutes && name.length != minutes_at + 2)) {
        return false;
    }
    *out_s = (name.data[0] == '-' ? -1 : 1) * (hours * HOUR_S + minutes * MINUTE_S);
    return true;
}

// A name of the tz database can't leave its folder: parts of letters, digits, _ + and -, with a / between them.
static bool name_is_safe(struct text name) {
    if (name.length == 0 || name.length > ZONE_NAME_MAX) {
        return false;
    }
    bool is_start = true;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!is_letter && (is_start || (!is_other && c != '/'))) {
            return false;
        }
        is_start = c == '/';
    }
    return !is_start;
}

static bool unknown(struct text name, struct error *error) {
    return error_set(error, ERROR_OPTION_TYPE,
                     "there is no time zone '%.*s'; use UTC, an offset like +05:30 or a name like Asia/Kolkata",
                     (int)(name.length < 80 ? name.length : 80), name.data);
}

// Reads a zone's file whole; the caller frees `out`.
static bool file_read(const char *name, char **out, size_t *out_length, struct error *error) {
    char path[sizeof ZONE_FOLDER + ZONE_NAME_MAX + 2];
    struct stat about;
    char *data = NULL;
    bool ok = false;
    snprintf(path, sizeof path, "%s/%s", ZONE_FOLDER, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        if (errno == ENOENT && access(ZONE_FOLDER, F_OK) != 0) {
            return error_set(error, ERROR_FILE_MISSING, "%s, with the time zones, is missing; install tzdata",
                             ZONE_FOLDER);
        }
        return errno == ENOENT || errno == ENOTDIR
                   ? unknown(text_of(name), error)
                   : error_set_errno(error, ERROR_FILE_READ, errno, "cannot open the time zone %s", path);
    }
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > ZONE_BYTES_MAX) {
        unknown(text_of(name), error);
        goto done;
    }
    size_t length = 0;
    data = memory_take(ZONE_BYTES_MAX);
    if (data == NULL) {
        error_memory(error);
        goto done;
    }
    for (;;) {
        ssize_t got = read(file, data + length, ZONE_BYTES_MAX - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            error_set_errno(error, ERROR_FILE_READ, errno, "cannot read the time zone %s", path);
            goto done;
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    *out = data;
    *out_length = length;
    ok = true;
done:
    close(file);
    if (!ok) {
        memory_free(data);
    }
    return ok;
}

static bool named_read(struct zone *zone, struct error *error) {
    char *data = NULL;
    size_t length = 0;
    if (!file_read(zone->name, &data, &length, error)) {
        return false;
    }
    bool ok = zone_rules_read((struct text){data, length}, zone->name, &zone->rules, error);
    memory_free(data);
    return ok;
}

bool zone_find(struct text name, const struct zone **out, struct error *error) {
    int32_t offset_s = 0;
    if (text_is(name, utc.name) || text_is(name, "Z")) {
        *out = &utc;
        return true;
    }
    for (struct zone *zone = found_zones; zone != NULL; zone = zone->next) {
        if (text_is(name, zone->name)) {
            *out = zone;
            return true;
        }
    }
    bool is_fixed = fixed_read(name, &offset_s);
    if (!is_fixed && !name_is_safe(name)) {
        return unknown(name, error);
    }
    struct zone *zone = memory_zero(1, sizeof *zone);
    if (zone == NULL) {
        return error_memory(error);
    }
    memcpy(zone->name, name.data, name.length);
    zone->rules.first_s = offset_s;
    if (!is_fixed && !named_read(zone, error)) {
        memory_free(zone);
        return false;
    }
    zone->next = found_zones;
    found_zones = zone;
    *out = zone;
    return true;
}
