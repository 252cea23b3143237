#include "server/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "server/catalog.h"
#include "server/homes.h"
#include "server/hooks.h"
#include "server/hub.h"
#include "server/keys.h"
#include "server/ledger.h"
#include "server/openapi.h"
#include "server/route.h"
#include "server/supervisor.h"
#include "server/upload.h"
#include "server/warm.h"
#include "server/web.h"

// Requests are answered by so many threads. GET of a record with 32 connections on 2 cores, requests a second, one run:
// not tuned yet; as many as a small machine has cores, and two more for those that wait for a disk.
enum { WEB_THREADS = 4, CONNECTIONS_MAX = 1000, URL_BYTES = 128 };

// What people upload: the largest dump of the field that was met is some GB.
#define UPLOAD_BYTES_MAX (16ULL << 30)
#define UPLOAD_ORG_BYTES_MAX (64ULL << 30)
enum { UPLOAD_FILES_MAX = 10000, OPENAPI_BYTES_MAX = 4 * 1024 * 1024 };

static const int64_t head_us = 15 * 1000 * 1000;
static const int64_t body_us = 60 * 1000 * 1000;
static const int64_t answer_us = 60 * 1000 * 1000;
static const int64_t look_us = 100 * 1000; // at the signal

// The document is the same as long as the program.
static bool openapi_make(struct service *service, struct error *error) {
    struct arena arena;
    arena_init(&arena, OPENAPI_BYTES_MAX);
    bool ok = openapi_write(&service->openapi, service->setup->version, &arena, error);
    arena_clear(&arena);
    return ok;
}

static bool parts_open(struct service *service, struct error *error) {
    const struct service_setup *setup = service->setup;
    return ledger_open(setup->data, setup->clock, &service->ledger, error) &&
           keys_open(service->ledger, setup->clock, &service->keys, error) &&
           homes_open(setup->data, setup->store, &service->homes, error) &&
           catalog_open(service->ledger, &service->catalog, error) && hub_open(&service->hub, error) &&
           warm_open(service, &service->warm, error) && openapi_make(service, error);
}

// A test's time where there is one.
static int64_t time_or(const char *name, int64_t time_us) {
    (void)name;
    int64_t test_us = (int64_t)fault_number(name) * 1000;
    return test_us > 0 ? test_us : time_us;
}

// The supervisor wakes the web, whose requests nudge the supervisor: both are there before either begins.
static bool parts_start(struct service *service, struct error *error) {
    const struct service_setup *setup = service->setup;
    struct web_setup web = {
        .address = setup->address,
        .port = setup->port,
        .threads = WEB_THREADS,
        .connections_max = CONNECTIONS_MAX,
        .head_us = time_or("WEIR_HEAD_MS", head_us),
        .body_us = time_or("WEIR_BODY_MS", body_us),
        .answer_us = time_or("WEIR_ANSWER_MS", answer_us),
        .log = setup->log,
        .begin = route_begin,
        .handle = route_handle,
        .context = service,
    };
    struct hooks_setup hooks = {
        .ledger = service->ledger,
        .clock = setup->clock,
        .log = setup->log,
        .allowed = setup->allowed,
        .allowed_count = setup->allowed_count,
    };
    return web_open(&web, &service->web, error) && hooks_start(&hooks, &service->hooks, error) &&
           supervisor_start(service, &service->supervisor, error) && web_start(service->web, error);
}

// New requests are turned away from now on, those that wait for a run see its end; then what requests need goes.
static void parts_stop(struct service *service) {
    service->stopping = true;
    supervisor_stop(service->supervisor);
    web_stop(service->web);
    supervisor_close(service->supervisor);
    web_close(service->web);
    hooks_stop(service->hooks); // what ended last is told now, or by the next server
    warm_close(service->warm);
    hub_close(service->hub);
    catalog_close(service->catalog);
    homes_close(service->homes);
    keys_close(service->keys);
    ledger_close(service->ledger);
    buffer_clear(&service->openapi);
}

static bool serve(const struct service_setup *setup, struct error *error) {
    char url[URL_BYTES];
    struct uploads uploads;
    uploads_init(&uploads);
    uploads.data = setup->data;
    uploads.clock = setup->clock;
    uploads.file_bytes = setup->upload_bytes_max > 0 ? setup->upload_bytes_max : UPLOAD_BYTES_MAX;
    uploads.org_bytes = UPLOAD_ORG_BYTES_MAX;
    uploads.org_files = UPLOAD_FILES_MAX;
    struct service service = {.setup = setup, .started_us = clock_now(setup->clock), .uploads = &uploads};
    buffer_init(&service.openapi, OPENAPI_BYTES_MAX);
    bool ok = parts_open(&service, error);
    if (ok && realpath(setup->data, service.folder) == NULL) {
        ok = error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot find the folder %s", setup->data);
    }
    ok = ok && parts_start(&service, error);
    if (ok) {
        bool six = memchr(setup->address, ':', strlen(setup->address)) != NULL;
        snprintf(url, sizeof url, "http://%s%s%s:%u", six ? "[" : "", setup->address, six ? "]" : "",
                 web_port(service.web));
        setup->ready(setup->context, url);
        while (!atomic_load(setup->stop)) {
            clock_wait(&clock_system, look_us);
        }
    }
    parts_stop(&service);
    return ok;
}

// --- tokens, beside a server or without one ---

static bool token_create(const char *data, const struct clock *clock, const struct service_token *token, char *out,
                         int64_t *id, struct error *error) {
    struct ledger *ledger;
    struct actor who = {.org = token->org, .name = TEXT_LITERAL("command line")};
    struct token_row row = {.name = token->name,
                            .role = token->role,
                            .org = token->org,
                            .sync = token->sync,
                            .expires_us = token->expires_us};
    bool ok = ledger_open(data, clock, &ledger, error) && keys_make(ledger, &row, &who, out, id, error);
    ledger_close(ledger);
    return ok;
}

struct listing {
    bool (*row)(void *context, const struct service_token *token, struct error *error);
    void *context;
};

static bool list_row(void *context, const struct token_row *row, struct error *error) {
    const struct listing *listing = context;
    struct service_token token = {.id = row->id,
                                  .name = row->name,
                                  .role = row->role,
                                  .org = row->org,
                                  .sync = row->sync,
                                  .created_us = row->created_us,
                                  .expires_us = row->expires_us,
                                  .revoked_us = row->revoked_us};
    return listing->row(listing->context, &token, error);
}

static bool token_list(const char *data, const struct clock *clock,
                       bool (*row)(void *context, const struct service_token *token, struct error *error),
                       void *context, struct error *error) {
    struct ledger *ledger;
    struct listing listing = {row, context};
    bool ok = ledger_open(data, clock, &ledger, error) &&
              ledger_token_scan(ledger, (struct text){"", 0}, list_row, &listing, error);
    ledger_close(ledger);
    return ok;
}

static bool token_revoke(const char *data, const struct clock *clock, int64_t id, struct error *error) {
    struct ledger *ledger;
    struct actor who = {.name = TEXT_LITERAL("command line")};
    bool found = false;
    bool ok = ledger_open(data, clock, &ledger, error) &&
              ledger_token_revoke(ledger, (struct text){"", 0}, id, &who, &found, error);
    ledger_close(ledger);
    return ok && (found || error_set(error, ERROR_NOT_THERE, "there is no token %lld that holds", (long long)id));
}

const struct service_type service_here = {
    .serve = serve,
    .token_create = token_create,
    .token_list = token_list,
    .token_revoke = token_revoke,
};
