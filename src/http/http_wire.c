#include <string.h>
#include <strings.h>

#include "http/http_internal.h"
#include "http/http_socket.h"

// Idle connections that a server is about to close are no place for a write: its answer would be lost. Many servers
// close after five seconds.
enum { WRITE_IDLE_S = 3 };

bool http_header_check(struct text line, struct error *error) {
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return error_set(error, ERROR_HTTP_REQUEST, "a header holds the control character 0x%02x", byte);
        }
    }
    return true;
}

// ---- what libcurl calls ----

static void read_status(struct http_call *call, struct text line) {
    call->status = 0;
    buffer_reset(&call->head);
    call->framed = line.length > 5 && line.data[5] >= '2'; // HTTP/2 and later frame every body
    const char *space = memchr(line.data, ' ', line.length);
    if (space == NULL || line.length - (size_t)(space - line.data) < 4) {
        return;
    }
    for (int i = 1; i <= 3; i++) {
        call->status = call->status * 10 + (space[i] - '0');
    }
}

static void end_head(struct http_call *call) {
    if (call->status >= 100 && call->status < 200) {
        return; // the real one follows
    }
    call->head_done = true;
    bool bodyless = call->status == 204 || call->status == 304 || strcmp(call->verb, "HEAD") == 0;
    struct text encoding = http_header(call, "transfer-encoding");
    struct text chunked = TEXT_LITERAL("chunked");
    call->framed = call->framed || bodyless || http_header(call, "content-length").length > 0 ||
                   (encoding.length >= chunked.length &&
                    strncasecmp(encoding.data + encoding.length - chunked.length, chunked.data, chunked.length) == 0);
    bool own = !call->inner && !call->foreign;
    if (!call->writes && http_is_redirect(call->status) && http_header(call, "location").length > 0) {
        call->again = AGAIN_REDIRECT;
    } else if (call->status == 401 && own && !call->renewed && http_auth_has_token(&call->http->auth)) {
        call->again = AGAIN_TOKEN;
    } else {
        call->answered = true;
    }
}

static size_t on_header(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    struct text line = text_trim((struct text){data, length});
    call->silent_us = 0;
    if (call->head_done) {
        return length; // a trailer
    }
    if (length > 5 && memcmp(data, "HTTP/", 5) == 0) {
        read_status(call, line);
    } else if (line.length == 0) {
        end_head(call);
    } else {
        if ((data[0] == ' ' || data[0] == '\t') && call->head.length > 0) {
            call->head.data[call->head.length - 1] = ' '; // goes on with the line before
        }
        buffer_text(&call->head, line);
        buffer_byte(&call->head, '\n');
        if (call->head.starved) {
            error_memory(&call->error);
            return 0;
        }
        if (call->head.failed) {
            http_call_blame(call, ERROR_HTTP_SIZE, "its headers are larger than %d bytes", (int)HTTP_HEAD_BYTES_MAX);
            return 0;
        }
    }
    return length;
}

static size_t on_body(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    call->silent_us = 0;
    if (call->again != AGAIN_NO) {
        call->body_bytes += length;
        return call->body_bytes > HTTP_DROP_BYTES_MAX ? 0 : length;
    }
    if (length > call->body_bytes_max - call->body_bytes) {
        http_call_blame(call, ERROR_HTTP_SIZE, "the body is larger than its limit of %llu bytes",
                        (unsigned long long)call->body_bytes_max);
        return 0;
    }
    if (call->held.length + length > HTTP_HOLD_BYTES && call->taken >= HTTP_HOLD_BYTES / 2) {
        buffer_consume(&call->held, call->taken);
        call->taken = 0;
    }
    if (call->held.length + length > HTTP_HOLD_BYTES) {
        call->paused = true;
        return CURL_WRITEFUNC_PAUSE; // libcurl keeps these bytes
    }
    if (!buffer_append(&call->held, data, length)) {
        error_memory(&call->error);
        return 0;
    }
    call->body_bytes += length;
    return length;
}

static int on_progress(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up) {
    struct http_call *call = context;
    (void)down_all;
    (void)down;
    (void)up_all;
    if (up != call->uploaded) {
        call->uploaded = up;
        call->silent_us = 0;
    }
    return 0;
}

// Right before the first byte of the request. libcurl sends again by itself when a connection that was kept turns out
// to be closed; that a write is sent once is worth more.
static int on_request(void *context, char *far, char *near, int far_port, int near_port) {
    struct http_call *call = context;
    (void)far;
    (void)near;
    (void)far_port;
    (void)near_port;
    if (call->touched && call->writes) {
        return CURL_PREREQFUNC_ABORT;
    }
    call->touched = true;
    return CURL_PREREQFUNC_OK;
}

// ---- the handle ----

static struct text line_name(struct text line) {
    const char *colon = line.length > 0 ? memchr(line.data, ':', line.length) : NULL;
    return (struct text){line.data, colon != NULL ? (size_t)(colon - line.data) : line.length};
}

