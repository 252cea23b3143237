// What a script would say of a simulated datasource, with what the script library fills in: sizes and spans are
// numbers.

#include <inttypes.h>

#include "sim_remote_inner.h"

// A window begins before anything was written.
#define WINDOW_START_ISO "2025-12-31T00:00:00.000000Z"
#define WINDOW_START_MS "1767139200000"

// A page that holds all there can be.
enum { SIZE_ALL = 1000 };

static const char *format_of(const int64_t *knobs) {
    return knobs[KNOB_EPOCH] != 0 ? "epoch_ms" : "iso";
}

static bool goes_by_time(const int64_t *knobs) {
    return knobs[KNOB_PAGER] == SIM_PAGER_KEYSET || knobs[KNOB_PAGER] == SIM_PAGER_WINDOW;
}

static bool is_coarse(const int64_t *knobs) {
    return knobs[KNOB_PRECISION] > 1000000;
}

// Whether any number of records may have one time: what is deleted stays in the list, so that it never shrinks to a
// page of one time.
static bool takes_ties(const int64_t *knobs) {
    return knobs[KNOB_PAGER] == SIM_PAGER_KEYSET && knobs[KNOB_TOMBSTONES] != 0;
}

int64_t sim_settings_size(const int64_t *knobs) {
    int64_t size = knobs[KNOB_SIZE] > 1 ? knobs[KNOB_SIZE] : 1;
    if (!goes_by_time(knobs)) {
        return size;
    }
    if (takes_ties(knobs)) {
        return is_coarse(knobs) ? 4 * (size + 1) : size + 1; // it asks for 64 times as many where it has to
    }
    // Each window that is full is halved, down to the tick: larger ones keep that within bounds.
    size = knobs[KNOB_PAGER] == SIM_PAGER_WINDOW ? 4 * size : size;
    return is_coarse(knobs) ? SIZE_ALL : size + 1;
}

int64_t sim_settings_ties(const int64_t *knobs) {
    return goes_by_time(knobs) && !is_coarse(knobs) && !takes_ties(knobs) ? sim_settings_size(knobs) - 1 : 0;
}

static void page_print(const int64_t *knobs, struct buffer *out) {
    const char *limit = "\"limit\":\"limit\"";
    const char *total = knobs[KNOB_TOTAL] != 0 ? ",\"total\":\"total\"" : "";
    switch ((enum sim_pager)knobs[KNOB_PAGER]) {
    case SIM_PAGER_WHOLE:
        buffer_string(out, "\"kind\":\"whole\"");
        break;
    case SIM_PAGER_OFFSET:
        buffer_print(out, "\"kind\":\"offset\",\"offset\":\"offset\",\"overlap\":1,%s%s", limit, total);
        break;
    case SIM_PAGER_NUMBER:
        buffer_print(out, "\"kind\":\"number\",\"page\":\"page\",\"first\":1,%s%s", limit, total);
        break;
    case SIM_PAGER_LINK:
        buffer_print(out, "\"kind\":\"link\",%s", limit);
        break;
    case SIM_PAGER_NEXT:
        buffer_print(out, "\"kind\":\"next\",\"next\":\"next\",%s", limit);
        break;
    case SIM_PAGER_CURSOR:
        buffer_print(out, "\"kind\":\"cursor\",\"cursor\":\"cursor\",\"next\":\"cursor\",%s", limit);
        break;
    case SIM_PAGER_KEYSET:
        buffer_print(out, "\"kind\":\"keyset\",\"after\":\"after\",%s", limit);
        break;
    case SIM_PAGER_WINDOW:
        buffer_print(out, "\"kind\":\"window\",\"from\":\"from\",\"to\":\"to\",\"width\":86400000000,\"start\":\"%s\"",
                     knobs[KNOB_EPOCH] != 0 ? WINDOW_START_MS : WINDOW_START_ISO);
        break;
    }
    buffer_print(out, ",\"size\":%" PRId64 ",\"pages_max\":1000000", sim_settings_size(knobs));
}

static int64_t at_once_of(const int64_t *knobs) {
    return knobs[KNOB_AT_ONCE] > 1 ? knobs[KNOB_AT_ONCE] : 1;
}

void sim_settings_source(const int64_t *knobs, enum sim_place place, struct buffer *out) {
    buffer_print(out, "{\"base\":\"http://%s.sim/api\",\"page\":{", sim_place_name(place));
    page_print(knobs, out);
    buffer_print(out, "},\"headers\":{\"X-Client\":\"sim\"},\"at_once\":%" PRId64, at_once_of(knobs));
    buffer_string(out, ",\"timeout\":120000000,\"body_max\":1000000000}");
}

static void way_print(const char *name, const char *request, const int64_t *knobs, struct buffer *out) {
    buffer_print(out, ",\"%s\":{\"request\":\"%s\",\"at_once\":%" PRId64, name, request, at_once_of(knobs));
}

static void ways_print(const int64_t *knobs, const char *path, struct buffer *out) {
    char request[40];
    snprintf(request, sizeof request, "POST %s", path);
    way_print("create", request, knobs, out);
    if (knobs[KNOB_ARRAYS] > 0) {
        buffer_print(out, ",\"array\":true,\"max\":%" PRId64 ",\"bytes\":1000000,\"order\":true", knobs[KNOB_ARRAYS]);
    }
    snprintf(request, sizeof request, "PATCH %s/{id}", path);
    buffer_byte(out, '}');
    way_print("update", request, knobs, out);
    snprintf(request, sizeof request, "DELETE %s/{id}", path);
    buffer_byte(out, '}');
    way_print("delete", request, knobs, out);
    buffer_byte(out, '}');
}

void sim_settings_type(const int64_t *knobs, enum sim_type type, struct buffer *out) {
    static const char *const paths[] = {[SIM_WELL] = "/wells", [SIM_READING] = "/readings"};
    static const char *const read_backs[] = {"reply", "one", "none"};
    int64_t read_back = knobs[KNOB_READ_BACK];
    SIM_CHECK(read_back >= 0 && read_back < (int64_t)(sizeof read_backs / sizeof *read_backs));
    buffer_print(out, "{\"path\":\"%s\",\"method\":\"GET\",\"format\":\"json\",\"cursor\":\"updatedAt\"", paths[type]);
    buffer_print(out, ",\"cursor_format\":\"%s\",\"without_cursor\":\"take\"", format_of(knobs));
    if (sim_pager_wraps(knobs)) {
        buffer_string(out, ",\"records\":\"items\"");
    }
    if (knobs[KNOB_SINCE] != 0) {
        buffer_string(out, ",\"since\":\"since\"");
    }
    if (knobs[KNOB_OVERLAP] > 0) {
        buffer_print(out, ",\"overlap\":%" PRId64, knobs[KNOB_OVERLAP]);
    }
    if (knobs[KNOB_FULL] > 0) {
        buffer_print(out, ",\"full\":%" PRId64, knobs[KNOB_FULL]);
    }
    if (knobs[KNOB_TOMBSTONES] != 0) {
        buffer_string(out, ",\"gone\":\"deleted\"");
    }
    if (knobs[KNOB_FINDS] != 0) {
        buffer_string(out, ",\"find\":[\"legacy\"],\"match\":\"{field}\"");
    }
    if (knobs[KNOB_KEYS] != 0) {
        buffer_string(out, ",\"idempotency\":\"Idempotency-Key\"");
    }
    ways_print(knobs, paths[type], out);
    buffer_print(out, ",\"read_back\":\"%s\"}", read_backs[read_back]);
}
