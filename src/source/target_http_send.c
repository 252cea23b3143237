// One request of the target and what its answer means; and several of them together.

#include <stdio.h>
#include <string.h>

#include "format/format_json.h"
#include "source/target_http_internal.h"

enum { URL_MAX = 64 * 1024 };

void sending_init(struct sending *sending, const char *verb, bool writes) {
    *sending = (struct sending){.verb = verb, .writes = writes};
    buffer_init(&sending->url, URL_MAX);
    buffer_init(&sending->body, TARGET_BODY_MAX);
}

void sending_clear(struct sending *sending) {
    http_call_close(sending->call);
    buffer_clear(&sending->url);
    buffer_clear(&sending->body);
    sending->call = NULL;
}

void target_http_start(struct target_http *target, struct sending *sending) {
    struct buffer key;
    buffer_init(&key, 4096);
    bool keyed = sending->operation.length > 0;
    if (keyed) {
        buffer_print(&key, "%.*s: %.*s", TEXT_ARGS(target->idempotency), TEXT_ARGS(sending->operation));
    }
    struct text header = buffer_view(&key);
    struct http_request request = {
        .verb = sending->verb,
        .url = buffer_view(&sending->url),
        .body = sending->body.length > 0 ? buffer_view(&sending->body) : text_of(""),
        .type = sending->body.length > 0 ? text_of("application/json") : text_of(""),
        .accept = text_of("application/json"),
        .headers = &header,
        .header_count = keyed ? 1 : 0,
        .writes = sending->writes,
        .small = true,
    };
    if (sending->url.starved || sending->body.starved || key.starved) {
        sending->failed = true;
        error_memory(&sending->error);
    } else if (sending->url.failed || sending->body.failed || key.failed) {
        sending->failed = true;
        error_set(&sending->error, ERROR_LIMIT, "a request is larger than a URL (%d kB) or a body (%d MB) may be",
                  URL_MAX / 1024, TARGET_BODY_MAX / 1024 / 1024);
    } else if (!http_send(target->session->http, &request, &sending->call, &sending->error)) {
        sending->failed = true;
    }
    buffer_clear(&key);
}

// Without an answer: by what went wrong. `sent` is whether the request may have been on its way.
static enum answer_kind kind_of_error(const struct error *error, bool sent) {
    switch (error->code) {
    case ERROR_HTTP_CONNECT:
    case ERROR_HTTP_BUSY:
        return ANSWER_LATER;
    case ERROR_HTTP_ADDRESS:
    case ERROR_HTTP_TLS:
    case ERROR_HTTP_TOKEN:
    case ERROR_HTTP_REFUSED:
    case ERROR_SECRET:
    case ERROR_OPTION_MISSING:
        return ANSWER_ENDED;
    case ERROR_HTTP_REDIRECT:
        return ANSWER_REFUSED;
    case ERROR_MEMORY:
        return sent ? ANSWER_DOUBT : ANSWER_ENDED;
    default:
        return sent ? ANSWER_DOUBT : ANSWER_REFUSED;
    }
}

// An answer that wasn't wanted, by its status. A server that failed (500, 502, 504) may have done it all the same.
static enum answer_kind kind_of_status(int status) {
    switch (status) {
    case 401:
    case 403:
    case 407:
        return ANSWER_ENDED;
    case 404:
    case 410:
        return ANSWER_MISSING;
    case 408:
    case 425:
    case 429:
    case 503:
        return ANSWER_LATER;
    default:
        return status >= 500 ? ANSWER_DOUBT : ANSWER_REFUSED;
    }
}

// The error's scope and code as receipts have them.
static void fit_error(struct answer *answer) {
    struct error *error = &answer->error;
    switch (answer->kind) {
    case ANSWER_REFUSED:
    case ANSWER_MISSING:
        if (error->code == ERROR_HTTP_STATUS) {
            error->code = ERROR_PUSH_REFUSED;
        }
        error->scope = ERROR_RECORD;
        error->retry = RETRY_NEVER;
        break;
    case ANSWER_LATER:
        error->scope = ERROR_BATCH;
        error->retry = error->retry == RETRY_NEVER ? RETRY_LATER : error->retry;
        break;
    case ANSWER_ENDED:
        error->scope = ERROR_RUN;
        break;
    case ANSWER_DOUBT:
        error->scope = ERROR_BATCH;
        break;
    case ANSWER_GOOD:
        break;
    }
}

