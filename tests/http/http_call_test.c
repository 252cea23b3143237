// One request and its answer: heads, bodies, and everything that can go wrong between them.

#include "http/client.h"

#define HEAD_OK "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"

TEST(http_call, get) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {"GET /a?b=c ", HEAD_OK "X-One: 1\r\nx-one: 2\r\nContent-Length: 7\r\n\r\n[1,2,3]", .end = RAW_KEEP},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/a?b=c");
    struct http_head head;
    struct text body;
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.status, 200);
    CHECK_TEXT(head.type, "application/json");
    CHECK(!head.unproven);
    CHECK_INT(head.after_us, 0);
    CHECK_TEXT(http_header(call, "X-ONE"), "1, 2");
    CHECK_TEXT(http_header(call, "x-two"), "");
    CHECK_OK(http_finish(call, 100, &client.arena, &body, &client.error), &client.error);
    CHECK_TEXT(body, "[1,2,3]");
    CHECK(body.data[body.length] == '\0');
    http_call_close(call);
    CHECK(raw_has_line(raw_server_request(client.server, 0), "User-Agent: weir"));
    client_close(&client);
}

TEST(http_call, sends_a_body) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("POST /a ", HEAD_OK "Content-Length: 8\r\n\r\n{\"id\":1}"),
        RAW_SAY("PATCH /a/1 ", "HTTP/1.1 204 No Content\r\n\r\n"),
        RAW_SAY("DELETE /a/1 ", "HTTP/1.1 204 No Content\r\n\r\n"),
        RAW_SAY("POST /empty ", HEAD_OK "Content-Length: 0\r\n\r\n"),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_TEXT(client_ask(&client, "POST", "/a", "{\"a\":1}", 200), "{\"id\":1}");
    CHECK_TEXT(client_ask(&client, "PATCH", "/a/1", "{}", 204), "");
    CHECK_TEXT(client_ask(&client, "DELETE", "/a/1", NULL, 204), "");
    CHECK_TEXT(client_ask(&client, "POST", "/empty", NULL, 200), "");
    struct text request = raw_server_request(client.server, 0);
    CHECK(raw_has_line(request, "Content-Type: application/json"));
    CHECK(raw_has_line(request, "Content-Length: 7"));
    CHECK(strstr(request.data, "\r\n\r\n{\"a\":1}") != NULL);
    CHECK(strstr(request.data, "Expect") == NULL);
    CHECK(raw_has_line(raw_server_request(client.server, 3), "Content-Length: 0"));
    CHECK(strstr(raw_server_request(client.server, 2).data, "Content-") == NULL);
    CHECK_INT(raw_server_connections(client.server), 1);
    client_close(&client);
}

TEST(http_call, chunked_in_drops) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {NULL,
         "HTTP/1.1 100 Continue\r\n\r\n" HEAD_OK "Transfer-Encoding: chunked\r\n\r\n"
         "3\r\n[1,\r\n2\r\n2]\r\n0\r\nX-Late: 1\r\n\r\n",
         .piece = 1},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/");
    struct http_head head;
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK(!head.unproven);
    char body[16];
    size_t length = 0;
    for (size_t got = 1; got > 0; length += got) {
        CHECK_OK(http_read(call, body + length, 1, &got, &client.error), &client.error);
    }
    CHECK_TEXT(((struct text){body, length}), "[1,2]");
    CHECK_TEXT(http_header(call, "x-late"), "");
    http_call_close(call);
    client_close(&client);
}

TEST(http_call, a_body_shorter_than_its_length_f15) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {"GET", HEAD_OK "Content-Length: 8\r\n\r\n[1,2,3]", .end = RAW_CLOSE},
        {"POST", HEAD_OK "Content-Length: 8\r\n\r\n[1,2,3]", .end = RAW_CLOSE},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_LOST);
    CHECK_INT(client.error.scope, ERROR_BATCH);
    CHECK_INT(client.error.retry, RETRY_LATER);
    CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_UNKNOWN);
    client_close(&client);
}

TEST(http_call, a_body_without_its_last_chunk_f15) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {NULL, HEAD_OK "Transfer-Encoding: chunked\r\n\r\n7\r\n[1,2,3]\r\n", .end = RAW_CLOSE},
        {NULL, HEAD_OK "Transfer-Encoding: chunked\r\n\r\n7\r\n[1,2,3]\r\n", .end = RAW_CLOSE},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_LOST);
    // What came is still there to be read; the end is the error.
    struct http_call *call = client_get(&client, "/");
    char body[16];
    size_t got;
    CHECK_OK(http_read(call, body, sizeof body, &got, &client.error), &client.error);
    CHECK_TEXT(((struct text){body, got}), "[1,2,3]");
    CHECK(!http_read(call, body, sizeof body, &got, &client.error));
    CHECK_INT(client.error.code, ERROR_HTTP_LOST);
    http_call_close(call);
    client_close(&client);
}

