#include "http/http_url.h"

#include <curl/curl.h>
#include <strings.h>

enum { SHOWN_MAX = 120 }; // bytes of a URL in a message

static bool is_scheme(struct text url) {
    size_t i = 0;
    while (i < url.length && ((url.data[i] | 0x20) >= 'a' && (url.data[i] | 0x20) <= 'z')) {
        i++;
    }
    return i > 0 && url.length - i >= 3 && memcmp(url.data + i, "://", 3) == 0;
}

// What no URL may hold: they would end a line of the request, or be cut away before they are checked.
static bool check_bytes(struct text url, struct error *error) {
    if (url.length > HTTP_URL_MAX) {
        return error_set(error, ERROR_HTTP_REQUEST, "a URL of %zu bytes is longer than the limit of %d", url.length,
                         (int)HTTP_URL_MAX);
    }
    for (size_t i = 0; i < url.length; i++) {
        unsigned char byte = (unsigned char)url.data[i];
        if (byte < 0x20 || byte == 0x7f) {
            return error_set(error, ERROR_HTTP_REQUEST, "a URL holds the control character 0x%02x at byte %zu", byte,
                             i);
        }
    }
    return true;
}

// A name for messages: short, and without secrets. Where what can't be read has its password, nobody knows: all before
// the last @ goes. Hidden first: a secret that the cut splits would not be known again.
static bool bad_url(struct text url, CURLUcode code, struct error *error) {
    struct buffer shown;
    buffer_init(&shown, HTTP_URL_MAX + 64);
    const char *at = url.length > 0 ? memrchr(url.data, '@', url.length) : NULL;
    if (at != NULL) {
        size_t scheme = is_scheme(url) ? (size_t)((const char *)memchr(url.data, '/', url.length) - url.data) + 2 : 0;
        buffer_append(&shown, url.data, scheme);
        buffer_string(&shown, "***");
        url = (struct text){at, url.length - (size_t)(at - url.data)};
    }
    http_url_hide(&shown, url, (struct text){0});
    const char *why = code == CURLUE_USER_NOT_ALLOWED     ? "user and password belong into auth"
                      : code == CURLUE_UNSUPPORTED_SCHEME ? "only http and https are spoken"
                                                          : curl_url_strerror(code);
    error_set(error, ERROR_HTTP_REQUEST, "'%.*s' is not a URL to be used: %s",
              shown.length < SHOWN_MAX ? (int)shown.length : SHOWN_MAX, shown.data, why);
    buffer_clear(&shown);
    return false;
}

static CURLUcode part(CURLU *handle, CURLUPart which, unsigned flags, struct arena *arena, struct text *out) {
    char *text = NULL;
    CURLUcode code = curl_url_get(handle, which, &text, flags);
    if (code == CURLUE_OK && !arena_text(arena, text_of(text), out)) {
        code = CURLUE_OUT_OF_MEMORY;
    }
    curl_free(text);
    return code;
}

// Whether the host stays itself when it is put into another URL: one that came in escapes may be another one decoded,
// and "322" is an address once it stands there plainly.
static CURLUcode host_check(struct text host, struct arena *arena) {
    char *text = arena_print(arena, "http://%.*s/", TEXT_ARGS(host));
    CURLU *handle = curl_url();
    struct text again;
    CURLUcode code = text == NULL || handle == NULL ? CURLUE_OUT_OF_MEMORY : CURLUE_OK;
    if (code == CURLUE_OK) {
        code = curl_url_set(handle, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    }
    if (code == CURLUE_OK) {
        code = part(handle, CURLUPART_HOST, 0, arena, &again);
    }
    if (code == CURLUE_OK && !text_same(again, host)) {
        code = CURLUE_BAD_HOSTNAME;
    }
    curl_url_cleanup(handle);
    return code;
}

static CURLUcode take_apart(CURLU *handle, struct arena *arena, struct http_url *out) {
    *out = (struct http_url){0};
    curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    CURLUcode code = part(handle, CURLUPART_SCHEME, 0, arena, &out->scheme);
    if (code == CURLUE_OK && !text_is(out->scheme, "http") && !text_is(out->scheme, "https")) {
        code = CURLUE_UNSUPPORTED_SCHEME;
    }
    if (code == CURLUE_OK) {
        code = part(handle, CURLUPART_HOST, 0, arena, &out->host);
    }
    if (code == CURLUE_OK) {
        code = host_check(out->host, arena);
    }
    if (code == CURLUE_OK) {
        char *host = (char *)(uintptr_t)out->host.data;
        for (size_t i = 0; i < out->host.length; i++) {
            host[i] = (char)(host[i] >= 'A' && host[i] <= 'Z' ? host[i] + 32 : host[i]);
        }
        code = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, arena, &out->port);
    }
    if (code == CURLUE_OK) {
        code = part(handle, CURLUPART_PATH, 0, arena, &out->path);
    }
    if (code == CURLUE_OK) {
        CURLUcode query = part(handle, CURLUPART_QUERY, 0, arena, &out->query);
        out->given_query = query == CURLUE_OK;
        code = query == CURLUE_NO_QUERY ? CURLUE_OK : query;
    }
    return code == CURLUE_OK ? part(handle, CURLUPART_URL, 0, arena, &out->whole) : code;
}

