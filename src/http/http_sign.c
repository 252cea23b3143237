#include "http/http_sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/civil.h"
#include "base/memory.h"
#include "http/http_hash.h"
#include "http/http_internal.h"

enum { CANONICAL_MAX = 1024 * 1024, SIGNED_HEADERS_MAX = 64 };

bool http_sign_hash(struct text bytes, char out[HTTP_SIGN_HEX]) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes.length > 0 ? bytes.data : "", bytes.length, hash, NULL, EVP_sha256(), NULL) != 1) {
        return false;
    }
    http_hash_hex(hash, out);
    return true;
}

static bool mac(const void *key, size_t length, struct text text, unsigned char out[HTTP_HASH_BYTES]) {
    unsigned size = 0;
    return HMAC(EVP_sha256(), key, (int)length, (const unsigned char *)text.data, text.length, out, &size) != NULL &&
           size == HTTP_HASH_BYTES;
}

// ---- the canonical request ----

// Without "." and "..", and with one slash where there are many.
static void add_path(struct buffer *out, struct text path) {
    size_t start = out->length;
    buffer_byte(out, '/');
    for (size_t at = 0; at < path.length;) {
        const char *from = path.data + at;
        const char *slash = memchr(from, '/', path.length - at);
        struct text segment = {from, slash != NULL ? (size_t)(slash - from) : path.length - at};
        at += segment.length + 1;
        if (segment.length == 0 || text_is(segment, ".")) {
            continue;
        }
        if (text_is(segment, "..")) {
            size_t end = out->length > start + 1 ? out->length - 1 : out->length; // before the slash behind a segment
            while (end > start + 1 && out->data[end - 1] != '/') {
                end--;
            }
            out->length = end > start ? end : out->length;
            continue;
        }
        http_encode(out, segment);
        if (slash != NULL) {
            buffer_byte(out, '/');
        }
    }
}

static int digit_of(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

// What was encoded in some way, encoded in the one way that is signed. A plus is a plus.
static void add_again(struct buffer *out, struct text text, bool slashes) {
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte == '%' && i + 2 < text.length && digit_of(text.data[i + 1]) >= 0 && digit_of(text.data[i + 2]) >= 0) {
            byte = (char)(digit_of(text.data[i + 1]) * 16 + digit_of(text.data[i + 2]));
            i += 2;
        } else if (byte == '/' && slashes) {
            buffer_byte(out, '/');
            continue;
        }
        http_encode(out, (struct text){&byte, 1});
    }
}

struct pair {
    struct text name;
    struct text value;
};

static int by_pair(const void *a, const void *b) {
    const struct pair *left = a;
    const struct pair *right = b;
    int order = text_compare(left->name, right->name);
    return order != 0 ? order : text_compare(left->value, right->value);
}

static bool add_query(struct buffer *out, struct text query) {
    size_t count = query.length > 0 ? 1 : 0;
    for (size_t i = 0; i < query.length; i++) {
        count += query.data[i] == '&' ? 1 : 0;
    }
    struct pair *pairs = memory_zero(count + 1, sizeof *pairs);
    struct buffer texts;
    buffer_init(&texts, CANONICAL_MAX);
    // Encoding makes at most three bytes of one: so much is reserved at once, because the pairs point into it.
    bool fine = pairs != NULL && buffer_reserve(&texts, query.length * 3 + 1);
    size_t kept = 0;
    for (size_t at = 0; fine && at < query.length;) {
        const char *from = query.data + at;
        const char *end = memchr(from, '&', query.length - at);
        size_t length = end != NULL ? (size_t)(end - from) : query.length - at;
        at += length + 1;
        if (length == 0) {
            continue;
        }
        const char *equals = memchr(from, '=', length);
        size_t name = equals != NULL ? (size_t)(equals - from) : length;
        size_t start = texts.length;
        add_again(&texts, (struct text){from, name}, false);
        pairs[kept].name = (struct text){texts.data + start, texts.length - start};
        start = texts.length;
        if (equals != NULL) {
            add_again(&texts, (struct text){equals + 1, length - name - 1}, false);
        }
        pairs[kept++].value = (struct text){texts.data + start, texts.length - start};
    }
    if (fine && kept > 0) {
        qsort(pairs, kept, sizeof *pairs, by_pair);
    }
    for (size_t i = 0; fine && i < kept; i++) {
        buffer_string(out, i > 0 ? "&" : "");
        buffer_text(out, pairs[i].name);
        buffer_byte(out, '=');
        buffer_text(out, pairs[i].value);
    }
    buffer_clear(&texts);
    memory_free(pairs);
    return fine;
}

