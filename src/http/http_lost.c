#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "http/http_internal.h"

enum { SHOWN_URL_MAX = 200, WORDS_MAX = ERROR_MESSAGE_MAX };

// Secrets shorter than this are not looked for: they would hide ordinary words.
enum { SECRET_BYTES_MIN = 6 };

static size_t secrets_of(const struct http *http, struct text out[8]) {
    const struct http_auth *auth = &http->auth;
    struct text all[] = {auth->password,    auth->token,   auth->secret,
                         auth->private_key, auth->session, buffer_view(&http->token.value)};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].length >= SECRET_BYTES_MIN) {
            out[count++] = all[i];
        }
    }
    return count;
}

void http_hide(const struct http *http, struct buffer *out, struct text text) {
    struct text secrets[8];
    size_t count = secrets_of(http, secrets);
    for (size_t i = 0; i < text.length;) {
        size_t cut = 0;
        for (size_t j = 0; j < count; j++) {
            if (secrets[j].length <= text.length - i && secrets[j].length > cut &&
                memcmp(text.data + i, secrets[j].data, secrets[j].length) == 0) {
                cut = secrets[j].length;
            }
        }
        if (cut > 0) {
            buffer_string(out, "***");
            i += cut;
        } else {
            buffer_byte(out, text.data[i++]);
        }
    }
}

struct text http_call_show(struct http_call *call, struct buffer *room) {
    buffer_init(room, HTTP_URL_MAX + 64);
    if (call->verb != NULL) {
        buffer_string(room, call->verb);
        buffer_byte(room, ' ');
    }
    http_url_hide(room, call->url.whole, call->http->auth.name);
    if (room->length > SHOWN_URL_MAX) {
        room->length = SHOWN_URL_MAX - 3;
        buffer_string(room, "...");
    }
    return buffer_view(room);
}

// What a failure means depends on what may have happened: a write of which the server may have seen something is
// neither done nor undone.
static enum error_code meaning(const struct http_call *call, enum error_code code) {
    return call->writes && !call->inner && call->touched ? ERROR_HTTP_UNKNOWN : code;
}

static void blame(struct http_call *call, enum error_code code, const char *words) {
    if (call->error.code != ERROR_NONE) {
        return; // the first one is the cause
    }
    struct buffer shown;
    struct buffer clean;
    buffer_init(&clean, WORDS_MAX);
    http_hide(call->http, &clean, text_of(words));
    struct text what = http_call_show(call, &shown);
    enum error_code meant = meaning(call, code);
    const char *more = "";
    if (meant == ERROR_HTTP_UNKNOWN) {
        more = "; the server may have acted on it";
    }
    error_set(&call->error, meant, "%.*s: %.*s%s", TEXT_ARGS(what), TEXT_ARGS(buffer_view(&clean)), more);
    buffer_clear(&shown);
    buffer_clear(&clean);
}

void http_call_blame(struct http_call *call, enum error_code code, const char *format, ...) {
    char words[WORDS_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    blame(call, code, words);
}

void http_call_fail(struct http_call *call, enum error_code code, const char *format, ...) {
    char words[WORDS_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    blame(call, code, words);
    http_wire_stop(call);
    call->step = STEP_FAILED;
}

static bool is_distrust(const struct http_call *call, CURLcode code) {
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return true;
    case CURLE_SSL_CONNECT_ERROR: // a handshake that fails is for ever, one that is cut off is not
        return strstr(call->words, "SYSCALL") == NULL && strstr(call->words, "reset") == NULL &&
               strstr(call->words, "eof") == NULL;
    default:
        return false;
    }
}

void http_call_lost(struct http_call *call, CURLcode code) {
    const char *words = call->words[0] != '\0' ? call->words : curl_easy_strerror(code);
    if (code == CURLE_OUT_OF_MEMORY && !(call->writes && call->touched)) {
        error_memory(&call->error);
        call->step = STEP_FAILED;
    } else if (!call->touched && call->refused_why != NULL && !call->admitted) {
        http_call_fail(call, ERROR_HTTP_ADDRESS,
                       "%s is at %s: %s; if that is meant, put the line allow_private = %s into DATA/settings",
                       call->url.host.data, call->refused, call->refused_why, call->refused);
    } else if (is_distrust(call, code)) {
        http_call_fail(call, ERROR_HTTP_TLS, "%s", words);
    } else if (!call->touched) {
        http_call_fail(call, ERROR_HTTP_CONNECT, "%s", words);
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
        http_call_fail(call, ERROR_HTTP_LOST, "the connection was closed before an answer came");
    } else if (code == CURLE_BAD_CONTENT_ENCODING || code == CURLE_UNSUPPORTED_PROTOCOL) {
        http_call_fail(call, ERROR_HTTP_SHAPE, "%s", words);
    } else {
        http_call_fail(call, ERROR_HTTP_LOST, "%s", words);
    }
}
