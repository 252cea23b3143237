#include "server/catalog.h"

#include "server/ledger_rig.h"
#include "test.h"

struct catalog_rig {
    struct ledger_rig rig;
    struct catalog *catalog;
};

static void rig_begin(struct catalog_rig *c) {
    struct error error;
    ledger_rig_open(&c->rig);
    CHECK_OK(catalog_open(c->rig.ledger, &c->catalog, &error), &error);
}

static void rig_end(struct catalog_rig *c) {
    catalog_close(c->catalog);
    ledger_rig_close(&c->rig);
}

static void put(struct catalog_rig *c, const char *org, const char *name, const char *manifest, int64_t next_us) {
    struct error error;
    struct sync_row row = {.org = text_of(org),
                           .name = text_of(name),
                           .manifest = text_of(manifest),
                           .snapshot = TEXT_LITERAL("copy"),
                           .next_us = next_us};
    CHECK_OK(catalog_put(c->catalog, &row, &error), &error);
}

static bool find(struct catalog_rig *c, const char *org, const char *name, struct catalog_sync *out) {
    struct error error;
    bool found;
    CHECK_OK(catalog_find(c->catalog, text_of(org), text_of(name), &c->rig.arena, &found, out, &error), &error);
    return found;
}

static size_t list(struct catalog_rig *c, const char *org, struct catalog_sync **out) {
    struct error error;
    size_t count;
    CHECK_OK(catalog_list(c->catalog, text_of(org), &c->rig.arena, out, &count, &error), &error);
    return count;
}

TEST(server_catalog, put_found_and_dropped) {
    struct catalog_rig c;
    struct catalog_sync sync;
    struct error error;
    rig_begin(&c);
    CHECK(!find(&c, "acme", "wells", &sync));
    put(&c, "acme", "wells", "{\"key\":\"acme/wells\"}", 0);
    CHECK(find(&c, "acme", "wells", &sync));
    CHECK(sync.declared.kind == VALUE_OBJECT);
    CHECK_TEXT(sync.snapshot, "copy");
    CHECK(!find(&c, "acme", "well", &sync) && !find(&c, "acm", "ewells", &sync) && !find(&c, "", "", &sync));
    put(&c, "acme", "wells", "", 0);
    CHECK(find(&c, "acme", "wells", &sync));
    CHECK(sync.declared.kind == VALUE_MISSING);
    CHECK_OK(catalog_drop(c.catalog, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), &error), &error);
    CHECK_OK(catalog_drop(c.catalog, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), &error), &error);
    CHECK(!find(&c, "acme", "wells", &sync));
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM sync"), 0);
    rig_end(&c);
}

// Many, put in any order, are listed by name, each organisation's for itself; and are there at the next start.
TEST(server_catalog, many_are_in_order) {
    struct catalog_rig c;
    struct catalog_sync *syncs;
    struct error error;
    char name[16];
    rig_begin(&c);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "s%03d", i * 7 % 300);
        put(&c, i % 3 == 0 ? "a" : "b", name, "{}", 0);
    }
    for (int start = 0; start < 2; start++) {
        CHECK_INT(list(&c, "", &syncs), 300);
        for (size_t i = 1; i < 300; i++) {
            int by_org = text_compare(syncs[i - 1].org, syncs[i].org);
            CHECK(by_org < 0 || (by_org == 0 && text_compare(syncs[i - 1].name, syncs[i].name) < 0));
        }
        CHECK_INT(list(&c, "a", &syncs), 100);
        CHECK_INT(list(&c, "c", &syncs), 0);
        catalog_close(c.catalog);
        CHECK_OK(catalog_open(c.rig.ledger, &c.catalog, &error), &error);
    }
    rig_end(&c);
}

TEST(server_catalog, what_is_due) {
    struct catalog_rig c;
    struct catalog_sync *syncs;
    struct error error;
    size_t count;
    rig_begin(&c);
    CHECK_INT(catalog_next(c.catalog), 0);
    put(&c, "a", "never", "{}", 0);
    put(&c, "a", "late", "{}", 200);
    put(&c, "b", "soon", "{}", 100);
    CHECK_INT(catalog_next(c.catalog), 100);
    CHECK_OK(catalog_due(c.catalog, 99, &c.rig.arena, &syncs, &count, &error), &error);
    CHECK_INT(count, 0);
    CHECK_OK(catalog_due(c.catalog, 100, &c.rig.arena, &syncs, &count, &error), &error);
    CHECK_INT(count, 1);
    CHECK_TEXT(syncs[0].name, "soon");
    rig_end(&c);
}

// What a person stopped stays stopped, whatever becomes of the script and its plan.
TEST(server_catalog, a_pause_stays) {
    struct catalog_rig c;
    struct catalog_sync sync;
    struct error error;
    rig_begin(&c);
    put(&c, "acme", "wells", "{}", 100);
    CHECK_OK(catalog_pause(c.catalog, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), true, &ledger_rig_who, &error),
             &error);
    put(&c, "acme", "wells", "{\"more\":1}", 200);
    CHECK(find(&c, "acme", "wells", &sync) && sync.paused);
    struct sync_row row = {.org = sync.org, .name = sync.name, .manifest = sync.manifest, .next_us = 300};
    CHECK_OK(catalog_note(c.catalog, &row, &error), &error);
    CHECK(find(&c, "acme", "wells", &sync) && sync.paused && sync.next_us == 300);
    catalog_close(c.catalog);
    CHECK_OK(catalog_open(c.rig.ledger, &c.catalog, &error), &error);
    CHECK(find(&c, "acme", "wells", &sync) && sync.paused);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM audit WHERE action = 'sync paused' AND target = 'acme/wells'"), 1);
    rig_end(&c);
}

// A script that is gone for a moment, while somebody puts another folder in its place, must not run by itself after
// that.
TEST(server_catalog, a_pause_outlives_the_script) {
    struct catalog_rig c;
    struct catalog_sync sync;
    struct error error;
    rig_begin(&c);
    put(&c, "acme", "wells", "{\"key\":\"acme/wells\"}", 7);
    CHECK_OK(catalog_pause(c.catalog, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), true, &ledger_rig_who, &error),
             &error);
    CHECK_OK(catalog_drop(c.catalog, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), &error), &error);
    CHECK(find(&c, "acme", "wells", &sync));
    CHECK(sync.paused && sync.manifest.length == 0 && sync.next_us == 0);
    CHECK_TEXT(sync.broken, LEDGER_SCRIPT_GONE);
    put(&c, "acme", "wells", "{\"key\":\"acme/wells\"}", 9);
    CHECK(find(&c, "acme", "wells", &sync) && sync.paused && sync.broken.length == 0);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM sync WHERE paused = 1 AND next_us = 9"), 1);
    rig_end(&c);
}
