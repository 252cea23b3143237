// Files that people upload: in one request, or begun, given in pieces from where it stopped, and finished.

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "server/api.h"
#include "server/catalog.h"
#include "server/job_json.h"
#include "server/service.h"
#include "server/upload.h"
#include "server/upload_preview.h"
#include "server/web.h"

enum { ROWS_DEFAULT = 20, ROWS_MAX = 100, SHA256_MAX = 64 };

// A body may take as long as it needs at 64 KiB a second; where nobody says how long it is, six hours.
enum { RATE_BYTES = 64 * 1024, UNKNOWN_SECONDS = 6 * 3600, LEAST_SECONDS = 60 };
static const int64_t second_us = 1000 * 1000;

// One upload in one request's hand.
struct taking {
    struct upload *upload;
    struct text id;
    char made[UPLOAD_ID_HEX]; // begun by this request
    uint64_t at;
    // Making it whole reads it once, which takes seconds for gigabytes: on a thread of its own.
    pthread_t thread;
    bool finishes;
    atomic_bool finished;
    bool ok;
    struct web *web;
    const struct uploads *uploads;
    struct text org;
    struct text sha256;
    struct upload_info info;
    struct arena arena; // of info
    struct error error;
};

// --- answers ---

static int status_of(const struct error *error) {
    switch (error->code) {
    case ERROR_UPLOAD_MISSING:
        return 404;
    case ERROR_UPLOAD_NAME:
        return 400;
    case ERROR_UPLOAD_SIZE:
        return 413;
    case ERROR_UPLOAD_FULL:
    case ERROR_HOME_FULL:
        return 507;
    case ERROR_UPLOAD_OFFSET:
    case ERROR_UPLOAD_BUSY:
        return 409;
    case ERROR_UPLOAD_DIFFERS:
        return 422;
    default:
        return 0;
    }
}

static void fail(struct exchange *exchange, const struct error *error) {
    int status = status_of(error);
    if (status == 0) {
        exchange_fail(exchange, error);
    } else {
        exchange_refuse(exchange, status, error->code, "%s", error->message);
    }
}

static void answer_info(struct exchange *exchange, int status, const struct upload_info *info) {
    struct members *members = exchange_begin(exchange, status);
    upload_write(info, NULL, members);
    exchange_end(exchange);
}

static void answer_status(struct exchange *exchange, int status, struct text id) {
    struct upload_info info;
    struct error error;
    if (upload_status(exchange->service->uploads, exchange->org, id, &exchange->arena, &info, &error)) {
        answer_info(exchange, status, &info);
    } else {
        fail(exchange, &error);
    }
}

// --- taking bytes ---

static void taking_end(struct exchange *exchange) {
    struct taking *taking = exchange->state;
    if (taking->finishes) {
        pthread_join(taking->thread, NULL);
    }
    upload_close(taking->upload);
    arena_clear(&taking->arena);
    memory_free(taking);
}

static struct taking *taking_make(struct exchange *exchange) {
    struct taking *taking = memory_zero(1, sizeof *taking);
    if (taking == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this");
        return NULL;
    }
    arena_init(&taking->arena, 1024 * 1024);
    exchange->state = taking;
    exchange->end = taking_end;
    return taking;
}

static bool take(struct exchange *exchange, struct text bytes) {
    struct taking *taking = exchange->state;
    struct error error;
    if (!upload_append(taking->upload, taking->at, bytes, &error)) {
        exchange->closes = true; // what still comes is not wanted
        fail(exchange, &error);
        return false;
    }
    taking->at += bytes.length;
    return true;
}

// How much may come, and in which time.
static void limits(const struct exchange *exchange, uint64_t *body_max, int64_t *body_us) {
    int64_t length;
    *body_max = exchange->service->uploads->file_bytes;
    bool known = text_integer(exchange_header(exchange, "Content-Length"), &length) && length >= 0 &&
                 (uint64_t)length <= *body_max; // a longer one is refused
    *body_us = (known ? LEAST_SECONDS + length / RATE_BYTES : UNKNOWN_SECONDS) * second_us;
}

