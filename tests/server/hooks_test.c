// What webhooks are told, when they are told again, and who is passed over.

#include "server/hooks.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/hooks_say.h"
#include "server/hooks_send.h"
#include "server/ledger.h"
#include "test.h"

#define SECOND INT64_C(1000000)

static struct delivery delivery_of(const char *event, const char *form, const char *said) {
    return (struct delivery){
        .id = 7,
        .hook = {.id = 3, .org = TEXT_LITERAL("acme"), .form = text_of(form)},
        .job = 12,
        .event = text_of(event),
        .at_us = 1700000000 * SECOND,
        .said = text_of(said),
    };
}

static const struct job wells = {
    .id = 12,
    .sync = {"wells", 5},
    .params = {"{}", 2},
    .method = {"run", 3},
    .cause = {"api", 3},
    .asked_by = {"me", 2},
};

static void body_is(const struct delivery *delivery, const struct job *job, const char *expected) {
    struct buffer body;
    struct arena arena;
    struct error error;
    arena_init(&arena, 1 << 20);
    buffer_init(&body, 1 << 20);
    CHECK_OK(hooks_body(&body, delivery, job, &arena, &error), &error);
    CHECK_TEXT(buffer_view(&body), expected);
    buffer_clear(&body);
    arena_clear(&arena);
}

TEST(server_hooks, a_signature_is_the_one_that_anybody_can_compute) {
    char signature[HOOKS_SIGNATURE];
    CHECK(hooks_sign(TEXT_LITERAL("whsec_test"), 1700000000 * SECOND + 999999, TEXT_LITERAL("{\"a\":1}"), signature));
    // openssl dgst -sha256 -hmac whsec_test
    CHECK_TEXT(text_of(signature), "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789");
}

TEST(server_hooks, an_event_says_what_the_run_had_come_to) {
    struct delivery delivery =
        delivery_of("failed", "json",
                    "{\"run\":4,\"attempts\":2,\"counts\":{\"read\":5},\"code\":\"W6001\",\"message\":\"too many\","
                    "\"started_us\":1699999990000000,\"ended_us\":1699999999000000}");
    body_is(
        &delivery, &wells,
        "{\"event\":\"failed\",\"delivery\":\"7-1700000000000000\",\"at\":\"2023-11-14T22:13:20Z\",\"org\":\"acme\","
        "\"run\":12,\"sync\":\"wells\",\"params\":{},\"method\":\"run\",\"cause\":\"api\",\"asked_by\":\"me\","
        "\"asked\":null,\"status\":\"failed\",\"started\":\"2023-11-14T22:13:10Z\",\"ended\":\"2023-11-14T22:13:19Z\","
        "\"attempts\":2,\"counts\":{\"read\":5},\"code\":\"W6001\",\"message\":\"too many\"}");
    delivery = delivery_of("test", "json", "");
    delivery.job = 0;
    body_is(
        &delivery, NULL,
        "{\"event\":\"test\",\"delivery\":\"7-1700000000000000\",\"at\":\"2023-11-14T22:13:20Z\",\"org\":\"acme\"}");
}

TEST(server_hooks, slack_is_given_a_line_that_it_shows_as_it_is) {
    struct delivery delivery = delivery_of("failed", "slack", "{\"code\":\"W2001\",\"message\":\"<!channel> & more\"}");
    body_is(&delivery, &wells, "{\"text\":\"acme/wells: run 12 has failed (W2001: &lt;!channel&gt; &amp; more)\"}");
    delivery = delivery_of("done", "slack", "{\"counts\":{\"read\":12,\"created\":0,\"updated\":3}}");
    body_is(&delivery, &wells, "{\"text\":\"acme/wells: run 12 is done: 12 read, 3 updated\"}");
    delivery = delivery_of("interrupted", "slack", "{}");
    body_is(&delivery, &wells, "{\"text\":\"acme/wells: run 12 was interrupted\"}");
}

