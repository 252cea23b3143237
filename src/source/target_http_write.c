// Items into requests, and what their answers mean for them. Items of one verb that follow each other are sent
// together; a run of another verb begins when the one before is answered, so that what is deleted or renamed first
// makes room for what comes after.

#include <string.h>

#include "format/format_json.h"
#include "model/record.h"
#include "source/target_http_internal.h"

struct parcel {
    size_t from;
    size_t count;
};

struct parcels {
    struct part *parts;
    struct parcel *list;
    size_t count;
    const struct target_way *way;
};

static bool has_placeholder(struct text path) {
    return memchr(path.data, '{', path.length) != NULL;
}

// The request's path for an item. In an array only those with the same one go together.
static bool item_url(const struct target_http *target, const struct target_way *way, const struct target_item *item,
                     struct arena *arena, struct buffer *url, struct error *error) {
    if (way->path.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "%.*s: nothing says how a record is deleted; give delete",
                         TEXT_ARGS(target->setup.type_name));
    }
    struct http_field *fields = NULL;
    size_t count = 0;
    if (item->external.length > 0 && has_placeholder(way->path)) {
        fields = arena_take(arena, (target->setup.key_count + 1) * sizeof *fields);
        if (fields == NULL) {
            return error_memory(error);
        }
        if (!http_template_id(item->external, target->setup.key, target->setup.key_count, arena, fields, &count,
                              error)) {
            return false;
        }
    }
    struct http_scope scope = {.fields = fields, .count = count, .parent = item->form};
    return http_template_path(way->path, &scope, url, error);
}

