// Any answers to a pass over an API, with every kind of pager. Whatever a server says: the pass ends; an error has a
// code and a message; a record stands, as it is, in the body of an answer; where no id stands in two answers, none is
// given twice; a list that is said to be full has no answer in it that could not be read; the size of batches changes
// nothing of a pass that goes well; and a position that was given opens again.

#include "format/format_json.h"
#include "fuzz.h"
#include "http_fake.h"
#include "pass_rig.h"
#include "source/source_http.h"

enum { BATCH_MAX = 128 << 20, RECORDS_MAX = 4000, RETRIES = 3, POSITION_MAX = 64 * 1024, BODIES_MAX = 64 };

// What came of a pass.
struct outcome {
    size_t count;
    struct print prints[RECORDS_MAX];
    int64_t ids[RECORDS_MAX];
    size_t id_count;
    size_t rejects;
    enum error_code code;
    bool retried;
    bool full;
    size_t requests;
    struct text position; // of the first batch; in the rig's arena
};

// The bodies that were served, as whole JSON documents where they are.
struct bodies {
    struct arena arena;
    struct value values[BODIES_MAX];
    size_t count;
    bool all; // each of them is JSON, and there are no more
};

static void bodies_read(struct bodies *bodies) {
    struct error error;
    arena_init(&bodies->arena, BATCH_MAX);
    bodies->count = 0;
    bodies->all = fake.count <= BODIES_MAX;
    for (size_t i = 0; i < fake.count && i < BODIES_MAX; i++) {
        const struct fake_reply *reply = &fake.requests[i].reply;
        bool is_json = json_read(reply->body, &bodies->arena, NULL, &bodies->values[bodies->count], &error);
        bodies->count += is_json;
        bodies->all = bodies->all && is_json;
    }
}

// The records of a body: a list, one under "results", or (a lookup's) one by itself.
static size_t records_of(const struct value *body, const struct value **out) {
    const struct value *list = body;
    if (body->kind == VALUE_OBJECT) {
        const struct value *results = object_find(body->as.object, TEXT_LITERAL("results"));
        list = results != NULL ? results : body;
    }
    *out = list->kind == VALUE_LIST ? list->as.items : list;
    return list->kind == VALUE_LIST ? list->length : list->kind == VALUE_OBJECT;
}

static void check_served(const struct bodies *bodies, const struct record *record) {
    struct value value = value_object(&record->fields);
    for (size_t i = 0; i < bodies->count; i++) {
        const struct value *records;
        size_t count = records_of(&bodies->values[i], &records);
        for (size_t j = 0; j < count; j++) {
            if (value_same(&records[j], &value)) {
                return;
            }
        }
    }
    demand(!bodies->all, "a record stands in an answer");
}

static void take_batch(struct outcome *outcome, const struct batch *batch, bool is_json) {
    struct bodies bodies;
    bodies_read(&bodies);
    demand(batch->count <= batch->capacity && batch->reject_count <= batch->reject_capacity, "a batch is no fuller");
    demand(batch->position.length > 0 && batch->place.length > 0, "a batch says where it is");
    demand(!batch->full || batch->last, "only what is read to its end can be full");
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->records[i];
        if (is_json) {
            check_served(&bodies, record);
        }
        demand(outcome->count < RECORDS_MAX, "there are no more records than were served");
        outcome->prints[outcome->count++] = record->print;
        const struct value *id = object_find(&record->fields, TEXT_LITERAL("id"));
        if (id != NULL && id->kind == VALUE_INTEGER) {
            outcome->ids[outcome->id_count++] = id->as.integer;
        }
    }
    for (size_t i = 0; i < batch->reject_count; i++) {
        demand(batch->rejects[i].reason.length > 0 && error_info(batch->rejects[i].code) != NULL,
               "what was refused says why");
    }
    outcome->rejects += batch->reject_count;
    outcome->full = outcome->full || batch->full;
    arena_clear(&bodies.arena);
}

static void read_pass(struct pass_rig *rig, struct outcome *outcome, bool is_json) {
    struct source *source;
    struct batch batch;
    struct error error;
    unsigned retries = RETRIES;
    error_clear(&error);
    *outcome = (struct outcome){0};
    if (!source_open(&source_http, &rig->setup, &source, &error)) {
        demand_error(&error);
        outcome->code = error.code;
        return;
    }
    batch_init(&batch, BATCH_MAX);
    bool ended = false;
    while (!ended) {
        error_clear(&error);
        demand(batch_reset(&batch, rig->setup.page_records, &error), "there is memory");
        if (source_read(source, &batch, &error)) {
            take_batch(outcome, &batch, is_json);
            demand(outcome->position.length > 0 || arena_text(&rig->arena, batch.position, &outcome->position),
                   "memory");
            ended = batch.last;
            continue;
        }
        demand_error(&error);
        demand(error.code != ERROR_MEMORY, "small answers need little memory");
        outcome->retried = true;
        ended = error.scope != ERROR_BATCH || retries-- == 0;
        outcome->code = ended ? error.code : ERROR_NONE;
    }
    outcome->requests = fake.count;
    batch_clear(&batch);
    source_close(source);
}

