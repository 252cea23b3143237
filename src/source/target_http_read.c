// Reading back what was written, where the answers don't have the form that the datasource keeps. A record that can't
// be read back is written all the same: the next pass sees it as changed, once.

#include "model/record.h"
#include "source/target_http_internal.h"

struct reads {
    struct part **list;
    size_t count;
    size_t group; // parts a request
};

// Chosen ids in one request: ids=1,2,3, or wherever {ids} stands.
static bool ids_make(struct work *work, struct part *const *parts, size_t count, struct sending *sending,
                     struct error *error) {
    const struct target_http *target = work->target;
    struct buffer joined;
    struct text ids;
    buffer_init(&joined, 64 * 1024);
    for (size_t i = 0; i < count; i++) {
        buffer_string(&joined, i > 0 ? "," : "");
        buffer_text(&joined, parts[i]->receipt->external);
    }
    bool kept = !joined.failed && arena_text(work->arena, buffer_view(&joined), &ids);
    buffer_clear(&joined);
    if (!kept) {
        return error_memory(error);
    }
    struct http_field fields[] = {
        {TEXT_LITERAL("ids"), value_text(ids)}, {TEXT_LITERAL("since"), {0}},  {TEXT_LITERAL("until"), {0}},
        {TEXT_LITERAL("limit"), {0}},           {TEXT_LITERAL("offset"), {0}}, {TEXT_LITERAL("page"), {0}},
        {TEXT_LITERAL("cursor"), {0}},
    };
    struct http_scope scope = {
        .fields = fields, .count = sizeof fields / sizeof *fields, .parent = parts[0]->item->form};
    struct value query = option_value(target->setup.type, "query");
    return http_template_path(target->path, &scope, &sending->url, error) &&
           http_template_query(&query, &scope, work->arena, &sending->url, error) &&
           (target->ids.length == 0 || http_template_param(target->ids, &fields[0].value, &sending->url, error));
}

static bool read_make(struct work *work, void *context, size_t index, struct sending *sending, struct error *error) {
    const struct reads *reads = context;
    size_t from = index * reads->group;
    struct part *part = reads->list[from];
    size_t count = reads->count - from < reads->group ? reads->count - from : reads->group;
    switch (work->target->read_back) {
    case READ_BACK_FIND:
        return find_make(work, part->item, sending, error);
    case READ_BACK_IDS:
        return ids_make(work, reads->list + from, count, sending, error);
    default:
        return ask_make(work, part->item, part->receipt->external, sending, error);
    }
}

// The record of an answer that has this id.
static const struct object *record_of(struct work *work, const struct part *part, const struct answer *answer) {
    const struct target_setup *setup = &work->target->setup;
    const struct value *records;
    size_t count;
    answer_records(answer, &work->target->records, &records, &count);
    for (size_t i = 0; i < count; i++) {
        struct text external;
        struct error error;
        if (records[i].kind == VALUE_OBJECT &&
            record_key(records[i].as.object, setup->key, setup->key_count, work->arena, &external, &error) &&
            text_same(external, part->receipt->external)) {
            return records[i].as.object;
        }
    }
    return NULL;
}

static void read_settle(struct work *work, void *context, size_t index, struct answer *answer) {
    const struct reads *reads = context;
    size_t from = index * reads->group;
    if (answer->kind == ANSWER_LATER || answer->kind == ANSWER_ENDED ||
        (answer->kind == ANSWER_DOUBT && answer->status == 0)) {
        work->paused = true; // the rest is not read back either; what is done stays done
        work->error = answer->error;
    }
    for (size_t i = from; i < reads->count && i < from + reads->group; i++) {
        struct part *part = reads->list[i];
        bool missing = answer->kind == ANSWER_MISSING && work->target->read_back == READ_BACK_ONE;
        const struct object *record = answer->kind == ANSWER_GOOD ? record_of(work, part, answer) : NULL;
        part->step = STEP_OVER;
        if (record != NULL) {
            part_record(work, part, record, true);
        } else if (missing && part->item->verb == TARGET_UPDATE) {
            part_gone(part, &answer->error); // the write went nowhere
        } else {
            part->receipt->seen = (struct print){0, 0};
            log_line(work->target->setup.log, LOG_WARNING, "%.*s %.*s was written, but can't be read back: %s",
                     TEXT_ARGS(work->target->setup.type_name), TEXT_ARGS(part->receipt->external),
                     answer->kind == ANSWER_GOOD ? "the answer does not have it" : answer->error.message);
        }
    }
}

void reads_run(struct work *work) {
    struct reads reads = {.group = work->target->read_back == READ_BACK_IDS ? work->target->ids_max : 1};
    reads.list = arena_take(work->arena, work->count * sizeof(struct part *));
    for (size_t i = 0; reads.list != NULL && i < work->count; i++) {
        if (work->parts[i].step == STEP_READ) {
            reads.list[reads.count++] = &work->parts[i];
        }
    }
    size_t requests = (reads.count + reads.group - 1) / reads.group;
    struct convoy convoy = {requests, work->target->session->at_once, read_make, read_settle, &reads};
    bool paused = work->paused;
    work->paused = false;
    convoy_run(work, &convoy);
    work->paused = work->paused || paused;
}
