#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "http/http_internal.h"

// The next line of the head, without its end. Each is "Name: value".
static bool next_line(struct text head, size_t *at, struct text *out) {
    if (*at >= head.length) {
        return false;
    }
    const char *start = head.data + *at;
    const char *end = memchr(start, '\n', head.length - *at);
    out->data = start;
    out->length = end != NULL ? (size_t)(end - start) : head.length - *at;
    *at += out->length + 1;
    return true;
}

struct text http_header(const struct http_call *call, const char *name) {
    struct text found = {0};
    size_t length = strlen(name);
    size_t at = 0;
    for (struct text line; next_line(buffer_view(&call->head), &at, &line);) {
        if (line.length <= length || line.data[length] != ':' || strncasecmp(line.data, name, length) != 0) {
            continue;
        }
        struct text value = text_trim((struct text){line.data + length + 1, line.length - length - 1});
        if (found.length == 0) {
            found = value;
        } else if (value.length > 0) {
            char *both = arena_print(call->arena, "%.*s, %.*s", TEXT_ARGS(found), TEXT_ARGS(value));
            found = both != NULL ? text_of(both) : found;
        }
    }
    return found;
}

struct text http_headers(const struct http_call *call) {
    return buffer_view(&call->head);
}

static bool fill_head(struct http_call *call, struct http_head *out, struct error *error) {
    struct text type = http_header(call, "content-type");
    const char *semicolon = type.length > 0 ? memchr(type.data, ';', type.length) : NULL;
    if (semicolon != NULL) {
        type = text_trim((struct text){type.data, (size_t)(semicolon - type.data)});
    }
    char *lower = arena_copy(call->arena, type.length > 0 ? type.data : "", type.length);
    struct buffer url;
    buffer_init(&url, HTTP_URL_MAX + 64);
    http_url_hide(&url, call->url.whole, call->http->auth.name);
    bool fine = lower != NULL && !url.failed && arena_text(call->arena, buffer_view(&url), &out->url);
    buffer_clear(&url);
    if (!fine) {
        return error_memory(error);
    }
    for (size_t i = 0; i < type.length; i++) {
        lower[i] = (char)(lower[i] >= 'A' && lower[i] <= 'Z' ? lower[i] + 32 : lower[i]);
    }
    out->type = (struct text){lower, type.length};
    out->status = call->status;
    out->unproven = !call->framed;
    out->after_us =
        http_after(http_header(call, "retry-after"), http_header(call, "date"), clock_now(call->http->clock));
    return true;
}

// A write is never sent on: whether the other address would take it, and as what, nobody knows.
static bool refuse_redirect(struct http_call *call, struct error *error) {
    struct buffer shown;
    struct buffer where;
    buffer_init(&where, HTTP_HEAD_BYTES_MAX + 64);
    http_url_hide(&where, http_header(call, "location"), call->http->auth.name);
    where.length = where.length < 200 ? where.length : 200; // hidden first: a secret that is cut would not be known
    struct text what = http_call_show(call, &shown);
    error_set(error, ERROR_HTTP_REDIRECT, "%.*s was answered with %d and sent to '%.*s'; a write is not sent on",
              TEXT_ARGS(what), call->status, TEXT_ARGS(buffer_view(&where)));
    buffer_clear(&shown);
    buffer_clear(&where);
    return false;
}

bool http_head(struct http_call *call, struct http_head *out, struct error *error) {
    *out = (struct http_head){0};
    http_pump(call->http, call);
    while (!call->answered && !http_ended(call)) {
        http_wait(call->http, call);
    }
    if (!call->answered) {
        *error = call->error;
        return false;
    }
    if (call->writes && call->status >= 300 && call->status < 400) {
        return refuse_redirect(call, error);
    }
    return fill_head(call, out, error);
}

// Lets a connection that waited go on, once there is room again. libcurl hands over what it kept from within.
static void go_on(struct http_call *call) {
    if (!call->paused || http_unread(call) > HTTP_HOLD_BYTES / 2) {
        return;
    }
    call->paused = false;
    CURLcode code = curl_easy_pause(call->easy, CURLPAUSE_CONT);
    if (call->error.code != ERROR_NONE) {
        http_wire_stop(call);
        call->step = STEP_FAILED;
    } else if (code != CURLE_OK) {
        http_call_lost(call, code);
    }
}

static void took(struct http_call *call, size_t count) {
    call->taken += count;
    if (call->taken == call->held.length) {
        buffer_reset(&call->held);
        call->taken = 0;
    }
    go_on(call);
    call->http->unpumped += count;
    if (call->http->unpumped > HTTP_HOLD_BYTES / 4) {
        http_pump(call->http, call); // the other calls go on while this one is read
    }
}

bool http_read(struct http_call *call, char *into, size_t room, size_t *got, struct error *error) {
    assert(room > 0);
    *got = 0;
    while (http_unread(call) == 0 && !http_ended(call)) {
        http_pump(call->http, call);
        if (http_unread(call) == 0 && !http_ended(call)) {
            http_wait(call->http, call);
        }
    }
    size_t unread = http_unread(call);
    if (unread > 0) {
        *got = unread < room ? unread : room;
        memcpy(into, call->held.data + call->taken, *got);
        took(call, *got);
        return true;
    }
    if (call->step == STEP_FAILED) {
        *error = call->error;
        return false;
    }
    return true;
}

bool http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out, struct error *error) {
    *out = TEXT_LITERAL("");
    bool fine = false;
    struct buffer whole; // only used by a body that is larger than what a call holds
    buffer_init(&whole, SIZE_MAX);
    if (call->body_bytes_max > bytes_max) {
        call->body_bytes_max = bytes_max > call->body_bytes ? bytes_max : call->body_bytes;
    }
    http_pump(call->http, call);
    while (!http_ended(call)) {
        if (call->paused && http_unread(call) > 0) {
            buffer_append(&whole, call->held.data + call->taken, http_unread(call));
            if (whole.failed) {
                error_memory(error);
                goto done;
            }
            took(call, http_unread(call));
        } else {
            http_wait(call->http, call);
        }
    }
    if (call->step == STEP_FAILED) {
        *error = call->error;
        goto done;
    }
    if (whole.length + http_unread(call) > bytes_max) {
        http_call_blame(call, ERROR_HTTP_SIZE, "the body is larger than its limit of %zu bytes", bytes_max);
        *error = call->error;
        goto done;
    }
    struct text rest = {http_unread(call) > 0 ? call->held.data + call->taken : "", http_unread(call)};
    if (whole.length > 0) {
        buffer_text(&whole, rest);
        rest = buffer_view(&whole);
    }
    fine = !whole.failed && arena_text(arena, rest, out);
    if (!fine) {
        error_memory(error);
    } else {
        buffer_reset(&call->held);
        call->taken = 0;
    }
done:
    buffer_clear(&whole);
    return fine;
}

void http_call_close(struct http_call *call) {
    if (call == NULL) {
        return;
    }
    struct http *http = call->http;
    if (call->step == STEP_RUNNING && call->answered && !call->paused) {
        http_pump(http, NULL); // its last bytes are often here: then the connection can be used again
    }
    http_wire_stop(call);
    struct http_call *before = NULL;
    for (struct http_call *each = http->first; each != call; each = each->next) {
        before = each;
    }
    if (before != NULL) {
        before->next = call->next;
    } else {
        http->first = call->next;
    }
    if (http->last == call) {
        http->last = before;
    }
    buffer_clear(&call->head);
    buffer_clear(&call->held);
    arena_clear(call->arena);
    memory_free(call->arena);
    memory_free(call);
}
