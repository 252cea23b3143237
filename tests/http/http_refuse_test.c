// The server's own words in our message, whatever form they come in.

#include "http/client.h"

static void check_words(int status, const char *type, const char *body, enum error_code code, const char *words) {
    struct client client;
    client_open(&client);
    char answer[2048];
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Whatever\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status,
             type, strlen(body), body);
    const struct raw_exchange exchanges[] = {RAW_SAY(NULL, answer)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/things?x=1");
    client.error = (struct error){0};
    CHECK(!http_refuse(call, &client.error));
    CHECK_INT(client.error.code, code);
    char expected[600];
    snprintf(expected, sizeof expected, "GET %s/things?x=1 was answered with %d%s%s", raw_server_base(client.server),
             status, words[0] != '\0' ? ": " : "", words);
    CHECK_TEXT(text_of(client.error.message), expected);
    http_call_close(call);
    client_close(&client);
}

TEST(http_refuse, words) {
    const char *json = "application/json";
    check_words(422, json,
                "{\"error\":{\"statusCode\":422,\"name\":\"ValidationError\",\"message\":\"`value` is blank\"}}",
                ERROR_HTTP_STATUS, "`value` is blank");
    check_words(
        422, json,
        "{\"error\":{\"message\":\"2 failed, see `details`\",\"details\":[{\"message\":\"the value is blank\"}]}}",
        ERROR_HTTP_STATUS, "2 failed, see `details` (the value is blank)");
    check_words(400, json, "{\"error\":\"invalid_grant\",\"error_description\":\"it has ended\"}", ERROR_HTTP_STATUS,
                "it has ended");
    check_words(403, "application/problem+json", "{\"title\":\"No\",\"detail\":\"not on Sundays\"}", ERROR_HTTP_REFUSED,
                "not on Sundays");
    check_words(401, "application/problem+json", "{\"title\":\"No\",\"status\":401}", ERROR_HTTP_REFUSED, "No");
    check_words(422, json, "{\"errors\":[\"name is taken\",\"b\"]}", ERROR_HTTP_STATUS, "name is taken");
    check_words(400, json, "[{\"message\":\"first\"},{\"message\":\"second\"}]", ERROR_HTTP_STATUS, "first");
    check_words(500, json, "{}", ERROR_HTTP_SERVER, "{}");
    check_words(502, "text/html; charset=utf-8",
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\n\n<h1>nginx</h1></body></html>",
                ERROR_HTTP_SERVER, "502 Bad Gateway nginx");
    check_words(404, "text/plain", "no\tsuch \xff\xfe thing\x01\x1b[31m \xc3\xa4\xc2\x9b", ERROR_HTTP_STATUS,
                "no such thing [31m \xc3\xa4");
    check_words(503, "text/plain", "", ERROR_HTTP_BUSY, "");
    check_words(429, json, "{\"message\":\"slower\"}", ERROR_HTTP_BUSY, "slower");
}

// What is taken out of the words must not put a secret together.
TEST(http_refuse, secrets_in_pieces) {
    const char *const bodies[] = {"no s3cr3tW0rd",
                                  "no s3cr\xff"
                                  "3tW0rd",
                                  "no s3cr3\xc3tW0r\xa4"
                                  "d"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct client client;
        char answer[200];
        client_open(&client);
        client.setup.auth = (struct http_auth){.kind = AUTH_BEARER, .token = TEXT_LITERAL("s3cr3tW0rd")};
        snprintf(answer, sizeof answer, "HTTP/1.1 403 No\r\nContent-Length: %zu\r\n\r\n%s", strlen(bodies[i]),
                 bodies[i]);
        const struct raw_exchange exchanges[] = {RAW_SAY(NULL, answer)};
        client_play(&client, exchanges, COUNT_OF(exchanges));
        struct http_call *call = client_get(&client, "/");
        CHECK(!http_refuse(call, &client.error));
        CHECK(error_says(&client.error, "403: no ***"));
        http_call_close(call);
        client_close(&client);
    }
}

TEST(http_refuse, long_and_broken_bodies) {
    struct client client;
    client_open(&client);
    enum { BODY = 100000 };
    char *answer = malloc(BODY + 100);
    CHECK(answer != NULL);
    int head = snprintf(answer, 100, "HTTP/1.1 404 No\r\nContent-Length: %d\r\n\r\n", BODY);
    memset(answer + head, 'x', BODY);
    const struct raw_exchange exchanges[] = {
        {NULL, answer, .length = (size_t)head + BODY},
        {NULL, "HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\nonly this", .end = RAW_CLOSE},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/");
    CHECK(!http_refuse(call, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_STATUS);
    CHECK(strlen(client.error.message) < 300);
    http_call_close(call);
    call = client_get(&client, "/");
    CHECK(!http_refuse(call, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_STATUS);
    CHECK(error_says(&client.error, "only this"));
    http_call_close(call);
    client_close(&client);
    free(answer);
}
