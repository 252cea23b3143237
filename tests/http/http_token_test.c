// Tokens that are got and run out: logins, client credentials, refresh tokens that change at every use.

#include "http/client.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
#define NO_401 "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define JSON_HEAD(status) "HTTP/1.1 " status " X\r\nContent-Type: application/json\r\nContent-Length: *\r\n\r\n"

static const struct text id_path = {"id", 2};
static const struct text ttl_path = {"ttl", 3};

static struct http_auth login(void) {
    return (struct http_auth){.kind = AUTH_LOGIN,
                              .url = TEXT_LITERAL("/login"),
                              .body = TEXT_LITERAL("{\"username\":\"u\",\"password\":\"p\"}"),
                              .token_path = &id_path,
                              .token_path_count = 1,
                              .ttl_path = &ttl_path,
                              .ttl_path_count = 1,
                              .name = TEXT_LITERAL("access_token"),
                              .in_query = true};
}

TEST(http_token, login) {
    struct client client;
    client_open(&client);
    client.setup.auth = login();
    client.setup.clock = &fixed_clock;
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"t1\",\"ttl\":1000,\"u\":123}"),
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"t2\",\"ttl\":10}"),
        {"GET /a?access_token=t1 ", OK_EMPTY, .forever = true},
        {"GET /a?access_token=t2 ", OK_EMPTY, .forever = true},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    client_ask(&client, "GET", "/a", NULL, 200);
    fixed_now_us += INT64_C(939) * 1000000; // a token is given up a minute before its end
    client_ask(&client, "GET", "/a", NULL, 200);
    CHECK_INT(raw_server_asked(client.server), 4);
    fixed_now_us += INT64_C(2) * 1000000;
    client_ask(&client, "GET", "/a", NULL, 200);
    CHECK_INT(raw_server_asked(client.server), 6);
    struct text sent = raw_server_request(client.server, 0);
    CHECK(raw_has_line(sent, "Content-Type: application/json"));
    CHECK(strstr(sent.data, "\r\n\r\n{\"username\":\"u\",\"password\":\"p\"}") != NULL);
    client_close(&client);
}

TEST(http_token, login_into_a_header) {
    struct client client;
    client_open(&client);
    client.setup.auth = login();
    client.setup.auth.in_query = false;
    client.setup.auth.name = (struct text){0};
    const struct raw_exchange exchanges[] = {RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"raw\"}"),
                                             RAW_SAY("GET /a ", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    CHECK(raw_has_line(raw_server_request(client.server, 1), "Authorization: raw"));
    client_close(&client);
}

// A 401 has the token renewed once; the request goes again, a write too, because a 401 did nothing.
TEST(http_token, a_401_renews_it_once) {
    struct client client;
    client_open(&client);
    client.setup.auth = login();
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"one\"}"),
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"two\"}"),
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"thr\"}"),
        RAW_SAY("POST /a?access_token=one ", NO_401),
        RAW_SAY("POST /a?access_token=two ", OK_EMPTY),
        {"GET /b?access_token=", NO_401, .forever = true},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "POST", "/a", "{\"x\":1}", 200);
    CHECK_INT(raw_server_asked(client.server), 4);
    CHECK(strstr(raw_server_request(client.server, 3).data, "\r\n\r\n{\"x\":1}") != NULL);
    struct http_call *call = client_get(&client, "/b");
    struct http_head head;
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.status, 401);
    CHECK(!http_refuse(call, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_REFUSED);
    http_call_close(call);
    CHECK_INT(raw_server_asked(client.server), 7);
    client_close(&client);
}

// Four answers of 401 at once are one renewal.
TEST(http_token, many_401s_renew_it_once) {
    struct client client;
    client_open(&client);
    client.setup.auth = login();
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"one\"}"),
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"two\"}"),
        {"GET /a?access_token=one ", NO_401, .forever = true, .held = true},
        {"GET /a?access_token=two ", OK_EMPTY, .forever = true},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *calls[4];
    for (int i = 0; i < 4; i++) {
        calls[i] = client_get(&client, "/a");
    }
    while (raw_server_asked(client.server) < 5) {
        http_poll(client.http);
    }
    raw_server_release(client.server);
    for (int i = 0; i < 4; i++) {
        struct text body;
        CHECK_OK(http_finish(calls[i], 10, &client.arena, &body, &client.error), &client.error);
        CHECK_TEXT(body, "[]");
        http_call_close(calls[i]);
    }
    CHECK_INT(raw_server_asked(client.server), 10);
    client_close(&client);
}

