// URLs: what is put behind a base, where links lead, what is hidden.

#include "http/http_url.h"

#include "http/client.h"

static struct arena arena;
static struct error error;

static struct http_url read_url(const char *url) {
    struct http_url out;
    if (arena.ceiling == 0) {
        arena_init(&arena, (size_t)64 << 20);
    }
    CHECK_OK(http_url_read(text_of(url), &arena, &out, &error), &error);
    return out;
}

TEST(http_url, read) {
    struct http_url url = read_url("HTTPS://Example.ORG/a b/\xc3\xa4?x=[1]#here");
    CHECK_TEXT(url.whole, "https://Example.ORG/a%20b/%c3%a4?x=[1]");
    CHECK_TEXT(url.scheme, "https");
    CHECK_TEXT(url.host, "example.org");
    CHECK_TEXT(url.port, "443");
    CHECK_TEXT(url.query, "x=[1]");
    url = read_url("http://[::1]:8080");
    CHECK_TEXT(url.host, "[::1]");
    CHECK_TEXT(url.port, "8080");
    CHECK_TEXT(url.path, "/");
    const char *const bad[] = {"",
                               "/path",
                               "ftp://a/",
                               "javascript://a/",
                               "http://",
                               "http://u@a/",
                               "http://u:p@a/",
                               "http://a:99999/",
                               "http://a b/",
                               "http://a\n/",
                               "mailto:a@b.org",
                               "http://a:b:c/d",
                               "http://a%2543b/",
                               "http://%3322/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct http_url out;
        if (http_url_read(text_of(bad[i]), &arena, &out, &error)) {
            test_fail(__FILE__, __LINE__, "'%s' is a URL", bad[i]);
        }
        CHECK_INT(error.code, ERROR_HTTP_REQUEST);
    }
    arena_clear(&arena);
}

// A password that is written the wrong way is one all the same, and the cut of a long URL must not uncover it.
TEST(http_url, refusal_shows_no_password) {
    const char *const bad[] = {
        "https://user:s3cr/et@a.org/", "https://user:s3cr?et@a.org/", "http:///user:s3cret@a.org/",
        ("https://user:s3cret56789012345678901234567890123456789012345678901234567890123456789012"
         "34567890123456789012345678901234567890123456789012345678901234567890@a.org/")};
    struct http_url out;
    read_url("http://a.org"); // makes the arena
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK(!http_url_read(text_of(bad[i]), &arena, &out, &error));
        CHECK(strstr(error.message, "s3cr") == NULL);
        CHECK(strstr(error.message, "***@a.org/") != NULL);
    }
    arena_clear(&arena);
}

TEST(http_url, join) {
    const struct {
        const char *base, *path, *whole;
    } cases[] = {
        {"https://a.org/api", "/readings", "https://a.org:443/api/readings"},
        {"https://a.org/api/", "/readings", "https://a.org:443/api/readings"},
        {"https://a.org/api", "readings?x=1", "https://a.org:443/api/readings?x=1"},
        {"https://a.org/api", "", "https://a.org:443/api"},
        {"https://a.org", "/", "https://a.org:443/"},
        {"https://a.org/api", "?x=1", "https://a.org:443/api?x=1"},
        {"https://a.org/api?v=2", "/b", "https://a.org:443/api/b?v=2"},
        {"https://a.org/api?v=2", "/b?x=1", "https://a.org:443/api/b?v=2&x=1"},
        {"https://a.org/api", "/b?u=http://c.org/", "https://a.org:443/api/b?u=http://c.org/"},
        {"https://a.org/api", "http://b.org/c", "http://b.org/c"},
        {"https://a.org/api", "/b/../c", "https://a.org:443/api/c"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_url base = read_url(cases[i].base);
        struct http_url out;
        CHECK_OK(http_url_join(&base, text_of(cases[i].path), &arena, &out, &error), &error);
        CHECK_TEXT(out.whole, cases[i].whole);
    }
    arena_clear(&arena);
}

TEST(http_url, links) {
    const struct {
        const char *link, *whole;
    } cases[] = {
        {"?page=2", "https://a.org/api/x?page=2"},
        {"y", "https://a.org/api/y"},
        {"/y?z", "https://a.org/y?z"},
        {"//b.org/c", "https://b.org/c"},
        {"http://c.org", "http://c.org/"},
        {" /y ", "https://a.org/y"},
        {"../y", "https://a.org/y"},
    };
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text out;
        CHECK_OK(http_link(TEXT_LITERAL("https://a.org/api/x?page=1"), text_of(cases[i].link), &arena, &out, &error),
                 &error);
        CHECK_TEXT(out, cases[i].whole);
    }
    arena_clear(&arena);
}

TEST(http_url, listed_hosts) {
    struct http_url base = read_url("https://a.org/");
    const struct {
        const char *url, *host;
        bool fine;
    } cases[] = {
        {"https://b.org/", "b.org", true},           {"https://B.org/", "b.ORG", true},
        {"http://b.org/", "b.org", false},           {"https://b.org:8443/", "b.org", false},
        {"https://b.org:8443/", "b.org:8443", true}, {"https://b.org:8443/", "b.org:843", false},
        {"https://b.org.evil.org/", "b.org", false}, {"https://evilb.org/", "b.org", false},
        {"https://b.org/", "b.org.evil.org", false}, {"https://b.org./", "b.org", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_url url = read_url(cases[i].url);
        if (http_url_listed(&base, &url, text_of(cases[i].host)) != cases[i].fine) {
            test_fail(__FILE__, __LINE__, "%s and %s", cases[i].url, cases[i].host);
        }
    }
    base = read_url("http://a.org/");
    struct http_url plain = read_url("http://b.org/");
    CHECK(http_url_listed(&base, &plain, TEXT_LITERAL("b.org")));
    arena_clear(&arena);
}

TEST(http_url, hide) {
    const struct {
        const char *url, *shown;
    } cases[] = {
        {"https://a.org/b?x=1&access_token=s&y=2", "https://a.org/b?x=1&access_token=***&y=2"},
        {"https://a.org/b?Token=s", "https://a.org/b?Token=***"},
        {"https://a.org/b?own=s&y", "https://a.org/b?own=***&y"},
        {"https://user:pass@a.org/b", "https://***@a.org/b"},
        {"https://a.org/@b", "https://a.org/@b"},
        {"/b?password=s", "/b?password=***"},
        {"", ""},
        {"?", "?"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        http_url_hide(&out, text_of(cases[i].url), TEXT_LITERAL("own"));
        CHECK_TEXT(buffer_view(&out), cases[i].shown);
        buffer_clear(&out);
    }
}
