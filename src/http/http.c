#include "http/http.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "http/http_internal.h"

enum {
    CONNECT_MS = 15 * 1000,
    TOTAL_MS = 10 * 60 * 1000,
    SILENCE_MS = 60 * 1000,
    REST_MS = 1000, // the longest single wait
    PUMP_BYTES = 256 * 1024,
};

static const uint64_t body_bytes_default = UINT64_C(1) << 30;
static const int64_t gap_us_max = INT64_C(3600) * 1000000;

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static CURLcode library_code;

static void library_open(void) {
    library_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

// ---- opening: the setup's texts are copied ----

static bool copy_list(struct arena *arena, const struct text *list, size_t count, struct text **out) {
    *out = arena_take_zero(arena, count + 1, sizeof **out);
    bool fine = *out != NULL;
    for (size_t i = 0; fine && i < count; i++) {
        fine = arena_text(arena, list[i], &(*out)[i]);
    }
    return fine;
}

static bool copy_auth(struct arena *arena, const struct http_auth *from, struct http_auth *to) {
    *to = *from;
    struct text *const texts[] = {
        &to->user,    &to->password,    &to->name,           &to->token,     &to->prefix,      &to->url,
        &to->body,    &to->client,      &to->secret,         &to->scope,     &to->refresh,     &to->key,
        &to->session, &to->region,      &to->service,        &to->algorithm, &to->private_key, &to->claims,
        &to->key_id,  &to->certificate, &to->certificate_key};
    bool fine = true;
    for (size_t i = 0; fine && i < sizeof texts / sizeof *texts; i++) {
        fine = texts[i]->length == 0 ? (*texts[i] = TEXT_LITERAL(""), true) : arena_text(arena, *texts[i], texts[i]);
    }
    struct text *token_path;
    struct text *ttl_path;
    fine = fine && copy_list(arena, from->token_path, from->token_path_count, &token_path) &&
           copy_list(arena, from->ttl_path, from->ttl_path_count, &ttl_path);
    if (fine) {
        to->token_path = token_path;
        to->ttl_path = ttl_path;
    }
    return fine;
}

static bool copy_setup(struct http *http, const struct http_setup *setup) {
    struct http_range *ranges = arena_take_zero(&http->arena, setup->rules.allowed_count + 1, sizeof *ranges);
    if (ranges == NULL) {
        return false;
    }
    if (setup->rules.allowed_count > 0) {
        memcpy(ranges, setup->rules.allowed, setup->rules.allowed_count * sizeof *ranges);
    }
    http->rules = (struct http_rules){ranges, setup->rules.allowed_count};
    http->host_count = setup->host_count;
    http->header_count = setup->header_count;
    struct text agent = setup->user_agent.length > 0 ? setup->user_agent : TEXT_LITERAL("weir");
    struct text ca_file = setup->ca_file.length > 0 ? setup->ca_file : TEXT_LITERAL("");
    return copy_list(&http->arena, setup->hosts, setup->host_count, &http->hosts) &&
           copy_list(&http->arena, setup->headers, setup->header_count, &http->headers) &&
           arena_text(&http->arena, agent, &http->user_agent) && arena_text(&http->arena, ca_file, &http->ca_file) &&
           copy_auth(&http->arena, &setup->auth, &http->auth);
}

static void copy_limits(struct http *http, const struct http_setup *setup) {
    http->vault = setup->vault;
    http->clock = setup->clock;
    http->log = setup->log != NULL ? setup->log : &log_none;
    http->connect_ms = setup->connect_ms > 0 ? setup->connect_ms : CONNECT_MS;
    http->total_ms = setup->total_ms > 0 ? setup->total_ms : TOTAL_MS;
    http->silence_ms = setup->silence_ms > 0 ? setup->silence_ms : SILENCE_MS;
    http->body_bytes_max = setup->body_bytes_max > 0 ? setup->body_bytes_max : body_bytes_default;
    http->at_once_max = setup->at_once_max > 1 ? (size_t)setup->at_once_max : 1;
    double gap = setup->rate_max > 0 ? 1e6 / setup->rate_max : 0;
    http->gap_us = gap < (double)gap_us_max ? (int64_t)gap : gap_us_max;
}

bool http_open(const struct http_setup *setup, struct http **out, struct error *error) {
    assert(setup->clock != NULL);
    *out = NULL;
    pthread_once(&library_once, library_open);
    struct http *http = library_code == CURLE_OK ? memory_zero(1, sizeof *http) : NULL;
    if (http == NULL) {
        return error_memory(error);
    }
    arena_init(&http->arena, HTTP_CLIENT_BYTES_MAX);
    buffer_init(&http->token.value, HTTP_TOKEN_BYTES_MAX);
    copy_limits(http, setup);
    http->multi = curl_multi_init();
    if (http->multi == NULL || !copy_setup(http, setup)) {
        error_memory(error);
        goto failed;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->at_once_max + 2);
    if (!http_url_read(setup->base, &http->arena, &http->base, error) || !http_auth_check(http, error) ||
        !http_header_check(http->user_agent, error)) {
        goto failed;
    }
    for (size_t i = 0; i < http->header_count; i++) {
        if (!http_header_check(http->headers[i], error)) {
            goto failed;
        }
    }
    *out = http;
    return true;
failed:
    http_close(http);
    return false;
}

void http_close(struct http *http) {
    if (http == NULL) {
        return;
    }
    while (http->first != NULL) {
        http_call_close(http->first);
    }
    for (size_t i = 0; i < http->spare_count; i++) {
        curl_easy_cleanup(http->spare[i]);
    }
    curl_multi_cleanup(http->multi);
    if (http->token.value.data != NULL) {
        explicit_bzero(http->token.value.data, http->token.value.capacity);
    }
    buffer_clear(&http->token.value);
    arena_clear(&http->arena);
    memory_free(http);
}

// ---- sending ----

bool http_check_host(const struct http *http, const struct http_url *url, struct error *error) {
    if (http_url_same(&http->base, url)) {
        return true;
    }
    for (size_t i = 0; i < http->host_count; i++) {
        if (http_url_listed(&http->base, url, http->hosts[i])) {
            return true;
        }
    }
    return error_set(error, ERROR_HTTP_ADDRESS,
                     "%s://%s:%s is not where this datasource is (%s://%s:%s); if it belongs to it, name it in hosts",
                     url->scheme.data, url->host.data, url->port.data, http->base.scheme.data, http->base.host.data,
                     http->base.port.data);
}

static bool check_verb(const char *verb, struct error *error) {
    size_t length = verb != NULL ? strlen(verb) : 0;
    bool fine = length > 0 && length <= 16;
    for (size_t i = 0; fine && i < length; i++) {
        fine = verb[i] >= 'A' && verb[i] <= 'Z';
    }
    return fine || error_set(error, ERROR_HTTP_REQUEST, "a verb is in capital letters, such as GET");
}

static bool copy_request(struct http_call *call, const struct http_request *request, struct error *error) {
    struct http *http = call->http;
    if (!check_verb(request->verb, error) ||
        !http_url_join(&http->base, request->url, call->arena, &call->url, error) ||
        !http_check_host(http, &call->url, error)) {
        return false;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (!http_header_check(request->headers[i], error)) {
            return false;
        }
    }
    if (!http_header_check(request->type, error) || !http_header_check(request->accept, error)) {
        return false;
    }
    call->verb = arena_copy(call->arena, request->verb, strlen(request->verb));
    call->body = request->body;
    call->writes = request->writes;
    call->small = request->small;
    call->header_count = request->header_count;
    call->foreign = !http_url_same(&http->base, &call->url);
    bool fine = call->verb != NULL && arena_text(call->arena, request->type, &call->type) &&
                arena_text(call->arena, request->accept, &call->accept) &&
                copy_list(call->arena, request->headers, request->header_count, &call->headers);
    return fine || error_memory(error);
}

bool http_send_as(struct http *http, const struct http_request *request, bool inner, struct http_call **out,
                  struct error *error) {
    *out = NULL;
    struct http_call *call = memory_zero(1, sizeof *call);
    struct arena *arena = memory_take(sizeof *arena);
    if (call == NULL || arena == NULL) {
        memory_free(call);
        memory_free(arena);
        return error_memory(error);
    }
    arena_init(arena, HTTP_REQUEST_BYTES_MAX);
    call->http = http;
    call->arena = arena;
    call->inner = inner;
    call->body_bytes_max = inner ? HTTP_TOKEN_BYTES_MAX : http->body_bytes_max;
    buffer_init(&call->head, HTTP_HEAD_BYTES_MAX);
    buffer_init(&call->held, HTTP_HOLD_BYTES);
    if (http->last != NULL) {
        http->last->next = call;
    } else {
        http->first = call;
    }
    http->last = call;
    call->step = STEP_FAILED; // until it is whole
    if (!copy_request(call, request, error)) {
        http_call_close(call);
        return false;
    }
    call->step = STEP_QUEUED;
    http_pump(http, NULL);
    *out = call;
    return true;
}

bool http_send(struct http *http, const struct http_request *request, struct http_call **out, struct error *error) {
    return http_send_as(http, request, false, out, error);
}

// ---- the budget ----

// Everything that runs waits to be read: its caller waits for another one first, and would wait for ever.
static bool all_paused(const struct http *http) {
    for (const struct http_call *call = http->first; call != NULL; call = call->next) {
        if (call->step == STEP_RUNNING && !call->paused) {
            return false;
        }
    }
    return true;
}

// How long the next request has to wait for the rate; 0: it may go.
static int64_t rate_left_us(struct http *http) {
    if (http->gap_us == 0) {
        return 0;
    }
    int64_t now = clock_now(http->clock);
    if (http->next_us > now + http->gap_us) {
        http->next_us = now + http->gap_us; // the clock was put back
    }
    return http->next_us > now ? http->next_us - now : 0;
}

static bool may_start(struct http *http, const struct http_call *call, const struct http_call *wanted) {
    if (call->inner) {
        return true; // whatever waits for the token already has its place
    }
    if (http->token.busy || rate_left_us(http) > 0) {
        return false;
    }
    return http->running < http->at_once_max || (call == wanted && all_paused(http));
}

static void start(struct http *http, struct http_call *call) {
    bool needs_token = !call->inner && !call->foreign && http_auth_has_token(&http->auth);
    if ((needs_token && !http_token_ready(http, &call->error)) || !http_wire_start(call, &call->error)) {
        call->step = STEP_FAILED;
        return;
    }
    call->step = STEP_RUNNING;
    http->running++;
    if (http->gap_us > 0 && !call->inner) {
        int64_t now = clock_now(http->clock);
        http->next_us = (http->next_us > now ? http->next_us : now) + http->gap_us;
    }
}

static void start_queued(struct http *http, struct http_call *wanted) {
    for (struct http_call *call = http->first; call != NULL; call = call->next) {
        if (call->step == STEP_QUEUED && may_start(http, call, wanted)) {
            start(http, call);
        }
    }
}

// ---- progress ----

// The transfer has ended, well or not.
static void settle(struct http_call *call, CURLcode code) {
    enum http_again again = call->again;
    http_wire_stop(call);
    if (call->error.code != ERROR_NONE) {
        call->step = STEP_FAILED;
    } else if (again != AGAIN_NO) {
        // Its head was whole: how its body ended does not matter.
        if (again == AGAIN_TOKEN) {
            call->renewed = true;
            http_token_drop(call->http, call->token_number);
        }
        call->step = again == AGAIN_TOKEN || http_redirect(call) ? STEP_QUEUED : STEP_FAILED;
        call->again = AGAIN_NO;
        call->head_done = false;
        call->status = 0;
        buffer_reset(&call->head);
    } else if (code != CURLE_OK) {
        http_call_lost(call, code);
    } else {
        call->step = STEP_DONE;
    }
}

static void check_times(struct http *http) {
    for (struct http_call *call = http->first; call != NULL; call = call->next) {
        if (call->step != STEP_RUNNING || call->paused) {
            continue;
        }
        enum error_code code = call->touched ? ERROR_HTTP_LOST : ERROR_HTTP_CONNECT;
        if (call->silent_us >= http->silence_ms * 1000) {
            http_call_fail(call, code, "nothing came for %lld ms", (long long)http->silence_ms);
        } else if (call->waited_us >= http->total_ms * 1000) {
            http_call_fail(call, code, "it took longer than the limit of %lld ms", (long long)http->total_ms);
        }
    }
}

void http_pump(struct http *http, struct http_call *wanted) {
    start_queued(http, wanted);
    http->unpumped = 0;
    if (http->running == 0) {
        return;
    }
    int running = 0;
    CURLMcode code = curl_multi_perform(http->multi, &running);
    if (code != CURLM_OK) {
        for (struct http_call *call = http->first; call != NULL; call = call->next) {
            if (call->step == STEP_RUNNING) {
                http_call_fail(call, call->touched ? ERROR_HTTP_LOST : ERROR_HTTP_CONNECT, "%s",
                               curl_multi_strerror(code));
            }
        }
        return;
    }
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left)) != NULL;) {
        struct http_call *call = NULL;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call) == CURLE_OK) {
            settle(call, message->data.result);
        }
    }
    check_times(http);
    start_queued(http, wanted); // what ended has made room
}

