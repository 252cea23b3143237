// Which addresses may be reached: asked at the socket, whatever the address was written like.

#include "http/http_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "http/client.h"

static bool allowed(const char *address, const struct http_rules *rules) {
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    const char *why = NULL;
    if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        return http_address_allowed((struct sockaddr *)&four, rules, &why);
    }
    CHECK(inet_pton(AF_INET6, address, &six.sin6_addr) == 1);
    return http_address_allowed((struct sockaddr *)&six, rules, &why);
}

TEST(http_socket, private_addresses) {
    const struct http_rules none = {0};
    const char *const refused[] = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2001::1",
        "2001:db8::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "100::1",
        "4000::1",
    };
    const char *const fine[] = {
        "1.1.1.1",        "100.63.255.255",  "100.128.0.0", "172.15.255.255",  "172.32.0.0",      "192.167.255.255",
        "192.169.0.0",    "198.17.0.0",      "198.20.0.0",  "9.255.255.255",   "11.0.0.0",        "223.255.255.255",
        "::ffff:8.8.8.8", "2606:4700::1111", "2a00::1",     "2001:4860::8888", "2002:808:808::1", "64:ff9b::808:808"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (allowed(refused[i], &none)) {
            test_fail(__FILE__, __LINE__, "%s is allowed", refused[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        if (!allowed(fine[i], &none)) {
            test_fail(__FILE__, __LINE__, "%s is refused", fine[i]);
        }
    }
}

TEST(http_socket, ranges_of_the_settings) {
    struct http_range ranges[3];
    CHECK(http_range_read(TEXT_LITERAL("10.1.0.0/16"), &ranges[0]));
    CHECK(http_range_read(TEXT_LITERAL("127.0.0.1"), &ranges[1]));
    CHECK(http_range_read(TEXT_LITERAL("fd00::/8"), &ranges[2]));
    const struct http_rules rules = {ranges, 3};
    CHECK(allowed("10.1.255.1", &rules));
    CHECK(!allowed("10.2.0.1", &rules));
    CHECK(allowed("127.0.0.1", &rules));
    CHECK(allowed("::ffff:127.0.0.1", &rules));
    CHECK(!allowed("127.0.0.2", &rules));
    CHECK(allowed("fd12::1", &rules));
    CHECK(!allowed("fc12::1", &rules));
    CHECK(!allowed("::1", &rules));
    const char *const bad[] = {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "localhost", "10.0.0/8", "/8"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK(!http_range_read(text_of(bad[i]), &ranges[0]));
    }
    CHECK(!http_range_read(TEXT_LITERAL("10.0.0.0\0.1"), &ranges[0]));
}

// The same address in all the ways that libcurl or a resolver would understand.
TEST(http_socket, every_way_of_writing_loopback) {
    struct client client;
    client_open(&client);
    const char *const ways[] = {"127.0.0.1", "127.1",           "2130706433",         "0x7f000001", "0177.0.0.1",
                                "localhost", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::1]",      "0"};
    client.setup.rules.allowed_count = 0;
    raw_server_play(client.server, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        char base[64];
        snprintf(base, sizeof base, "http://%s:%d", ways[i], raw_server_port(client.server));
        client.setup.base = text_of(base);
        CHECK_OK(http_open(&client.setup, &client.http, &client.error), &client.error);
        CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_ADDRESS);
        CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_ADDRESS);
        CHECK(error_says(&client.error, "settings"));
        http_close(client.http);
    }
    CHECK_INT(raw_server_connections(client.server), 0);
    client.http = NULL;
    client_close(&client);
}
