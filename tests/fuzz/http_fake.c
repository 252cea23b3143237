#include "http_fake.h"

#include <ctype.h>
#include <strings.h>

#include "base/memory.h"
#include "fuzz.h"
#include "http/http_url.h"

enum { ARENA_MAX = 256 << 20 };

struct http {
    struct arena arena;
    struct http_url base;
};

struct http_call {
    struct fake_request *request;
    size_t taken;
};

struct fake fake;

static int64_t fake_now(void *context) {
    (void)context;
    return fake.now_us;
}

static void fake_wait(void *context, int64_t span_us) {
    (void)context;
    fake.now_us += span_us;
}

const struct clock fake_clock = {fake_now, fake_wait, NULL};

void fake_begin(struct text script, enum fake_end end) {
    fake.script = script;
    fake.end = end;
    fake.replies = 0;
    fake.last = (struct fake_reply){.status = 200, .body = {"[]", 2}};
    fake.count = 0;
    fake.open = 0;
    fake.now_us = INT64_C(1700000000000000);
    arena_init(&fake.arena, ARENA_MAX);
}

void fake_end(void) {
    demand(fake.open == 0, "every call is closed");
    arena_clear(&fake.arena);
}

// The next answer of the script.
static struct fake_reply take_reply(void) {
    if (fake.script.length == 0) {
        struct fake_reply reply = fake.last;
        reply.lost = reply.lost || fake.end == FAKE_SILENT;
        if (fake.end == FAKE_EMPTY) {
            reply = (struct fake_reply){.status = 200, .body = {"[]", 2}};
        }
        return reply;
    }
    struct fake_reply reply = {0};
    struct text text = take_until(&fake.script, '\x1e');
    struct text first = take_line(&text);
    for (size_t i = 0; i < first.length; i++) {
        char c = first.data[i];
        reply.status = isdigit((unsigned char)c) && reply.status < 100 ? reply.status * 10 + (c - '0') : reply.status;
        reply.unproven = reply.unproven || c == 'u';
        reply.cut = reply.cut || c == 'c';
        reply.unreached = reply.unreached || c == 'x';
        reply.lost = reply.lost || c == 'l';
    }
    reply.status = reply.status < 200 || reply.status > 599 ? 200 : reply.status;
    reply.headers.data = text.data;
    while (text.length > 0 && take_line(&text).length > 0) {
        reply.headers.length = (size_t)(text.data - reply.headers.data);
    }
    reply.body = text;
    fake.last = reply;
    fake.replies++;
    return reply;
}

bool http_open(const struct http_setup *setup, struct http **out, struct error *error) {
    struct http *http = memory_zero(1, sizeof *http);
    demand(http != NULL, "there is memory");
    arena_init(&http->arena, ARENA_MAX);
    if (!http_url_read(setup->base, &http->arena, &http->base, error)) {
        http_close(http);
        return false;
    }
    *out = http;
    return true;
}

void http_close(struct http *http) {
    if (http != NULL) {
        arena_clear(&http->arena);
        memory_free(http);
    }
}

static struct text keep(struct text text) {
    struct text kept;
    demand(arena_text(&fake.arena, text, &kept), "there is memory");
    return kept;
}

bool http_send(struct http *http, const struct http_request *request, struct http_call **out, struct error *error) {
    struct http_url url;
    if (!http_url_join(&http->base, request->url, &fake.arena, &url, error)) {
        return false;
    }
    if (!http_url_same(&http->base, &url)) {
        return error_set(error, ERROR_HTTP_REQUEST, "another host is not asked");
    }
    demand(fake.count < FAKE_REQUESTS_MAX, "requests come to an end");
    struct fake_request *kept = &fake.requests[fake.count++];
    *kept = (struct fake_request){
        .verb = keep(text_of(request->verb)),
        .url = url.whole,
        .body = keep(request->body),
        .writes = request->writes,
        .keyed = request->header_count > 0,
        .reply = take_reply(),
    };
    *out = memory_zero(1, sizeof **out);
    demand(*out != NULL, "there is memory");
    (*out)->request = kept;
    fake.open++;
    return true;
}

static bool lose(const struct http_call *call, struct error *error) {
    if (call->request->reply.unreached) {
        return error_set(error, ERROR_HTTP_CONNECT, "nobody listens");
    }
    return error_set(error, call->request->writes ? ERROR_HTTP_UNKNOWN : ERROR_HTTP_LOST, "the connection was lost");
}

struct text http_header(const struct http_call *call, const char *name) {
    struct text rest = call->request->reply.headers;
    while (rest.length > 0) {
        struct text line = take_line(&rest);
        struct text key = take_until(&line, ':');
        if (key.length == strlen(name) && strncasecmp(key.data, name, key.length) == 0) {
            return text_trim(line);
        }
    }
    return (struct text){"", 0};
}

struct text http_headers(const struct http_call *call) {
    return call->request->reply.headers;
}

bool http_head(struct http_call *call, struct http_head *out, struct error *error) {
    const struct fake_reply *reply = &call->request->reply;
    call->request->heard = true;
    *out = (struct http_head){0};
    if (reply->unreached || reply->lost) {
        return lose(call, error);
    }
    if (call->request->writes && reply->status >= 300 && reply->status < 400) {
        return error_set(error, ERROR_HTTP_REDIRECT, "a write is not sent on");
    }
    struct text type = http_header(call, "content-type");
    type = text_trim(take_until(&type, ';'));
    char *lower = arena_copy(&fake.arena, type.data != NULL ? type.data : "", type.length);
    demand(lower != NULL, "there is memory");
    for (size_t i = 0; i < type.length; i++) {
        lower[i] = (char)tolower((unsigned char)lower[i]);
    }
    *out = (struct http_head){
        .status = reply->status, .type = {lower, type.length}, .url = call->request->url, .unproven = reply->unproven};
    return true;
}

bool http_read(struct http_call *call, char *into, size_t room, size_t *got, struct error *error) {
    const struct fake_reply *reply = &call->request->reply;
    size_t whole = reply->cut ? reply->body.length / 2 : reply->body.length;
    size_t left = whole - call->taken;
    *got = 0;
    if (reply->unreached || reply->lost || (left == 0 && reply->cut)) {
        return lose(call, error);
    }
    *got = left < room ? left : room;
    if (*got > 0) {
        memcpy(into, reply->body.data + call->taken, *got);
    }
    call->taken += *got;
    return true;
}

bool http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out, struct error *error) {
    const struct fake_reply *reply = &call->request->reply;
    (void)bytes_max;
    if (reply->unreached || reply->lost || reply->cut) {
        return lose(call, error);
    }
    demand(arena_text(arena, reply->body, out), "there is memory");
    return true;
}

void http_call_close(struct http_call *call) {
    if (call != NULL) {
        fake.open--;
        memory_free(call);
    }
}

void http_poll(struct http *http) {
    (void)http;
}

bool http_refuse(struct http_call *call, struct error *error) {
    struct http_head head;
    if (!http_head(call, &head, error)) {
        return false;
    }
    int status = head.status;
    enum error_code code = status == 401 || status == 403   ? ERROR_HTTP_REFUSED
                           : status == 429 || status == 503 ? ERROR_HTTP_BUSY
                           : status >= 500                  ? ERROR_HTTP_SERVER
                                                            : ERROR_HTTP_STATUS;
    return error_set(error, code, "answered with %d", status);
}
