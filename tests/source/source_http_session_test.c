#include "source/source_http_session.h"

#include "format/format_json.h"
#include "source/source_http.h"
#include "test.h"

static struct arena arena;

static bool open_with(const char *settings, const char *allowed, struct session **out, struct error *error) {
    struct value value;
    CHECK_OK(json_read(text_of(settings), &arena, NULL, &value, error), error);
    struct text range = text_of(allowed);
    struct session_setup setup = {
        .settings = value.as.object,
        .name = TEXT_LITERAL("wells"),
        .folder = TEXT_LITERAL("/srv/syncs"),
        .allowed = &range,
        .allowed_count = 1,
        .clock = &clock_system,
        .log = &log_none,
    };
    return source_session_open(&source_http, &setup, out, error);
}

static void check_refused(const char *settings, enum error_code code) {
    struct session *session;
    struct error error;
    CHECK(!open_with(settings, "127.0.0.1", &session, &error));
    CHECK_INT(error.code, code);
    CHECK(error.message[0] != '\0');
}

#define BASE "\"base\":\"http://127.0.0.1:9/api/\""

TEST(source_http_session, opens) {
    struct session *session;
    struct error error;
    arena_init(&arena, 1 << 20);
    CHECK_OK(open_with("{" BASE ",\"rate\":\"100/m\",\"headers\":{\"X-Client\":\"weir\"},\"hosts\":[\"b.example\"],"
                       "\"at_once\":2,\"auth\":{\"kind\":\"basic\",\"user\":\"u\",\"password\":\"p\"}}",
                       "127.0.0.1", &session, &error),
             &error);
    struct http_session *http = (struct http_session *)session;
    CHECK_TEXT(http->base, "http://127.0.0.1:9/api");
    CHECK_INT(http->at_once, 2);
    source_session_close(session);
    arena_clear(&arena);
}

TEST(source_http_session, refuses) {
    arena_init(&arena, 1 << 20);
    check_refused("{}", ERROR_OPTION_MISSING);
    check_refused("{" BASE ",\"rate\":\"10\"}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"rate\":\"0/s\"}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"rate\":\"10/sm\"}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"at_once\":0}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"headers\":{\"a\":1}}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"auth\":{\"kind\":\"strange\"}}", ERROR_OPTION_TYPE);
    check_refused("{" BASE ",\"auth\":{\"kind\":\"bearer\"}}", ERROR_OPTION_MISSING);
    check_refused("{" BASE ",\"auth\":{\"kind\":\"login\",\"url\":\"/l\",\"body\":{}}}", ERROR_OPTION_MISSING);
    check_refused("{" BASE ",\"auth\":{\"kind\":\"aws\",\"key\":\"k\",\"secret\":\"s\",\"region\":\"r\"}}",
                  ERROR_OPTION_MISSING);
    struct session *session;
    struct error error;
    CHECK(!open_with("{" BASE "}", "all", &session, &error));
    CHECK_INT(error.code, ERROR_OPTION_TYPE);
    arena_clear(&arena);
}

static struct http_auth auth_of(const char *auth) {
    struct value value;
    struct error error;
    struct http_auth out;
    CHECK_OK(json_read(text_of(auth), &arena, NULL, &value, &error), &error);
    struct session_setup setup = {.settings = value.as.object, .folder = TEXT_LITERAL("/srv/syncs")};
    CHECK_OK(http_session_auth(&setup, &arena, &out, &error), &error);
    return out;
}

TEST(source_http_session, auth) {
    arena_init(&arena, 1 << 20);
    struct http_auth login =
        auth_of("{\"auth\":{\"kind\":\"login\",\"url\":\"/Users/login\",\"body\":{\"username\":\"u\"},"
                "\"field\":[\"data\",\"id\"],\"ttl\":\"ttl\",\"into\":\"query\"}}");
    CHECK(login.kind == AUTH_LOGIN && login.in_query);
    CHECK_TEXT(login.name, "access_token");
    CHECK_TEXT(login.body, "{\"username\":\"u\"}");
    CHECK_INT(login.token_path_count, 2);
    CHECK_TEXT(login.token_path[1], "id");
    CHECK_TEXT(login.ttl_path[0], "ttl");
    struct http_auth header = auth_of("{\"auth\":{\"kind\":\"login\",\"url\":\"/l\",\"body\":{},\"field\":\"t\"},"
                                      "\"certificate\":\"c.pem\",\"certificate_key\":\"/k.pem\"}");
    CHECK_TEXT(header.name, "Authorization");
    CHECK_TEXT(header.certificate, "/srv/syncs/c.pem");
    CHECK_TEXT(header.certificate_key, "/k.pem");
    struct http_auth aws =
        auth_of("{\"auth\":{\"kind\":\"aws\",\"key\":\"AK\",\"secret\":\"s\",\"region\":\"r\",\"service\":\"x\"}}");
    CHECK_TEXT(aws.key, "AK");
    CHECK_INT(aws.private_key.length, 0);
    struct http_auth jwt =
        auth_of("{\"auth\":{\"kind\":\"jwt\",\"key\":\"PEM\",\"claims\":{\"iss\":\"me\"},\"life\":60000000}}");
    CHECK_TEXT(jwt.private_key, "PEM");
    CHECK_TEXT(jwt.algorithm, "RS256");
    CHECK_TEXT(jwt.claims, "{\"iss\":\"me\"}");
    CHECK_INT(jwt.life_s, 60);
    arena_clear(&arena);
}