TEST(http_call, a_body_that_ends_with_the_connection_f15) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {"GET /open", HEAD_OK "\r\n[1,2,3]", .end = RAW_CLOSE},
        {"GET /none", "HTTP/1.1 204 No Content\r\n\r\n", .end = RAW_CLOSE},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *call = client_get(&client, "/open");
    struct http_head head;
    struct text body;
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_OK(http_finish(call, 100, &client.arena, &body, &client.error), &client.error);
    CHECK(head.unproven);
    CHECK_TEXT(body, "[1,2,3]");
    http_call_close(call);
    call = client_get(&client, "/none");
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK(!head.unproven);
    http_call_close(call);
    client_close(&client);
}

// Nothing of the request was seen by anybody: it can be sent again, a write too.
TEST(http_call, nobody_listens) {
    struct client client;
    client_open(&client);
    client_play(&client, NULL, 0);
    struct raw_server *gone = raw_server_open();
    char url[64];
    snprintf(url, sizeof url, "%s/", raw_server_base(gone));
    raw_server_close(gone);
    http_close(client.http);
    client.setup.base = text_of(url);
    CHECK_OK(http_open(&client.setup, &client.http, &client.error), &client.error);
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_CONNECT);
    CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_CONNECT);
    client_close(&client);
}

TEST(http_call, no_answer_f08) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        {NULL, NULL, .end = RAW_CLOSE},
        {NULL, NULL, .end = RAW_RESET},
        {NULL, NULL, .end = RAW_CLOSE},
        {NULL, NULL, .end = RAW_RESET},
        {NULL, "SSH-2.0-OpenSSH\r\n", .end = RAW_CLOSE},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_LOST);
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_LOST);
    CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_UNKNOWN);
    CHECK_INT(client.error.retry, RETRY_NEVER);
    CHECK_INT(client_fails(&client, "DELETE", "/", NULL), ERROR_HTTP_UNKNOWN);
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_SHAPE);
    CHECK_INT(raw_server_asked(client.server), 5);
    client_close(&client);
}

// libcurl repeats a request by itself when a kept connection turns out to be closed. A write must not go twice.
TEST(http_call, a_write_is_sent_once_over_a_kept_connection_f08) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        RAW_SAY("GET /a", HEAD_OK "Content-Length: 2\r\n\r\n[]"),
        {"POST /a", NULL, .end = RAW_CLOSE},
        RAW_SAY("GET /b", HEAD_OK "Content-Length: 2\r\n\r\n[]"),
        {"POST /b", NULL, .end = RAW_CLOSE},
        RAW_SAY("POST /b", HEAD_OK "Content-Length: 2\r\n\r\n[]"),
        RAW_SAY("POST /a", HEAD_OK "Content-Length: 2\r\n\r\n[]"),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/a", NULL, 200);
    CHECK_INT(client_fails(&client, "POST", "/a", "{}"), ERROR_HTTP_UNKNOWN);
    CHECK_INT(raw_server_asked(client.server), 2);
    client_ask(&client, "GET", "/b", NULL, 200);
    CHECK_INT(client_fails(&client, "POST", "/b", NULL), ERROR_HTTP_UNKNOWN);
    CHECK_INT(raw_server_asked(client.server), 4);
    client_close(&client);
}

