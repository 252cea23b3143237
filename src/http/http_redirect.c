#include "http/http_internal.h"

bool http_is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool http_redirect(struct http_call *call) {
    struct http *http = call->http;
    struct text location = http_header(call, "location");
    struct http_url next;
    struct error error = {0};
    if (call->body.length > 0 && call->status != 307 && call->status != 308) {
        // A browser would ask with GET and without the body: another question.
        http_call_blame(call, ERROR_HTTP_REDIRECT,
                        "answered with %d and sent elsewhere; a request with a body follows 307 and 308 alone",
                        call->status);
        return false;
    }
    if (++call->redirects > HTTP_REDIRECTS_MAX) {
        http_call_blame(call, ERROR_HTTP_REDIRECT, "sent elsewhere more than %d times", (int)HTTP_REDIRECTS_MAX);
        return false;
    }
    if (!http_url_follow(&call->url, location, call->arena, &next, &error) || !http_check_host(http, &next, &error)) {
        http_call_blame(call, error.code == ERROR_HTTP_ADDRESS ? ERROR_HTTP_ADDRESS : ERROR_HTTP_REDIRECT,
                        "answered with %d: %s", call->status, error.message);
        return false;
    }
    if (!http_url_same(&call->url, &next)) {
        call->foreign = call->stripped = true; // for good: what another host says may not bring the secrets back
    }
    log_line(http->log, LOG_DEBUG, "%s://%s%s leads to %s://%s%s", call->url.scheme.data, call->url.host.data,
             call->url.path.data, next.scheme.data, next.host.data, next.path.data);
    call->url = next;
    return true;
}
