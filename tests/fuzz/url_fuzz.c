// URLs, allow-lists and address ranges from any bytes: a base, a word (an allowed host, a parameter's name, a range)
// and a link. What is read prints and reads the same; a path never leaves its base's host; what is listed has really
// that host; no secret is shown; no byte comes through that would end a line of a request. Everything is held against
// a second, simpler reading.

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <strings.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "http/http_socket.h"
#include "http/http_url.h"

enum { ARENA_MAX = 16 << 20, TEXT_MAX = 4 << 20 };

#define SECRET "s3cr3tW0rd"

static bool is_digits(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.length > 0;
}

static bool same_any_case(struct text a, struct text b) {
    return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

// Host and port at a whole URL's front, read as simply as can be.
static void plain_origin(struct text whole, struct text *scheme, struct text *host, struct text *port) {
    struct text rest = whole;
    *scheme = take_until(&rest, ':');
    demand(rest.length > 2 && memcmp(rest.data, "//", 2) == 0, "a scheme is followed by //");
    rest = (struct text){rest.data + 2, rest.length - 2};
    size_t end = 0;
    while (end < rest.length && strchr("/?#", rest.data[end]) == NULL) {
        demand(rest.data[end] != '@', "there is no user");
        end++;
    }
    struct text origin = {rest.data, end};
    const char *colon = memrchr(origin.data, ':', origin.length);
    bool has_port = colon != NULL && memchr(colon, ']', origin.length - (size_t)(colon - origin.data)) == NULL;
    *host = (struct text){origin.data, has_port ? (size_t)(colon - origin.data) : origin.length};
    *port = has_port ? (struct text){colon + 1, origin.length - host->length - 1}
                     : text_of(text_is(*scheme, "https") ? "443" : "80");
}

static void check_url(const struct http_url *url, struct arena *arena) {
    struct http_url again;
    struct error error;
    struct text scheme;
    struct text host;
    struct text port;
    size_t path = url->scheme.length + 3 + strcspn(url->whole.data + url->scheme.length + 3, "/?");
    for (size_t i = 0; i < url->whole.length; i++) {
        unsigned char byte = (unsigned char)url->whole.data[i];
        demand(byte > 0x20 && byte != 0x7f, "a URL that is sent has neither spaces nor control characters");
        demand(byte < 0x7f || i < path, "bytes beyond ASCII stand in a host alone");
    }
    demand(text_is(url->scheme, "http") || text_is(url->scheme, "https"), "http and https alone are spoken");
    demand(url->path.length > 0 && url->path.data[0] == '/', "a path begins with a slash");
    demand(url->host.length > 0 && is_digits(url->port), "there is a host and a port");
    plain_origin(url->whole, &scheme, &host, &port);
    demand(same_any_case(scheme, url->scheme), "the scheme is the URL's");
    demand(same_any_case(host, url->host) || text_holds(host, TEXT_LITERAL("%25")), "the host is the URL's");
    demand(text_same(port, url->port), "the port is the URL's");
    demand(http_url_read(url->whole, arena, &again, &error), "what was read can be read again");
    demand(text_same(again.whole, url->whole) && http_url_same(&again, url), "it is the same URL");
    demand(text_same(again.path, url->path) && text_same(again.query, url->query), "it has the same path and query");
}

// "host" or "host:port", by hand.
static void check_listed(const struct http_url *base, const struct http_url *url, struct text allowed) {
    if (!http_url_listed(base, url, allowed)) {
        return;
    }
    struct text scheme;
    struct text host;
    struct text port;
    char wanted[HTTP_URL_MAX + 16];
    plain_origin(url->whole, &scheme, &host, &port);
    host = url->host; // of an IPv6 address without its zone
    snprintf(wanted, sizeof wanted, "%.*s:%.*s", TEXT_ARGS(host), TEXT_ARGS(port));
    bool is_default = text_is(port, text_is(scheme, "https") ? "443" : "80");
    demand(same_any_case(allowed, text_of(wanted)) || (is_default && same_any_case(allowed, host)),
           "what is listed has the host that was allowed");
    demand(text_is(scheme, "https") || text_is(base->scheme, "http"), "a link does not leave TLS");
}

static void check_links(struct text base_text, struct text word, struct text link, struct arena *arena) {
    struct http_url base;
    struct http_url url;
    struct text whole;
    struct error error;
    error_clear(&error);
    if (!http_url_read(base_text, arena, &base, &error)) {
        demand_error(&error);
        return;
    }
    check_url(&base, arena);
    bool followed = http_url_follow(&base, link, arena, &url, &error);
    if (followed) {
        check_url(&url, arena);
        check_listed(&base, &url, word);
    } else {
        demand_error(&error);
    }
    demand(http_link(base.whole, link, arena, &whole, &error) == followed, "a link is followed in one way");
    demand(!followed || text_same(whole, url.whole), "a link leads to one place");
    if (!http_url_join(&base, link, arena, &url, &error)) {
        demand_error(&error);
        return;
    }
    check_url(&url, arena);
    demand(http_url_same(&base, &url) || text_holds(link, TEXT_LITERAL("://")), "a path stays at its host");
}

static void check_hidden(struct text url, struct text name) {
    struct buffer shown;
    buffer_init(&shown, TEXT_MAX);
    http_url_hide(&shown, url, name);
    demand(!text_holds(buffer_view(&shown), TEXT_LITERAL(SECRET)), "a secret is not shown");
    buffer_clear(&shown);
}

// A password behind any user, before any bytes. Such a URL is refused, and the message doesn't show it.
static void check_password(struct text user, struct text behind, struct arena *arena) {
    struct http_url url;
    struct error error;
    struct buffer made;
    for (size_t i = 0; i < user.length; i++) {
        if (memchr("/?#\\", user.data[i], 4) != NULL) {
            return; // a path with an @ in it
        }
    }
    error_clear(&error);
    buffer_init(&made, TEXT_MAX);
    buffer_string(&made, "https://");
    buffer_text(&made, user);
    buffer_string(&made, ":" SECRET);
    buffer_text(&made, behind);
    buffer_string(&made, "@example.org/");
    demand(!http_url_read(buffer_view(&made), arena, &url, &error), "a URL with a user is refused");
    demand_error(&error);
    demand(!text_holds(text_of(error.message), TEXT_LITERAL(SECRET)), "the message does not show the password");
    buffer_clear(&made);
}

// Puts a secret where secrets stand in URLs, between any other bytes.
static void check_secrets(struct text word, struct text link, struct arena *arena) {
    struct buffer made;
    if (text_holds(word, TEXT_LITERAL(SECRET)) || text_holds(link, TEXT_LITERAL(SECRET))) {
        return;
    }
    check_password(word, link, arena);
    buffer_init(&made, TEXT_MAX);
    buffer_string(&made, "http://example.org/?a=1&token=" SECRET "&");
    buffer_text(&made, link);
    check_hidden(buffer_view(&made), (struct text){0});
    if (word.length > 0 && memchr(word.data, '&', word.length) == NULL && memchr(word.data, '=', word.length) == NULL) {
        buffer_reset(&made);
        buffer_string(&made, "http://example.org/?");
        buffer_text(&made, word);
        buffer_string(&made, "=" SECRET);
        check_hidden(buffer_view(&made), word);
    }
    buffer_clear(&made);
}

static int hex_value(char c) {
    return isdigit((unsigned char)c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void check_encoded(struct text text) {
    struct buffer encoded;
    buffer_init(&encoded, TEXT_MAX);
    http_encode(&encoded, text);
    demand(!encoded.failed, "there is room");
    size_t at = 0;
    for (size_t i = 0; i < encoded.length; i++) {
        char byte = encoded.data[i];
        if (byte == '%') {
            demand(i + 2 < encoded.length, "a code is whole");
            byte = (char)(hex_value(encoded.data[i + 1]) << 4 | hex_value(encoded.data[i + 2]));
            i += 2;
        } else {
            demand(isalnum((unsigned char)byte) || strchr("-._~", byte) != NULL, "all else is encoded");
        }
        demand(at < text.length && text.data[at] == byte, "what is encoded decodes to itself");
        at++;
    }
    demand(at == text.length, "all of it is encoded");
    buffer_clear(&encoded);
}

static void check_query(struct text query, struct text name) {
    struct buffer left;
    struct text rest = query;
    size_t kept = 0;
    buffer_init(&left, TEXT_MAX);
    bool found = http_query_without(&left, query, name);
    bool had = false;
    while (query.length > 0 && rest.data <= query.data + query.length) {
        bool more = memchr(rest.data, '&', rest.length) != NULL;
        struct text each = take_until(&rest, '&');
        struct text value = each;
        bool is_it = text_same(take_until(&value, '='), name);
        had = had || is_it;
        kept += is_it ? 0 : each.length + 1;
        if (!more) {
            break;
        }
    }
    demand(found == had, "a parameter that is there is found");
    demand(left.length == (kept > 0 ? kept - 1 : 0), "all the others stay");
    buffer_clear(&left);
}

// --- ranges ---

static bool plain_range(struct text word, unsigned char address[16], unsigned *bits) {
    char room[256];
    struct in_addr four;
    if (word.length >= sizeof room || memchr(word.data, 0, word.length) != NULL) {
        return false;
    }
    memcpy(room, word.data, word.length);
    room[word.length] = '\0';
    char *slash = strchr(room, '/');
    if (slash != NULL) {
        *slash++ = '\0';
    }
    memset(address, 0, 16);
    bool is_four = inet_pton(AF_INET, room, &four) == 1;
    if (is_four) {
        memset(address + 10, 0xff, 2);
        memcpy(address + 12, &four, 4);
    } else if (inet_pton(AF_INET6, room, address) != 1) {
        return false;
    }
    *bits = 128;
    if (slash == NULL) {
        return true;
    }
    size_t digits = strspn(slash, "0123456789");
    unsigned long width = strtoul(slash, NULL, 10);
    *bits = (unsigned)width + (is_four ? 96 : 0);
    return digits > 0 && digits <= 3 && slash[digits] == '\0' && width <= (is_four ? 32 : 128);
}

static bool in_range(const unsigned char *address, const unsigned char *of, unsigned bits) {
    for (unsigned i = 0; i < bits; i++) {
        unsigned mask = 0x80U >> (i % 8);
        if (((address[i / 8] ^ of[i / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_private_four(uint32_t a) {
    static const uint32_t blocks[][2] = {{0x00000000, 0x00ffffff}, {0x0a000000, 0x0affffff}, {0x64400000, 0x647fffff},
                                         {0x7f000000, 0x7fffffff}, {0xa9fe0000, 0xa9feffff}, {0xac100000, 0xac1fffff},
                                         {0xc0000000, 0xc00000ff}, {0xc0000200, 0xc00002ff}, {0xc0586300, 0xc05863ff},
                                         {0xc0a80000, 0xc0a8ffff}, {0xc6120000, 0xc613ffff}, {0xc6336400, 0xc63364ff},
                                         {0xcb007100, 0xcb0071ff}, {0xe0000000, 0xffffffff}};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (a >= blocks[i][0] && a <= blocks[i][1]) {
            return true;
        }
    }
    return false;
}

// What the registries set aside, in their own notation.
static bool is_private(const unsigned char a[16]) {
    static const char *const inside[] = {"2001::/23", "2001:db8::/32", "3fff::/20"};
    unsigned char of[16];
    unsigned bits;
    uint32_t last = (uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 | a[15];
    uint32_t second = (uint32_t)a[2] << 24 | (uint32_t)a[3] << 16 | (uint32_t)a[4] << 8 | a[5];
    bool holds_four = (plain_range(text_of("::ffff:0:0/96"), of, &bits) && in_range(a, of, bits)) ||
                      (plain_range(text_of("64:ff9b::/96"), of, &bits) && in_range(a, of, bits));
    if (holds_four) {
        return is_private_four(last);
    }
    if (a[0] == 0x20 && a[1] == 0x02) {
        return is_private_four(second);
    }
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        if (plain_range(text_of(inside[i]), of, &bits) && in_range(a, of, bits)) {
            return true;
        }
    }
    return a[0] < 0x20 || a[0] > 0x3f;
}

static void check_address(const struct sockaddr *address, const unsigned char bytes[16],
                          const struct http_range *range) {
    const char *why = NULL;
    struct http_rules none = {0};
    struct http_rules one = {range, 1};
    bool is_public = !is_private(bytes);
    demand(http_address_allowed(address, &none, &why) == is_public, "only what is public may be reached by itself");
    demand(is_public || why != NULL, "a refused address says what it is");
    bool listed = range != NULL && in_range(bytes, range->address, range->bits);
    demand(range == NULL || http_address_allowed(address, &one, &why) == (is_public || listed),
           "a range allows what is in it and nothing else");
}

static void check_range(struct text word, struct text bytes) {
    struct http_range range;
    unsigned char address[16];
    unsigned bits;
    bool is_range = http_range_read(word, &range);
    demand(is_range == plain_range(word, address, &bits), "a range is what inet_pton and a number say");
    demand(!is_range || (memcmp(range.address, address, 16) == 0 && range.bits == bits), "a range is read right");
    memset(address, 0, sizeof address);
    if (bytes.length > 0) {
        memcpy(address, bytes.data, bytes.length < 16 ? bytes.length : 16);
    }
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    memcpy(&six.sin6_addr, address, 16);
    check_address((const struct sockaddr *)(const void *)&six, address, is_range ? &range : NULL);
    struct sockaddr_in four = {.sin_family = AF_INET};
    memcpy(&four.sin_addr, address, 4);
    memmove(address + 12, address, 4);
    memset(address, 0, 10);
    memset(address + 10, 0xff, 2);
    check_address((const struct sockaddr *)(const void *)&four, address, is_range ? &range : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text link = {(const char *)data, size};
    struct text base = take_line(&link);
    struct text word = take_line(&link);
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    check_links(base, word, link, &arena);
    check_secrets(word, link, &arena);
    check_encoded(link);
    check_query(link, word);
    check_range(word, link);
    arena_clear(&arena);
    return 0;
}