static void open_upload(struct exchange *exchange, struct taking *taking, struct text id, uint64_t at) {
    struct error error;
    if (!upload_open(exchange->service->uploads, exchange->org, id, &taking->upload, &error)) {
        exchange->closes = true;
        fail(exchange, &error);
        return;
    }
    taking->id = id;
    taking->at = at;
    exchange->take = take;
}

// --- the whole of it in one request ---

void api_uploads_begin_whole(struct exchange *exchange, uint64_t *body_max, int64_t *body_us) {
    struct upload_wish wish = {
        .name = exchange_query(exchange, "name"), .by = exchange->identity.name, .expected = UPLOAD_UNKNOWN};
    struct error error;
    int64_t length;
    struct taking *taking = taking_make(exchange);
    limits(exchange, body_max, body_us);
    if (taking == NULL) {
        return;
    }
    if (text_integer(exchange_header(exchange, "Content-Length"), &length) && length >= 0) {
        wish.expected = (uint64_t)length;
    }
    if (!upload_begin(exchange->service->uploads, exchange->org, &wish, taking->made, &error)) {
        exchange->closes = true;
        fail(exchange, &error);
        return;
    }
    open_upload(exchange, taking, text_of(taking->made), 0);
}

static void *finish_work(void *context) {
    struct taking *taking = context;
    taking->ok = upload_finish(taking->uploads, taking->org, taking->id, taking->sha256, &taking->arena, &taking->info,
                               &taking->error);
    atomic_store(&taking->finished, true);
    web_wake(taking->web);
    return NULL;
}

// Not before it is done, however late: the thread works on this exchange.
static bool finish_told(struct exchange *exchange, bool late) {
    (void)late;
    struct taking *taking = exchange->state;
    struct actor who = job_actor(exchange);
    struct error error;
    if (!atomic_load(&taking->finished)) {
        return false;
    }
    if (!taking->ok) {
        fail(exchange, &taking->error);
    } else if (!ledger_audit(exchange->service->ledger, &who, "file uploaded", taking->id, &error)) {
        exchange_fail(exchange, &error);
    } else {
        answer_info(exchange, 201, &taking->info);
    }
    return true;
}

static void finish_start(struct exchange *exchange, struct taking *taking, struct text id, struct text sha256) {
    upload_close(taking->upload);
    taking->upload = NULL;
    taking->id = id;
    taking->web = exchange->service->web;
    taking->uploads = exchange->service->uploads;
    taking->org = exchange->org;
    taking->sha256 = sha256;
    taking->finishes = pthread_create(&taking->thread, NULL, finish_work, taking) == 0;
    if (!taking->finishes) {
        exchange_refuse(exchange, 503, ERROR_SERVER_BUSY, "there is no thread for this; finish it again");
        return;
    }
    exchange->ready = finish_told;
}

void api_uploads_whole(struct exchange *exchange) {
    struct taking *taking = exchange->state;
    finish_start(exchange, taking, taking->id, exchange_query(exchange, "sha256"));
}

// --- in pieces ---

void api_uploads_begin(struct exchange *exchange) {
    static const char *const known[] = {"name", "size", NULL};
    struct upload_wish wish = {.by = exchange->identity.name, .expected = UPLOAD_UNKNOWN};
    const struct object *body;
    struct error error;
    int64_t size = -1;
    char id[UPLOAD_ID_HEX];
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_text(exchange, body, "name", &wish.name) ||
        !exchange_member_integer(exchange, body, "size", &size)) {
        return;
    }
    wish.expected = size >= 0 ? (uint64_t)size : UPLOAD_UNKNOWN;
    if (upload_begin(exchange->service->uploads, exchange->org, &wish, id, &error)) {
        answer_status(exchange, 201, text_of(id));
    } else {
        fail(exchange, &error);
    }
}

void api_uploads_begin_piece(struct exchange *exchange, uint64_t *body_max, int64_t *body_us) {
    int64_t offset;
    limits(exchange, body_max, body_us);
    if (!exchange_count(exchange, "offset", -1, 0, INT64_MAX, &offset)) {
        exchange->closes = true;
        return;
    }
    if (offset < 0) {
        exchange->closes = true;
        exchange_refuse(exchange, 400, ERROR_REQUEST, "say where the bytes belong: ?offset=N, the size so far");
        return;
    }
    struct taking *taking = taking_make(exchange);
    if (taking != NULL) {
        open_upload(exchange, taking, exchange->params[0], (uint64_t)offset);
    }
}

