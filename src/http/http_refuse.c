#include <cjson/cJSON.h>
#include <string.h>

#include "http/http_internal.h"

enum { BODY_BYTES = 16 * 1024, WORDS_BYTES = 280, PLAIN_BYTES = 160 };

// ---- the server's own words ----

// In one line: without control characters and tags, well-formed, not too long.
static void add_clean(struct buffer *out, struct text text, size_t most, bool tags) {
    bool inside = false;
    bool space = true;
    size_t start = out->length;
    for (size_t i = 0; i < text.length && out->length - start < most;) {
        unsigned char byte = (unsigned char)text.data[i];
        size_t width = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        struct text one = {text.data + i, width};
        if (width > text.length - i || !text_utf8(one, NULL)) {
            i++;
            continue;
        }
        i += width;
        bool blank = byte <= ' ' || byte == 0x7f || (width == 2 && byte == 0xc2 && (unsigned char)one.data[1] < 0xa1);
        if (tags && (byte == '<' || inside)) {
            inside = byte != '>';
            blank = true;
        }
        if (!blank) {
            buffer_append(out, one.data, width);
        } else if (!space) {
            buffer_byte(out, ' ');
        }
        space = blank;
    }
    while (out->length > start && out->data[out->length - 1] == ' ') {
        out->length--;
    }
}

static const char *string_at(const cJSON *object, const char *name) {
    const char *string = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return string != NULL && string[0] != '\0' ? string : NULL;
}

// The forms errors come in: LoopBack's {error: {message}}, OAuth2's {error, error_description}, problem+json's
// {title, detail}, Django's {detail}, Rails' {errors: [..]}, AWS' {message} or {Message}.
static const char *find_words(const cJSON *json) {
    static const char *const names[] = {"error_description", "detail", "message", "Message", "title", "error", "reason",
                                        "description"};
    if (cJSON_IsArray(json)) {
        json = json->child;
    }
    if (cJSON_IsString(json)) {
        return json->valuestring;
    }
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(json, "error");
    if (cJSON_IsObject(error)) {
        return find_words(error);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *found = string_at(json, names[i]);
        if (found != NULL) {
            return found;
        }
    }
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(json, "errors");
    return cJSON_IsArray(errors) && errors->child != NULL ? find_words(errors->child) : NULL;
}

// LoopBack's answer to an array that failed in part says why in a list beside its message.
static const char *find_detail(const cJSON *json) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(json, "error");
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(error != NULL ? error : json, "details");
    return cJSON_IsArray(details) && details->child != NULL ? string_at(details->child, "message") : NULL;
}

void http_words(const struct http *http, struct text type, struct text body, struct buffer *out) {
    struct buffer words;
    struct buffer hidden;
    struct buffer said;
    buffer_init(&words, 4 * WORDS_BYTES);
    buffer_init(&said, 2 * (size_t)BODY_BYTES);
    buffer_init(&hidden, 2 * (size_t)BODY_BYTES);
    cJSON *json = body.length > 0 ? cJSON_ParseWithLength(body.data, body.length) : NULL;
    const char *found = json != NULL ? find_words(json) : NULL;
    // Hidden first: a secret that the cut or the cleaning splits would not be known again.
    const char *detail = found != NULL ? find_detail(json) : NULL;
    buffer_text(&said, found != NULL ? text_of(found) : body);
    if (detail != NULL && strcmp(detail, found) != 0) {
        buffer_print(&said, " (%s)", detail);
    }
    http_hide(http, &hidden, buffer_view(&said));
    bool page = type.length >= 4 && memmem(type.data, type.length, "html", 4) != NULL;
    add_clean(&words, buffer_view(&hidden), found != NULL ? WORDS_BYTES : PLAIN_BYTES, found == NULL && page);
    http_hide(http, out, buffer_view(&words)); // and again: cleaning may have put one together
    cJSON_Delete(json);
    buffer_clear(&said);
    buffer_clear(&hidden);
    buffer_clear(&words);
}

// ---- the error ----

static enum error_code code_of(int status) {
    if (status == 401 || status == 403) {
        return ERROR_HTTP_REFUSED;
    }
    if (status == 429 || status == 503) {
        return ERROR_HTTP_BUSY;
    }
    return status >= 500 ? ERROR_HTTP_SERVER : ERROR_HTTP_STATUS;
}

bool http_refuse(struct http_call *call, struct error *error) {
    struct http_head head;
    if (!http_head(call, &head, error)) {
        return false;
    }
    struct buffer body;
    struct buffer words;
    struct buffer shown;
    buffer_init(&body, BODY_BYTES);
    buffer_init(&words, 4 * WORDS_BYTES);
    // What cannot be read of it does not matter: its status says enough.
    struct error lost = {0};
    size_t got = 1;
    while (got > 0 && body.length < BODY_BYTES && buffer_reserve(&body, BODY_BYTES - body.length) &&
           http_read(call, body.data + body.length, BODY_BYTES - body.length, &got, &lost)) {
        body.length += got;
    }
    http_words(call->http, head.type, buffer_view(&body), &words);
    struct text what = http_call_show(call, &shown);
    error_set(error, code_of(head.status), "%.*s was answered with %d%s%.*s", TEXT_ARGS(what), head.status,
              words.length > 0 ? ": " : "", TEXT_ARGS(buffer_view(&words)));
    if (error != NULL) {
        error->after_us = head.after_us;
    }
    buffer_clear(&body);
    buffer_clear(&words);
    buffer_clear(&shown);
    return false;
}
