#include "engine/view_page.h"

#include "format/format_json.h"
#include "push_rig.h"

// Home's records as a push would send them, a page at a time.

#define ID(id) ((long long)(id))

struct looking {
    struct push_rig rig;
    struct store *reader;
    struct buffer seen; // "external {form}" or "external W4021" a line
    struct view_end end;
    struct error error;
};

static void begin(struct looking *looking, enum sync_direction direction) {
    memset(looking, 0, sizeof *looking);
    push_rig_open(&looking->rig, direction);
    buffer_init(&looking->seen, 1 << 20);
    // A second handle, which asserts that nothing is written through it.
    struct store_setup setup = {.folder = text_of(test_folder()), .read_only = true};
    CHECK_OK(store_open(looking->rig.store_type, &setup, &looking->reader, &looking->error), &looking->error);
}

static void finish(struct looking *looking) {
    store_close(looking->reader);
    buffer_clear(&looking->seen);
    push_rig_close(&looking->rig);
}

static bool keep(void *context, const struct view_row *row, struct error *error) {
    struct looking *looking = context;
    (void)error;
    CHECK(row->id > 0);
    buffer_text(&looking->seen, row->external.length > 0 ? row->external : TEXT_LITERAL("-"));
    buffer_byte(&looking->seen, ' ');
    if (row->form == NULL) {
        buffer_print(&looking->seen, "W%d", (int)row->error.code);
    } else {
        struct value form = value_object(row->form);
        CHECK(row->seq > 0);
        json_write(&looking->seen, &form);
    }
    buffer_byte(&looking->seen, '\n');
    return true;
}

static bool look(struct looking *looking, const char *type, const char *after, int64_t offset, int64_t limit) {
    struct view view = {&looking->rig.sync, looking->reader};
    struct view_ask ask = {text_of(type), text_of(after), offset, limit};
    buffer_reset(&looking->seen);
    error_clear(&looking->error);
    return view_page(&view, &ask, keep, looking, &looking->end, &looking->error);
}

static bool sees(const struct looking *looking, const char *text) {
    struct text seen = buffer_view(&looking->seen);
    return memmem(seen.data, seen.length, text, strlen(text)) != NULL;
}

static void check_page(struct looking *looking, const char *type, const char *after, int64_t limit, const char *seen) {
    CHECK_OK(look(looking, type, after, 0, limit), &looking->error);
    CHECK_TEXT(buffer_view(&looking->seen), seen);
}

TEST(engine_view_page, shows_what_a_push_sends) {
    struct looking looking;
    begin(&looking, SYNC_PUSH);
    int64_t well =
        push_rig_put(&looking.rig, "resource", "{\"name\":\"well\",\"code\":\"w\",\"legacy\":\"not pushed\"}");
    push_rig_put(&looking.rig, "resource", "{\"name\":\"pump\",\"parent\":%lld}", ID(well));
    // What refers to a record that isn't there yet waits, and the page goes on.
    check_page(&looking, "resource", "", 10, "- {\"code\":\"w\",\"name\":\"well\",\"parent\":null}\n- W4021\n");
    push_rig_run(&looking.rig, RUN_DONE);
    check_page(&looking, "resource", "", 10,
               "1 {\"code\":\"w\",\"name\":\"well\",\"parent\":null}\n"
               "2 {\"code\":null,\"name\":\"pump\",\"parent\":\"1\"}\n");
    CHECK_TEXT(remote_get(&looking.rig.remote, "resource", "2"),
               "{\"id\":2,\"code\":null,\"name\":\"pump\",\"parent\":\"1\"}");
    CHECK(looking.end.next[0] == '\0' && looking.end.skipped == 0);
    check_page(&looking, "reading", "", 10, "");
    // An edit is seen at once, and looking changes nothing.
    push_rig_put(&looking.rig, "resource", "{\"id\":%lld,\"code\":\"v\"}", ID(well));
    check_page(&looking, "resource", "", 1, "1 {\"code\":\"v\",\"name\":\"well\",\"parent\":null}\n");
    push_rig_run(&looking.rig, RUN_DONE);
    CHECK_INT(looking.rig.report.counts.pushed, 1);
    finish(&looking);
}

