#include "source/source_http_known.h"

#include "base/memory.h"

enum { BYTES_MAX = 60 * 1024 * 1024, ROOM_FIRST = 16 };

// A slot is a record's print and, in the two lowest bits, when it was met last. 0 is a free one.
enum { STALE = 0, BEFORE = 1, NOW = 2, STATES = 3 };

static void parts_free(struct http_known *known) {
    for (size_t i = 0; i < HTTP_KNOWN_PARTS; i++) {
        memory_free(known->parts[i].slots);
        known->parts[i] = (struct http_known_part){NULL, 0, 0};
    }
    known->bytes = 0;
}

void http_known_clear(struct http_known *known) {
    parts_free(known);
    *known = (struct http_known){.bytes = 0};
}

void http_known_again(struct http_known *known) {
    for (size_t i = 0; i < HTTP_KNOWN_PARTS; i++) {
        struct http_known_part *part = &known->parts[i];
        for (size_t j = 0; j < part->room; j++) {
            uint64_t slot = part->slots[j];
            part->slots[j] = (slot & ~(uint64_t)STATES) | ((slot & STATES) == NOW ? BEFORE : STALE);
        }
    }
    known->was_incomplete = known->blind || known->repeated;
    known->before = known->now;
    known->sum_before = known->sum;
    known->has_before = true;
    known->now = 0;
    known->again = 0;
    known->sum = (struct print){0, 0};
    known->repeated = false;
    known->blind = false;
}

static uint64_t slot_of(struct print id) {
    uint64_t slot = id.low & ~(uint64_t)STATES;
    return slot != 0 ? slot : (uint64_t)STATES + 1;
}

// The place of a print, or the free one where it belongs.
static size_t find(const struct http_known_part *part, uint64_t slot) {
    size_t place = (size_t)((slot >> 32) * part->room >> 32);
    while (part->slots[place] != 0 && (part->slots[place] & ~(uint64_t)STATES) != slot) {
        place = place + 1 < part->room ? place + 1 : 0;
    }
    return place;
}

// Room for one more. Sets `blind` when it would be more than there may be.
static bool part_grow(struct http_known *known, struct http_known_part *part, struct error *error) {
    if (part->filled + 1 <= part->room / 20 * 17) {
        return true;
    }
    struct http_known_part grown = {.room = part->room > 0 ? part->room + part->room / 4 + 20 : ROOM_FIRST + 4};
    if (known->bytes + grown.room * sizeof *grown.slots > BYTES_MAX) {
        known->blind = true;
        return true;
    }
    grown.slots = memory_zero(grown.room, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < part->room; i++) {
        if (part->slots[i] != 0) {
            grown.slots[find(&grown, part->slots[i] & ~(uint64_t)STATES)] = part->slots[i];
        }
    }
    grown.filled = part->filled;
    known->bytes += (grown.room - part->room) * sizeof *grown.slots;
    memory_free(part->slots);
    *part = grown;
    return true;
}

bool http_known_take(struct http_known *known, struct print id, struct error *error) {
    known->sum.low += id.low;
    known->sum.high += id.high;
    if (known->blind) {
        return true;
    }
    struct http_known_part *part = &known->parts[id.high % HTTP_KNOWN_PARTS];
    if (!part_grow(known, part, error)) {
        return false;
    }
    if (known->blind) {
        parts_free(known);
        return true;
    }
    uint64_t slot = slot_of(id);
    size_t place = find(part, slot);
    uint64_t state = part->slots[place] & STATES;
    part->filled += part->slots[place] == 0;
    part->slots[place] = slot | NOW;
    known->repeated = known->repeated || state == NOW;
    known->again += state == BEFORE;
    known->now += state != NOW;
    return true;
}

bool http_known_is_same(const struct http_known *known) {
    return known->has_before && print_same(known->sum, known->sum_before);
}

bool http_known_holds_all(const struct http_known *known) {
    return known->has_before && !known->was_incomplete && !known->blind && !known->repeated &&
           known->again == known->before;
}