// Reads `url`, from where `from` stands when there is one.
static bool read_url(const char *from, struct text url, struct arena *arena, struct http_url *out,
                     struct error *error) {
    if (!check_bytes(url, error)) {
        return false;
    }
    char *text = arena_copy(arena, url.data, url.length);
    CURLU *handle = curl_url();
    CURLUcode code = text == NULL || handle == NULL ? CURLUE_OUT_OF_MEMORY : CURLUE_OK;
    if (code == CURLUE_OK && from != NULL) {
        code = curl_url_set(handle, CURLUPART_URL, from, CURLU_DISALLOW_USER);
    }
    if (code == CURLUE_OK) {
        code = curl_url_set(handle, CURLUPART_URL, text, CURLU_DISALLOW_USER | CURLU_URLENCODE);
    }
    if (code == CURLUE_OK) {
        code = take_apart(handle, arena, out);
    }
    curl_url_cleanup(handle);
    if (code == CURLUE_OUT_OF_MEMORY) {
        return error_memory(error);
    }
    return code == CURLUE_OK || bad_url(url, code, error);
}

bool http_url_read(struct text url, struct arena *arena, struct http_url *out, struct error *error) {
    if (!is_scheme(url)) {
        return check_bytes(url, error) && bad_url(url, CURLUE_BAD_SCHEME, error);
    }
    return read_url(NULL, url, arena, out, error);
}

bool http_url_follow(const struct http_url *from, struct text link, struct arena *arena, struct http_url *out,
                     struct error *error) {
    return read_url(from->whole.data, text_trim(link), arena, out, error);
}

bool http_link(struct text from, struct text link, struct arena *arena, struct text *out, struct error *error) {
    struct http_url start;
    struct http_url end;
    if (!http_url_read(from, arena, &start, error) || !http_url_follow(&start, link, arena, &end, error)) {
        return false;
    }
    *out = end.whole;
    return true;
}

bool http_url_join(const struct http_url *base, struct text url, struct arena *arena, struct http_url *out,
                   struct error *error) {
    if (is_scheme(url)) {
        return read_url(NULL, url, arena, out, error);
    }
    if (!check_bytes(url, error)) {
        return false;
    }
    // Where the base has a query of its own (an API version, say), it stays, and the path's is put behind it.
    const char *mark = memchr(url.data, '?', url.length);
    struct text path = {url.data, mark != NULL ? (size_t)(mark - url.data) : url.length};
    struct text query = {mark != NULL ? mark + 1 : "", mark != NULL ? url.length - path.length - 1 : 0};
    size_t start = base->path.length;
    if (path.length > 0 && start > 0 && base->path.data[start - 1] == '/') {
        start--;
    }
    const char *slash = path.length > 0 && path.data[0] != '/' ? "/" : "";
    bool both = query.length > 0 && base->query.length > 0;
    char *whole = arena_print(arena, "%s://%s:%s%.*s%s%.*s%s%.*s%s%.*s", base->scheme.data, base->host.data,
                              base->port.data, (int)start, base->path.data, slash, TEXT_ARGS(path),
                              query.length > 0 || base->query.length > 0 ? "?" : "", TEXT_ARGS(base->query),
                              both ? "&" : "", TEXT_ARGS(query));
    return whole != NULL ? read_url(NULL, text_of(whole), arena, out, error) : error_memory(error);
}

bool http_url_same(const struct http_url *a, const struct http_url *b) {
    return text_same(a->scheme, b->scheme) && text_same(a->host, b->host) && text_same(a->port, b->port);
}

