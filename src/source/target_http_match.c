// Which records of an answer are which items, and what a receipt says of them.

#include <string.h>

#include "base/civil.h"
#include "model/decimal.h"
#include "model/record.h"
#include "source/source_http_print.h"
#include "source/target_http_internal.h"

void part_failed(struct part *part, const struct error *error) {
    *part->receipt = (struct target_receipt){.outcome = TARGET_FAILED, .external = {"", 0}, .error = *error};
    part->step = STEP_OVER;
}

void part_gone(struct part *part, const struct error *error) {
    *part->receipt = (struct target_receipt){.outcome = TARGET_GONE, .external = {"", 0}, .error = *error};
    part->receipt->error.code = ERROR_PUSH_GONE;
    part->step = STEP_OVER;
}

void part_unknown(struct part *part, const struct error *error) {
    *part->receipt = (struct target_receipt){.outcome = TARGET_UNKNOWN, .external = {"", 0}, .error = *error};
    part->step = STEP_OVER;
}

void answer_records(const struct answer *answer, const struct path *path, const struct value **records, size_t *count) {
    const struct value *body = answer->has_body ? &answer->body : NULL;
    if (body != NULL && path->names != NULL && body->kind == VALUE_OBJECT) {
        const struct value *inner = path_find(body->as.object, path);
        body = inner != NULL ? inner : body;
    }
    bool list = body != NULL && body->kind == VALUE_LIST;
    *records = list ? body->as.items : body;
    *count = list ? body->length : body != NULL && body->kind == VALUE_OBJECT ? 1 : 0;
}

const struct object *answer_record(const struct answer *answer, const struct path *path) {
    const struct value *records;
    size_t count;
    answer_records(answer, path, &records, &count);
    return count == 1 && records->kind == VALUE_OBJECT ? records->as.object : NULL;
}

// A text or a number as a decimal.
static bool number_of(const struct value *value, char digits[TEXT_INTEGER_MAX], struct text *out) {
    if (value->kind == VALUE_INTEGER) {
        *out = text_digits(value->as.integer, digits);
        return true;
    }
    *out = value_slice(value);
    return decimal_check(*out);
}

// Whether two values of a field that tells records apart may be the same to a server: a number and its digits, the
// same moment in two ways of writing it, a text with spaces around it.
static bool alike(const struct value *a, const struct value *b) {
    if (value_same(a, b)) {
        return true;
    }
    bool plain_a = a->kind == VALUE_INTEGER || a->kind == VALUE_DECIMAL || a->kind == VALUE_TEXT;
    bool plain_b = b->kind == VALUE_INTEGER || b->kind == VALUE_DECIMAL || b->kind == VALUE_TEXT;
    if (!plain_a || !plain_b) {
        return false;
    }
    char digits_a[TEXT_INTEGER_MAX], digits_b[TEXT_INTEGER_MAX];
    struct text x, y;
    if (number_of(a, digits_a, &x) && number_of(b, digits_b, &y)) {
        return decimal_compare(x, y) == 0;
    }
    int64_t then, now;
    x = text_trim(x);
    y = b->kind == VALUE_INTEGER ? text_digits(b->as.integer, digits_b) : text_trim(value_slice(b));
    return text_same(x, y) || (civil_parse(x, text_of("iso"), zone_utc(), &then) &&
                               civil_parse(y, text_of("iso"), zone_utc(), &now) && then == now);
}

bool find_alike(const struct target_http *target, const struct object *form, const struct object *record) {
    for (size_t i = 0; i < target->find_count; i++) {
        const struct value *ours = object_find(form, target->find[i]);
        const struct value *theirs = object_find(record, target->find[i]);
        bool none = ours == NULL || value_empty(ours);
        if (none ? theirs != NULL && !value_empty(theirs) : theirs == NULL || !alike(ours, theirs)) {
            return false;
        }
    }
    return target->find_count > 0;
}

bool form_kept(const struct object *form, const struct object *record) {
    for (uint32_t i = 0; i < form->shape->count; i++) {
        const struct value *theirs = object_find(record, form->shape->names[i]);
        bool none = value_empty(&form->values[i]);
        if (none ? theirs != NULL && !value_empty(theirs) : theirs == NULL || !alike(&form->values[i], theirs)) {
            return false;
        }
    }
    return true;
}

// The external id from the answer's record; parts that it lacks are taken from the form.
static bool external_of(struct work *work, const struct part *part, const struct object *record, struct text *out,
                        bool *whole, struct error *error) {
    const struct target_setup *setup = &work->target->setup;
    *whole = record_key(record, setup->key, setup->key_count, work->arena, out, error);
    if (*whole || part->item->form == NULL) {
        return *whole;
    }
    struct value *values = arena_take(work->arena, setup->key_count * sizeof *values);
    if (values == NULL) {
        return error_memory(error);
    }
    bool any = false;
    for (size_t i = 0; i < setup->key_count; i++) {
        const struct value *there = path_find(record, &setup->key[i]);
        any = any || there != NULL;
        there = there != NULL ? there : path_find(part->item->form, &setup->key[i]);
        values[i] = there != NULL ? *there : value_null();
    }
    return any && value_key(values, setup->key_count, work->arena, out, error);
}

// Whether the record says something of every field that was written: else it is only a part of what a pass will read.
static bool covers(const struct object *form, const struct object *record) {
    for (uint32_t i = 0; form != NULL && i < form->shape->count; i++) {
        if (!value_empty(&form->values[i]) && object_find(record, form->shape->names[i]) == NULL) {
            return false;
        }
    }
    return true;
}

