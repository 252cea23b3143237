// What answers left open. A create is looked up by `find`; an update or a delete is asked for by its id. What is
// certainly not in may be sent again, once, by itself: what an array's refusal left out.

#include <string.h>

#include "source/target_http_internal.h"

void part_doubt(struct work *work, struct part *part, const struct error *why) {
    const struct target_http *target = work->target;
    part->why = *why;
    part->may_alone = false;
    if (part->item->verb == TARGET_CREATE) {
        part->step = STEP_FIND;
        if (target->find_count == 0 || part->item->form == NULL) {
            part_unknown(part, why);
        }
        return;
    }
    part->step = STEP_ASK;
    if (target->one.length == 0) {
        part_unknown(part, why);
    }
}

// A request whose answer was lost may still be under way to the server: a create that wasn't found is looked up once
// more before it is sent again.
static void remember(struct target_http *target, const struct part *part) {
    struct text operation;
    if (part->item->verb == TARGET_CREATE && target->find_count > 0 &&
        arena_text(&target->arena, part->item->operation, &operation)) {
        (void)map_put(&target->doubted, operation, 1); // without room the engine's own resolve must do
    }
}

// Certainly not in: it may be sent again, unless what nobody knew about was the item's own fault.
static void part_absent(struct work *work, struct part *part) {
    remember(work->target, part);
    struct error error = part->why;
    if (error.code == ERROR_HTTP_UNKNOWN || error.code == ERROR_HTTP_LOST || error.code == ERROR_NONE) {
        error_set(&error, ERROR_HTTP_LOST, "%.300s; it is not there, so it may be sent again",
                  part->why.code != ERROR_NONE ? part->why.message : "the answer was lost");
    } else if (error.code == ERROR_HTTP_REFUSED) {
        error.scope = ERROR_RUN; // a login page would be given to the others too
        error.retry = RETRY_NEVER;
    } else if (error.code == ERROR_HTTP_SHAPE || error.code == ERROR_HTTP_REDIRECT) {
        error.scope = ERROR_RECORD;
        error.retry = RETRY_NEVER;
    } else {
        error.scope = ERROR_BATCH;
        error.retry = error.retry == RETRY_NEVER ? RETRY_LATER : error.retry;
    }
    part_failed(part, &error);
}

// --- by its form ---

bool find_make(struct work *work, const struct target_item *item, struct sending *sending, struct error *error) {
    const struct target_http *target = work->target;
    static const char *const empty[] = {"since", "until", "limit", "offset", "page", "cursor", "ids", "id"};
    enum { EMPTY = sizeof empty / sizeof *empty };
    struct http_field fields[EMPTY];
    for (size_t i = 0; i < EMPTY; i++) {
        fields[i] = (struct http_field){text_of(empty[i]), {.kind = VALUE_MISSING}};
    }
    struct http_scope scope = {.fields = fields, .count = EMPTY, .parent = item->form};
    struct value query = option_value(target->setup.type, "query");
    if (!http_template_path(target->path, &scope, &sending->url, error) ||
        !http_template_query(&query, &scope, work->arena, &sending->url, error)) {
        return false;
    }
    struct buffer name;
    buffer_init(&name, 4096);
    bool ok = true;
    for (size_t i = 0; ok && i < target->find_count; i++) {
        const struct value *value = object_find(item->form, target->find[i]);
        if (value == NULL || value_empty(value)) {
            ok = error_set(error, ERROR_FIELD_REQUIRED, "it can't be looked up: %.*s, which find names, is empty",
                           TEXT_ARGS(target->find[i]));
            break;
        }
        buffer_reset(&name);
        for (size_t at = 0; at < target->match.length;) {
            bool field = target->match.length - at >= 7 && memcmp(target->match.data + at, "{field}", 7) == 0;
            buffer_text(&name, field ? target->find[i] : (struct text){target->match.data + at, 1});
            at += field ? 7 : 1;
        }
        ok = (!name.failed || error_memory(error)) &&
             http_template_param(buffer_view(&name), value, &sending->url, error);
    }
    buffer_clear(&name);
    return ok;
}

enum found find_in(const struct target_http *target, const struct target_item *item, const struct answer *answer,
                   const struct object **hit) {
    const struct value *records;
    size_t count, hits = 0;
    answer_records(answer, &target->records, &records, &count);
    *hit = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct object *record = records[i].kind == VALUE_OBJECT ? records[i].as.object : NULL;
        if (record != NULL && find_alike(target, item->form, record)) {
            *hit = record;
            hits++;
        }
    }
    bool list = answer->has_body && (records != &answer->body || answer->body.kind == VALUE_LIST);
    if (hits == 0) {
        return !list ? FOUND_UNREADABLE : count == 0 ? FOUND_NONE : FOUND_STRANGE;
    }
    return hits == 1 ? FOUND_ONE : FOUND_SEVERAL;
}

// The address may not be asked again and again when it does not answer.
static void note_silence(struct work *work, const struct answer *answer) {
    if (answer->kind == ANSWER_ENDED) {
        work->ended = true;
        work->error = answer->error;
    } else if (answer->kind == ANSWER_LATER || (answer->kind == ANSWER_DOUBT && answer->status == 0)) {
        work->paused = true;
        work->error = answer->error;
    }
}

