#include "server/keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/map.h"
#include "base/memory.h"

// "weir_" and 256 bits in hex: a prefix that a scanner for leaked secrets can look for.
static const char prefix[] = "weir_";
enum { KEY_BYTES = 32, KEY_TEXT = sizeof prefix - 1 + 2 * KEY_BYTES };

_Static_assert((int)KEY_TEXT < (int)SERVICE_TOKEN_MAX, "a token fits its room");

// How long an answer is believed. A request with one remembered costs 1 µs instead of the 25 µs of a query.
static const int64_t fresh_us = 1000 * 1000;

enum { KEYS_REMEMBERED = 256, NAME_BYTES = 128 };

struct known {
    unsigned char hash[TOKEN_HASH_BYTES];
    int64_t until_us; // 0: empty
    int64_t expires_us;
    struct identity identity; // its texts stand in `names`
    char names[3 * NAME_BYTES];
};

struct keys {
    struct ledger *ledger;
    const struct clock *clock;
    pthread_mutex_t mutex;
    uint64_t forgotten;                  // how often: what was read before isn't remembered after
    struct known known[KEYS_REMEMBERED]; // by the first byte of the hash, which is as good as random
};

bool keys_open(struct ledger *ledger, const struct clock *clock, struct keys **out, struct error *error) {
    struct keys *keys = memory_zero(1, sizeof *keys);
    *out = keys;
    if (keys == NULL) {
        return error_memory(error);
    }
    keys->ledger = ledger;
    keys->clock = clock;
    pthread_mutex_init(&keys->mutex, NULL);
    return true;
}

void keys_close(struct keys *keys) {
    if (keys != NULL) {
        pthread_mutex_destroy(&keys->mutex);
        memory_free(keys);
    }
}

void keys_forget(struct keys *keys) {
    pthread_mutex_lock(&keys->mutex);
    keys->forgotten++;
    for (size_t i = 0; i < KEYS_REMEMBERED; i++) {
        keys->known[i].until_us = 0;
    }
    pthread_mutex_unlock(&keys->mutex);
}

static bool identity_copy(const struct identity *from, struct arena *arena, struct identity *out) {
    *out = *from;
    return arena_text(arena, from->name, &out->name) && arena_text(arena, from->org, &out->org) &&
           arena_text(arena, from->sync, &out->sync);
}

static void remember(struct keys *keys, const unsigned char *hash, const struct identity *identity, int64_t expires_us,
                     int64_t now_us) {
    struct known *known = &keys->known[hash[0]];
    const struct text *const from[] = {&identity->name, &identity->org, &identity->sync};
    struct text *const into[] = {&known->identity.name, &known->identity.org, &known->identity.sync};
    if (identity->name.length >= NAME_BYTES || identity->org.length >= NAME_BYTES ||
        identity->sync.length >= NAME_BYTES) {
        return;
    }
    memcpy(known->hash, hash, TOKEN_HASH_BYTES);
    known->identity = *identity;
    for (size_t i = 0; i < 3; i++) {
        char *room = known->names + i * NAME_BYTES;
        memcpy(room, from[i]->data, from[i]->length);
        *into[i] = (struct text){room, from[i]->length};
    }
    known->expires_us = expires_us;
    known->until_us = now_us + fresh_us;
}

static bool ask(struct keys *keys, const unsigned char *hash, int64_t now_us, uint64_t forgotten, struct arena *arena,
                bool *found, struct identity *out, struct error *error) {
    struct token_row row;
    enum role role;
    if (!ledger_token_find(keys->ledger, hash, arena, found, &row, error)) {
        return false;
    }
    *found =
        *found && row.revoked_us == 0 && (row.expires_us == 0 || row.expires_us > now_us) && role_find(row.role, &role);
    if (*found) {
        *out = (struct identity){.token = row.id, .role = role, .name = row.name, .org = row.org, .sync = row.sync};
        pthread_mutex_lock(&keys->mutex);
        if (keys->forgotten == forgotten) {
            remember(keys, hash, out, row.expires_us, now_us);
        }
        pthread_mutex_unlock(&keys->mutex);
    }
    return true;
}

bool keys_find(struct keys *keys, struct text token, struct arena *arena, bool *found, struct identity *out,
               struct error *error) {
    unsigned char hash[TOKEN_HASH_BYTES];
    *found = false;
    if (token.length != KEY_TEXT || SHA256((const unsigned char *)token.data, token.length, hash) == NULL) {
        return true;
    }
    int64_t now_us = clock_now(keys->clock);
    pthread_mutex_lock(&keys->mutex);
    const struct known *known = &keys->known[hash[0]];
    bool hit = known->until_us > now_us && known->until_us <= now_us + fresh_us &&
               CRYPTO_memcmp(known->hash, hash, sizeof hash) == 0 &&
               (known->expires_us == 0 || known->expires_us > now_us);
    bool copied = !hit || identity_copy(&known->identity, arena, out);
    uint64_t forgotten = keys->forgotten;
    pthread_mutex_unlock(&keys->mutex);
    if (hit) {
        *found = true;
        return copied || error_memory(error);
    }
    return ask(keys, hash, now_us, forgotten, arena, found, out, error);
}

// --- making one ---

static bool plain_name(struct text name, size_t most) {
    bool plain = name.length > 0 && name.length <= most && name.data[0] != '.';
    for (size_t i = 0; plain && i < name.length; i++) {
        unsigned char c = (unsigned char)name.data[i];
        plain = c > ' ' && c != '/' && c != 0x7F;
    }
    return plain;
}

static bool row_check(const struct token_row *row, struct error *error) {
    enum role role;
    if (!role_find(row->role, &role)) {
        return error_set(
            error, ERROR_REQUEST,
            "there is no role '%.*s'; there are ops-full, biz-full, ops-limited, biz-limited and datasource",
            TEXT_ARGS(row->role));
    }
    if (row->name.length == 0 || row->name.length >= NAME_BYTES || !text_utf8(row->name, NULL)) {
        return error_set(error, ERROR_REQUEST, "a token has a name of up to %d bytes", NAME_BYTES - 1);
    }
    bool any = text_is(row->org, "*");
    if (any && (role & MAY_OVERSEE) == 0) {
        return error_set(error, ERROR_REQUEST, "only an operator's token is for all organisations");
    }
    if (!any && !plain_name(row->org, NAME_BYTES - 1)) {
        return error_set(error, ERROR_REQUEST, "a token is for an organisation: a folder's name below syncs/");
    }
    if (row->sync.length > 0 && (role != ROLE_DATASOURCE || !plain_name(row->sync, NAME_BYTES - 1))) {
        return error_set(error, ERROR_REQUEST, "only a datasource's token is for one sync, by its name");
    }
    return true;
}

bool keys_make(struct ledger *ledger, const struct token_row *row, const struct actor *who, char *out, int64_t *id,
               struct error *error) {
    unsigned char random[KEY_BYTES];
    unsigned char hash[TOKEN_HASH_BYTES];
    if (!row_check(row, error)) {
        return false;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return error_set(error, ERROR_MEMORY, "the system gives no random bytes");
    }
    memcpy(out, prefix, sizeof prefix);
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(out + sizeof prefix - 1 + 2 * i, 3, "%02x", random[i]);
    }
    SHA256((const unsigned char *)out, KEY_TEXT, hash);
    OPENSSL_cleanse(random, sizeof random);
    return ledger_token_add(ledger, row, hash, who, id, error);
}
