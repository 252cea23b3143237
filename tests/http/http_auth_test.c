// How each kind of auth shows in a request, and that no secret shows anywhere else.

#include "http/client.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

// Sends one GET of `url` and checks that the request starts and goes on as told (either may be NULL).
static void check_sent(struct http_auth auth, const char *url, const char *start, const char *line) {
    struct client client;
    client_open(&client);
    client.setup.auth = auth;
    const struct raw_exchange exchanges[] = {RAW_SAY(NULL, OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", url, NULL, 200);
    struct text sent = raw_server_request(client.server, 0);
    if ((start != NULL && strncmp(sent.data, start, strlen(start)) != 0) ||
        (line != NULL && !raw_has_line(sent, line))) {
        test_fail(__FILE__, __LINE__, "it sent\n%s", sent.data);
    }
    client_close(&client);
}

TEST(http_auth, basic) {
    check_sent((struct http_auth){.kind = AUTH_BASIC,
                                  .user = TEXT_LITERAL("Aladdin"),
                                  .password = TEXT_LITERAL("open:sesame")},
               "/", NULL, "Authorization: Basic QWxhZGRpbjpvcGVuOnNlc2FtZQ==");
}

TEST(http_auth, bearer) {
    check_sent((struct http_auth){.kind = AUTH_BEARER, .token = TEXT_LITERAL("t0ken")}, "/", NULL,
               "Authorization: Bearer t0ken");
}

TEST(http_auth, header) {
    check_sent((struct http_auth){.kind = AUTH_HEADER, .name = TEXT_LITERAL("X-Api-Key"), .token = TEXT_LITERAL("k")},
               "/", NULL, "X-Api-Key: k");
    check_sent((struct http_auth){.kind = AUTH_HEADER,
                                  .name = TEXT_LITERAL("Authorization"),
                                  .prefix = TEXT_LITERAL("Token "),
                                  .token = TEXT_LITERAL("k")},
               "/", NULL, "Authorization: Token k");
}

TEST(http_auth, query) {
    struct http_auth auth = {
        .kind = AUTH_QUERY, .name = TEXT_LITERAL("access_token"), .token = TEXT_LITERAL("a&b=c/ä")};
    check_sent(auth, "/", "GET /?access_token=a%26b%3Dc%2F%C3%A4 HTTP", NULL);
    check_sent(auth, "/a?x=1", "GET /a?x=1&access_token=a%26b%3Dc%2F%C3%A4 HTTP", NULL);
    // A link that a server made repeats the token it was asked with.
    check_sent(auth, "/a?access_token=old&x=1", "GET /a?x=1&access_token=a%26b%3Dc%2F%C3%A4 HTTP", NULL);
}

TEST(http_auth, what_is_missing_is_said_at_once) {
    const struct http_auth cases[] = {
        {.kind = AUTH_BASIC},
        {.kind = AUTH_BEARER},
        {.kind = AUTH_HEADER, .token = TEXT_LITERAL("t")},
        {.kind = AUTH_QUERY, .name = TEXT_LITERAL("n")},
        {.kind = AUTH_LOGIN, .url = TEXT_LITERAL("/login")},
        {.kind = AUTH_OAUTH2, .url = TEXT_LITERAL("/token")},
        {.kind = AUTH_AWS, .key = TEXT_LITERAL("k"), .secret = TEXT_LITERAL("s"), .region = TEXT_LITERAL("r")},
        {.kind = AUTH_JWT, .algorithm = TEXT_LITERAL("HS256")},
    };
    struct client client;
    client_open(&client);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        client.setup.auth = cases[i];
        CHECK(!http_open(&client.setup, &client.http, &client.error));
        CHECK_INT(client.error.code, ERROR_OPTION_MISSING);
    }
    client.setup.auth = (struct http_auth){.kind = AUTH_BEARER, .token = TEXT_LITERAL("a\r\nX-Evil: 1")};
    CHECK(!http_open(&client.setup, &client.http, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_REQUEST);
    CHECK(strstr(client.error.message, "Evil") == NULL);
    client_close(&client);
}

// A canary as token, in every kind of failure: no message may hold it, whatever the server says.
TEST(http_auth, no_secret_in_messages) {
    struct client client;
    client_open(&client);
    client.setup.auth = (struct http_auth){
        .kind = AUTH_QUERY, .name = TEXT_LITERAL("code_word"), .token = TEXT_LITERAL("canary-in-a-mine")};
    const struct raw_exchange exchanges[] = {
        RAW_SAY("GET /a", "HTTP/1.1 403 No\r\nContent-Type: application/json\r\nContent-Length: *\r\n\r\n"
                          "{\"error\":{\"message\":\"canary-in-a-mine may not see this\",\"x\":12345}}"),
        RAW_SAY("GET /b", "HTTP/1.1 500 No\r\nContent-Length: *\r\n\r\nno rights for: canary-in-a-mine"),
        {.request = "GET /c", .answer = NULL, .end = RAW_CLOSE},
        RAW_SAY("GET /e", "HTTP/1.1 302 No\r\nLocation: ftp://x/?q=canary-in-a-mine\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("POST /d", "HTTP/1.1 302 No\r\nLocation: /x?code_word=canary-in-a-mine\r\nContent-Length: 0\r\n\r\n"),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    const char *const paths[] = {"/a", "/b", "/c", "/d", "/e"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct http_call *call = client_send(&client, i == 3 ? "POST" : "GET", paths[i], i == 3 ? "{}" : NULL);
        struct http_head head = {0};
        client.error = (struct error){0};
        if (http_head(call, &head, &client.error)) {
            CHECK(memmem(head.url.data, head.url.length, "canary", 6) == NULL);
            CHECK(!http_refuse(call, &client.error));
        }
        CHECK(client.error.code != ERROR_NONE);
        CHECK(strstr(client.error.message, "canary") == NULL);
        http_call_close(call);
    }
    client_close(&client);
}