// A 401 that comes late is about a token that was given up long ago: it does not cost the new one.
TEST(http_token, a_late_401_does_not_renew_it_again) {
    struct client client;
    client_open(&client);
    client.setup.auth = login();
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"one\"}"),
        RAW_SAY("POST /login ", JSON_HEAD("200") "{\"id\":\"two\"}"),
        {"GET /late?access_token=one ", NO_401, .held = true},
        RAW_SAY("GET /soon?access_token=one ", NO_401),
        {"GET /soon?access_token=two ", OK_EMPTY, .forever = true},
        RAW_SAY("GET /late?access_token=two ", OK_EMPTY),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *late = client_get(&client, "/late");
    client_ask(&client, "GET", "/soon", NULL, 200);
    raw_server_release(client.server);
    struct text body;
    CHECK_OK(http_finish(late, 10, &client.arena, &body, &client.error), &client.error);
    CHECK_TEXT(body, "[]");
    http_call_close(late);
    CHECK_INT(raw_server_asked(client.server), 6);
    client_close(&client);
}

// Whatever goes wrong with the token, the request itself was not sent: never an unknown outcome.
TEST(http_token, no_token) {
    const struct {
        const char *answer;
        enum raw_end end;
        enum error_code code;
        const char *words;
    } cases[] = {
        {JSON_HEAD("401") "{\"error\":{\"statusCode\":401,\"message\":\"login failed\",\"x\":11}}", RAW_KEEP,
         ERROR_HTTP_TOKEN, "login failed"},
        {JSON_HEAD("200") "{\"id\":null}", RAW_KEEP, ERROR_HTTP_TOKEN, "none where it should stand"},
        {JSON_HEAD("200") "[]", RAW_KEEP, ERROR_HTTP_TOKEN, "not a JSON object"},
        {JSON_HEAD("200") "{\"id\":\"a\\r\\nX: y\"}", RAW_KEEP, ERROR_HTTP_TOKEN, "control"},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: *\r\n\r\n<html>no</html>", RAW_KEEP,
         ERROR_HTTP_TOKEN, "not a JSON object"},
        {JSON_HEAD("503") "{}", RAW_KEEP, ERROR_HTTP_BUSY, "503"},
        {JSON_HEAD("500") "{}", RAW_KEEP, ERROR_HTTP_CONNECT, "500"},
        {NULL, RAW_CLOSE, ERROR_HTTP_CONNECT, "no token"},
        {"HTTP/1.1 302 X\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", RAW_KEEP, ERROR_HTTP_REDIRECT, "302"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client client;
        client_open(&client);
        client.setup.auth = login();
        const struct raw_exchange exchanges[] = {{"POST /login ", cases[i].answer, .end = cases[i].end}};
        client_play(&client, exchanges, COUNT_OF(exchanges));
        CHECK_INT(client_fails(&client, "POST", "/a", "{}"), cases[i].code);
        CHECK(error_says(&client.error, cases[i].words));
        CHECK_INT(raw_server_asked(client.server), 1);
        client_close(&client);
    }
}

// ---- OAuth2 ----

// A place for secrets that notes what happens in which order: l(ock), g(et), p(ut), u(nlock).
struct notes {
    struct vault vault;
    char stored[64];
    char story[64];
    bool broken;
    struct raw_server *server;
    size_t asked_at_put; // requests the server had seen when the new token was put back
};

static void note(struct notes *notes, char what) {
    size_t length = strlen(notes->story);
    CHECK(length + 1 < sizeof notes->story);
    notes->story[length] = what;
}

static bool notes_get(struct vault *vault, struct text name, struct arena *arena, struct text *out,
                      struct error *error) {
    struct notes *notes = (struct notes *)vault;
    note(notes, 'g');
    CHECK_TEXT(name, "refresh_name");
    return arena_text(arena, text_of(notes->stored), out) || error_memory(error);
}

static bool notes_put(struct vault *vault, struct text name, struct text text, struct error *error) {
    struct notes *notes = (struct notes *)vault;
    note(notes, 'p');
    CHECK_TEXT(name, "refresh_name");
    if (notes->broken) {
        return error_set(error, ERROR_FILE_WRITE, "no room");
    }
    notes->asked_at_put = raw_server_asked(notes->server);
    snprintf(notes->stored, sizeof notes->stored, "%.*s", TEXT_ARGS(text));
    return true;
}

static bool notes_lock(struct vault *vault, struct text name, struct error *error) {
    (void)name;
    (void)error;
    note((struct notes *)vault, 'l');
    return true;
}

static void notes_unlock(struct vault *vault, struct text name) {
    (void)name;
    note((struct notes *)vault, 'u');
}

static const struct vault_type notes_type = {notes_get, notes_put, notes_lock, notes_unlock};

static struct http_auth oauth(void) {
    return (struct http_auth){.kind = AUTH_OAUTH2,
                              .url = TEXT_LITERAL("/token"),
                              .client = TEXT_LITERAL("me:x"),
                              .secret = TEXT_LITERAL("s&t"),
                              .scope = TEXT_LITERAL("read write")};
}

