// AWS Signature Version 4 against the vectors that Amazon publishes (its signing test suite, and the examples of the
// S3 API reference): request, and the signature it must have.

#include "http/http_sign.h"

#include "http/client.h"

static const struct http_sign_key suite_key = {
    {"AKIDEXAMPLE", 11}, {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40}, {"", 0}, {"us-east-1", 9}, {"service", 7}};

struct vector {
    const char *name;
    const char *verb;
    const char *target; // path and query
    const char *headers[5];
    const char *body;
    const char *canonical; // NULL: only the signature is looked at
    const char *signature;
};

#define HOST "Host:example.amazonaws.com"
#define DATE "X-Amz-Date:20150830T123600Z"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SIGNED_USUAL "\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n" EMPTY_HASH

static const struct vector suite[] = {
    {"get-vanilla",
     "GET",
     "/",
     {HOST, DATE},
     "",
     "GET\n/\n" SIGNED_USUAL,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla",
     "POST",
     "/",
     {HOST, DATE},
     "",
     "POST\n/\n" SIGNED_USUAL,
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/?Param2=value2&Param1=value1",
     {HOST, DATE},
     "",
     "GET\n/\nParam1=value1&Param2=value2" SIGNED_USUAL,
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-order-value",
     "GET",
     "/?Param1=value2&Param1=value1",
     {HOST, DATE},
     "",
     "GET\n/\nParam1=value1&Param1=value2" SIGNED_USUAL,
     "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
    {"get-vanilla-query-order-encoded",
     "GET",
     "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
     {HOST, DATE},
     "",
     "GET\n/\n%E1%88%B4=Value1&Param=Value2&Param-3=Value3" SIGNED_USUAL,
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"get-vanilla-utf8-query",
     "GET",
     "/?\xe1\x88\xb4=bar",
     {HOST, DATE},
     "",
     "GET\n/\n%E1%88%B4=bar" SIGNED_USUAL,
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"post-vanilla-query-nonunreserved",
     "POST",
     "/?%40%23%24%25%5E=&%2B=%2F%2C%3F%3E%3C%60%22%3B%3A%5C%7C%5D%5B%7B%7D",
     {HOST, DATE},
     "",
     "POST\n/\n%2B=%2F%2C%3F%3E%3C%60%22%3B%3A%5C%7C%5D%5B%7B%7D&%40%23%24%25%5E=" SIGNED_USUAL,
     "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e"},
    {"get-utf8",
     "GET",
     "/\xe1\x88\xb4",
     {HOST, DATE},
     "",
     "GET\n/%E1%88%B4\n" SIGNED_USUAL,
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-space",
     "GET",
     "/example space/",
     {HOST, DATE},
     "",
     "GET\n/example%20space/\n" SIGNED_USUAL,
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {HOST, DATE},
     "",
     NULL,
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-relative",
     "GET",
     "/example/..",
     {HOST, DATE},
     "",
     "GET\n/\n" SIGNED_USUAL,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-relative-relative",
     "GET",
     "/example1/example2/../..",
     {HOST, DATE},
     "",
     "GET\n/\n" SIGNED_USUAL,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash",
     "GET",
     "//",
     {HOST, DATE},
     "",
     "GET\n/\n" SIGNED_USUAL,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-dot-slash",
     "GET",
     "/./",
     {HOST, DATE},
     "",
     "GET\n/\n" SIGNED_USUAL,
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slashes",
     "GET",
     "//example//",
     {HOST, DATE},
     "",
     "GET\n/example/\n" SIGNED_USUAL,
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-slash-pointless-dot",
     "GET",
     "/./example",
     {HOST, DATE},
     "",
     "GET\n/example\n" SIGNED_USUAL,
     "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     {HOST, "My-Header1:value2", "My-Header1:value2", "My-Header1:value1", DATE},
     "",
     NULL,
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     "GET",
     "/",
     {HOST, "My-Header1: value1", "My-Header2: \"a   b   c\"", DATE},
     "",
     NULL,
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {"Content-Type:application/x-www-form-urlencoded", HOST, DATE},
     "Param1=value1",
     "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:example.amazonaws.com\n"
     "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n"
     "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"get-vanilla-with-session-token",
     "GET",
     "/",
     {DATE, "X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", HOST},
     "",
     NULL,
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
};

static void check_vector(const struct http_sign_key *key, const struct vector *vector, const char *stamp, bool s3) {
    struct text headers[5];
    size_t count = 0;
    while (count < COUNT_OF(headers) && vector->headers[count] != NULL) {
        headers[count] = text_of(vector->headers[count]);
        count++;
    }
    const char *mark = strchr(vector->target, '?');
    struct text path = {vector->target, mark != NULL ? (size_t)(mark - vector->target) : strlen(vector->target)};
    struct buffer canonical, names, text;
    buffer_init(&canonical, 10000);
    buffer_init(&names, 10000);
    buffer_init(&text, 10000);
    char hash[HTTP_SIGN_HEX];
    char signature[HTTP_SIGN_HEX];
    CHECK(http_sign_hash(text_of(vector->body), hash));
    CHECK(http_sign_canonical(&canonical, &names, text_of(vector->verb), path, text_of(mark != NULL ? mark + 1 : ""),
                              headers, count, text_of(hash), s3));
    if (vector->canonical != NULL && !text_is(buffer_view(&canonical), vector->canonical)) {
        test_fail(__FILE__, __LINE__, "%s:\n%.*s", vector->name, TEXT_ARGS(buffer_view(&canonical)));
    }
    CHECK(http_sign_seal(key, buffer_view(&canonical), stamp, &text, signature));
    if (strcmp(signature, vector->signature) != 0) {
        test_fail(__FILE__, __LINE__, "%s: %s\n%.*s", vector->name, signature, TEXT_ARGS(buffer_view(&canonical)));
    }
    buffer_clear(&canonical);
    buffer_clear(&names);
    buffer_clear(&text);
}

TEST(http_sign, published_vectors) {
    for (size_t i = 0; i < COUNT_OF(suite); i++) {
        check_vector(&suite_key, &suite[i], "20150830T123600Z", false);
    }
}

// From the S3 API reference: the path is encoded once, and not tidied.
TEST(http_sign, published_s3_example) {
    struct http_sign_key key = suite_key;
    key.key = TEXT_LITERAL("AKIAIOSFODNN7EXAMPLE");
    key.secret = TEXT_LITERAL("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    key.service = TEXT_LITERAL("s3");
    const struct vector vector = {"GET Object",
                                  "GET",
                                  "/test.txt",
                                  {"Host: examplebucket.s3.amazonaws.com", "Range: bytes=0-9",
                                   "x-amz-content-sha256:" EMPTY_HASH, "x-amz-date: 20130524T000000Z"},
                                  "",
                                  NULL,
                                  "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"};
    check_vector(&key, &vector, "20130524T000000Z", true);
}

// The whole: what is added to a request, and that libcurl sends the host and the target that were signed.
TEST(http_sign, signs_what_is_sent) {
    struct client client;
    client_open(&client);
    fixed_now_us = INT64_C(1440938160) * 1000000 + 123456;
    client.setup.clock = &fixed_clock;
    client.setup.auth = (struct http_auth){.kind = AUTH_AWS,
                                           .key = suite_key.key,
                                           .secret = suite_key.secret,
                                           .session = TEXT_LITERAL("session"),
                                           .region = suite_key.region,
                                           .service = suite_key.service};
    const struct raw_exchange exchanges[] = {RAW_SAY(NULL, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    const struct text target = TEXT_LITERAL("X-Amz-Target: Table.Query");
    struct http_request request = {.verb = "POST",
                                   .url = TEXT_LITERAL("/a b/%C3%A4?z=1&a=x%20y"),
                                   .body = TEXT_LITERAL("{}"),
                                   .type = TEXT_LITERAL("application/json"),
                                   .headers = &target,
                                   .header_count = 1};
    struct http_call *call;
    struct http_head head;
    CHECK_OK(http_send(client.http, &request, &call, &client.error), &client.error);
    CHECK_OK(http_head(call, &head, &client.error), &client.error);
    http_call_close(call);
    struct text sent = raw_server_request(client.server, 0);
    char host[64];
    snprintf(host, sizeof host, "Host: 127.0.0.1:%d", raw_server_port(client.server));
    char hash[HTTP_SIGN_HEX];
    CHECK(http_sign_hash(TEXT_LITERAL("{}"), hash));
    char hash_line[128];
    snprintf(hash_line, sizeof hash_line, "X-Amz-Content-Sha256: %s", hash);
    CHECK(strncmp(sent.data, "POST /a%20b/%C3%A4?z=1&a=x%20y HTTP", 34) == 0);
    CHECK(raw_has_line(sent, host));
    CHECK(raw_has_line(sent, "X-Amz-Date: 20150830T123600Z"));
    CHECK(raw_has_line(sent, "X-Amz-Security-Token: session"));
    CHECK(raw_has_line(sent, hash_line));
    struct text headers[] = {text_of(host),
                             TEXT_LITERAL("content-type:application/json"),
                             text_of(hash_line),
                             TEXT_LITERAL("X-Amz-Date: 20150830T123600Z"),
                             TEXT_LITERAL("X-Amz-Security-Token: session"),
                             target};
    struct buffer canonical, names, text;
    buffer_init(&canonical, 10000);
    buffer_init(&names, 10000);
    buffer_init(&text, 10000);
    char signature[HTTP_SIGN_HEX];
    CHECK(http_sign_canonical(&canonical, &names, TEXT_LITERAL("POST"), TEXT_LITERAL("/a%20b/%C3%A4"),
                              TEXT_LITERAL("z=1&a=x%20y"), headers, COUNT_OF(headers), text_of(hash), false));
    CHECK(strncmp(canonical.data, "POST\n/a%2520b/%25C3%25A4\na=x%20y&z=1\n", 37) == 0);
    CHECK(http_sign_seal(&suite_key, buffer_view(&canonical), "20150830T123600Z", &text, signature));
    char line[512];
    snprintf(line, sizeof line,
             "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
             "SignedHeaders=%.*s, Signature=%s",
             TEXT_ARGS(buffer_view(&names)), signature);
    CHECK(raw_has_line(sent, line));
    buffer_clear(&canonical);
    buffer_clear(&names);
    buffer_clear(&text);
    client_close(&client);
}