TEST(engine_view_page, cursors_stand_while_records_come_and_go) {
    struct looking looking;
    char next[VIEW_CURSOR_MAX];
    begin(&looking, SYNC_PULL);
    int64_t ids[5];
    for (int i = 0; i < 5; i++) {
        ids[i] = push_rig_put(&looking.rig, "reading", "{\"resource\":%lld,\"value\":%d}",
                              ID(push_rig_put(&looking.rig, "resource", "{\"name\":\"r\"}")), i);
    }
    CHECK_OK(look(&looking, "reading", "", 0, 2), &looking.error);
    CHECK(sees(&looking, "\"value\":0}") && sees(&looking, "\"value\":1}"));
    CHECK(looking.end.next[0] != '\0');
    memcpy(next, looking.end.next, sizeof next);
    push_rig_delete(&looking.rig, "reading", ids[0]);
    push_rig_delete(&looking.rig, "reading", ids[1]); // the one that the cursor names
    push_rig_put(&looking.rig, "reading", "{\"resource\":1,\"value\":5}");
    CHECK_OK(look(&looking, "reading", next, 0, 2), &looking.error);
    CHECK(sees(&looking, "\"value\":2}") && sees(&looking, "\"value\":3}"));
    memcpy(next, looking.end.next, sizeof next);
    CHECK_OK(look(&looking, "reading", next, 0, 2), &looking.error);
    CHECK(sees(&looking, "\"value\":4}") && sees(&looking, "\"value\":5}"));
    CHECK(looking.end.next[0] == '\0');
    // Counted from the beginning it is the list as it is now.
    CHECK_OK(look(&looking, "reading", "", 3, 2), &looking.error);
    CHECK(sees(&looking, "\"value\":5}") && !sees(&looking, "\"value\":4}"));
    CHECK_OK(look(&looking, "reading", "", 100, 2), &looking.error);
    CHECK_TEXT(buffer_view(&looking.seen), "");
    finish(&looking);
}

TEST(engine_view_page, a_cursor_of_another_list_or_of_nobody_is_refused) {
    struct looking looking;
    begin(&looking, SYNC_PUSH);
    push_rig_put(&looking.rig, "resource", "{\"name\":\"a\"}");
    push_rig_put(&looking.rig, "resource", "{\"name\":\"b\"}");
    CHECK_OK(look(&looking, "resource", "", 0, 1), &looking.error);
    char next[VIEW_CURSOR_MAX];
    memcpy(next, looking.end.next, sizeof next);
    CHECK_OK(look(&looking, "resource", next, 0, 1), &looking.error);
    const char *const bad[] = {"x",          "1",          "-",           "1-",
                               "0-00000000", "1-00000000", "-1-00000000", "99999999999999999999-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!look(&looking, "resource", bad[i], 0, 1) && looking.error.code == ERROR_REQUEST);
    }
    CHECK(!look(&looking, "reading", next, 0, 1) && looking.error.code == ERROR_REQUEST);
    looking.rig.sync.name = TEXT_LITERAL("other");
    CHECK(!look(&looking, "resource", next, 0, 1) && looking.error.code == ERROR_REQUEST);
    CHECK(!look(&looking, "nothing", "", 0, 1) && looking.error.code == ERROR_REQUEST);
    CHECK(!look(&looking, "resource", "", 0, 0) && looking.error.code == ERROR_REQUEST);
    CHECK(!look(&looking, "resource", "", 0, VIEW_LIMIT_MAX + 1) && looking.error.code == ERROR_REQUEST);
    CHECK(!look(&looking, "resource", "", -1, 1) && looking.error.code == ERROR_REQUEST);
    finish(&looking);
}

static bool is_wanted(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                      struct error *error) {
    (void)count;
    (void)arena;
    struct text name = value_slice(&objects[0]->values[1 + RES_NAME]);
    *out = (struct mapped){.value = {.kind = VALUE_BOOL, .as = {.boolean = !text_is(name, "no")}}};
    return !text_is(name, "raises") || error_set(error, ERROR_TRANSFORM, "oh");
}