static struct text name_of(struct text header) {
    const char *colon = memchr(header.data, ':', header.length);
    return (struct text){header.data, colon != NULL ? (size_t)(colon - header.data) : header.length};
}

static int by_name(const struct text *left, const struct text *right) {
    struct text a = name_of(*left);
    struct text b = name_of(*right);
    int order = strncasecmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order != 0 ? order : a.length < b.length ? -1 : a.length > b.length ? 1 : 0;
}

static void add_value(struct buffer *out, struct text header) {
    size_t skip = name_of(header).length + 1;
    skip = skip < header.length ? skip : header.length;
    struct text value = text_trim((struct text){header.data + skip, header.length - skip});
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] != ' ' || value.data[i - 1] != ' ') {
            buffer_byte(out, value.data[i]);
        }
    }
}

static void add_headers(struct buffer *out, struct buffer *names, struct text *headers, size_t count) {
    // By hand, because equal names keep their order.
    for (size_t i = 1; i < count; i++) {
        struct text moved = headers[i];
        size_t to = i;
        for (; to > 0 && by_name(&headers[to - 1], &moved) > 0; to--) {
            headers[to] = headers[to - 1];
        }
        headers[to] = moved;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_name(&headers[i - 1], &headers[i]) == 0) {
            out->length -= out->length > 0 ? 1 : 0; // the line's end
            buffer_byte(out, ',');
        } else {
            struct text name = name_of(headers[i]);
            buffer_string(names, i > 0 ? ";" : "");
            for (size_t j = 0; j < name.length; j++) {
                char byte = (char)(name.data[j] >= 'A' && name.data[j] <= 'Z' ? name.data[j] + 32 : name.data[j]);
                buffer_byte(out, byte);
                buffer_byte(names, byte);
            }
            buffer_byte(out, ':');
        }
        add_value(out, headers[i]);
        buffer_byte(out, '\n');
    }
}

bool http_sign_canonical(struct buffer *out, struct buffer *names, struct text verb, struct text path,
                         struct text query, struct text *headers, size_t count, struct text body_hash, bool s3) {
    buffer_text(out, verb);
    buffer_byte(out, '\n');
    if (s3) {
        add_again(out, path, true);
    } else {
        add_path(out, path);
    }
    buffer_byte(out, '\n');
    bool fine = add_query(out, query);
    buffer_byte(out, '\n');
    add_headers(out, names, headers, count);
    buffer_byte(out, '\n');
    buffer_text(out, buffer_view(names));
    buffer_byte(out, '\n');
    buffer_text(out, body_hash);
    return fine && !out->failed && !names->failed;
}

// ---- the signature ----

bool http_sign_seal(const struct http_sign_key *key, struct text canonical, const char stamp[HTTP_SIGN_STAMP],
                    struct buffer *signed_text, char signature[HTTP_SIGN_HEX]) {
    char hash[HTTP_SIGN_HEX];
    struct text day = {stamp, 8};
    if (!http_sign_hash(canonical, hash)) {
        return false;
    }
    buffer_print(signed_text, "AWS4-HMAC-SHA256\n%s\n%.*s/%.*s/%.*s/aws4_request\n%s", stamp, TEXT_ARGS(day),
                 TEXT_ARGS(key->region), TEXT_ARGS(key->service), hash);
    struct buffer first;
    buffer_init(&first, CANONICAL_MAX);
    buffer_string(&first, "AWS4");
    buffer_text(&first, key->secret);
    unsigned char chain[HTTP_HASH_BYTES];
    bool fine = !signed_text->failed && !first.failed && mac(first.data, first.length, day, chain) &&
                mac(chain, sizeof chain, key->region, chain) && mac(chain, sizeof chain, key->service, chain) &&
                mac(chain, sizeof chain, TEXT_LITERAL("aws4_request"), chain) &&
                mac(chain, sizeof chain, buffer_view(signed_text), chain);
    http_hash_hex(chain, signature);
    if (first.data != NULL) {
        explicit_bzero(first.data, first.capacity);
    }
    buffer_clear(&first);
    return fine;
}