TEST(http_call, silence) {
    struct client client;
    client_open(&client);
    client.setup.silence_ms = 30;
    const struct raw_exchange exchanges[] = {
        {"GET /a", NULL, .end = RAW_HANG},
        {"GET /b", HEAD_OK "Content-Length: 10\r\n\r\n[", .end = RAW_HANG},
        {"POST /a", NULL, .end = RAW_HANG},
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/a", NULL), ERROR_HTTP_LOST);
    CHECK(error_says(&client.error, "30 ms"));
    CHECK_INT(client_fails(&client, "GET", "/b", NULL), ERROR_HTTP_LOST);
    CHECK_INT(client_fails(&client, "POST", "/a", "{}"), ERROR_HTTP_UNKNOWN);
    client_close(&client);
}

TEST(http_call, too_slow_in_all) {
    struct client client;
    client_open(&client);
    client.setup.total_ms = 30;
    const struct raw_exchange exchanges[] = {{NULL, HEAD_OK "Content-Length: 10\r\n\r\n[", .end = RAW_HANG}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_LOST);
    CHECK(error_says(&client.error, "longer than the limit"));
    client_close(&client);
}

static char *with_body(const char *head, const char *body, size_t length, size_t *all) {
    size_t start = strlen(head);
    char *answer = malloc(start + length + 64);
    CHECK(answer != NULL);
    int more = snprintf(answer, start + 64, "%sContent-Length: %zu\r\n\r\n", head, length);
    memcpy(answer + more, body, length);
    *all = (size_t)more + length;
    return answer;
}

static void add_bits(unsigned char *out, size_t *bits, unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; i++, (*bits)++) {
        out[*bits / 8] |= (unsigned char)(((value >> i) & 1) << *bits % 8);
    }
}

// A gzip file of zeros, 159 to one: a literal zero, then "258 more of the same" in 13 bits each.
static char *gzip_zeros(size_t repeats, size_t *length) {
    static const unsigned char head[10] = {0x1f, 0x8b, 8, [9] = 3};
    unsigned char *out = calloc(1, repeats * 2 + 100);
    CHECK(out != NULL);
    memcpy(out, head, sizeof head);
    size_t bits = sizeof head * 8;
    add_bits(out, &bits, 1, 1); // the last block, with the fixed codes
    add_bits(out, &bits, 1, 2);
    add_bits(out, &bits, 0x0c, 8); // a zero: 00110000, its first bit first
    for (size_t i = 0; i < repeats; i++) {
        add_bits(out, &bits, 0xa3, 8); // a length of 258: 11000101
        add_bits(out, &bits, 0, 5);    // one byte back
    }
    add_bits(out, &bits, 0, 7); // the end
    bits = (bits + 7) / 8 * 8;
    size_t zeros = 1 + repeats * 258;
    unsigned sum = 0xffffffff;
    for (size_t i = 0; i < zeros; i++) {
        for (int j = 0; j < 8; j++) {
            sum = sum >> 1 ^ (0xedb88320 & (0 - (sum & 1)));
        }
    }
    add_bits(out, &bits, ~sum, 32);
    add_bits(out, &bits, (unsigned)zeros, 32);
    *length = bits / 8;
    return (char *)out;
}

TEST(http_call, gzip) {
    struct client client;
    client_open(&client);
    size_t length;
    size_t all;
    char *packed = gzip_zeros(400, &length);
    char *answer = with_body(HEAD_OK "Content-Encoding: gzip\r\n", packed, length, &all);
    const struct raw_exchange exchanges[] = {{NULL, answer, .length = all}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_ask(&client, "GET", "/", NULL, 200).length, 1 + 400 * 258);
    CHECK(raw_has_line(raw_server_request(client.server, 0), "Accept-Encoding: gzip, br"));
    client_close(&client);
    free(packed);
    free(answer);
}