static void settle_find(struct work *work, struct part *part, const struct answer *answer) {
    const struct object *hit;
    struct error error;
    if (answer->kind != ANSWER_GOOD) {
        note_silence(work, answer);
        part_unknown(part, &answer->error);
        return;
    }
    switch (find_in(work->target, part->item, answer, &hit)) {
    case FOUND_ONE:
        part_done(work, part, hit, true);
        part->receipt->differs = !form_kept(part->item->form, hit);
        if (part->step == STEP_FIND) { // it has no id there either
            part_unknown(part, &part->why);
        }
        return;
    case FOUND_NONE:
        if (part->in) {
            part_unknown(part, &part->why);
        } else if (part->may_alone) {
            part->may_alone = false;
            part->step = STEP_ALONE;
        } else {
            part_absent(work, part);
        }
        return;
    case FOUND_SEVERAL:
        error_set(&error, ERROR_PUSH_UNKNOWN,
                  "several records there could be this one; see which, and remove the rest");
        break;
    case FOUND_UNREADABLE:
        error_set(&error, ERROR_HTTP_SHAPE, "it was looked up, and the answer is no list of records; check records");
        break;
    case FOUND_STRANGE:
        error_set(&error, ERROR_PUSH_UNKNOWN,
                  "it was looked up, and what came has other values than were asked for; check match and records");
        break;
    }
    part_unknown(part, &error);
}

// --- by its id ---

bool ask_make(struct work *work, const struct target_item *item, struct text external, struct sending *sending,
              struct error *error) {
    const struct target_setup *setup = &work->target->setup;
    struct http_field *fields = arena_take(work->arena, (setup->key_count + 1) * sizeof *fields);
    size_t count;
    if (fields == NULL) {
        return error_memory(error);
    }
    if (!http_template_id(external, setup->key, setup->key_count, work->arena, fields, &count, error)) {
        return false;
    }
    struct http_scope scope = {.fields = fields, .count = count, .parent = item->form};
    return http_template_path(work->target->one, &scope, &sending->url, error);
}

// Sending an update or a delete again does no harm: all that isn't certainly done may be tried again.
static void settle_ask(struct work *work, struct part *part, const struct answer *answer) {
    if (answer->kind == ANSWER_MISSING && part->item->verb == TARGET_DELETE) {
        part_done(work, part, NULL, true);
        return;
    }
    if (answer->kind == ANSWER_GOOD || answer->kind == ANSWER_MISSING) {
        const struct object *record =
            answer->kind == ANSWER_GOOD ? answer_record(answer, &work->target->records) : NULL;
        if (record != NULL && part->item->verb == TARGET_UPDATE && form_kept(part->item->form, record)) {
            part_done(work, part, record, true);
        } else {
            part_absent(work, part);
            part_shown(work, part, record);
        }
        return;
    }
    note_silence(work, answer);
    part_unknown(part, &answer->error);
}

// --- both, and again ---

struct open_parts {
    struct part **list;
    size_t count;
};

static bool doubt_make(struct work *work, void *context, size_t index, struct sending *sending, struct error *error) {
    const struct open_parts *open = context;
    struct part *part = open->list[index];
    sending->verb = "GET";
    return part->step == STEP_FIND ? find_make(work, part->item, sending, error)
                                   : ask_make(work, part->item, part->item->external, sending, error);
}

static void doubt_settle(struct work *work, void *context, size_t index, struct answer *answer) {
    const struct open_parts *open = context;
    struct part *part = open->list[index];
    if (part->step == STEP_FIND) {
        settle_find(work, part, answer);
    } else {
        settle_ask(work, part, answer);
    }
}

static bool gather(struct work *work, enum step a, enum step b, struct open_parts *open) {
    open->list = arena_take(work->arena, work->count * sizeof(struct part *));
    open->count = 0;
    if (open->list == NULL) {
        work->ended = true;
        return error_memory(&work->error);
    }
    for (size_t i = 0; i < work->count; i++) {
        if (work->parts[i].step == a || work->parts[i].step == b) {
            open->list[open->count++] = &work->parts[i];
        }
    }
    return true;
}

void doubts_run(struct work *work) {
    bool paused = work->paused;
    for (;;) {
        struct open_parts open;
        work->paused = false; // a server that asks to wait with writes may still say what it has
        if (!gather(work, STEP_FIND, STEP_ASK, &open)) {
            break;
        }
        struct convoy convoy = {open.count, work->target->session->at_once, doubt_make, doubt_settle, &open};
        convoy_run(work, &convoy);
        paused = paused || work->paused;
        if (paused || work->ended || !gather(work, STEP_ALONE, STEP_ALONE, &open) || open.count == 0) {
            break;
        }
        parcels_run(work, work->parts, work->count, true);
        paused = paused || work->paused;
    }
    work->paused = paused;
}

// What nothing could be done about: each part gets the receipt that is certain.
void parts_close(struct work *work) {
    struct error none;
    error_set(&none, ERROR_HTTP_LOST, "it was not sent");
    const struct error *error = work->error.code != ERROR_NONE ? &work->error : &none;
    for (size_t i = 0; i < work->count; i++) {
        struct part *part = &work->parts[i];
        if (part->step == STEP_FIND || part->step == STEP_ASK || (part->doubtful && part->step == STEP_SEND)) {
            part_unknown(part, part->why.code != ERROR_NONE ? &part->why : error);
        } else if (part->step == STEP_SEND || part->step == STEP_ALONE) {
            part_failed(part, error);
            part->receipt->error.scope = ERROR_BATCH;
            part->receipt->error.retry = RETRY_LATER;
        }
        part->step = STEP_OVER;
    }
}
