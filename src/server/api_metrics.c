// What Prometheus reads: the server as a whole. It is for operators of all organisations: the numbers of one can't be
// told apart from the others'.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "server/api.h"
#include "server/catalog.h"
#include "server/ledger.h"
#include "server/service.h"
#include "server/supervisor.h"
#include "server/web.h"

static const double us_a_second = 1e6;

static void put_head(struct buffer *out, const char *name, const char *type, const char *help) {
    buffer_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_count(struct buffer *out, const char *name, const char *type, const char *help, int64_t value) {
    put_head(out, name, type, help);
    buffer_print(out, "%s %lld\n", name, (long long)value);
}

static void put_gauge(struct buffer *out, const char *name, const char *help, int64_t value) {
    put_count(out, name, "gauge", help, value);
}

static void put_counter(struct buffer *out, const char *name, const char *help, int64_t value) {
    put_count(out, name, "counter", help, value);
}

// --- the process ---

// The second number of /proc/self/statm: pages in memory. -1: it can't be read.
static int64_t memory_pages(void) {
    char text[200];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0) {
        close(file);
    }
    if (length <= 0) {
        return -1;
    }
    struct text rest = {text, (size_t)length};
    const char *space = memchr(rest.data, ' ', rest.length);
    struct text second = {"", 0};
    if (space != NULL) {
        second.data = space + 1;
        while (second.data + second.length < rest.data + rest.length && second.data[second.length] != ' ') {
            second.length++;
        }
    }
    int64_t pages;
    return text_integer(second, &pages) ? pages : -1;
}

static void put_process(struct buffer *out, const struct service *service) {
    int64_t pages = memory_pages();
    if (pages >= 0) {
        put_gauge(out, "process_resident_memory_bytes", "Memory of the server itself, without its children.",
                  pages * sysconf(_SC_PAGESIZE));
    }
    put_head(out, "process_start_time_seconds", "gauge", "When the server was started, in seconds since 1970.");
    buffer_print(out, "process_start_time_seconds %.3f\n", (double)service->started_us / us_a_second);
}

// --- the server ---

static void put_web(struct buffer *out, struct service *service) {
    int64_t requests;
    int64_t connections;
    web_counts(service->web, &requests, &connections);
    put_counter(out, "weir_http_requests_total", "Requests that were answered.", requests);
    put_gauge(out, "weir_http_connections", "Connections that are open.", connections);
}

static void put_runs(struct buffer *out, struct service *service, const struct ledger_counts *counts) {
    struct supervisor_counts done;
    supervisor_count(service->supervisor, &done);
    put_gauge(out, "weir_runs_queued", "Runs that wait.", counts->queued);
    put_gauge(out, "weir_runs_live", "Runs that go.", counts->running);
    put_gauge(out, "weir_children", "Processes that the server has started and that live.", done.children);
    put_counter(out, "weir_runs_started_total", "Runs that were started, each attempt counted.", done.started);
    put_counter(out, "weir_runs_ended_total", "Runs that came to an end, whatever it was.", done.ended);
    put_counter(out, "weir_runs_failed_total", "Runs that failed.", done.failed);
    put_counter(out, "weir_runs_died_total", "Processes of runs that died.", done.died);
}

static bool put_syncs(struct exchange *exchange, struct buffer *out, struct error *error) {
    struct catalog_sync *syncs;
    size_t count;
    int64_t broken = 0;
    int64_t paused = 0;
    if (!catalog_list(exchange->service->catalog, (struct text){"", 0}, &exchange->arena, &syncs, &count, error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        broken += syncs[i].broken.length > 0;
        paused += syncs[i].paused;
    }
    put_gauge(out, "weir_syncs", "Syncs there are.", (int64_t)count);
    put_gauge(out, "weir_syncs_broken", "Syncs whose script as it stands can't be used.", broken);
    put_gauge(out, "weir_syncs_paused", "Syncs whose schedule is stopped.", paused);
    return true;
}

void api_metrics(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct buffer *out = &exchange->answer;
    struct ledger_counts counts;
    struct error error;
    if (!text_is(exchange->identity.org, "*")) {
        exchange_refuse(exchange, 403, ERROR_ROLE, "metrics are of all organisations: they take a token for \"*\"");
        return;
    }
    if (!ledger_count(service->ledger, &counts, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    buffer_reset(out);
    put_head(out, "weir_build_info", "gauge", "Which weir this is; always 1.");
    buffer_print(out, "weir_build_info{version=\"%s\"} 1\n", service->setup->version);
    put_head(out, "weir_up_seconds", "gauge", "How long the server has been up.");
    buffer_print(out, "weir_up_seconds %.3f\n",
                 (double)(clock_now(service->setup->clock) - service->started_us) / us_a_second);
    put_web(out, service);
    put_runs(out, service, &counts);
    put_gauge(out, "weir_deliveries_waiting", "Deliveries of webhooks that are still to be made.",
              counts.deliveries_waiting);
    put_gauge(out, "weir_deliveries_dead", "Deliveries of webhooks that were given up.", counts.deliveries_dead);
    put_gauge(out, "weir_tokens", "Tokens that hold.", counts.tokens);
    if (!put_syncs(exchange, out, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    put_process(out, service);
    exchange_text(exchange, 200, "text/plain; version=0.0.4; charset=utf-8");
}