TEST(http_token, client_credentials) {
    struct client client;
    client_open(&client);
    client.setup.auth = oauth();
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /token ",
                JSON_HEAD("200") "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"expires_in\":3600}"),
        RAW_SAY("GET /a ", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    struct text sent = raw_server_request(client.server, 0);
    CHECK(raw_has_line(sent, "Content-Type: application/x-www-form-urlencoded"));
    CHECK(raw_has_line(sent, "Authorization: Basic bWUlM0F4OnMlMjZ0")); // me%3Ax:s%26t
    CHECK(strstr(sent.data, "\r\n\r\ngrant_type=client_credentials&scope=read%20write") != NULL);
    CHECK(raw_has_line(raw_server_request(client.server, 1), "Authorization: Bearer at"));
    client_close(&client);
}

TEST(http_token, client_in_the_body) {
    struct client client;
    client_open(&client);
    client.setup.auth = oauth();
    client.setup.auth.secret_in_body = true;
    const struct raw_exchange exchanges[] = {RAW_SAY("POST /token ", JSON_HEAD("200") "{\"access_token\":\"at\"}"),
                                             RAW_SAY("GET /a ", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    struct text sent = raw_server_request(client.server, 0);
    CHECK(strstr(sent.data, "Authorization") == NULL);
    CHECK(strstr(sent.data, "&client_id=me%3Ax&client_secret=s%26t") != NULL);
    client_close(&client);
}

TEST(http_token, both_shapes_of_refusal) {
    const char *const answers[] = {
        JSON_HEAD("400") "{\"error\":\"invalid_client\",\"error_description\":\"who is that\"}",
        "HTTP/1.1 400 X\r\nContent-Type: application/problem+json\r\nContent-Length: *\r\n\r\n"
        "{\"type\":\"about:blank\",\"title\":\"No\",\"detail\":\"who is that\"}"};
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct client client;
        client_open(&client);
        client.setup.auth = oauth();
        const struct raw_exchange exchanges[] = {RAW_SAY("POST /token ", answers[i])};
        client_play(&client, exchanges, COUNT_OF(exchanges));
        CHECK_INT(client_fails(&client, "GET", "/a", NULL), ERROR_HTTP_TOKEN);
        CHECK(error_says(&client.error, "who is that"));
        client_close(&client);
    }
}

static void refresh_with(struct client *client, struct notes *notes) {
    client_open(client);
    notes->vault.type = &notes_type;
    notes->server = client->server;
    client->setup.vault = &notes->vault;
    client->setup.auth = oauth();
    client->setup.auth.refresh = TEXT_LITERAL("refresh_name");
}

// Under the lock the token is read anew, and its successor is stored before the first request goes with what it gave.
TEST(http_token, a_refresh_token_is_stored_before_use_f29) {
    struct client client;
    struct notes notes = {.stored = "r1\n"};
    refresh_with(&client, &notes);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /token ", JSON_HEAD("200") "{\"access_token\":\"a1\",\"refresh_token\":\"r2\"}"),
        {"GET /a ", NO_401, .held = true},
        RAW_SAY("POST /token ", JSON_HEAD("200") "{\"access_token\":\"a2\",\"refresh_token\":\"r4\"}"),
        RAW_SAY("GET /a ", OK_EMPTY),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/a");
    CHECK_TEXT(text_of(notes.story), "lgpu");
    CHECK_TEXT(text_of(notes.stored), "r2");
    CHECK_INT(notes.asked_at_put, 1);
    snprintf(notes.stored, sizeof notes.stored, "r3"); // another process renews it meanwhile
    raw_server_release(client.server);
    struct http_head head;
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.status, 200);
    http_call_close(call);
    CHECK_TEXT(text_of(notes.story), "lgpulgpu");
    CHECK_TEXT(text_of(notes.stored), "r4");
    CHECK_INT(notes.asked_at_put, 3);
    CHECK(strstr(raw_server_request(client.server, 0).data, "grant_type=refresh_token&refresh_token=r1&") != NULL);
    CHECK(strstr(raw_server_request(client.server, 2).data, "refresh_token=r3&") != NULL);
    CHECK(raw_has_line(raw_server_request(client.server, 3), "Authorization: Bearer a2"));
    client_close(&client);
}

TEST(http_token, a_refresh_token_that_stays_f29) {
    struct client client;
    struct notes notes = {.stored = "r1"};
    refresh_with(&client, &notes);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /token ", JSON_HEAD("200") "{\"access_token\":\"a1\",\"refresh_token\":\"r1\"}"),
        RAW_SAY("GET /a ", OK_EMPTY)};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    CHECK_TEXT(text_of(notes.story), "lgu");
    client_close(&client);
}

// What could not be stored is not used: the next run would stand there with a dead token and not know why.
TEST(http_token, a_refresh_token_that_cannot_be_stored_f29) {
    struct client client;
    struct notes notes = {.stored = "r1", .broken = true};
    refresh_with(&client, &notes);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /token ", JSON_HEAD("200") "{\"access_token\":\"a1\",\"refresh_token\":\"r2\"}")};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/a", NULL), ERROR_FILE_WRITE);
    CHECK_TEXT(text_of(notes.story), "lgpu");
    CHECK_INT(raw_server_asked(client.server), 1);
    client_close(&client);
}
