// What a simulated datasource lists. How each pager asks, and what it is answered:
//
//     whole    ?                    [..]
//     offset   ?offset=6&limit=3    [..], or {"items":[..],"total":9} with KNOB_TOTAL; likewise
//     number   ?page=3&limit=3
//     link     ?limit=3             [..] and Link: <http://east.sim/api/wells?limit=3&at=STAMP-ID>; rel="next"
//     next     ?limit=3             {"items":[..],"next":"/api/wells?limit=3&at=STAMP-ID"}
//     cursor   ?limit=3&cursor=..   {"items":[..],"cursor":"STAMP-ID"}
//     keyset   ?limit=3&after=TIME  [..] from updatedAt TIME on
//     window   ?from=TIME&to=TIME   [..] with updatedAt from TIME to before TIME
//
// Rows come by the time of their last change, unrounded, then by id: what changes goes to the end, and what stood
// behind it moves up. Links and cursors say after which row to go on, so that nothing is passed over by that; of keyset
// and window the rounded time is what counts. All of them take ?since=TIME: updatedAt at or after it, as it is shown.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/zone.h"
#include "format/format_json.h"
#include "http/http_url.h"
#include "sim_remote_inner.h"

enum { BODY_MAX = 1024 * 1024, PARAM_MAX = 100 };

static const char *const paths[] = {[SIM_WELL] = "wells", [SIM_READING] = "readings"};

bool sim_pager_wraps(const int64_t *knobs) {
    int64_t pager = knobs[KNOB_PAGER];
    bool counts = pager == SIM_PAGER_OFFSET || pager == SIM_PAGER_NUMBER;
    return pager == SIM_PAGER_NEXT || pager == SIM_PAGER_CURSOR || (counts && knobs[KNOB_TOTAL] != 0);
}

const char *sim_pager_empty(const int64_t *knobs) {
    return !sim_pager_wraps(knobs)                 ? "[]"
           : knobs[KNOB_PAGER] == SIM_PAGER_NEXT   ? "{\"items\":[],\"next\":null}"
           : knobs[KNOB_PAGER] == SIM_PAGER_CURSOR ? "{\"items\":[],\"cursor\":null}"
                                                   : "{\"items\":[],\"total\":0}";
}

// --- answers ---

void sim_say_json(struct sim_say *say, struct arena *arena, int status, const struct buffer *body) {
    say->status = status;
    say->type = TEXT_LITERAL("application/json");
    SIM_CHECK(!body->failed && arena_text(arena, buffer_view(body), &say->body));
}

void sim_say_error(struct sim_say *say, struct arena *arena, int status, const char *message) {
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    buffer_print(&body, "{\"error\":{\"message\":\"%s\"}}", message);
    sim_say_json(say, arena, status, &body);
    buffer_clear(&body);
}

// --- rows ---

static int64_t precision_of(const struct sim_remote *remote) {
    return remote->knobs[KNOB_PRECISION] > 1 ? remote->knobs[KNOB_PRECISION] : 1;
}

int64_t sim_remote_tick(const struct sim_remote *remote) {
    bool coarse = remote->knobs[KNOB_EPOCH] != 0 && precision_of(remote) < 1000;
    return coarse ? 1000 : precision_of(remote);
}

int64_t sim_remote_shown(const struct sim_remote *remote, int64_t stamp_us) {
    return stamp_us - stamp_us % sim_remote_tick(remote);
}

static void time_print(const struct sim_remote *remote, int64_t stamp_us, struct buffer *out) {
    int64_t time_us = sim_remote_shown(remote, stamp_us);
    if (remote->knobs[KNOB_EPOCH] != 0) {
        buffer_print(out, "%" PRId64, time_us / 1000);
        return;
    }
    int64_t days = time_us / INT64_C(86400000000);
    int64_t rest = time_us % INT64_C(86400000000);
    int64_t year, month, day;
    civil_date(days, &year, &month, &day);
    buffer_print(out, "\"%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02d:%02d:%02d", year, month, day,
                 (int)(rest / INT64_C(3600000000)), (int)(rest / 60000000 % 60), (int)(rest / 1000000 % 60));
    char digits[16];
    int count = 6;
    for (int64_t step = 10; count > 0 && precision_of(remote) % step == 0; step *= 10) {
        count--;
    }
    snprintf(digits, sizeof digits, "%06d", (int)(rest % 1000000));
    buffer_print(out, "%s%.*sZ\"", count > 0 ? "." : "", count, digits);
}

static void text_print(const char *name, const char *value, struct buffer *out) {
    buffer_print(out, ",\"%s\":", name);
    if (value[0] == '\0') {
        buffer_string(out, "null");
    } else {
        struct value text = value_text(text_of(value));
        json_write(out, &text);
    }
}