static bool same_name(struct text a, struct text b) {
    return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

// A header of a script. Those that say where a message ends or whom it is for are the client's.
static bool add_header(struct curl_slist **lines, struct text line, struct error *error) {
    static const char *const ours[] = {"host", "content-length", "transfer-encoding", "connection",         "expect",
                                       "te",   "upgrade",        "accept-encoding",   "proxy-authorization"};
    struct text name = line_name(line);
    bool fine = name.length > 0 && name.length < line.length;
    for (size_t i = 0; fine && i < name.length; i++) {
        fine = name.data[i] > ' ' && strchr("()<>@,;:\\\"/[]?={}", name.data[i]) == NULL;
    }
    if (!fine) {
        return error_set(error, ERROR_HTTP_REQUEST, "a header is written as \"Name: value\"");
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (same_name(name, text_of(ours[i]))) {
            return error_set(error, ERROR_HTTP_REQUEST, "the header %s is set by weir itself", ours[i]);
        }
    }
    struct text value = text_trim((struct text){line.data + name.length + 1, line.length - name.length - 1});
    // libcurl takes "Name:" for "leave it out" and "Name;" for an empty one.
    return value.length == 0 ? http_line_add(lines, error, "%.*s;", TEXT_ARGS(name))
                             : http_line_add(lines, error, "%.*s: %.*s", TEXT_ARGS(name), TEXT_ARGS(value));
}

static bool add_headers(struct http_call *call, struct curl_slist **lines, struct error *error) {
    struct http *http = call->http;
    for (size_t i = 0; !call->stripped && i < call->header_count; i++) {
        if (!add_header(lines, call->headers[i], error)) {
            return false;
        }
    }
    for (size_t i = 0; !call->foreign && i < http->header_count; i++) {
        bool again = false;
        for (size_t j = 0; j < call->header_count; j++) {
            again = again || same_name(line_name(http->headers[i]), line_name(call->headers[j]));
        }
        if (!again && !add_header(lines, http->headers[i], error)) {
            return false;
        }
    }
    bool fine = http_line_add(lines, error, "Expect:");
    if (call->type.length > 0) {
        fine = fine && http_line_add(lines, error, "Content-Type: %s", call->type.data);
    } else {
        fine = fine && http_line_add(lines, error, "Content-Type:");
    }
    return fine && (call->accept.length == 0 || http_line_add(lines, error, "Accept: %s", call->accept.data));
}

// A setting that was not taken (there is no memory for it) ends the request: each of these keeps it from harm.
static bool set_safety(CURL *easy, struct http_call *call) {
    struct http *http = call->http;
    bool fine = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_socket_open) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_PREREQDATA, call) == CURLE_OK;
    if (fine && http->ca_file.length > 0) {
        // It is trusted instead of the system's, not beside them.
        fine = curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file.data) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    if (fine && http->auth.certificate.length > 0 && !call->foreign) {
        fine = curl_easy_setopt(easy, CURLOPT_SSLCERT, http->auth.certificate.data) == CURLE_OK;
        if (fine && http->auth.certificate_key.length > 0) {
            fine = curl_easy_setopt(easy, CURLOPT_SSLKEY, http->auth.certificate_key.data) == CURLE_OK;
        }
    }
    return fine;
}

static void set_transport(CURL *easy, struct http_call *call) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)call->http->connect_ms);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)HTTP_RECEIVE_BYTES);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, br");
    if (call->writes) {
        curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)WRITE_IDLE_S);
    }
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, call->body.length > 0 ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, call);
}

// True when all of it was taken: what may fail is memory.
static bool set_request(CURL *easy, struct http_call *call, struct curl_slist *lines, struct text url) {
    bool fine = curl_easy_setopt(easy, CURLOPT_URL, url.data) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_USERAGENT, call->http->user_agent.data) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines) == CURLE_OK;
    bool get = strcmp(call->verb, "GET") == 0;
    bool takes_body = strcmp(call->verb, "POST") == 0 || strcmp(call->verb, "PUT") == 0 ||
                      strcmp(call->verb, "PATCH") == 0 || call->body.length > 0;
    if (takes_body) {
        const char *body = call->body.length > 0 ? call->body.data : "";
        fine = fine && curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK;
    } else if (strcmp(call->verb, "HEAD") == 0) {
        return fine && curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    return fine && ((get && !takes_body) || curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->verb) == CURLE_OK);
}

bool http_wire_start(struct http_call *call, struct error *error) {
    struct http *http = call->http;
    struct curl_slist *lines = NULL;
    struct text url = call->url.whole;
    if (!add_headers(call, &lines, error) ||
        (!call->inner && !call->foreign && !http_auth_apply(call, &lines, &url, error))) {
        curl_slist_free_all(lines);
        return false;
    }
    CURL *easy = http->spare_count > 0 ? http->spare[--http->spare_count] : curl_easy_init();
    call->words[0] = '\0';
    call->refused_why = NULL;
    call->touched = call->admitted = call->paused = false;
    call->body_bytes = 0;
    call->uploaded = 0;
    call->waited_us = call->silent_us = 0;
    call->easy = easy;
    call->lines = lines;
    bool fine = easy != NULL;
    if (fine) {
        set_transport(easy, call);
        fine = set_safety(easy, call) && set_request(easy, call, lines, url) &&
               curl_multi_add_handle(http->multi, easy) == CURLM_OK;
    }
    if (!fine) {
        curl_easy_cleanup(easy);
        curl_slist_free_all(lines);
        call->easy = NULL;
        call->lines = NULL;
        return error_memory(error);
    }
    return true;
}

void http_wire_stop(struct http_call *call) {
    struct http *http = call->http;
    if (call->easy == NULL) {
        return;
    }
    curl_multi_remove_handle(http->multi, call->easy);
    curl_easy_reset(call->easy);
    if (http->spare_count < HTTP_SPARE_MAX) {
        http->spare[http->spare_count++] = call->easy;
    } else {
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->lines);
    call->easy = NULL;
    call->lines = NULL;
    call->paused = false;
    http->running--;
}
