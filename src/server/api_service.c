// What the server is: whether it lives, whether it can work, which version.

#include "server/api.h"
#include "server/ledger.h"
#include "server/service.h"

void api_health(struct exchange *exchange) {
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_string(members, "status", "ok");
    members_close(members);
    exchange_end(exchange);
}

// Ready is whoever can read and write what everything else needs.
void api_ready(struct exchange *exchange) {
    struct ledger_counts counts;
    struct error error;
    if (!ledger_count(exchange->service->ledger, &counts, &error)) {
        exchange_refuse(exchange, 503, error.code, "%s", error.message);
        return;
    }
    api_health(exchange);
}

void api_version(struct exchange *exchange) {
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_string(members, "version", exchange->service->setup->version);
    members_time(members, "started", exchange->service->started_us);
    members_close(members);
    exchange_end(exchange);
}