TEST(engine_view_page, what_when_leaves_out_is_counted_and_what_fails_has_its_reason) {
    struct looking looking;
    begin(&looking, SYNC_PUSH);
    looking.rig.types[0].push.has_when = true;
    looking.rig.functions[0] = is_wanted;
    const char *const names[] = {"no", "no", "raises", "yes"};
    for (size_t i = 0; i < 4; i++) {
        push_rig_put(&looking.rig, "resource", "{\"name\":\"%s\"}", names[i]);
    }
    check_page(&looking, "resource", "", 2, "");
    CHECK_INT(looking.end.skipped, 2);
    CHECK(looking.end.next[0] != '\0'); // an empty page is no end
    char next[VIEW_CURSOR_MAX];
    memcpy(next, looking.end.next, sizeof next);
    check_page(&looking, "resource", next, 2, "- W4008\n- {\"code\":null,\"name\":\"yes\",\"parent\":null}\n");
    CHECK(looking.end.next[0] == '\0' && looking.end.skipped == 0);
    finish(&looking);
}

TEST(engine_view_page, a_reference_that_waits_goes_out_as_it_came) {
    struct looking looking;
    begin(&looking, SYNC_BOTH);
    remote_put(&looking.rig.remote, "resource", "{\"id\":5,\"name\":\"child\",\"parent\":\"99\"}");
    push_rig_run(&looking.rig, RUN_DONE);
    check_page(&looking, "resource", "", 5, "5 {\"code\":null,\"name\":\"child\",\"parent\":\"99\"}\n");
    struct text external = {"5", 1};
    struct link link = {0};
    struct linkset *links;
    CHECK_OK(
        store_linkset(looking.rig.store, TEXT_LITERAL("remote"), &looking.rig.resource, false, &links, &looking.error),
        &looking.error);
    CHECK_OK(looking.rig.store_type->link_find(looking.rig.store, links, &external, 1, &link, &looking.error),
             &looking.error);
    push_rig_put(&looking.rig, "resource", "{\"id\":%lld,\"code\":\"c\"}", ID(link.home));
    push_rig_run(&looking.rig, RUN_DONE); // what the push sends is what was seen
    CHECK_TEXT(remote_get(&looking.rig.remote, "resource", "5"),
               "{\"id\":5,\"name\":\"child\",\"parent\":\"99\",\"code\":\"c\"}");
    finish(&looking);
}

TEST(engine_view_page, a_type_that_is_not_pushed_comes_as_home_has_it) {
    struct looking looking;
    begin(&looking, SYNC_PULL);
    remote_put(&looking.rig.remote, "resource", "{\"id\":5,\"name\":\"theirs\"}");
    remote_put(&looking.rig.remote, "reading", "{\"id\":6,\"resource\":\"5\",\"value\":\"1.50\"}");
    push_rig_run(&looking.rig, RUN_DONE);
    int64_t own = push_rig_put(&looking.rig, "resource", "{\"name\":\"own\",\"at\":\"2018-08-06T14:30:00Z\"}");
    push_rig_put(&looking.rig, "reading", "{\"resource\":%lld,\"value\":2}", ID(own));
    check_page(&looking, "resource", "", 5,
               "5 {\"name\":\"theirs\",\"parent\":null,\"code\":null,\"at\":null,\"legacy\":null}\n"
               "- {\"name\":\"own\",\"parent\":null,\"code\":null,\"at\":\"2018-08-06T14:30:00Z\",\"legacy\":null}\n");
    CHECK_OK(look(&looking, "reading", "", 0, 5), &looking.error);
    char expected[200];
    snprintf(expected, sizeof expected, "6 {\"resource\":\"5\",\"value\":1.50}\n- {\"resource\":%lld,\"value\":2}\n",
             ID(own));
    CHECK_TEXT(buffer_view(&looking.seen), expected);
    finish(&looking);
}
