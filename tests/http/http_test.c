// The client as a whole: what may be sent, where to, how many at once, how fast.

#include "http/client.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

static enum error_code send_fails(struct client *client, const struct http_request *request) {
    struct http_call *call = NULL;
    struct http_head head;
    client->error = (struct error){0};
    CHECK(!http_send(client->http, request, &call, &client->error) || !http_head(call, &head, &client->error));
    http_call_close(call);
    return client->error.code;
}

TEST(http_client, refuses_what_would_change_the_request) {
    struct client client;
    client_open(&client);
    client_play(&client, NULL, 0);
    const struct text urls[] = {TEXT_LITERAL("/a\r\nX: y"),
                                TEXT_LITERAL("/a\nb"),
                                TEXT_LITERAL("/a\0b"),
                                TEXT_LITERAL("http://a:b@127.0.0.1/"),
                                TEXT_LITERAL("ftp://127.0.0.1/"),
                                TEXT_LITERAL("file:///etc/passwd"),
                                TEXT_LITERAL("gopher://127.0.0.1/")};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        CHECK_INT(send_fails(&client, &(struct http_request){.verb = "GET", .url = urls[i]}), ERROR_HTTP_REQUEST);
    }
    const struct text headers[] = {TEXT_LITERAL("A: b\r\nC: d"),
                                   TEXT_LITERAL("A: b\nC: d"),
                                   TEXT_LITERAL("A: b\0c"),
                                   TEXT_LITERAL("no colon"),
                                   TEXT_LITERAL(": b"),
                                   TEXT_LITERAL("A b: c"),
                                   TEXT_LITERAL("Host: other"),
                                   TEXT_LITERAL("content-length: 5"),
                                   TEXT_LITERAL("Transfer-Encoding: chunked")};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        struct http_request request = {
            .verb = "GET", .url = TEXT_LITERAL("/"), .headers = &headers[i], .header_count = 1};
        CHECK_INT(send_fails(&client, &request), ERROR_HTTP_REQUEST);
    }
    struct http_request typed = {.verb = "GET", .url = TEXT_LITERAL("/"), .type = TEXT_LITERAL("a\r\nb")};
    CHECK_INT(send_fails(&client, &typed), ERROR_HTTP_REQUEST);
    struct http_request verb = {.verb = "GET /x", .url = TEXT_LITERAL("/")};
    CHECK_INT(send_fails(&client, &verb), ERROR_HTTP_REQUEST);
    CHECK_INT(raw_server_asked(client.server), 0);
    client_close(&client);
}

TEST(http_client, only_its_own_hosts) {
    struct client client;
    client_open(&client);
    const struct text hosts[] = {TEXT_LITERAL("127.0.0.1:1")};
    client.setup.hosts = hosts;
    client.setup.host_count = 1;
    client_play(&client, NULL, 0);
    const char *const refused[] = {"http://example.org/", "http://127.0.0.1/", "http://127.0.0.1:2/",
                                   "http://127.0.0.1.example.org:1/", "http://localhost:1/"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CHECK_INT(send_fails(&client, &(struct http_request){.verb = "GET", .url = text_of(refused[i])}),
                  ERROR_HTTP_ADDRESS);
    }
    struct http_request listed = {.verb = "GET", .url = TEXT_LITERAL("http://127.0.0.1:1/")};
    CHECK_INT(send_fails(&client, &listed), ERROR_HTTP_CONNECT);
    client_close(&client);
}