void sim_row_print(const struct sim_remote *remote, const struct sim_row *row, struct buffer *out) {
    buffer_print(out, "{\"id\":%" PRId64, row->id);
    text_print("legacy", row->form.legacy, out);
    text_print("name", row->form.name, out);
    text_print("code", row->form.code, out);
    if (row->form.ref != 0) {
        buffer_print(out, ",\"ref\":%" PRId64, row->form.ref);
    } else {
        buffer_string(out, ",\"ref\":null");
    }
    buffer_string(out, ",\"updatedAt\":");
    time_print(remote, row->stamp_us, out);
    buffer_string(out, row->gone ? ",\"deleted\":true}" : "}");
}

// --- what is asked for ---

static int hex(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
}

// A query parameter, decoded; empty when it is not there.
static struct text param(struct text query, const char *name, char room[PARAM_MAX]) {
    size_t length = strlen(name);
    for (size_t at = 0; at < query.length;) {
        const char *start = query.data + at;
        const char *found = memchr(start, '&', query.length - at);
        size_t size = found != NULL ? (size_t)(found - start) : query.length - at;
        at += size + 1;
        if (size <= length || start[length] != '=' || memcmp(start, name, length) != 0) {
            continue;
        }
        size_t count = 0;
        for (size_t i = length + 1; i < size && count + 1 < PARAM_MAX; i++) {
            bool coded = start[i] == '%' && i + 2 < size;
            room[count++] = coded ? (char)(hex(start[i + 1]) * 16 + hex(start[i + 2])) : start[i];
            i += coded ? 2 : 0;
        }
        room[count] = '\0';
        return (struct text){room, count};
    }
    return TEXT_LITERAL("");
}

bool sim_query_is_first(struct text query) {
    char room[PARAM_MAX];
    struct text offset = param(query, "offset", room);
    bool skips = offset.length > 0 && !text_is(offset, "0");
    struct text page = param(query, "page", room);
    return !skips && (page.length == 0 || text_is(page, "1"));
}

int sim_query_identity(struct text query) {
    char room[PARAM_MAX];
    return sim_identity_of(param(query, "legacy", room));
}

struct asking {
    int64_t since_us, to_us; // of what is shown
    struct text legacy;      // empty: all
    int64_t limit, skip;     // limit 0: none
    bool after_row;          // only those behind this one
    int64_t after_us, after_id;
    char room[PARAM_MAX];
};

static bool take_number(struct text query, const char *name, int64_t *out) {
    char room[PARAM_MAX];
    struct text text = param(query, name, room);
    return text.length == 0 || (text_integer(text, out) && *out >= 0);
}

// A lower bound; of several the highest counts.
static bool take_time(const struct sim_remote *remote, struct text query, const char *name, int64_t *out, bool *there) {
    char room[PARAM_MAX];
    struct text text = param(query, name, room);
    *there = text.length > 0;
    return !*there || civil_parse(text, text_of(remote->knobs[KNOB_EPOCH] != 0 ? "epoch_ms" : "iso"), zone_utc(), out);
}

static bool take_place(struct text query, struct asking *out) {
    char room[PARAM_MAX];
    struct text text = param(query, "at", room);
    text = text.length > 0 ? text : param(query, "cursor", room);
    if (text.length == 0) {
        return true;
    }
    const char *dash = memchr(text.data, '-', text.length);
    if (dash == NULL) {
        return false;
    }
    struct text stamp = {text.data, (size_t)(dash - text.data)};
    struct text id = {dash + 1, text.length - stamp.length - 1};
    out->after_row = true;
    return text_integer(stamp, &out->after_us) && text_integer(id, &out->after_id);
}

static bool take_asking(const struct sim_remote *remote, struct text query, struct asking *out) {
    static const char *const lower[] = {"since", "after", "from"};
    *out = (struct asking){.since_us = INT64_MIN, .to_us = INT64_MAX};
    bool there;
    for (size_t i = 0; i < sizeof lower / sizeof *lower; i++) {
        int64_t bound = INT64_MIN;
        if (!take_time(remote, query, lower[i], &bound, &there)) {
            return false;
        }
        out->since_us = bound > out->since_us ? bound : out->since_us;
    }
    int64_t page = 1;
    if (!take_time(remote, query, "to", &out->to_us, &there) || !take_number(query, "limit", &out->limit) ||
        !take_number(query, "offset", &out->skip) || !take_number(query, "page", &page) || page < 1 ||
        !take_place(query, out)) {
        return false;
    }
    bool counts = remote->knobs[KNOB_PAGER] == SIM_PAGER_OFFSET || remote->knobs[KNOB_PAGER] == SIM_PAGER_NUMBER;
    int64_t cap = counts ? remote->knobs[KNOB_CAP] : 0;
    out->limit = cap > 0 && cap < out->limit ? cap : out->limit;
    out->skip += (page - 1) * out->limit;
    out->legacy = param(query, "legacy", out->room);
    return out->legacy.length == 0 || remote->knobs[KNOB_FINDS] != 0;
}

// --- the page ---

struct listed {
    const struct sim_row *row;
    int64_t order;
};