// A small body that becomes a large one is stopped at the cap, chunked or not.
TEST(http_call, a_gzip_bomb) {
    struct client client;
    client_open(&client);
    client.setup.body_bytes_max = 1000000;
    size_t length;
    size_t all;
    char *packed = gzip_zeros(50000, &length);
    CHECK(length < 100000);
    char *answer = with_body(HEAD_OK "Content-Encoding: gzip\r\n", packed, length, &all);
    const struct raw_exchange exchanges[] = {{NULL, answer, .length = all, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_SIZE);
    CHECK(error_says(&client.error, "1000000"));
    // A caller that reads piece by piece meets it too.
    struct http_call *call = client_get(&client, "/");
    char body[8192];
    size_t seen = 0;
    size_t got = 1;
    while (http_read(call, body, sizeof body, &got, &client.error)) {
        CHECK(got > 0);
        seen += got;
    }
    CHECK(seen <= 1000000);
    CHECK_INT(client.error.code, ERROR_HTTP_SIZE);
    http_call_close(call);
    client_close(&client);
    free(packed);
    free(answer);
}

TEST(http_call, finish_has_a_limit_of_its_own) {
    struct client client;
    client_open(&client);
    const struct raw_exchange exchanges[] = {
        RAW_SAY(NULL, HEAD_OK "Content-Length: 7\r\n\r\n[1,2,3]"),
        RAW_SAY(NULL, HEAD_OK "Content-Length: 7\r\n\r\n[1,2,3]"),
    };
    client_play(&client, exchanges, COUNT_OF(exchanges));
    for (size_t most = 6; most <= 7; most++) {
        struct http_call *call = client_get(&client, "/");
        struct text body;
        CHECK((http_finish(call, most, &client.arena, &body, &client.error)) == (most == 7));
        http_call_close(call);
    }
    CHECK_INT(client.error.code, ERROR_HTTP_SIZE);
    client_close(&client);
}

TEST(http_call, endless_headers) {
    struct client client;
    client_open(&client);
    size_t room = 400 * 1024;
    char *answer = malloc(room);
    CHECK(answer != NULL);
    size_t length = (size_t)snprintf(answer, room, "HTTP/1.1 200 OK\r\n");
    while (length + 1100 < room) {
        length += (size_t)snprintf(answer + length, room - length, "X-A: %01000d\r\n", 0);
    }
    const struct raw_exchange exchanges[] = {{NULL, answer, .length = length, .end = RAW_CLOSE}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    enum error_code code = client_fails(&client, "GET", "/", NULL);
    CHECK(code == ERROR_HTTP_SIZE || code == ERROR_HTTP_LOST);
    client_close(&client);
    free(answer);
}

// Four answers of 8 MB each, read one after the other: those that wait hold little, and all come whole.
TEST(http_call, bodies_wait_to_be_read) {
    struct client client;
    client_open(&client);
    enum { BODY = 8 << 20 };
    char *body = malloc(BODY);
    CHECK(body != NULL);
    for (size_t i = 0; i < BODY; i++) {
        body[i] = (char)('a' + i % 23 + i / 65536 % 3);
    }
    size_t all;
    char *answer = with_body("HTTP/1.1 200 OK\r\n", body, BODY, &all);
    const struct raw_exchange exchanges[] = {{NULL, answer, .length = all, .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_call *calls[4];
    char *read = malloc(BODY + 1);
    CHECK(read != NULL);
    for (int i = 0; i < 4; i++) {
        calls[i] = client_get(&client, "/");
    }
    for (int i = 3; i >= 0; i--) {
        size_t length = 0;
        for (size_t got = 1; got > 0; length += got) {
            CHECK(length <= BODY);
            size_t room = BODY + 1 - length < 10000 ? BODY + 1 - length : 10000;
            CHECK_OK(http_read(calls[i], read + length, room, &got, &client.error), &client.error);
        }
        CHECK_INT(length, BODY);
        CHECK(memcmp(read, body, BODY) == 0);
        http_call_close(calls[i]);
    }
    CHECK_INT(client_ask(&client, "GET", "/", NULL, 200).length, BODY); // and whole at once
    client_close(&client);
    free(read);
    free(body);
    free(answer);
}

TEST(http_call, retry_after_f24) {
    struct client client;
    client_open(&client);
    client.setup.clock = &fixed_clock;
    const struct raw_exchange exchanges[] = {
        RAW_SAY("GET /seconds", "HTTP/1.1 429 Too Many\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /half", "HTTP/1.1 503 No\r\nRetry-After: 1.5\r\nContent-Length: 0\r\n\r\n"),
        // Their clock is a year ahead of ours: what counts is the distance.
        RAW_SAY("GET /date", "HTTP/1.1 503 No\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
                             "Retry-After: Wed, 21 Oct 2015 07:29:30 GMT\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /own",
                "HTTP/1.1 503 No\r\nRetry-After: Fri, 14 Jul 2017 02:41:00 GMT\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /past",
                "HTTP/1.1 503 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /silly", "HTTP/1.1 503 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"),
        RAW_SAY("GET /long", "HTTP/1.1 503 No\r\nRetry-After: 999999999999999999\r\nContent-Length: 0\r\n\r\n"),
    };
    const struct {
        const char *path;
        int64_t after_s;
    } cases[] = {{"/seconds", 120}, {"/half", 2}, {"/date", 90}, {"/own", 60}, {"/past", 0}, {"/long", 366 * 86400}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    struct http_head head;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_call *call = client_get(&client, cases[i].path);
        CHECK_OK(http_head(call, &head, &client.error), &client.error);
        CHECK_INT(head.after_us - fixed_now_us, cases[i].after_s * 1000000);
        CHECK(!http_refuse(call, &client.error));
        CHECK_INT(client.error.code, ERROR_HTTP_BUSY);
        CHECK_INT(client.error.after_us, head.after_us);
        http_call_close(call);
    }
    struct http_call *call = client_get(&client, "/silly");
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    CHECK_INT(head.after_us, 0);
    http_call_close(call);
    client_close(&client);
}
