// Redirects: a read follows them by hand, each one checked; a write never.

#include "http/client.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

TEST(http_redirect, a_read_follows_f16) {
    struct client client;
    client_open(&client);
    client.setup.auth = (struct http_auth){.kind = AUTH_BEARER, .token = TEXT_LITERAL("sesame-open")};
    const struct text own = TEXT_LITERAL("X-Api-Key: canary");
    client.setup.headers = &own;
    client.setup.header_count = 1;
    const struct raw_exchange exchanges[] = {
        RAW_SAY("GET /one/a", "HTTP/1.1 301 Moved\r\nLocation: /two/b?x=1\r\nContent-Length: 5\r\n\r\nmoved"),
        RAW_SAY("GET /two/b?x=1", "HTTP/1.1 302 Found\r\nLocation: c\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /two/c", OK_EMPTY),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/one/a");
    struct http_head head;
    char url[80];
    snprintf(url, sizeof url, "%s/two/c", raw_server_base(client.server));
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.status, 200);
    CHECK_TEXT(head.url, url);
    http_call_close(call);
    for (size_t i = 0; i < 3; i++) {
        CHECK(raw_has_line(raw_server_request(client.server, i), "Authorization: Bearer sesame-open"));
        CHECK(raw_has_line(raw_server_request(client.server, i), "X-Api-Key: canary"));
    }
    CHECK_INT(raw_server_connections(client.server), 1);
    client_close(&client);
}

// Another port is another server: neither the token nor any header of ours goes there, nor comes back on a way back.
TEST(http_redirect, secrets_stay_at_home_f16) {
    struct client client;
    client_open(&client);
    struct raw_server *other = raw_server_open();
    char there[128];
    char back[128];
    char listed[64];
    snprintf(there, sizeof there, "HTTP/1.1 307 Go\r\nLocation: %s/b\r\nContent-Length: 0\r\n\r\n",
             raw_server_base(other));
    snprintf(back, sizeof back, "HTTP/1.1 307 Go\r\nLocation: %s/c\r\nContent-Length: 0\r\n\r\n",
             raw_server_base(client.server));
    snprintf(listed, sizeof listed, "127.0.0.1:%d", raw_server_port(other));
    const struct text hosts = text_of(listed);
    const struct text own = TEXT_LITERAL("X-Api-Key: canary");
    client.setup.hosts = &hosts;
    client.setup.host_count = 1;
    client.setup.headers = &own;
    client.setup.header_count = 1;
    client.setup.auth =
        (struct http_auth){.kind = AUTH_QUERY, .name = TEXT_LITERAL("access_token"), .token = TEXT_LITERAL("canary")};
    const struct raw_exchange exchanges[] = {RAW_SAY("GET /a?access_token=canary ", there),
                                             RAW_SAY("GET /c ", OK_EMPTY)};
    const struct raw_exchange others[] = {RAW_SAY("GET /b ", back), RAW_SAY("GET /direct ", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    raw_server_play(other, others, COUNT_OF(others));
    const struct text asked = TEXT_LITERAL("X-Other: canary");
    struct http_request request = {.verb = "GET", .url = TEXT_LITERAL("/a"), .headers = &asked, .header_count = 1};
    struct http_call *call;
    struct http_head head;
    CHECK_OK(http_send(client.http, &request, &call, &client.error), &client.error);
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.status, 200);
    http_call_close(call);
    CHECK(strstr(raw_server_request(other, 0).data, "canary") == NULL);
    CHECK(strstr(raw_server_request(client.server, 1).data, "canary") == NULL);
    // A link that leads there at once gets no credentials either.
    char direct[80];
    snprintf(direct, sizeof direct, "%s/direct", raw_server_base(other));
    client_ask(&client, "GET", direct, NULL, 200);
    CHECK(strstr(raw_server_request(other, 1).data, "canary") == NULL);
    client_close(&client);
    raw_server_close(other);
}

TEST(http_redirect, only_to_known_hosts_f16) {
    struct client client;
    client_open(&client);
    const char *const places[] = {"http://example.org/", "//example.org/", "file:///etc/passwd", "http://127.0.0.1:1/",
                                  "http://user:pass@example.org/"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (i > 0) {
            client_open(&client);
        }
        char answer[128];
        snprintf(answer, sizeof answer, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", places[i]);
        const struct raw_exchange exchanges[] = {RAW_SAY(NULL, answer)};
        client_play(&client, exchanges, COUNT_OF(exchanges));
        enum error_code code = client_fails(&client, "GET", "/", NULL);
        CHECK(code == ERROR_HTTP_ADDRESS || code == ERROR_HTTP_REDIRECT);
        CHECK(strstr(client.error.message, "pass@") == NULL);
        client_close(&client);
    }
}

TEST(http_redirect, not_for_ever_f16) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {NULL, "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_REDIRECT);
    CHECK_INT(raw_server_asked(client.server), 6);
    client_close(&client);
}

TEST(http_redirect, a_write_is_not_sent_on_f16) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {NULL, "HTTP/1.1 302 Found\r\nLocation: /login?token=canary\r\nContent-Length: 0\r\n\r\n", .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    const char *const verbs[] = {"POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        CHECK_INT(client_fails(&client, verbs[i], "/a", i < 3 ? "{}" : NULL), ERROR_HTTP_REDIRECT);
        CHECK(error_says(&client.error, "/login?token=***"));
        CHECK_INT(raw_server_asked(client.server), i + 1);
    }
    client_close(&client);
}

// A read that is asked with POST is sent on as it is, or not at all.
TEST(http_redirect, a_read_with_a_body_f16) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /a ", "HTTP/1.1 307 Go\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("POST /b ", "HTTP/1.1 302 Found\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n"),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_request request = {.verb = "POST",
                                   .url = TEXT_LITERAL("/a"),
                                   .body = TEXT_LITERAL("{\"q\":1}"),
                                   .type = TEXT_LITERAL("application/json")};
    struct http_call *call;
    struct http_head head;
    CHECK_OK(http_send(client.http, &request, &call, &client.error), &client.error);
    CHECK(!http_head(call, &head, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_REDIRECT);
    http_call_close(call);
    CHECK_INT(raw_server_asked(client.server), 2);
    CHECK(strstr(raw_server_request(client.server, 1).data, "\r\n\r\n{\"q\":1}") != NULL);
    client_close(&client);
}