void part_record(struct work *work, struct part *part, const struct object *record, bool whole) {
    struct target_receipt *receipt = part->receipt;
    receipt->reply = value_object(record);
    receipt->has_reply = true;
    receipt->seen = (struct print){0, 0};
    if (whole && !work->target->widened && covers(part->item->form, record)) {
        receipt->seen = http_print(record, part->item->seed, NULL);
    }
}

void part_shown(struct work *work, struct part *part, const struct object *record) {
    struct text external;
    struct error none; // then it says nothing of what stands there
    bool whole = false;
    if (record != NULL && part->item->verb != TARGET_CREATE &&
        external_of(work, part, record, &external, &whole, &none)) {
        part_record(work, part, record, whole);
    }
}

void part_done(struct work *work, struct part *part, const struct object *record, bool read) {
    struct target_http *target = work->target;
    const struct target_item *item = part->item;
    struct text external = text_of("");
    struct error error;
    bool whole = false, known = false;
    error_clear(&error);
    if (record != NULL && item->verb != TARGET_DELETE) {
        known = external_of(work, part, record, &external, &whole, &error);
    }
    if (!known && item->verb == TARGET_CREATE && item->form != NULL) {
        struct error none; // a form that brings its own id
        known = record_key(item->form, target->setup.key, target->setup.key_count, work->arena, &external, &none);
    }
    if (item->verb == TARGET_CREATE && !known) {
        part->in = true;
        error_set(
            &part->why, ERROR_PUSH_UNKNOWN,
            "it is in, but the answer does not say under which id; give find, or reply = where the record stands");
        part->step = STEP_FIND;
        if (target->find_count == 0) {
            part_unknown(part, &part->why);
        }
        return;
    }
    bool others = item->verb == TARGET_UPDATE && known && !text_same(external, item->external);
    if (item->verb != TARGET_CREATE) {
        external = item->verb == TARGET_UPDATE ? item->external : text_of("");
    }
    if (!arena_text(work->arena, external, &external)) {
        error_memory(&part->why);
        part_unknown(part, &part->why); // it is in, but there is no room to say where
        return;
    }
    *part->receipt = (struct target_receipt){.outcome = TARGET_DONE, .external = external};
    part->step = STEP_OVER;
    if (item->verb == TARGET_DELETE || target->read_back == READ_BACK_NONE) {
        return;
    }
    if (record != NULL && !others && (known || item->verb == TARGET_CREATE)) {
        part_record(work, part, record, whole);
    }
    if (!read && target->read_back != READ_BACK_REPLY) {
        part->step = STEP_READ;
    }
}

static int hex_digit(char byte) {
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

const struct object *location_record(struct work *work, const struct answer *answer) {
    const struct target_setup *setup = &work->target->setup;
    struct text text = answer->location;
    const char *query = text.length > 0 ? memchr(text.data, '?', text.length) : NULL;
    text.length = query != NULL ? (size_t)(query - text.data) : text.length;
    size_t from = text.length;
    while (from > 0 && text.data[from - 1] != '/') {
        from--;
    }
    struct object *object = arena_take(work->arena, sizeof *object);
    struct shape *shape = arena_take(work->arena, sizeof *shape);
    struct value *value = arena_take(work->arena, sizeof *value);
    char *id = arena_take(work->arena, text.length + 1);
    if (from == 0 || from == text.length || setup->key_count != 1 || setup->key[0].count != 1 || object == NULL ||
        shape == NULL || value == NULL || id == NULL) {
        return NULL;
    }
    size_t length = 0;
    for (size_t i = from; i < text.length; i++) {
        int high = text.data[i] == '%' && i + 2 < text.length ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        id[length++] = low >= 0 ? (char)(high * 16 + low) : text.data[i];
        i += low >= 0 ? 2 : 0;
    }
    *value = value_text((struct text){id, length});
    *shape = (struct shape){1, setup->key[0].names};
    *object = (struct object){shape, value};
    return text_utf8(value_slice(value), NULL) ? object : NULL;
}

// Whether a record of an answer is this item's.
static bool is_of(struct work *work, const struct part *part, const struct object *record) {
    const struct target_setup *setup = &work->target->setup;
    struct text theirs, ours = part->item->external;
    struct error error;
    bool ours_known =
        ours.length > 0 || (part->item->form != NULL &&
                            record_key(part->item->form, setup->key, setup->key_count, work->arena, &ours, &error));
    if (ours_known && record_key(record, setup->key, setup->key_count, work->arena, &theirs, &error)) {
        return text_same(ours, theirs);
    }
    return part->item->form != NULL && find_alike(work->target, part->item->form, record);
}

void match_answer(struct work *work, const struct target_way *way, struct part *parts, size_t count,
                  const struct answer *answer) {
    const struct value *records;
    size_t there, at = 0;
    answer_records(answer, &way->reply, &records, &there);
    bool *taken = arena_take_zero(work->arena, there + 1, sizeof *taken);
    bool straight = there == count && (count == 1 || way->order);
    for (size_t i = 0; i < count; i++) {
        const struct object *record = NULL;
        for (size_t tries = 0; taken != NULL && !straight && record == NULL && tries < there; tries++) {
            size_t place = (at + tries) % there;
            if (!taken[place] && records[place].kind == VALUE_OBJECT &&
                is_of(work, &parts[i], records[place].as.object)) {
                record = records[place].as.object;
                taken[place] = true;
                at = place + 1;
            }
        }
        if (straight && records[i].kind == VALUE_OBJECT) {
            record = records[i].as.object;
        }
        if (there == 0 && count == 1 && parts[i].item->verb == TARGET_CREATE) {
            record = location_record(work, answer);
        }
        part_done(work, &parts[i], record, false);
    }
}
