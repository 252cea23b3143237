#include "http/http_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "http/http_internal.h"

enum { ADDRESS_BYTES = 16 };

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool starts(const unsigned char address[ADDRESS_BYTES], const unsigned char *with, unsigned bits) {
    unsigned whole = bits / 8;
    if (memcmp(address, with, whole) != 0) {
        return false;
    }
    unsigned rest = bits % 8;
    return rest == 0 || ((address[whole] ^ with[whole]) >> (8 - rest)) == 0;
}

struct block {
    unsigned char address[ADDRESS_BYTES];
    unsigned bits;
    const char *what;
};

// What the world's registries set aside: nothing of it is a server that a script of an API should reach by itself.
static const struct block blocks_of_four[] = {
    {{0}, 8, "this machine (0.0.0.0/8)"},
    {{10}, 8, "a private network (10.0.0.0/8)"},
    {{100, 64}, 10, "a provider's own network (100.64.0.0/10)"},
    {{127}, 8, "this machine (127.0.0.0/8)"},
    {{169, 254}, 16, "link-local, where clouds keep their secrets (169.254.0.0/16)"},
    {{172, 16}, 12, "a private network (172.16.0.0/12)"},
    {{192, 0, 0}, 24, "set aside (192.0.0.0/24)"},
    {{192, 0, 2}, 24, "for examples alone (192.0.2.0/24)"},
    {{192, 88, 99}, 24, "set aside (192.88.99.0/24)"},
    {{192, 168}, 16, "a private network (192.168.0.0/16)"},
    {{198, 18}, 15, "for measurements alone (198.18.0.0/15)"},
    {{198, 51, 100}, 24, "for examples alone (198.51.100.0/24)"},
    {{203, 0, 113}, 24, "for examples alone (203.0.113.0/24)"},
    {{224}, 4, "multicast (224.0.0.0/4)"},
    {{240}, 4, "set aside (240.0.0.0/4)"},
};

static const struct block blocks_of_six[] = {
    {{0x20, 0x01, 0}, 23, "set aside (2001::/23)"}, // Teredo and others
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "for examples alone (2001:db8::/32)"},
    {{0x3f, 0xff}, 20, "for examples alone (3fff::/20)"},
};

static const char *reserved_four(const unsigned char four[4]) {
    unsigned char address[ADDRESS_BYTES] = {0};
    memcpy(address, four, 4);
    for (size_t i = 0; i < sizeof blocks_of_four / sizeof *blocks_of_four; i++) {
        if (starts(address, blocks_of_four[i].address, blocks_of_four[i].bits)) {
            return blocks_of_four[i].what;
        }
    }
    return NULL;
}

static const char *reserved(const unsigned char address[ADDRESS_BYTES]) {
    static const unsigned char zero[12] = {0};
    static const unsigned char translated[12] = {0, 0x64, 0xff, 0x9b};
    static const unsigned char six_to_four[2] = {0x20, 0x02};
    static const unsigned char global[1] = {0x20};
    static const unsigned char one[ADDRESS_BYTES] = {[15] = 1};
    if (starts(address, mapped, 96) || starts(address, translated, 96)) {
        return reserved_four(address + 12);
    }
    if (memcmp(address, one, sizeof one) == 0) {
        return "this machine (::1)";
    }
    if (starts(address, zero, 96)) {
        return "set aside (::/96)";
    }
    if (starts(address, six_to_four, 16)) {
        return reserved_four(address + 2);
    }
    for (size_t i = 0; i < sizeof blocks_of_six / sizeof *blocks_of_six; i++) {
        if (starts(address, blocks_of_six[i].address, blocks_of_six[i].bits)) {
            return blocks_of_six[i].what;
        }
    }
    return starts(address, global, 3) ? NULL : "private or set aside";
}

bool http_address_allowed(const struct sockaddr *address, const struct http_rules *rules, const char **why) {
    unsigned char bytes[ADDRESS_BYTES];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, mapped, sizeof mapped);
        memcpy(bytes + sizeof mapped, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof bytes);
    } else {
        *why = "not an internet address";
        return false;
    }
    *why = reserved(bytes);
    if (*why == NULL) {
        return true;
    }
    for (size_t i = 0; i < rules->allowed_count; i++) {
        if (starts(bytes, rules->allowed[i].address, rules->allowed[i].bits)) {
            return true;
        }
    }
    return false;
}

curl_socket_t http_socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http_call *call = context;
    (void)purpose;
    const char *why = NULL;
    if (!http_address_allowed(&address->addr, &call->http->rules, &why)) {
        call->refused_why = why;
        const void *bytes = address->family == AF_INET6
                                ? (const void *)&((struct sockaddr_in6 *)(void *)&address->addr)->sin6_addr
                                : (const void *)&((struct sockaddr_in *)(void *)&address->addr)->sin_addr;
        if (inet_ntop(address->family, bytes, call->refused, sizeof call->refused) == NULL) {
            call->refused[0] = '\0';
        }
        return CURL_SOCKET_BAD;
    }
    call->admitted = true;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