// "20150830T123600Z"
static void make_stamp(int64_t now_us, char stamp[HTTP_SIGN_STAMP]) {
    char iso[CIVIL_ISO_MAX];
    civil_iso(now_us - now_us % 1000000, iso);
    size_t length = 0;
    for (const char *at = iso; *at != '\0' && length < HTTP_SIGN_STAMP - 1; at++) {
        if (*at != '-' && *at != ':') {
            stamp[length++] = *at;
        }
    }
    stamp[length] = '\0';
}

static bool add_lines(const struct http_sign_key *key, const struct http_sign_request *request, const char *stamp,
                      const char *body_hash, struct curl_slist **lines, struct error *error) {
    return http_line_add(lines, error, "X-Amz-Date: %s", stamp) &&
           http_line_add(lines, error, "X-Amz-Content-Sha256: %s", body_hash) &&
           (key->session.length == 0 ||
            http_line_add(lines, error, "X-Amz-Security-Token: %.*s", TEXT_ARGS(key->session))) &&
           request->verb.length > 0;
}

bool http_sign(const struct http_sign_key *key, const struct http_sign_request *request, struct curl_slist **lines,
               struct error *error) {
    char stamp[HTTP_SIGN_STAMP];
    char body_hash[HTTP_SIGN_HEX];
    char signature[HTTP_SIGN_HEX];
    make_stamp(request->now_us, stamp);
    if (!http_sign_hash(request->body, body_hash)) {
        return error_memory(error);
    }
    if (!add_lines(key, request, stamp, body_hash, lines, error)) {
        return false;
    }
    struct buffer host, type, canonical, names, signed_text;
    struct buffer *const all[] = {&host, &type, &canonical, &names, &signed_text};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buffer_init(all[i], CANONICAL_MAX);
    }
    // libcurl leaves a scheme's own port out of the Host header.
    bool usual = text_is(request->port, text_is(request->scheme, "https") ? "443" : "80");
    buffer_print(&host, "host:%.*s%s%.*s", TEXT_ARGS(request->host), usual ? "" : ":",
                 usual ? 0 : (int)request->port.length, request->port.data);
    struct text headers[SIGNED_HEADERS_MAX];
    size_t count = 0;
    headers[count++] = buffer_view(&host);
    if (request->type.length > 0) {
        buffer_print(&type, "content-type:%.*s", TEXT_ARGS(request->type));
        headers[count++] = buffer_view(&type);
    }
    for (const struct curl_slist *line = *lines; line != NULL && count < SIGNED_HEADERS_MAX; line = line->next) {
        if (strncasecmp(line->data, "x-amz-", 6) == 0 && strchr(line->data, ':') != NULL) {
            headers[count++] = text_of(line->data);
        }
    }
    bool fine = !host.failed && !type.failed &&
                http_sign_canonical(&canonical, &names, request->verb, request->path, request->query, headers, count,
                                    text_of(body_hash), text_is(key->service, "s3")) &&
                http_sign_seal(key, buffer_view(&canonical), stamp, &signed_text, signature);
    fine = fine ? http_line_add(lines, error,
                                "Authorization: AWS4-HMAC-SHA256 Credential=%.*s/%.8s/%.*s/%.*s/aws4_request, "
                                "SignedHeaders=%.*s, Signature=%s",
                                TEXT_ARGS(key->key), stamp, TEXT_ARGS(key->region), TEXT_ARGS(key->service),
                                TEXT_ARGS(buffer_view(&names)), signature)
                : error_memory(error);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buffer_clear(all[i]);
    }
    return fine;
}