bool http_url_listed(const struct http_url *base, const struct http_url *url, struct text allowed) {
    bool safe = text_same(url->scheme, base->scheme) || text_is(url->scheme, "https");
    if (!safe || allowed.length < url->host.length ||
        strncasecmp(allowed.data, url->host.data, url->host.length) != 0) {
        return false;
    }
    struct text rest = {allowed.data + url->host.length, allowed.length - url->host.length};
    if (rest.length == 0) {
        return text_is(url->port, text_is(url->scheme, "https") ? "443" : "80");
    }
    return rest.data[0] == ':' && text_same((struct text){rest.data + 1, rest.length - 1}, url->port);
}

void http_encode(struct buffer *buffer, struct text text) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '-' ||
                     byte == '.' || byte == '_' || byte == '~';
        if (plain) {
            buffer_byte(buffer, (char)byte);
        } else {
            char code[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            buffer_append(buffer, code, sizeof code);
        }
    }
}

// Goes through a query: the next parameter, with its '=' and value.
static bool next_parameter(struct text query, size_t *at, struct text *out) {
    if (*at > query.length || query.length == 0) {
        return false;
    }
    const char *start = query.data + *at;
    size_t left = query.length - *at;
    const char *end = left > 0 ? memchr(start, '&', left) : NULL;
    *out = (struct text){start, end != NULL ? (size_t)(end - start) : left};
    *at += out->length + 1;
    return true;
}

static struct text parameter_name(struct text parameter) {
    const char *equals = parameter.length > 0 ? memchr(parameter.data, '=', parameter.length) : NULL;
    return (struct text){parameter.data, equals != NULL ? (size_t)(equals - parameter.data) : parameter.length};
}

static bool same_any_case(struct text a, const char *b) {
    return a.length == strlen(b) && strncasecmp(a.data, b, a.length) == 0;
}

static bool is_secret(struct text parameter, struct text name) {
    static const char *const known[] = {"access_token", "token",    "api_key",      "apikey",          "api-key",
                                        "key",          "secret",   "password",     "passwd",          "client_secret",
                                        "sig",          "sign",     "signature",    "x-amz-signature", "auth",
                                        "code",         "id_token", "refresh_token"};
    if (name.length > 0 && text_same(parameter, name)) {
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (same_any_case(parameter, known[i])) {
            return true;
        }
    }
    return false;
}

void http_url_hide(struct buffer *buffer, struct text url, struct text name) {
    const char *mark = url.length > 0 ? memchr(url.data, '?', url.length) : NULL;
    struct text front = {url.data, mark != NULL ? (size_t)(mark - url.data) : url.length};
    // A user is refused in every URL that is sent, but a message may be about one that was not.
    if (is_scheme(front)) {
        const char *host = (const char *)memchr(front.data, '/', front.length) + 2;
        const char *path = memchr(host, '/', front.length - (size_t)(host - front.data));
        size_t length = path != NULL ? (size_t)(path - host) : front.length - (size_t)(host - front.data);
        const char *at = memrchr(host, '@', length);
        if (at != NULL) {
            buffer_append(buffer, front.data, (size_t)(host - front.data));
            buffer_string(buffer, "***");
            front = (struct text){at, front.length - (size_t)(at - front.data)};
        }
    }
    buffer_text(buffer, front);
    if (mark == NULL) {
        return;
    }
    struct text query = {mark + 1, url.length - (size_t)(mark + 1 - url.data)};
    buffer_byte(buffer, '?');
    size_t position = 0;
    for (struct text each; next_parameter(query, &position, &each);) {
        struct text key = parameter_name(each);
        buffer_string(buffer, each.data > query.data ? "&" : "");
        if (is_secret(key, name)) {
            buffer_text(buffer, key);
            buffer_string(buffer, "=***");
        } else {
            buffer_text(buffer, each);
        }
    }
}

bool http_query_without(struct buffer *buffer, struct text query, struct text name) {
    bool found = false;
    bool first = true;
    size_t position = 0;
    for (struct text each; next_parameter(query, &position, &each);) {
        if (text_same(parameter_name(each), name)) {
            found = true;
            continue;
        }
        if (!first) {
            buffer_byte(buffer, '&');
        }
        first = false;
        buffer_text(buffer, each);
    }
    return found;
}