TEST(http_client, headers) {
    struct client client;
    client_open(&client);
    const struct text all[] = {TEXT_LITERAL("X-Client: weir"), TEXT_LITERAL("X-Both: client"),
                               TEXT_LITERAL("X-Empty:")};
    client.setup.headers = all;
    client.setup.header_count = COUNT_OF(all);
    client.setup.user_agent = TEXT_LITERAL("weir/test");
    const struct raw_exchange exchanges[] = {RAW_SAY(NULL, OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    const struct text own[] = {TEXT_LITERAL("x-both: request"), TEXT_LITERAL("Idempotency-Key:  k ")};
    struct http_request request = {.verb = "GET",
                                   .url = TEXT_LITERAL("/"),
                                   .accept = TEXT_LITERAL("application/json"),
                                   .headers = own,
                                   .header_count = COUNT_OF(own)};
    struct http_call *call;
    struct http_head head;
    CHECK_OK(http_send(client.http, &request, &call, &client.error), &client.error);
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    http_call_close(call);
    struct text sent = raw_server_request(client.server, 0);
    CHECK(raw_has_line(sent, "X-Client: weir"));
    CHECK(raw_has_line(sent, "x-both: request"));
    CHECK(!raw_has_line(sent, "X-Both: client"));
    CHECK(raw_has_line(sent, "Idempotency-Key: k"));
    CHECK(raw_has_line(sent, "X-Empty:"));
    CHECK(raw_has_line(sent, "Accept: application/json"));
    CHECK(raw_has_line(sent, "User-Agent: weir/test"));
    client_close(&client);
}

// The settings of the machine change nothing: a proxy would see everything.
TEST(http_client, no_proxy_from_the_environment) {
    struct client client;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    client_open(&client);
    const struct raw_exchange exchanges[] = {RAW_SAY(NULL, OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_TEXT(client_ask(&client, "GET", "/", NULL, 200), "[]");
    client_close(&client);
}

TEST(http_client, so_many_at_once) {
    struct client client;
    client_open(&client);
    client.setup.at_once_max = 2;
    const struct raw_exchange exchanges[] = {
        {"GET /0", OK_EMPTY, .held = true}, {"GET /1", OK_EMPTY, .held = true}, {NULL, OK_EMPTY, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *calls[6];
    for (int i = 0; i < 6; i++) {
        char url[8];
        snprintf(url, sizeof url, "/%d", i);
        calls[i] = client_get(&client, url);
    }
    while (raw_server_asked(client.server) < 2) {
        http_poll(client.http);
    }
    for (int i = 0; i < 100; i++) {
        http_poll(client.http);
    }
    CHECK_INT(raw_server_asked(client.server), 2);
    raw_server_release(client.server);
    for (int i = 5; i >= 0; i--) {
        struct text body;
        CHECK_OK(http_finish(calls[i], 10, &client.arena, &body, &client.error), &client.error);
        http_call_close(calls[i]);
    }
    CHECK_INT(raw_server_asked(client.server), 6);
    CHECK(raw_server_connections(client.server) <= 2);
    client_close(&client);
}

// The only place is taken by an answer that waits to be read, and its reader waits for another one first.
TEST(http_client, an_answer_that_waits_does_not_block_the_next) {
    struct client client;
    client_open(&client);
    client.setup.at_once_max = 1;
    enum { BODY = 8 << 20 };
    char *answer = calloc(1, BODY + 100);
    CHECK(answer != NULL);
    int head = snprintf(answer, 100, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    const struct raw_exchange exchanges[] = {{"GET /big", answer, .length = (size_t)head + BODY},
                                             RAW_SAY("GET /small", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *big = client_get(&client, "/big");
    CHECK_TEXT(client_ask(&client, "GET", "/small", NULL, 200), "[]");
    struct text body;
    CHECK_OK(http_finish(big, BODY, &client.arena, &body, &client.error), &client.error);
    CHECK_INT(body.length, BODY);
    http_call_close(big);
    client_close(&client);
    free(answer);
}

TEST(http_client, so_many_a_second_f24) {
    struct client client;
    client_open(&client);
    client.setup.clock = &fixed_clock;
    client.setup.rate_max = 4;
    client.setup.at_once_max = 1;
    const struct raw_exchange exchanges[] = {{NULL, OK_EMPTY, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    int64_t start = fixed_now_us;
    for (int i = 0; i < 9; i++) {
        CHECK_TEXT(client_ask(&client, "GET", "/", NULL, 200), "[]");
    }
    CHECK_INT(fixed_now_us - start, 8 * 250000);
    client_close(&client);
}

TEST(http_client, connections_are_kept) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {{NULL, OK_EMPTY, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    for (int i = 0; i < 20; i++) {
        client_ask(&client, i % 2 == 0 ? "GET" : "POST", "/", i % 2 == 0 ? NULL : "{}", 200);
    }
    CHECK_INT(raw_server_connections(client.server), 1);
    client_close(&client);
}

TEST(http_client, closing_ends_what_is_open) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {{NULL, NULL, .end = RAW_HANG, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    for (int i = 0; i < 8; i++) {
        client_get(&client, "/");
    }
    http_call_close(client_get(&client, "/"));
    http_call_close(NULL);
    client_close(&client);
    http_close(NULL);
}