static int compare(const void *a, const void *b) {
    const struct listed *x = a;
    const struct listed *y = b;
    int order = (x->order > y->order) - (x->order < y->order);
    return order != 0 ? order : (x->row->id > y->row->id) - (x->row->id < y->row->id);
}

static bool takes(const struct sim_remote *remote, const struct sim_row *row, const struct asking *asking) {
    int64_t shown = sim_remote_shown(remote, row->stamp_us);
    bool listed = !row->hidden && (!row->gone || (remote->knobs[KNOB_TOMBSTONES] != 0 && asking->legacy.length == 0));
    bool behind = !asking->after_row || row->stamp_us > asking->after_us ||
                  (row->stamp_us == asking->after_us && row->id > asking->after_id);
    return listed && behind && shown >= asking->since_us && shown < asking->to_us &&
           (asking->legacy.length == 0 || text_is(asking->legacy, row->form.legacy));
}

static size_t collect(const struct sim_remote *remote, enum sim_type type, const struct asking *asking,
                      struct listed list[SIM_ROWS]) {
    bool rounds = remote->knobs[KNOB_PAGER] == SIM_PAGER_KEYSET;
    size_t count = 0;
    for (size_t i = 0; i < remote->row_count; i++) {
        const struct sim_row *row = &remote->rows[i];
        if (row->type == type && takes(remote, row, asking)) {
            list[count++] = (struct listed){row, rounds ? sim_remote_shown(remote, row->stamp_us) : row->stamp_us};
        }
    }
    qsort(list, count, sizeof *list, compare);
    return count;
}

// The query of the next page: this one's, from behind its last row on.
static void next_print(struct text query, const struct sim_row *last, struct buffer *out) {
    size_t start = out->length;
    http_query_without(out, query, TEXT_LITERAL("at"));
    buffer_print(out, "%sat=%" PRId64 "-%" PRId64, out->length > start ? "&" : "", last->stamp_us, last->id);
}

// What stands behind the rows. `last` is NULL when nothing follows.
static void end_print(const struct sim_remote *remote, enum sim_type type, struct text query, size_t total,
                      const struct sim_row *last, struct buffer *out) {
    switch ((enum sim_pager)remote->knobs[KNOB_PAGER]) {
    case SIM_PAGER_OFFSET:
    case SIM_PAGER_NUMBER:
        buffer_print(out, "],\"total\":%zu}", total);
        break;
    case SIM_PAGER_NEXT:
        if (last != NULL) {
            buffer_print(out, "],\"next\":\"/api/%s?", paths[type]);
            next_print(query, last, out);
            buffer_string(out, "\"}");
        } else {
            buffer_string(out, "],\"next\":null}");
        }
        break;
    default:
        if (last != NULL) {
            buffer_print(out, "],\"cursor\":\"%" PRId64 "-%" PRId64 "\"}", last->stamp_us, last->id);
        } else {
            buffer_string(out, "],\"cursor\":null}");
        }
    }
}

static void link_say(const struct sim_remote *remote, enum sim_type type, struct text query, const struct sim_row *last,
                     struct arena *arena, struct sim_say *say) {
    struct buffer link;
    buffer_init(&link, BODY_MAX);
    buffer_print(&link, "<http://%s.sim/api/%s?", sim_place_name(remote->place), paths[type]);
    next_print(query, last, &link);
    buffer_string(&link, ">; rel=\"next\"");
    SIM_CHECK(!link.failed && arena_text(arena, buffer_view(&link), &say->link));
    buffer_clear(&link);
}

void sim_remote_list(struct sim_remote *remote, enum sim_type type, struct text query, struct arena *arena,
                     struct sim_say *say) {
    struct listed list[SIM_ROWS];
    struct asking asking;
    struct buffer body;
    if (!take_asking(remote, query, &asking)) {
        sim_say_error(say, arena, 400, "the query is not understood");
        return;
    }
    size_t total = collect(remote, type, &asking, list);
    size_t from = (size_t)asking.skip < total ? (size_t)asking.skip : total;
    bool all = asking.limit == 0 || (size_t)asking.limit >= total - from;
    size_t count = all ? total - from : (size_t)asking.limit;
    const struct sim_row *last = all ? NULL : list[from + count - 1].row;
    bool wraps = sim_pager_wraps(remote->knobs);
    buffer_init(&body, BODY_MAX);
    buffer_string(&body, wraps ? "{\"items\":[" : "[");
    for (size_t i = from; i < from + count; i++) {
        buffer_string(&body, i > from ? "," : "");
        sim_row_print(remote, list[i].row, &body);
    }
    if (wraps) {
        end_print(remote, type, query, total, last, &body);
    } else {
        buffer_byte(&body, ']');
    }
    if (remote->knobs[KNOB_PAGER] == SIM_PAGER_LINK && last != NULL) {
        link_say(remote, type, query, last, arena, say);
    }
    say->list = true;
    sim_say_json(say, arena, 200, &body);
    buffer_clear(&body);
}
