// Tokens, and the audit of who did what.

#include "server/api.h"
#include "server/keys.h"
#include "server/service.h"

enum { AUDIT_LIMIT = 100, AUDIT_LIMIT_MAX = 1000 };
static const int64_t day_us = 24LL * 3600 * 1000 * 1000;
enum { EXPIRES_DAYS_MAX = 3650 };

static struct actor actor_of(const struct exchange *exchange) {
    return (struct actor){.org = exchange->org, .name = exchange->identity.name, .token = exchange->identity.token};
}

static void put_token(struct members *members, const struct token_row *row, int64_t now_us) {
    members_integer(members, "id", row->id);
    members_text(members, "name", row->name);
    members_text(members, "role", row->role);
    members_text(members, "org", row->org);
    if (row->sync.length > 0) {
        members_text(members, "sync", row->sync);
    } else {
        members_null(members, "sync");
    }
    members_time(members, "created", row->created_us);
    members_time(members, "expires", row->expires_us);
    members_time(members, "revoked", row->revoked_us);
    members_bool(members, "holds", row->revoked_us == 0 && (row->expires_us == 0 || row->expires_us > now_us));
}

static bool list_row(void *context, const struct token_row *row, struct error *error) {
    (void)error;
    struct exchange *exchange = context;
    members_open(&exchange->members, NULL);
    put_token(&exchange->members, row, clock_now(exchange->service->setup->clock));
    members_close(&exchange->members);
    return true;
}

void api_tokens_list(struct exchange *exchange) {
    struct error error;
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "tokens");
    if (!ledger_token_scan(exchange->service->ledger, exchange->org, list_row, exchange, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

void api_tokens_create(struct exchange *exchange) {
    static const char *const known[] = {"name", "role", "org", "sync", "expires_days", NULL};
    struct service *service = exchange->service;
    const struct object *body;
    struct token_row row = {.org = exchange->org};
    struct actor who = actor_of(exchange);
    struct error error;
    char token[SERVICE_TOKEN_MAX];
    int64_t days = 0;
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_text(exchange, body, "name", &row.name) ||
        !exchange_member_text(exchange, body, "role", &row.role) ||
        !exchange_member_text(exchange, body, "org", &row.org) ||
        !exchange_member_text(exchange, body, "sync", &row.sync) ||
        !exchange_member_integer(exchange, body, "expires_days", &days)) {
        return;
    }
    // Nobody gives what is not theirs.
    if (!text_is(exchange->identity.org, "*") && !text_same(row.org, exchange->identity.org)) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no such organisation");
        return;
    }
    if (days < 0 || days > EXPIRES_DAYS_MAX) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "expires_days is from 1 to %d, or 0: never", EXPIRES_DAYS_MAX);
        return;
    }
    row.created_us = clock_now(service->setup->clock);
    row.expires_us = days > 0 ? row.created_us + days * day_us : 0;
    if (!keys_make(service->ledger, &row, &who, token, &row.id, &error)) {
        if (error.code == ERROR_REQUEST) {
            exchange_refuse(exchange, 422, ERROR_REQUEST, "%s", error.message);
        } else {
            exchange_fail(exchange, &error);
        }
        return;
    }
    keys_forget(service->keys);
    struct members *members = exchange_begin(exchange, 201);
    members_open(members, NULL);
    put_token(members, &row, row.created_us);
    members_string(members, "token", token); // shown this once
    members_close(members);
    exchange_end(exchange);
}

void api_tokens_revoke(struct exchange *exchange) {
    struct actor who = actor_of(exchange);
    struct error error;
    int64_t id;
    bool found;
    if (!exchange_id(exchange, 0, &id)) {
        return;
    }
    if (!ledger_token_revoke(exchange->service->ledger, exchange->org, id, &who, &found, &error)) {
        exchange_fail(exchange, &error);
    } else if (!found) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no token %lld that holds", (long long)id);
    } else {
        keys_forget(exchange->service->keys);
        exchange_empty(exchange);
    }
}

// --- the audit ---

static bool audit_row(void *context, const struct audit_row *row, struct error *error) {
    (void)error;
    struct exchange *exchange = context;
    struct members *members = &exchange->members;
    members_open(members, NULL);
    members_integer(members, "id", row->id);
    members_time(members, "at", row->at_us);
    members_text(members, "org", row->org);
    members_text(members, "who", row->who);
    members_text(members, "action", row->action);
    members_text(members, "target", row->target);
    members_close(members);
    return true;
}

void api_audit_list(struct exchange *exchange) {
    struct error error;
    int64_t limit;
    int64_t before;
    if (!exchange_count(exchange, "limit", AUDIT_LIMIT, 1, AUDIT_LIMIT_MAX, &limit) ||
        !exchange_count(exchange, "before", 0, 0, INT64_MAX, &before)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "audit");
    if (!ledger_audit_scan(exchange->service->ledger, exchange->org, before, limit, audit_row, exchange, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}
