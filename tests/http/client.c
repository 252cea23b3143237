#include "http/client.h"

#include <signal.h>

int64_t fixed_now_us = INT64_C(1500000000) * 1000000;

static int64_t fixed_now(void *context) {
    (void)context;
    return fixed_now_us;
}

static void fixed_wait(void *context, int64_t span_us) {
    (void)context;
    fixed_now_us += span_us;
}

const struct clock fixed_clock = {fixed_now, fixed_wait, NULL};

void client_open(struct client *client) {
    *client = (struct client){.server = raw_server_open()};
    signal(SIGPIPE, SIG_IGN);
    CHECK(http_range_read(TEXT_LITERAL("127.0.0.1"), &client->range));
    client->setup = (struct http_setup){.base = text_of(raw_server_base(client->server)),
                                        .at_once_max = 4,
                                        .rules = {&client->range, 1},
                                        .clock = &clock_system,
                                        .log = &log_none};
    arena_init(&client->arena, (size_t)256 << 20);
}

void client_play(struct client *client, const struct raw_exchange *exchanges, size_t count) {
    raw_server_play(client->server, exchanges, count);
    client->setup.rules.allowed = &client->range;
    CHECK_OK(http_open(&client->setup, &client->http, &client->error), &client->error);
}

void client_close(struct client *client) {
    http_close(client->http);
    raw_server_close(client->server);
    arena_clear(&client->arena);
}

struct http_call *client_send(struct client *client, const char *verb, const char *url, const char *body) {
    struct http_request request = {.verb = verb,
                                   .url = text_of(url),
                                   .body = body != NULL ? text_of(body) : (struct text){0},
                                   .type = body != NULL ? TEXT_LITERAL("application/json") : (struct text){0},
                                   .writes = strcmp(verb, "GET") != 0 && strcmp(verb, "HEAD") != 0};
    struct http_call *call = NULL;
    CHECK_OK(http_send(client->http, &request, &call, &client->error), &client->error);
    return call;
}

struct http_call *client_get(struct client *client, const char *url) {
    return client_send(client, "GET", url, NULL);
}

struct text client_ask(struct client *client, const char *verb, const char *url, const char *body, int status) {
    struct http_call *call = client_send(client, verb, url, body);
    struct http_head head;
    struct text text;
    CHECK_OK(http_head(call, &head, &client->error), &client->error);
    CHECK_INT(head.status, status);
    CHECK_OK(http_finish(call, (size_t)64 << 20, &client->arena, &text, &client->error), &client->error);
    http_call_close(call);
    return text;
}

enum error_code client_fails(struct client *client, const char *verb, const char *url, const char *body) {
    struct http_call *call = client_send(client, verb, url, body);
    struct http_head head;
    struct text text;
    client->error = (struct error){0};
    bool fine = http_head(call, &head, &client->error) &&
                http_finish(call, (size_t)64 << 20, &client->arena, &text, &client->error);
    CHECK(!fine);
    http_call_close(call);
    return client->error.code;
}

bool error_says(const struct error *error, const char *words) {
    if (strstr(error->message, words) == NULL) {
        fprintf(stderr, "it says: %s\n", error->message);
        return false;
    }
    return true;
}