// What is written of an item: its form. An update whose path doesn't say which record it is has the id in its body.
static bool item_form(const struct target_http *target, const struct target_way *way, const struct target_item *item,
                      struct arena *arena, struct value *out, struct error *error) {
    *out = value_object(item->form);
    if (item->verb != TARGET_UPDATE || has_placeholder(way->path)) {
        return true;
    }
    const struct target_setup *setup = &target->setup;
    struct http_field *fields = arena_take(arena, (setup->key_count + 1) * sizeof *fields);
    uint32_t most = item->form->shape->count + (uint32_t)setup->key_count, count = item->form->shape->count;
    struct text *names = arena_take(arena, most * sizeof *names);
    struct value *values = arena_take(arena, most * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    size_t given;
    if (fields == NULL || names == NULL || values == NULL || shape == NULL || object == NULL) {
        return error_memory(error);
    }
    if (!http_template_id(item->external, setup->key, setup->key_count, arena, fields, &given, error)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = item->form->shape->names[i];
        values[i] = item->form->values[i];
    }
    for (size_t i = 0; i < setup->key_count; i++) {
        struct text name = setup->key[i].names[0];
        bool plain = setup->key[i].count == 1 && shape_find(item->form->shape, name) == SHAPE_NONE;
        for (size_t f = 0; plain && f < given; f++) {
            if (text_same(fields[f].name, name)) {
                names[count] = name;
                values[count++] = fields[f].value;
                break;
            }
        }
    }
    *shape = (struct shape){count, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

size_t parcel_count(struct target_http *target, const struct target_item *items, size_t count) {
    const struct target_way *way = &target->ways[items[0].verb];
    size_t taken = 1, bytes = way->under.length + 8;
    if (!way->array || items[0].verb == TARGET_DELETE) {
        return 1;
    }
    struct buffer json, first, url;
    struct arena scratch;
    arena_init(&scratch, TARGET_ANSWER_MAX);
    buffer_init(&json, TARGET_BODY_MAX);
    buffer_init(&first, TARGET_BODY_MAX);
    buffer_init(&url, TARGET_BODY_MAX);
    bool together = true;
    for (size_t i = 0; together && i < count && i < way->items_max && items[i].verb == items[0].verb; i++) {
        struct error error;
        struct value form;
        buffer_reset(&json);
        buffer_reset(&url);
        together = item_form(target, way, &items[i], &scratch, &form, &error);
        if (together) {
            json_write(&json, &form);
            together = !json.failed && bytes + json.length + 1 <= way->bytes_max;
            bytes += json.length + 1;
        }
        if (together && has_placeholder(way->path)) {
            struct buffer *into = i == 0 ? &first : &url;
            together = item_url(target, way, &items[i], &scratch, into, &error) &&
                       (i == 0 || text_same(buffer_view(&first), buffer_view(&url)));
        }
        taken = together ? i + 1 : taken;
        arena_reset(&scratch);
    }
    buffer_clear(&json);
    buffer_clear(&first);
    buffer_clear(&url);
    arena_clear(&scratch);
    return taken;
}

// The idempotency key: the item's own operation; of an array, the same for the same items.
static bool parcel_key(struct work *work, const struct part *parts, size_t count, struct text *out) {
    *out = text_of("");
    if (work->target->idempotency.length == 0) {
        return true;
    }
    *out = parts[0].item->operation;
    if (count == 1) {
        return true;
    }
    struct print print = print_of(parts[0].item->operation, 0);
    for (size_t i = 1; i < count; i++) {
        print = print_join(print, print_of(parts[i].item->operation, 0));
    }
    char *hex = arena_take(work->arena, PRINT_HEX + 1);
    if (hex != NULL) {
        print_hex(print, hex);
        *out = text_of(hex);
    }
    return hex != NULL;
}

static bool write_body(struct work *work, const struct target_way *way, const struct part *parts, size_t count,
                       struct buffer *body, struct error *error) {
    if (way->under.length > 0) {
        struct value name = value_text(way->under);
        buffer_byte(body, '{');
        json_write(body, &name);
        buffer_byte(body, ':');
    }
    for (size_t i = 0; i < count; i++) {
        struct value form;
        if (!item_form(work->target, way, parts[i].item, work->arena, &form, error)) {
            return false;
        }
        if (way->array) {
            buffer_byte(body, i == 0 ? '[' : ',');
        }
        json_write(body, &form);
    }
    if (way->array) {
        buffer_byte(body, ']');
    }
    if (way->under.length > 0) {
        buffer_byte(body, '}');
    }
    if (way->array && body->length > way->bytes_max) {
        return error_set(error, ERROR_LIMIT, "the record alone is %zu bytes, more than the %zu that a request may have",
                         body->length, way->bytes_max);
    }
    return true;
}

static bool parcel_make(struct work *work, void *context, size_t index, struct sending *sending, struct error *error) {
    struct parcels *parcels = context;
    const struct parcel *parcel = &parcels->list[index];
    const struct part *parts = parcels->parts + parcel->from;
    const struct target_way *way = parcels->way;
    sending->verb = way->verb;
    sending->writes = true;
    sending->ok = &way->ok;
    if (!item_url(work->target, way, parts[0].item, work->arena, &sending->url, error)) {
        return false;
    }
    if (!parcel_key(work, parts, parcel->count, &sending->operation)) {
        return error_memory(error);
    }
    return parts[0].item->form == NULL || parts[0].item->verb == TARGET_DELETE ||
           write_body(work, way, parts, parcel->count, &sending->body, error);
}

// The whole array was refused, yet some of its records may be in.
static void set_apart(struct work *work, struct part *part, const struct answer *answer) {
    part->why = answer->error;
    if (part->item->verb != TARGET_CREATE || answer->status == 413) {
        part->step = STEP_ALONE;
    } else if (work->target->find_count > 0) {
        part->step = STEP_FIND;
        part->may_alone = true;
    } else {
        error_set(&part->why, ERROR_PUSH_UNKNOWN,
                  "an array was refused, and without find nobody can tell which of its records are in: %.300s",
                  answer->error.message);
        part_unknown(part, &part->why);
    }
}

static void settle_one(struct work *work, struct part *part, const struct answer *answer) {
    enum target_verb verb = part->item->verb;
    // Only the server's own word says that it is not in: a request that could not be made this time says nothing.
    bool refused = answer->kind == ANSWER_REFUSED && answer->status != 0 && answer->status != 409;
    if (part->doubtful && !refused && answer->kind != ANSWER_GOOD &&
        !(answer->kind == ANSWER_MISSING && verb != TARGET_CREATE)) {
        part_doubt(work, part, &answer->error); // what was sent first may be in all the same
        return;
    }
    switch (answer->kind) {
    case ANSWER_GOOD:
        part_done(work, part, NULL, false);
        break;
    case ANSWER_REFUSED:
        if (answer->error.code == ERROR_HTTP_REDIRECT && verb == TARGET_CREATE && work->target->find_count > 0) {
            part_doubt(work, part, &answer->error);
        } else {
            part_failed(part, &answer->error);
        }
        break;
    case ANSWER_MISSING:
        if (verb == TARGET_UPDATE) {
            part_gone(part, &answer->error);
        } else if (verb == TARGET_DELETE) {
            part_done(work, part, NULL, false);
        } else {
            part_failed(part, &answer->error);
        }
        break;
    case ANSWER_LATER:
    case ANSWER_ENDED:
        part_failed(part, &answer->error);
        part->receipt->error.scope = ERROR_BATCH;
        break;
    case ANSWER_DOUBT:
        part_doubt(work, part, &answer->error);
        break;
    }
}

// Whether a success has an error in it: an object that is none of the records, with an error of its own.
static bool says_error(struct work *work, const struct target_way *way, struct answer *answer) {
    const struct target_setup *setup = &work->target->setup;
    if (answer->kind != ANSWER_GOOD || way->ok.path.names != NULL || !answer->has_body ||
        answer->body.kind != VALUE_OBJECT) {
        return false;
    }
    const struct object *body = answer->body.as.object;
    const struct value *said = object_find(body, text_of("error"));
    said = http_is_set(said) ? said : object_find(body, text_of("errors"));
    struct text external;
    struct error error;
    char room[VALUE_SHOW_MAX];
    if (!http_is_set(said) || (said->kind == VALUE_LIST && said->length == 0) ||
        record_key(body, setup->key, setup->key_count, work->arena, &external, &error)) {
        return false;
    }
    answer->kind = ANSWER_DOUBT;
    error_set(&answer->error, ERROR_HTTP_SHAPE, "the answer with status %d has an error in it: %s", answer->status,
              value_show(said, room));
    return true;
}

// An update that is answered with {"count":0} went nowhere.
static void see_count(const struct part *part, struct answer *answer) {
    if (answer->kind == ANSWER_GOOD && part->item->verb == TARGET_UPDATE && answer->has_body &&
        answer->body.kind == VALUE_OBJECT && answer->body.as.object->shape->count == 1) {
        const struct value *count = object_find(answer->body.as.object, text_of("count"));
        if (count != NULL && count->kind == VALUE_INTEGER && count->as.integer == 0) {
            answer->kind = ANSWER_MISSING;
            error_set(&answer->error, ERROR_PUSH_GONE, "the datasource changed no record: it is not there any more");
        }
    }
}

static void parcel_settle(struct work *work, void *context, size_t index, struct answer *answer) {
    struct parcels *parcels = context;
    const struct parcel *parcel = &parcels->list[index];
    struct part *parts = parcels->parts + parcel->from;
    bool told = says_error(work, parcels->way, answer);
    if (parcel->count == 1) {
        see_count(&parts[0], answer);
    }
    if (answer->kind == ANSWER_DOUBT && !told && work->target->idempotency.length > 0 && !parts[0].doubtful &&
        !work->ended) {
        for (size_t i = 0; i < parcel->count; i++) {
            parts[i].doubtful = true;
        }
        struct parcels again = {parts, &(struct parcel){0, parcel->count}, 1, parcels->way};
        struct convoy convoy = {1, 1, parcel_make, parcel_settle, &again};
        bool paused = work->paused;
        work->paused = false;
        convoy_run(work, &convoy);
        work->paused = work->paused || paused;
        return;
    }
    if (answer->kind == ANSWER_LATER || answer->kind == ANSWER_ENDED) {
        work->paused = true;
        work->ended = work->ended || answer->kind == ANSWER_ENDED;
        work->error = answer->error;
    }
    bool split = parcel->count > 1 && (answer->kind == ANSWER_REFUSED || answer->kind == ANSWER_MISSING);
    if (answer->kind == ANSWER_GOOD && parts[0].item->verb != TARGET_DELETE) {
        match_answer(work, parcels->way, parts, parcel->count, answer);
        return;
    }
    for (size_t i = 0; i < parcel->count; i++) {
        if (split) {
            set_apart(work, &parts[i], answer);
        } else {
            settle_one(work, &parts[i], answer);
        }
    }
}

// The parcels of one verb: parts from `from` on, and where the next verb begins.
static size_t pack(struct work *work, struct parcels *parcels, size_t from, size_t count, bool alone) {
    struct part *parts = parcels->parts;
    enum target_verb verb = parts[from].item->verb;
    size_t at = from;
    while (at < count && parts[at].item->verb == verb) {
        if (parts[at].step != (alone ? STEP_ALONE : STEP_SEND)) {
            at++;
            continue;
        }
        size_t most = 1;
        while (!alone && at + most < count && parts[at + most].step == STEP_SEND) {
            most++;
        }
        size_t taken = parcel_count(work->target, parts[at].item, most);
        parcels->list[parcels->count++] = (struct parcel){at, taken};
        at += taken;
    }
    return at;
}

void parcels_run(struct work *work, struct part *parts, size_t count, bool alone) {
    struct parcels parcels = {.parts = parts};
    parcels.list = arena_take(work->arena, count * sizeof *parcels.list);
    if (parcels.list == NULL) {
        work->ended = true;
        error_memory(&work->error);
        return;
    }
    for (size_t at = 0; at < count && !work->paused && !work->ended;) {
        parcels.way = &work->target->ways[parts[at].item->verb];
        parcels.count = 0;
        at = pack(work, &parcels, at, count, alone);
        struct convoy convoy = {parcels.count, parcels.way->at_once, parcel_make, parcel_settle, &parcels};
        convoy_run(work, &convoy);
    }
}
