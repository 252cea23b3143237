// Every allocation of our own fails once while records are written over HTTP: each receipt is true of what is there,
// and what nobody knows is found out afterwards. Nothing leaks (under the sanitizers).

#include "source/target_http.h"

#include "store/memory_fails.h"
#include "target_rig.h"
#include "test.h"

enum { ITEMS = 4, TRIES_MAX = 4000 };

static const char *const names[ITEMS] = {"a", "b", "changed", NULL};

// Whether what item `index` wants is so at the datasource.
static bool is_so(struct target_rig *rig, size_t index) {
    api_sync(&rig->api);
    size_t found = 0;
    bool deleted = true;
    for (size_t i = 0; i < rig->api.remote.count; i++) {
        const struct remote_row *row = &rig->api.remote.rows[i];
        const struct value *name = object_find(&row->fields, TEXT_LITERAL("name"));
        found += !row->gone && names[index] != NULL && name != NULL && text_is(value_slice(name), names[index]);
        deleted = deleted && (row->gone || !text_is(row->id, "71"));
    }
    CHECK(found <= 1); // nothing is doubled
    return names[index] != NULL ? found == 1 : deleted;
}

static void check_receipt(struct target_rig *rig, size_t index, bool resolved, bool knows) {
    const struct target_receipt *receipt = &rig->receipts[index];
    switch (receipt->outcome) {
    case TARGET_DONE:
        CHECK(is_so(rig, index));
        CHECK(receipt->external.length > 0 || names[index] == NULL);
        break;
    case TARGET_FAILED:
        if (is_so(rig, index)) {
            test_fail(__FILE__, __LINE__, "item %zu is said to be not in, and is: W%d %s", index,
                      (int)receipt->error.code, receipt->error.message);
        }
        CHECK(receipt->error.message[0] != '\0');
        break;
    case TARGET_UNKNOWN:
        CHECK(receipt->error.message[0] != '\0');
        CHECK(!resolved || !knows);
        break;
    case TARGET_GONE:
    default:
        test_fail(__FILE__, __LINE__, "item %zu: outcome %d", index, (int)receipt->outcome);
    }
}

static void open_world(struct target_rig *rig, const char *type) {
    target_rig_open(rig, type);
    rig->api.keys = true;
    remote_put(&rig->api.remote, "thing", "{\"id\":70,\"name\":\"x\",\"value\":1}");
    remote_put(&rig->api.remote, "thing", "{\"id\":71,\"name\":\"y\",\"value\":1}");
    target_rig_add(rig, TARGET_CREATE, "", "{\"name\":\"a\",\"value\":1.50}");
    target_rig_add(rig, TARGET_CREATE, "", "{\"name\":\"b\",\"value\":2.50}");
    target_rig_add(rig, TARGET_UPDATE, "70", "{\"name\":\"changed\"}");
    target_rig_add(rig, TARGET_DELETE, "71", NULL);
    target_close(rig->target);
    rig->target = NULL;
}

// One go in which the nth fails; false when there were not so many.
static bool go(const char *type, bool knows, unsigned long nth, bool in_resolve) {
    struct target_rig rig;
    open_world(&rig, type);
    if (in_resolve) {
        rig.api.next = API_LOST;
        rig.api.always = true;
    }
    memory_fail_at(in_resolve ? 0 : nth);
    bool is_open = target_open(&target_http, &rig.setup, &rig.target, &rig.error);
    CHECK(is_open || rig.error.code == ERROR_MEMORY);
    bool ok = is_open && target_rig_send(&rig);
    bool failed = memory_failed();
    memory_fail_at(0);
    CHECK(ok || failed);
    CHECK(ok || rig.error.code == ERROR_MEMORY);
    rig.api.next = API_FINE;
    rig.api.always = false;
    api_sync(&rig.api);
    for (size_t i = 0; is_open && i < ITEMS; i++) {
        check_receipt(&rig, i, false, knows);
        if (!in_resolve && rig.receipts[i].outcome != TARGET_UNKNOWN) {
            continue;
        }
        memory_fail_at(in_resolve ? nth : 0);
        bool found = target_resolve(rig.target, &rig.items[i], &rig.arena, &rig.receipts[i], &rig.error);
        failed = failed || (in_resolve && memory_failed());
        bool now = memory_failed();
        memory_fail_at(0);
        CHECK(found || (now && rig.error.code == ERROR_MEMORY));
        if (found) {
            check_receipt(&rig, i, !now, knows);
        }
        target_rig_resolve(&rig, i);
        check_receipt(&rig, i, true, knows);
    }
    target_rig_close(&rig);
    return failed;
}

static void everywhere(const char *type, bool knows) {
    for (int in_resolve = 0; in_resolve <= 1; in_resolve++) {
        unsigned long nth = 1;
        while (go(type, knows, nth, in_resolve == 1)) {
            nth++;
            CHECK(nth < TRIES_MAX);
        }
        CHECK(in_resolve == 1 || nth > 15);
        printf("%lu allocations%s\n", nth - 1, in_resolve == 1 ? " when it is asked what became of them" : "");
    }
}

#define THINGS "\"path\":\"/things\""

TEST(target_http_failing, every_allocation_with_find_f08) {
    everywhere("{" THINGS ",\"find\":[\"name\"],\"match\":\"{field}\"}", true);
}

TEST(target_http_failing, every_allocation_with_a_key_f08) {
    everywhere("{" THINGS ",\"idempotency\":\"Idempotency-Key\"}", true);
}

TEST(target_http_failing, every_allocation_of_an_array_f08) {
    everywhere("{" THINGS ",\"find\":[\"name\"],\"create\":{\"array\":true,\"max\":3}}", true);
}

TEST(target_http_failing, every_allocation_of_reading_back_f08) {
    everywhere("{" THINGS ",\"find\":[\"name\"],\"read_back\":\"one\"}", true);
}

TEST(target_http_failing, every_allocation_without_a_way_to_ask_f08) {
    everywhere("{" THINGS "}", false);
}