void api_uploads_piece(struct exchange *exchange) {
    struct taking *taking = exchange->state;
    upload_close(taking->upload);
    taking->upload = NULL;
    answer_status(exchange, 200, taking->id);
}

void api_uploads_finish(struct exchange *exchange) {
    static const char *const known[] = {"sha256", NULL};
    const struct object *body;
    struct text sha256 = {"", 0};
    struct taking *taking;
    if (exchange_object(exchange, &body) && exchange_members_known(exchange, body, known) &&
        exchange_member_text(exchange, body, "sha256", &sha256) && (taking = taking_make(exchange)) != NULL) {
        finish_start(exchange, taking, exchange->params[0], sha256);
    }
}

// --- what there is ---

void api_uploads_list(struct exchange *exchange) {
    struct upload_info *list;
    struct error error;
    size_t count;
    if (!upload_list(exchange->service->uploads, exchange->org, &exchange->arena, &list, &count, &error)) {
        fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "uploads");
    for (size_t i = 0; i < count; i++) {
        upload_write(&list[i], NULL, members);
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

void api_uploads_show(struct exchange *exchange) {
    answer_status(exchange, 200, exchange->params[0]);
}

void api_uploads_preview(struct exchange *exchange) {
    struct error error;
    int64_t rows;
    int64_t first;
    if (!exchange_count(exchange, "rows", ROWS_DEFAULT, 1, ROWS_MAX, &rows) ||
        !exchange_count(exchange, "first", 0, 0, INT64_MAX, &first)) {
        return;
    }
    struct upload_look look = {.rows = (size_t)rows, .first = (size_t)first};
    buffer_reset(&exchange->answer);
    if (upload_preview(exchange->service->uploads, exchange->org, exchange->params[0], &look, &exchange->answer,
                       &error)) {
        exchange_text(exchange, 200, "application/json");
    } else if (status_of(&error) == 0 && error.code / 1000 == 3) {
        exchange_refuse(exchange, 422, error.code, "%s", error.message); // the file is damaged, or a bomb
    } else {
        fail(exchange, &error);
    }
}

struct use {
    struct text id;
    int64_t job; // that needs it
};

static bool note_use(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct use *use = context;
    if (use->job == 0 && memmem(job->params.data, job->params.length, use->id.data, use->id.length) != NULL) {
        use->job = job->id;
    }
    return true;
}

// A sync whose settings name it has it in its key.
static bool is_settled(struct exchange *exchange, struct text id, struct text *sync, struct error *error) {
    struct catalog_sync *syncs;
    size_t count;
    *sync = (struct text){"", 0};
    if (!catalog_list(exchange->service->catalog, exchange->org, &exchange->arena, &syncs, &count, error)) {
        return false;
    }
    for (size_t i = 0; i < count && sync->length == 0; i++) {
        struct text key =
            object_text(syncs[i].declared.kind == VALUE_OBJECT ? syncs[i].declared.as.object : NULL, "key");
        if (key.length > 0 && memmem(key.data, key.length, id.data, id.length) != NULL) {
            *sync = syncs[i].name;
        }
    }
    return true;
}

void api_uploads_delete(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct job_filter live = {.org = exchange->org, .states = TEXT_LITERAL("live")};
    struct use use = {.id = exchange->params[0]};
    struct actor who = job_actor(exchange);
    struct text sync;
    struct error error;
    if (!ledger_job_scan(service->ledger, &live, note_use, &use, &error) ||
        !is_settled(exchange, exchange->params[0], &sync, &error)) {
        exchange_fail(exchange, &error);
    } else if (sync.length > 0) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "the sync %.*s is made with it; remove that first",
                        TEXT_ARGS(sync));
    } else if (use.job != 0) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "run %" PRId64 " needs it; cancel that first", use.job);
    } else if (!upload_delete(service->uploads, exchange->org, exchange->params[0], &error)) {
        fail(exchange, &error);
    } else if (!ledger_audit(service->ledger, &who, "upload deleted", exchange->params[0], &error)) {
        exchange_fail(exchange, &error);
    } else {
        exchange_empty(exchange);
    }
}