// The next moment at which a limit may be passed, or a request may go.
static int64_t rest_us(struct http *http) {
    int64_t rest = REST_MS * INT64_C(1000);
    bool queued = false;
    for (const struct http_call *call = http->first; call != NULL; call = call->next) {
        queued = queued || call->step == STEP_QUEUED;
        if (call->step == STEP_RUNNING && !call->paused) {
            int64_t silent = http->silence_ms * 1000 - call->silent_us;
            int64_t total = http->total_ms * 1000 - call->waited_us;
            rest = silent < rest ? silent : rest;
            rest = total < rest ? total : rest;
        }
    }
    int64_t rate = queued && !http->token.busy ? rate_left_us(http) : 0;
    rest = rate > 0 && rate < rest ? rate : rest;
    return rest > 1000 ? rest : 1000;
}

void http_wait(struct http *http, struct http_call *wanted) {
    int64_t rest = rest_us(http);
    int64_t before = clock_now(http->clock);
    if (http->running == 0) {
        int64_t rate = rate_left_us(http);
        if (rate > 0) {
            clock_wait(http->clock, rate);
        }
    } else {
        curl_multi_poll(http->multi, NULL, 0, (int)((rest + 999) / 1000), NULL);
        // Only time spent here counts: a caller that is busy with other things takes none of the server's.
        int64_t spent = clock_now(http->clock) - before;
        spent = spent < 0 ? 0 : spent > rest + 1000000 ? rest : spent;
        for (struct http_call *call = http->first; call != NULL; call = call->next) {
            if (call->step == STEP_RUNNING && !call->paused) {
                call->waited_us += spent;
                call->silent_us += spent;
            }
        }
    }
    http_pump(http, wanted);
}

void http_poll(struct http *http) {
    http_pump(http, NULL);
}
