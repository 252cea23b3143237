#include "server/route.h"

#include <string.h>

#include "server/homes.h"
#include "server/keys.h"
#include "server/service.h"
#include "server/web_target.h"

static const char bearer[] = "Bearer ";
enum { BEARER = sizeof bearer - 1, ALLOW_BYTES = 256 };

// --- finding ---

static struct text segment_next(struct text *rest) {
    struct text segment = {rest->data, 0};
    if (rest->length > 0 && rest->data[0] == '/') {
        segment.data++;
        while (1 + segment.length < rest->length && segment.data[segment.length] != '/') {
            segment.length++;
        }
        *rest = (struct text){segment.data + segment.length, rest->length - 1 - segment.length};
    }
    return segment;
}

// Whether the path is the route's; its parameters are decoded.
static bool path_fits(const struct route *route, struct exchange *exchange) {
    struct text pattern = text_of(route->path);
    struct text path = exchange->path;
    size_t count = 0;
    while (pattern.length > 0 && path.length > 0) {
        struct text expected = segment_next(&pattern);
        struct text segment = segment_next(&path);
        if (expected.length > 0 && expected.data[0] == '{') {
            if (segment.length == 0 ||
                !web_target_decode(segment, false, &exchange->arena, &exchange->params[count++])) {
                return false;
            }
        } else if (!text_same(expected, segment)) {
            return false;
        }
    }
    return pattern.length == 0 && path.length == 0;
}

static const struct route *route_find(struct exchange *exchange, bool *path_known) {
    *path_known = false;
    for (const struct route *route = routes; route->method != NULL; route++) {
        if (path_fits(route, exchange)) {
            *path_known = true;
            // HEAD is GET, of which the web sends the head alone.
            if (text_is(exchange->method, route->method) ||
                (text_is(exchange->method, "HEAD") && strcmp(route->method, "GET") == 0)) {
                return route;
            }
        }
    }
    return NULL;
}

// "GET, HEAD, POST"
static void put_allow(struct exchange *exchange) {
    struct buffer allow;
    struct text kept;
    buffer_init(&allow, ALLOW_BYTES);
    for (const struct route *route = routes; route->method != NULL; route++) {
        if (path_fits(route, exchange)) {
            buffer_print(&allow, "%s%s%s", allow.length > 0 ? ", " : "", route->method,
                         strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
        }
    }
    if (arena_text(&exchange->arena, buffer_view(&allow), &kept)) {
        exchange_header_put(exchange, "Allow", kept);
    }
    buffer_clear(&allow);
}

// --- who, and whose ---

static bool who(struct exchange *exchange) {
    struct text given = exchange_header(exchange, "Authorization");
    struct error error;
    bool found = false;
    if (given.length > BEARER && strncasecmp(given.data, bearer, BEARER) == 0) {
        struct text token = text_trim((struct text){given.data + BEARER, given.length - BEARER});
        if (!keys_find(exchange->service->keys, token, &exchange->arena, &found, &exchange->identity, &error)) {
            exchange_fail(exchange, &error);
            return false;
        }
    }
    if (!found) {
        exchange_header_put(exchange, "WWW-Authenticate", TEXT_LITERAL("Bearer"));
        exchange_refuse(exchange, 401, ERROR_TOKEN, "a token is asked for that holds: Authorization: Bearer weir_…");
    }
    return found;
}

static bool nothing_here(struct exchange *exchange) {
    exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is nothing at %.*s", TEXT_ARGS(exchange->path));
    return false;
}

// A name that is a folder's and leads nowhere else.
static bool org_plain(struct text org) {
    bool plain = org.length > 0 && org.length <= 100 && org.data[0] != '.';
    for (size_t i = 0; plain && i < org.length; i++) {
        plain = org.data[i] != '/' && (unsigned char)org.data[i] > ' ';
    }
    return plain && !text_is(org, "secrets") && !text_is(org, "scripts") && !text_is(org, "datatypes") &&
           !text_is(org, "templates");
}

static bool whose(struct exchange *exchange) {
    struct text named = exchange_query(exchange, "org");
    struct text own = exchange->identity.org;
    bool any = text_is(own, "*");
    if (exchange->route->scope == SCOPE_SERVER) {
        // An organisation's operator sees its own share there; handlers look at identity.org.
        exchange->org = any ? named : own;
        return named.length == 0 || any || text_same(named, own) || nothing_here(exchange);
    }
    if (any && named.length == 0) {
        exchange_refuse(
            exchange, 400, ERROR_REQUEST,
            "this token is for all organisations: say which one with ?org=NAME (--org NAME on the command line)");
        return false;
    }
    exchange->org = any ? named : own;
    return ((named.length == 0 || text_same(named, exchange->org)) && org_plain(exchange->org)) ||
           nothing_here(exchange);
}

static bool may(struct exchange *exchange) {
    if ((exchange->route->may & (unsigned)exchange->identity.role) != 0) {
        return true;
    }
    exchange_refuse(exchange, 403, ERROR_ROLE, "a token of the role %s may not do this",
                    role_name(exchange->identity.role));
    return false;
}

// --- an exclusive run closes the organisation ---

static bool is_open(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct home *home;
    struct error error;
    struct closed_row closed = {.run = 0};
    if (exchange->route->scope != SCOPE_ORG || exchange->route->stays_open) {
        return true;
    }
    if (!homes_take(service->homes, exchange->org, false, false, &home, &error)) {
        if (error.code == ERROR_HOME_MISSING) {
            return true; // nobody closes what isn't there
        }
        exchange_fail(exchange, &error);
        return false;
    }
    bool ok = home->store->type->snapshot(home->store, &error);
    if (ok) {
        ok = home->store->type->closed(home->store, &exchange->arena, &closed, &error);
        home->store->type->snapshot_end(home->store);
    }
    homes_give(service->homes, home);
    if (!ok) {
        exchange_fail(exchange, &error);
    } else if (closed.run != 0) {
        exchange_header_put(exchange, "Retry-After", TEXT_LITERAL("30"));
        exchange_refuse(exchange, 503, ERROR_HOME_CLOSED, "%.*s is closed while %.*s runs", TEXT_ARGS(exchange->org),
                        TEXT_ARGS(closed.sync));
    }
    return ok && closed.run == 0;
}

// --- the doors ---

void route_begin(void *context, struct exchange *exchange, uint64_t *body_max, int64_t *body_us) {
    struct service *service = context;
    bool path_known;
    exchange->service = service;
    *body_max = 0;
    const struct route *route = route_find(exchange, &path_known);
    if (service->stopping) {
        exchange_header_put(exchange, "Retry-After", TEXT_LITERAL("5"));
        exchange_refuse(exchange, 503, ERROR_SERVER_STOPS, "the server is stopping");
        return;
    }
    // Nobody learns what there is who may not ask.
    if (route == NULL || route->may != MAY_ALL) {
        if (!who(exchange)) {
            return;
        }
    }
    if (route == NULL) {
        if (path_known) {
            put_allow(exchange);
            exchange_refuse(exchange, 405, ERROR_REQUEST, "%.*s is not done here", TEXT_ARGS(exchange->method));
        } else {
            nothing_here(exchange);
        }
        return;
    }
    exchange->route = route;
    if (route->may != MAY_ALL && (!whose(exchange) || !may(exchange) || !is_open(exchange))) {
        return;
    }
    *body_max = route->body_max;
    if (route->begin != NULL) {
        route->begin(exchange, body_max, body_us);
    }
}

void route_handle(void *context, struct exchange *exchange) {
    (void)context;
    exchange->route->handle(exchange);
}