// Every id of every answer, where each is in one answer alone.
static bool ids_are_single(void) {
    struct bodies bodies;
    int64_t ids[RECORDS_MAX];
    size_t count = 0;
    bodies_read(&bodies);
    bool single = bodies.all && fake.replies == fake.count; // none was served twice
    for (size_t i = 0; i < bodies.count && single; i++) {
        const struct value *records;
        size_t found = records_of(&bodies.values[i], &records);
        for (size_t j = 0; single && j < found; j++) {
            const struct value *id =
                records[j].kind == VALUE_OBJECT ? object_find(records[j].as.object, TEXT_LITERAL("id")) : NULL;
            single = id != NULL && id->kind == VALUE_INTEGER && count < RECORDS_MAX;
            for (size_t k = 0; single && k < count; k++) {
                single = ids[k] != id->as.integer;
            }
            if (single) {
                ids[count++] = id->as.integer;
            }
        }
    }
    arena_clear(&bodies.arena);
    return single;
}

static void check_single(const struct outcome *outcome) {
    for (size_t i = 0; i < outcome->id_count; i++) {
        for (size_t j = 0; j < i; j++) {
            demand(outcome->ids[i] != outcome->ids[j], "no record comes twice");
        }
    }
}

// What was asked and answered with nothing that can be read, and not asked again.
static void check_full(void) {
    const struct fake_request *last = NULL;
    for (size_t i = 0; i < fake.count; i++) {
        last = fake.requests[i].heard ? &fake.requests[i] : last;
    }
    demand(last != NULL && !last->reply.lost && !last->reply.unreached && last->reply.status < 500,
           "a list that is full did not end with a failure");
    demand(!last->reply.cut || last->reply.status == 204 || last->reply.status == 404,
           "a list that is full did not end with half a body");
}

// Batches of another size, of the same answers.
static void check_sizes(struct pass_rig *rig, struct text script, enum fake_end end, const struct outcome *first,
                        bool is_json, size_t page_records) {
    static struct outcome second;
    fake_end();
    fake_begin(script, end);
    rig->setup.page_records = page_records;
    read_pass(rig, &second, is_json);
    demand(first->count == second.count && first->rejects == second.rejects && first->code == second.code,
           "the size of batches changes nothing");
    for (size_t i = 0; i < first->count; i++) {
        demand(print_same(first->prints[i], second.prints[i]), "the size of batches changes no record");
    }
    demand(first->full == second.full, "the size of batches changes no end");
}

// The first byte is the kind, the second the watermark and the end of the script, the rest the answers.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text marks[] = {{"", 0}, {"7", 1}, {"2023-11-01T00:00:00Z", 20}, {"1690000000000", 13}};
    static struct outcome outcome;
    struct text script = {(const char *)data, size};
    unsigned kind = take_byte(&script) % PASS_KINDS;
    unsigned pick = take_byte(&script);
    enum fake_end end = (enum fake_end)(pick / 4 % 3);
    struct pass_rig rig;
    fake_begin(script, end);
    pass_rig_open(&rig, kind);
    rig.setup.since = marks[pick % 4];
    size_t sizes[] = {100, 1 + pick / 12 % 4};
    bool is_small_first = pick >= 128;
    rig.setup.page_records = sizes[is_small_first];
    const struct value *with = object_find(rig.setup.type, TEXT_LITERAL("with"));
    const struct value *format = object_find(rig.setup.type, TEXT_LITERAL("format"));
    bool is_json = with == NULL && format == NULL;
    read_pass(&rig, &outcome, is_json);
    if (is_json && ids_are_single()) {
        check_single(&outcome);
    }
    if (outcome.full) {
        check_full();
    }
    rig.setup.position = outcome.position;
    if (outcome.position.length > 0) {
        struct error error;
        struct source *source;
        bool opens = source_open(&source_http, &rig.setup, &source, &error);
        demand(opens || object_find(rig.setup.type, TEXT_LITERAL("each")) != NULL, "a position opens again");
        if (opens) {
            source_close(source);
        }
    }
    rig.setup.position = (struct text){"", 0};
    // Of a page that fails at its end a small batch was given already.
    if (outcome.code == ERROR_NONE && !outcome.retried) {
        check_sizes(&rig, script, end, &outcome, is_json, sizes[!is_small_first]);
    }
    pass_rig_close(&rig);
    fake_end();
    return 0;
}
