#include "server/keys.h"

#include "server/ledger_rig.h"
#include "test.h"

#define SECOND INT64_C(1000000)

struct key_rig {
    struct ledger_rig rig;
    struct keys *keys;
    char text[SERVICE_TOKEN_MAX];
    int64_t id;
};

static void key_open(struct key_rig *k) {
    struct error error;
    ledger_rig_open(&k->rig);
    CHECK_OK(keys_open(k->rig.ledger, &k->rig.clock, &k->keys, &error), &error);
}

static void key_close(struct key_rig *k) {
    keys_close(k->keys);
    ledger_rig_close(&k->rig);
}

static struct token_row row_of(const char *role, const char *org, const char *sync, int64_t expires_us) {
    return (struct token_row){.name = TEXT_LITERAL("the office"),
                              .role = text_of(role),
                              .org = text_of(org),
                              .sync = text_of(sync),
                              .expires_us = expires_us};
}

static void make(struct key_rig *k, struct token_row row) {
    struct error error;
    CHECK_OK(keys_make(k->rig.ledger, &row, &ledger_rig_who, k->text, &k->id, &error), &error);
}

static bool holds(struct key_rig *k, const char *text) {
    struct error error;
    struct identity identity;
    bool found;
    CHECK_OK(keys_find(k->keys, text_of(text), &k->rig.arena, &found, &identity, &error), &error);
    return found;
}

// The text is shown, and what is kept is something else.
TEST(server_keys, only_a_hash_is_kept) {
    struct key_rig k;
    char path[4096];
    static char bytes[1024 * 1024];
    key_open(&k);
    make(&k, row_of("biz-full", "acme", "", 0));
    CHECK_INT(strlen(k.text), 69);
    CHECK(strncmp(k.text, "weir_", 5) == 0);
    char other[SERVICE_TOKEN_MAX];
    memcpy(other, k.text, sizeof other);
    make(&k, row_of("biz-full", "acme", "", 0));
    CHECK(strcmp(other, k.text) != 0);
    CHECK(holds(&k, other) && holds(&k, k.text));
    static const char *const files[] = {"server.sqlite", "server.sqlite-journal"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", test_folder(), files[i]);
        FILE *file = fopen(path, "rb");
        size_t length = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
        CHECK(i == 1 || length > 0);
        CHECK(memmem(bytes, length, k.text + 5, 16) == NULL);
        if (file != NULL) {
            fclose(file);
        }
    }
    CHECK_INT(ledger_rig_count("SELECT length(hash) FROM token WHERE id = 1"), 32);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM audit WHERE action = 'token created'"), 2);
    key_close(&k);
}

TEST(server_keys, who_is_behind_one) {
    struct key_rig k;
    struct error error;
    struct identity identity;
    bool found;
    key_open(&k);
    make(&k, row_of("datasource", "acme", "wells", 0));
    for (int i = 0; i < 2; i++) { // asked for, and remembered
        CHECK_OK(keys_find(k.keys, text_of(k.text), &k.rig.arena, &found, &identity, &error), &error);
        CHECK(found);
        CHECK_INT(identity.token, k.id);
        CHECK_INT(identity.role, ROLE_DATASOURCE);
        CHECK_TEXT(identity.org, "acme");
        CHECK_TEXT(identity.sync, "wells");
        CHECK_TEXT(identity.name, "the office");
    }
    key_close(&k);
}

TEST(server_keys, what_is_almost_one_is_none) {
    struct key_rig k;
    key_open(&k);
    make(&k, row_of("ops-full", "*", "", 0));
    char text[SERVICE_TOKEN_MAX + 1];
    CHECK(holds(&k, k.text));
    for (size_t i = 0; i < strlen(k.text); i++) {
        memcpy(text, k.text, SERVICE_TOKEN_MAX);
        text[i] = text[i] == 'a' ? 'b' : 'a';
        CHECK(!holds(&k, text));
    }
    memcpy(text, k.text, SERVICE_TOKEN_MAX);
    text[68] = '\0';
    CHECK(!holds(&k, text));
    snprintf(text, sizeof text, "%s0", k.text);
    CHECK(!holds(&k, text));
    CHECK(!holds(&k, ""));
    CHECK(!holds(&k, "weir_"));
    key_close(&k);
}

// Also while it is remembered.
TEST(server_keys, one_expires) {
    struct key_rig k;
    key_open(&k);
    make(&k, row_of("ops-full", "acme", "", k.rig.now_us + SECOND / 2));
    CHECK(holds(&k, k.text));
    k.rig.now_us += SECOND / 2 - 1;
    CHECK(holds(&k, k.text));
    k.rig.now_us += 1;
    CHECK(!holds(&k, k.text));
    key_close(&k);
}

// Through the server at once; beside it within a second, also when the clock is set back meanwhile.
TEST(server_keys, one_is_revoked) {
    struct key_rig k;
    struct error error;
    const char *message;
    bool found;
    key_open(&k);
    make(&k, row_of("ops-full", "acme", "", 0));
    CHECK(holds(&k, k.text));
    CHECK(ledger_rig_sql("UPDATE token SET revoked_us = 5", &message));
    k.rig.now_us += SECOND;
    CHECK(!holds(&k, k.text));
    make(&k, row_of("ops-full", "acme", "", 0));
    CHECK(holds(&k, k.text));
    CHECK(ledger_rig_sql("UPDATE token SET revoked_us = 5", &message));
    k.rig.now_us -= 3600 * SECOND;
    CHECK(!holds(&k, k.text));
    make(&k, row_of("ops-full", "acme", "", 0));
    CHECK(holds(&k, k.text));
    CHECK_OK(ledger_token_revoke(k.rig.ledger, TEXT_LITERAL("other"), k.id, &ledger_rig_who, &found, &error), &error);
    CHECK(!found);
    CHECK_OK(ledger_token_revoke(k.rig.ledger, TEXT_LITERAL("acme"), k.id, &ledger_rig_who, &found, &error), &error);
    CHECK(found);
    keys_forget(k.keys);
    CHECK(!holds(&k, k.text));
    CHECK_OK(ledger_token_revoke(k.rig.ledger, TEXT_LITERAL("acme"), k.id, &ledger_rig_who, &found, &error), &error);
    CHECK(!found);
    key_close(&k);
}

TEST(server_keys, what_cannot_be_one) {
    struct key_rig k;
    struct error error;
    static const struct {
        const char *role, *org, *sync;
    } wrong[] = {{"none", "acme", ""},         {"", "acme", ""},        {"ops-full", "", ""},
                 {"ops-full", "..", ""},       {"ops-full", "a/b", ""}, {"ops-full", "a b", ""},
                 {"biz-full", "*", ""},        {"datasource", "*", ""}, {"biz-full", "acme", "wells"},
                 {"datasource", "acme", "a/b"}};
    key_open(&k);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct token_row row = row_of(wrong[i].role, wrong[i].org, wrong[i].sync, 0);
        if (keys_make(k.rig.ledger, &row, &ledger_rig_who, k.text, &k.id, &error)) {
            test_fail(__FILE__, __LINE__, "%s of %s for '%s' was made", wrong[i].role, wrong[i].org, wrong[i].sync);
        }
        CHECK_INT(error.code, ERROR_REQUEST);
    }
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM token"), 0);
    key_close(&k);
}
