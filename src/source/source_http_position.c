#include "source/source_http_position.h"

#include <limits.h>
#include <stdio.h>

#include "format/format_json.h"
#include "port/option.h"

enum { POSITION_MAX = 1024 * 1024, MEMBERS_MAX = 32, VERSION = 1 };

#define NUMBER_MAX (INT64_MAX / 8)

// The members written so far.
struct members {
    struct text names[MEMBERS_MAX];
    struct value values[MEMBERS_MAX];
    uint32_t count;
};

static void put(struct members *members, const char *name, struct value value) {
    members->names[members->count] = text_of(name);
    members->values[members->count++] = value;
}

static void put_text(struct members *members, const char *name, struct text text) {
    if (text.length > 0) {
        put(members, name, value_text(text));
    }
}

static void put_count(struct members *members, const char *name, uint64_t count) {
    if (count > 0) {
        put(members, name, value_integer((int64_t)count));
    }
}

static void put_flag(struct members *members, const char *name, bool flag) {
    if (flag) {
        put(members, name, value_bool(true));
    }
}

static bool put_print(struct members *members, const char *name, struct print print, struct arena *arena) {
    char *hex = arena_take(arena, PRINT_HEX + 1);
    if (hex != NULL && (print.low != 0 || print.high != 0)) {
        print_hex(print, hex);
        put(members, name, value_text((struct text){hex, PRINT_HEX}));
    }
    return hex != NULL;
}

static bool put_tail(struct members *members, const struct http_position *position, struct arena *arena) {
    enum { EACH = 2 * PRINT_HEX };
    char *hex = arena_take(arena, HTTP_TAIL_MAX * EACH + 1);
    if (hex == NULL) {
        return false;
    }
    for (size_t i = 0; i < position->tail_count; i++) {
        print_hex(position->tail[i].id, hex + i * EACH);
        print_hex(position->tail[i].form, hex + i * EACH + PRINT_HEX);
    }
    put_text(members, "tail", (struct text){hex, position->tail_count * EACH});
    return true;
}

static bool members_write(const struct members *members, struct arena *arena, struct text *out, struct error *error) {
    struct buffer buffer;
    struct shape shape = {members->count, members->names};
    struct object object = {&shape, (struct value *)(uintptr_t)members->values};
    struct value value = value_object(&object);
    buffer_init(&buffer, POSITION_MAX);
    json_write(&buffer, &value);
    bool ok = !buffer.failed && arena_text(arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    return ok || error_memory(error);
}

bool http_position_write(const struct http_position *position, struct arena *arena, struct text *out,
                         struct error *error) {
    struct members members = {.count = 0};
    put_count(&members, "v", VERSION);
    if (!put_print(&members, "of", position->of, arena)) {
        return error_memory(error);
    }
    put_text(&members, "since", position->since);
    put_text(&members, "cursor", position->cursor);
    put_text(&members, "reach", position->reach);
    put_flag(&members, "partial", position->partial);
    put_flag(&members, "done", position->done);
    put_text(&members, "parents", position->parents);
    put_count(&members, "on", position->subject);
    if (!put_print(&members, "who", position->who, arena)) {
        return error_memory(error);
    }
    put_count(&members, "tries", position->tries);
    if (!put_print(&members, "before", position->sum_before, arena)) {
        return error_memory(error);
    }
    if (position->begun) {
        put(&members, "n", value_integer(position->number));
        put(&members, "size", value_integer(position->size));
        if (position->until != 0) {
            put(&members, "until", value_integer(position->until));
        }
        put_text(&members, "text", position->text);
        put_count(&members, "given", position->mile.given);
        put_count(&members, "refused", position->mile.refused);
        put_count(&members, "pages", position->pages);
        put_count(&members, "seen", (uint64_t)position->seen);
        put_flag(&members, "shifted", position->shifted);
        put_flag(&members, "unordered", position->unordered);
        put_text(&members, "newest", position->newest);
        if (!put_print(&members, "sum", position->sum, arena) ||
            !put_print(&members, "print", position->mile.print, arena) || !put_tail(&members, position, arena)) {
            return error_memory(error);
        }
    }
    return members_write(&members, arena, out, error);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_print(struct text hex, struct print *out) {
    unsigned char bytes[PRINT_BYTES];
    *out = (struct print){0, 0};
    if (hex.length != PRINT_HEX) {
        return hex.length == 0;
    }
    for (size_t i = 0; i < PRINT_BYTES; i++) {
        int high = hex_digit(hex.data[2 * i]);
        int low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out = print_load(bytes);
    return true;
}

static bool take_tail(struct text hex, struct http_position *out) {
    enum { EACH = 2 * PRINT_HEX };
    if (hex.length % EACH != 0 || hex.length / EACH > HTTP_TAIL_MAX) {
        return false;
    }
    out->tail_count = hex.length / EACH;
    for (size_t i = 0; i < out->tail_count; i++) {
        const char *at = hex.data + i * EACH;
        if (!take_print((struct text){at, PRINT_HEX}, &out->tail[i].id) ||
            !take_print((struct text){at + PRINT_HEX, PRINT_HEX}, &out->tail[i].form)) {
            return false;
        }
    }
    return true;
}

// Numbers stay where adding to them is safe: what a home holds may have been damaged.
static bool take_number(const struct object *object, const char *name, int64_t *out) {
    *out = option_integer(object, name);
    return *out >= -NUMBER_MAX && *out <= NUMBER_MAX;
}

// Counts are never below 0.
static bool take_count(const struct object *object, const char *name, uint64_t *out) {
    int64_t count;
    bool ok = take_number(object, name, &count) && count >= 0;
    *out = ok ? (uint64_t)count : 0;
    return ok;
}

bool http_position_read(struct text text, struct arena *arena, struct http_position *out) {
    struct value value;
    uint64_t subject = 0;
    uint64_t tries = 0;
    uint64_t seen = 0;
    *out = (struct http_position){0};
    if (!json_read(text, arena, NULL, &value, NULL) || value.kind != VALUE_OBJECT ||
        option_integer(value.as.object, "v") != VERSION) {
        return false;
    }
    const struct object *object = value.as.object;
    out->since = option_text(object, "since");
    out->cursor = option_text(object, "cursor");
    out->reach = option_text(object, "reach");
    out->partial = option_bool(object, "partial");
    out->done = option_bool(object, "done");
    out->parents = option_text(object, "parents");
    out->text = option_text(object, "text");
    out->shifted = option_bool(object, "shifted");
    out->unordered = option_bool(object, "unordered");
    out->newest = option_text(object, "newest");
    bool ok = take_number(object, "n", &out->number) && take_number(object, "until", &out->until) &&
              take_number(object, "size", &out->size) && take_count(object, "on", &subject) &&
              take_count(object, "tries", &tries) && take_count(object, "seen", &seen) &&
              take_count(object, "pages", &out->pages) && take_count(object, "given", &out->mile.given) &&
              take_count(object, "refused", &out->mile.refused) && take_print(option_text(object, "of"), &out->of) &&
              take_print(option_text(object, "who"), &out->who) && take_print(option_text(object, "sum"), &out->sum) &&
              take_print(option_text(object, "before"), &out->sum_before) &&
              take_print(option_text(object, "print"), &out->mile.print) && take_tail(option_text(object, "tail"), out);
    out->begun = out->size > 0;
    out->subject = (size_t)subject;
    out->tries = (unsigned)tries;
    out->seen = (int64_t)seen;
    return ok && tries <= UINT_MAX;
}