// The body of a success: none, JSON, or something that is no answer of an API at all (a login page).
static bool take_body(const struct sending *sending, const struct http_head *head, struct text body,
                      struct arena *arena, struct answer *answer) {
    struct text text = text_trim(body);
    bool json = head->type.length == 0;
    for (size_t i = 0; !json && i + 4 <= head->type.length; i++) {
        json = memcmp(head->type.data + i, "json", 4) == 0;
    }
    bool page = text.length > 0 && text.data[0] == '<';
    if (text.length > 0 && (json || page)) {
        if (page) {
            return error_set(&answer->error, ERROR_HTTP_REFUSED,
                             "the answer with status %d is a web page (%.*s), not the API's; often it wants a login",
                             answer->status, TEXT_ARGS(head->type));
        }
        if (!json_read(text, arena, NULL, &answer->body, &answer->error)) {
            char words[ERROR_MESSAGE_MAX];
            snprintf(words, sizeof words, "%s", answer->error.message);
            return answer->error.code != ERROR_MEMORY &&
                   error_set(&answer->error, ERROR_HTTP_SHAPE, "the answer with status %d is not whole JSON: %.300s",
                             answer->status, words);
        }
        answer->has_body = true;
    }
    if (sending->ok == NULL || sending->ok->path.names == NULL) {
        return true;
    }
    if (!answer->has_body) {
        return error_set(&answer->error, ERROR_HTTP_SHAPE,
                         "the answer with status %d has no body to see its success in", answer->status);
    }
    return true;
}

// A body that ends with the connection may have been cut off: then it was lost on its way.
static void see_broken(const struct sending *sending, struct answer *answer) {
    struct http_head head;
    struct error none;
    if (answer->error.code == ERROR_HTTP_SHAPE && http_head(sending->call, &head, &none) && head.unproven) {
        char words[ERROR_MESSAGE_MAX];
        snprintf(words, sizeof words, "%s", answer->error.message);
        error_set(&answer->error, sending->writes ? ERROR_HTTP_UNKNOWN : ERROR_HTTP_LOST,
                  "the connection was closed before the answer was whole: %.300s", words);
    }
}

static void take_success(struct sending *sending, const struct http_head *head, struct arena *arena,
                         struct answer *answer) {
    struct text body;
    answer->kind = ANSWER_DOUBT;
    if (!http_finish(sending->call, TARGET_ANSWER_MAX, arena, &body, &answer->error)) {
        return;
    }
    if (!take_body(sending, head, body, arena, answer)) {
        see_broken(sending, answer);
        return;
    }
    answer->kind = ANSWER_GOOD;
    if (head->status == 201 && !arena_text(arena, http_header(sending->call, "location"), &answer->location)) {
        answer->location = text_of("");
    }
    if (answer->has_body && sending->ok != NULL && !http_ok_check(sending->ok, &answer->body, &answer->error)) {
        answer->kind = ANSWER_REFUSED;
        answer->error.code = ERROR_PUSH_REFUSED;
    }
}

void target_http_await(struct sending *sending, struct arena *arena, struct answer *answer) {
    struct http_head head;
    *answer = (struct answer){.kind = ANSWER_DOUBT};
    if (sending->failed) {
        answer->error = sending->error;
        answer->kind = kind_of_error(&answer->error, false);
    } else if (!http_head(sending->call, &head, &answer->error)) {
        answer->kind = kind_of_error(&answer->error, true);
    } else {
        answer->status = head.status;
        if (head.status >= 200 && head.status < 300) {
            take_success(sending, &head, arena, answer);
        } else {
            http_refuse(sending->call, &answer->error);
            answer->kind = kind_of_status(head.status);
        }
    }
    if (answer->kind != ANSWER_GOOD) {
        struct text url = buffer_view(&sending->url);
        error_place(&answer->error, "%s %.*s", sending->verb, url.length < 100 ? (int)url.length : 100, url.data);
        fit_error(answer);
    }
}

void convoy_run(struct work *work, const struct convoy *convoy) {
    struct sending ring[TARGET_AT_ONCE_MAX];
    size_t begun = 0, settled = 0;
    while (settled < begun || (begun < convoy->count && !work->paused && !work->ended)) {
        while (begun < convoy->count && begun - settled < convoy->at_once && !work->paused && !work->ended) {
            struct sending *sending = &ring[begun % convoy->at_once];
            sending_init(sending, "GET", false);
            if (!convoy->make(work, convoy->context, begun, sending, &sending->error)) {
                sending->failed = true;
            } else {
                target_http_start(work->target, sending);
            }
            begun++;
        }
        if (settled < begun) {
            struct answer answer;
            struct sending *sending = &ring[settled % convoy->at_once];
            target_http_await(sending, work->arena, &answer);
            convoy->settle(work, convoy->context, settled, &answer);
            sending_clear(sending);
            settled++;
        }
    }
}
