// The remote that engine tests pull from and push to keeps both contracts.

#include "support/remote_fake.h"

#include "contract/source_contract.h"
#include "contract/target_contract.h"
#include "test.h"

TEST(remote_fake, reads) {
    struct remote_fake remote;
    remote_open(&remote);
    for (int i = 0; i < 7; i++) {
        remote_put(&remote, "reading", "{\"value\":1.50}");
    }
    remote_put(&remote, "resource", "{}");
    struct source_setup setup = source_contract_setup();
    setup.settings = remote_settings(&remote);
    source_contract_run(&remote_fake, &setup, 7, 0);
    remote_close(&remote);
}

// One pass: how many records it gave; its watermark stays in `cursor`.
static size_t pass(struct remote_fake *remote, char cursor[32], bool full) {
    struct source_setup setup = source_contract_setup();
    setup.settings = remote_settings(remote);
    setup.since = text_of(cursor);
    struct source *source;
    struct error error;
    struct batch batch;
    batch_init(&batch, 1 << 20);
    CHECK_OK(source_open(&remote_fake, &setup, &source, &error), &error);
    CHECK_OK(batch_reset(&batch, 100, &error), &error);
    CHECK_OK(source_read(source, &batch, &error), &error);
    CHECK(batch.last && batch.full == full);
    snprintf(cursor, 32, "%.*s", TEXT_ARGS(batch.cursor));
    size_t count = batch.count;
    source_close(source);
    batch_clear(&batch);
    return count;
}

TEST(remote_fake, watermark) {
    struct remote_fake remote;
    char cursor[32] = "";
    remote_open(&remote);
    CHECK_INT(pass(&remote, cursor, true), 0);
    CHECK_TEXT(text_of(cursor), "");
    remote_put(&remote, "reading", "{\"id\":4}");
    remote_put(&remote, "reading", "{}");
    CHECK_TEXT(remote_get(&remote, "reading", "5"), "{\"id\":5}");
    CHECK_INT(pass(&remote, cursor, true), 2);
    CHECK_TEXT(text_of(cursor), "2");
    CHECK_INT(pass(&remote, cursor, false), 1); // at the watermark, again
    remote_put(&remote, "reading", "{\"id\":4,\"value\":2}");
    remote_remove(&remote, "reading", "5");
    CHECK_INT(pass(&remote, cursor, false), 1);
    remote.tombstones = true;
    snprintf(cursor, sizeof cursor, "2");
    CHECK_INT(pass(&remote, cursor, false), 2);
    CHECK_TEXT(remote_get(&remote, "reading", "4"), "{\"id\":4,\"value\":2}");
    remote_close(&remote);
}

static void order(void *context, enum target_trouble trouble) {
    static const enum remote_trouble troubles[] = {
        [TROUBLE_REFUSE] = REMOTE_REFUSE,   [TROUBLE_UNSENT] = REMOTE_UNSENT, [TROUBLE_LOST] = REMOTE_LOST,
        [TROUBLE_DROPPED] = REMOTE_DROPPED, [TROUBLE_DENIED] = REMOTE_DENIED,
    };
    struct remote_fake *remote = context;
    remote_fault(remote, remote->writes + 1, troubles[trouble]);
}

static size_t count(void *context) {
    return remote_count(context, "thing");
}

static bool has(void *context, struct text external, const char *value) {
    const struct remote_row *row = remote_find(context, TEXT_LITERAL("thing"), external);
    const struct value *field = row != NULL && !row->gone ? object_find(&row->fields, TEXT_LITERAL("value")) : NULL;
    return field != NULL && text_is(value_slice(field), value);
}

static struct print seen(void *context, struct text external, uint64_t seed) {
    const struct remote_row *row = remote_find(context, TEXT_LITERAL("thing"), external);
    CHECK(row != NULL);
    return remote_print(&row->fields, seed);
}

static void contract(struct remote_fake *remote, bool knows) {
    struct target_world world = {
        .type = &remote_fake_target,
        .setup = target_contract_setup(),
        .knows = knows,
        .context = remote,
        .order = order,
        .count = count,
        .has = has,
        .seen = seen,
    };
    world.setup.settings = remote_settings(remote);
    target_contract_run(&world);
    remote_close(remote);
}

TEST(remote_fake, writes) {
    struct remote_fake remote;
    remote_open(&remote);
    contract(&remote, false);
}

TEST(remote_fake, writes_and_finds) {
    struct remote_fake remote;
    remote_open(&remote);
    remote.has_find = true;
    remote.find[0] = "name";
    remote.chunk = 2;
    remote.trims = true;
    contract(&remote, true);
}

TEST(remote_fake, writes_with_keys) {
    struct remote_fake remote;
    remote_open(&remote);
    remote.honours_keys = true;
    remote.silent = true;
    contract(&remote, true);
}