TEST(server_hooks, attempts_are_further_and_further_apart) {
    struct delivery one = delivery_of("done", "json", "");
    struct delivery other = one;
    other.id++;
    int64_t together_us = 0;
    for (int64_t i = 1; i < HOOKS_ATTEMPTS_MAX; i++) {
        int64_t most_us = 12500 * 1000LL << (i - 1);
        most_us = most_us < 3600 * SECOND ? most_us : 3600 * SECOND;
        int64_t wait_us = hooks_wait_us(&one, i);
        CHECK(wait_us >= 10 * SECOND && wait_us <= most_us && wait_us >= most_us / 5 * 4);
        CHECK(wait_us != hooks_wait_us(&other, i));
        together_us += wait_us;
    }
    CHECK(together_us > 2 * 3600 * SECOND && together_us < 4 * 3600 * SECOND);
}

// --- what is shown ---

static void shows(void (*show)(struct buffer *out, struct text text), const char *text, const char *expected) {
    struct buffer out;
    buffer_init(&out, 4096);
    show(&out, text_of(text));
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

TEST(server_hooks, an_address_is_shown_without_what_may_be_a_secret) {
    shows(hooks_show_url, "https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/T0/B0/…");
    shows(hooks_show_url, "https://example.org/a/?key=x", "https://example.org/a/…");
    shows(hooks_show_url, "https://example.org/a/b?key=x/y", "https://example.org/a/…");
    shows(hooks_show_url, "https://example.org/", "https://example.org/");
    shows(hooks_show_url, "https://example.org", "https://example.org");
    shows(hooks_show_url, "https://example.org?key=x", "https://example.org…");
    shows(hooks_show_message, "POST http://a.b/c/d?e=f: no answer", "POST http://a.b/…: no answer");
    shows(hooks_show_message, "'http://a.b/c' and http://x/", "'http://a.b/…' and http://x/…");
    shows(hooks_show_message, "http://a.b: none", "http://a.b: none");
    shows(hooks_show_message, "nothing ://", "nothing ://");
}

// --- the ledger ---

struct office {
    struct ledger *ledger;
    struct arena arena;
    int64_t hooks[2];
    int64_t job;
};

static void office_open(struct office *office, const char *url) {
    struct error error;
    struct actor who = {.org = TEXT_LITERAL("acme"), .name = TEXT_LITERAL("me")};
    struct job job = wells;
    bool joined;
    job.org = TEXT_LITERAL("acme");
    job.deads = TEXT_LITERAL("");
    arena_init(&office->arena, 1 << 20);
    CHECK_OK(ledger_open(test_folder(), &clock_system, &office->ledger, &error), &error);
    for (size_t i = 0; i < 2; i++) {
        struct hook hook = {.org = job.org,
                            .url = text_of(url),
                            .secret = TEXT_LITERAL("whsec_0123456789"),
                            .events = i == 0 ? TEXT_LITERAL("") : TEXT_LITERAL("failed cancelled"),
                            .form = TEXT_LITERAL("json")};
        CHECK_OK(ledger_hook_add(office->ledger, &hook, &who, &office->hooks[i], &error), &error);
    }
    CHECK_OK(ledger_job_add(office->ledger, &job, &who, &joined, &office->job, &error), &error);
}

static void office_close(struct office *office) {
    ledger_close(office->ledger);
    arena_clear(&office->arena);
}

static void job_ends(struct office *office, const char *status) {
    struct error error;
    struct job_end end = {.status = text_of(status),
                          .counts = TEXT_LITERAL("{\"read\":1}"),
                          .code = TEXT_LITERAL(""),
                          .message = TEXT_LITERAL("so \"it\" went")};
    CHECK_OK(ledger_job_end(office->ledger, office->job, &end, &error), &error);
}

static bool due(struct office *office, const char *resting, struct delivery *out) {
    struct error error;
    bool found;
    int64_t next_us;
    CHECK_OK(
        ledger_delivery_due(office->ledger, INT64_MAX, text_of(resting), &office->arena, &found, out, &next_us, &error),
        &error);
    return found;
}

TEST(server_hooks, who_rests_is_passed_over_and_the_others_come_in_their_turn) {
    struct office office;
    struct delivery delivery;
    struct error error;
    char resting[64];
    office_open(&office, "https://example.org/");
    job_ends(&office, "failed");
    CHECK(due(&office, "[]", &delivery));
    CHECK_INT(delivery.hook.id, office.hooks[0]);
    CHECK(memmem(delivery.said.data, delivery.said.length, "\"counts\":{\"read\":1}", 19) != NULL);
    CHECK(memmem(delivery.said.data, delivery.said.length, "\"so \\\"it\\\" went\"", 16) != NULL);
    snprintf(resting, sizeof resting, "[%lld]", (long long)office.hooks[0]);
    CHECK(due(&office, resting, &delivery));
    CHECK_INT(delivery.hook.id, office.hooks[1]);
    snprintf(resting, sizeof resting, "[%lld,%lld]", (long long)office.hooks[0], (long long)office.hooks[1]);
    CHECK(!due(&office, resting, &delivery));
    CHECK_OK(ledger_delivery_end(office.ledger, delivery.id, "done", 0, TEXT_LITERAL(""), &error), &error);
    office_close(&office);
}

TEST(server_hooks, a_test_goes_to_ones_own_webhook_alone) {
    struct office office;
    struct delivery delivery;
    struct error error;
    struct actor who = {.org = TEXT_LITERAL("acme"), .name = TEXT_LITERAL("me")};
    bool found;
    int64_t id;
    office_open(&office, "https://example.org/");
    CHECK_OK(ledger_delivery_add(office.ledger, TEXT_LITERAL("other"), office.hooks[0], TEXT_LITERAL("test"), &who,
                                 &found, &id, &error),
             &error);
    CHECK(!found && !due(&office, "[]", &delivery));
    CHECK_OK(ledger_delivery_add(office.ledger, TEXT_LITERAL("acme"), office.hooks[1], TEXT_LITERAL("test"), &who,
                                 &found, &id, &error),
             &error);
    CHECK(found && due(&office, "[]", &delivery));
    CHECK_INT(delivery.id, id);
    CHECK_INT(delivery.job, 0);
    office_close(&office);
}

// --- the threads ---

static int listener(char url[64]) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(file >= 0 && bind(file, (struct sockaddr *)&address, sizeof address) == 0 && listen(file, 8) == 0);
    CHECK(getsockname(file, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, 64, "http://127.0.0.1:%d/hook", ntohs(address.sin_port));
    return file;
}

static bool on_delivery(void *context, const struct delivery *row, struct error *error) {
    (void)error;
    struct delivery *out = context;
    out->attempts += row->attempts;
    if (row->attempts > 0) {
        CHECK_TEXT(row->state, "waiting");
        CHECK(memmem(row->message.data, row->message.length, "private", 7) != NULL);
    }
    return true;
}

// What the machine's owner doesn't allow is not even connected to.
TEST(server_hooks_thread, a_private_address_is_refused_and_tried_again_later) {
    struct office office;
    struct hooks *hooks;
    struct error error;
    char url[64];
    int file = listener(url);
    struct delivery tried = {.attempts = 0};
    office_open(&office, url);
    struct hooks_setup setup = {.ledger = office.ledger, .clock = &clock_system, .log = &log_none};
    CHECK_OK(hooks_start(&setup, &hooks, &error), &error);
    job_ends(&office, "failed");
    hooks_wake(hooks);
    for (int i = 0; i < 1000 && tried.attempts < 2; i++) {
        tried.attempts = 0;
        CHECK_OK(ledger_delivery_scan(office.ledger, TEXT_LITERAL("acme"), TEXT_LITERAL(""), 0, 10, on_delivery, &tried,
                                      &error),
                 &error);
        clock_wait(&clock_system, 10 * 1000);
    }
    CHECK_INT(tried.attempts, 2);
    CHECK(accept(file, NULL, NULL) < 0);
    hooks_stop(hooks);
    close(file);
    office_close(&office);
}

TEST(server_hooks_thread, a_wrong_range_ends_the_start) {
    struct hooks *hooks;
    struct error error;
    struct text allowed = TEXT_LITERAL("10.0.0.0/99");
    struct hooks_setup setup = {.clock = &clock_system, .log = &log_none, .allowed = &allowed, .allowed_count = 1};
    CHECK(!hooks_start(&setup, &hooks, &error));
    CHECK_INT(error.code, ERROR_USAGE);
}
