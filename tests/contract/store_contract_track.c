#include "contract/store_contract_past.h"

// What two ways need of links and of home's past: what was sent, what merges begin from, home's changes in order.

void past_track(struct kit *kit, struct linkset *links) {
    CHECK_OK(store_track(kit->store, links, &kit->error), &kit->error);
    CHECK(links->tracked);
}

// Opens a home with a tracked linkset of groups, a run in it, and the group A as "a" at seq 1.
struct effect past_open(struct kit *kit, const struct store_type *type, const char *folder) {
    kit_open(kit, type, folder);
    past_track(kit, kit->groups);
    kit_run(kit);
    return kit_add_group(kit, "a", "A", "form 1");
}

const struct value *past_fields(const char *code) {
    static struct value fields[8][GROUP_FIELDS];
    static size_t next;
    struct value *out = fields[next++ % 8];
    out[GROUP_CODE] = kit_text(code);
    out[GROUP_NAME] = value_null();
    return out;
}

// An effect of somebody else than the linkset's datasource.
void past_edit(struct kit *kit, const struct effect *made, enum effect_kind kind, int64_t base_seq, const char *code,
               int64_t at_us) {
    struct effect edit = kit_change(made, kind, base_seq, code != NULL ? past_fields(code) : NULL, "");
    edit.links = NULL;
    struct page page = kit_effects(kit, &edit, 1);
    page.at_us = at_us;
    kit_commit(kit, &page);
}

void past_change(struct kit *kit, const struct effect *made, enum effect_kind kind, int64_t base_seq, const char *code,
                 const char *agreed) {
    struct effect effect = kit_change(made, kind, base_seq, code != NULL ? past_fields(code) : NULL, "form 2");
    effect.agreed = agreed != NULL ? past_fields(agreed) : NULL;
    kit_commit_effects(kit, &effect, 1);
}

bool past_base(struct kit *kit, const struct datatype *datatype, int64_t id, int64_t seq, struct value **fields,
               int64_t *edited_us) {
    bool found;
    CHECK_OK(kit->type->base_find(kit->store, datatype, id, seq, kit->arena, &found, fields, edited_us, &kit->error),
             &kit->error);
    return found;
}

void past_check(struct kit *kit, int64_t id, int64_t seq, const char *code, int64_t edited_us) {
    struct value *fields;
    int64_t edited;
    CHECK(past_base(kit, kit->group, id, seq, &fields, &edited));
    CHECK_TEXT(value_slice(&fields[GROUP_CODE]), code);
    CHECK_INT(edited, edited_us);
}

bool past_has(struct kit *kit, int64_t id, int64_t seq) {
    struct value *fields;
    int64_t edited;
    return past_base(kit, kit->group, id, seq, &fields, &edited);
}

// --- links ---

void past_check_sent(const struct link *link, const char *sent, const char *before, int64_t bounces) {
    CHECK(print_same(link->sent, sent != NULL ? kit_print(sent) : (struct print){0, 0}));
    CHECK(print_same(link->sent_before, before != NULL ? kit_print(before) : (struct print){0, 0}));
    CHECK_INT(link->bounces, bounces);
}

void contract_link_sent_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct link link = kit_link(&kit, kit.groups, "a");
    past_check_sent(&link, NULL, NULL, 0);
    struct effect effects[2] = {kit_change(&a, EFFECT_AGREE, 1, NULL, "form 2"),
                                kit_create(&kit, kit.group, kit.groups, "b", past_fields("B"), "form 1")};
    for (int i = 0; i < 2; i++) {
        effects[i].sends = true;
        effects[i].sent = kit_print("sent 2");
        effects[i].sent_before = kit_print("sent 1");
        effects[i].bounces = 3;
    }
    kit_commit_effects(&kit, effects, 2);
    struct effect change_only = kit_change(&a, EFFECT_UPDATE, 1, past_fields("A2"), "form 3"); // sends nothing
    kit_commit_effects(&kit, &change_only, 1);
    kit_reopen(&kit);
    CHECK(kit.groups->tracked);
    for (int i = 0; i < 2; i++) {
        link = kit_link(&kit, kit.groups, i == 0 ? "a" : "b");
        past_check_sent(&link, "sent 2", "sent 1", 3);
        struct text external;
        CHECK_OK(type->link_of(kit.store, kit.groups, effects[i].id, kit.arena, &link, &external, &kit.error),
                 &kit.error);
        past_check_sent(&link, "sent 2", "sent 1", 3);
    }
    struct kit_rows rows;
    kit_links(&kit, kit.group, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    past_check_sent(&rows.as.links[1].link, "sent 2", "sent 1", 3);
    CHECK(print_same(rows.as.links[0].link.seen, kit_print("form 3")));
    kit_close(&kit);
}

// Of neighbours in a page, those that were sent and those that weren't.
void contract_link_sent_of_its_own(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct effect b = kit_add_group(&kit, "b", "B", "form 1");
    struct effect effects[3] = {kit_change(&a, EFFECT_AGREE, 1, NULL, "form 2"),
                                kit_change(&b, EFFECT_AGREE, 2, NULL, "form 2"),
                                kit_change(&a, EFFECT_AGREE, 1, NULL, "form 3")};
    effects[1].sends = true;
    effects[1].sent = kit_print("sent");
    kit_commit_effects(&kit, effects, 3);
    struct link link = kit_link(&kit, kit.groups, "a");
    past_check_sent(&link, NULL, NULL, 0);
    link = kit_link(&kit, kit.groups, "b");
    past_check_sent(&link, "sent", NULL, 0);
    effects[1].sends = false;
    effects[0].sends = true;
    effects[0].sent = kit_print("a's");
    kit_commit_effects(&kit, effects, 2);
    link = kit_link(&kit, kit.groups, "a");
    past_check_sent(&link, "a's", NULL, 0);
    link = kit_link(&kit, kit.groups, "b");
    past_check_sent(&link, "sent", NULL, 0);
    kit_close(&kit);
}

void contract_link_forgotten(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    past_change(&kit, &a, EFFECT_FORGET, 0, NULL, NULL);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 0);
    CHECK_INT(kit_record(&kit, kit.group, a.id).seq, 1);
    CHECK_INT(kit_seq(&kit), 1);                         // it takes none
    past_change(&kit, &a, EFFECT_FORGET, 0, NULL, NULL); // gone already
    struct effect again = kit_change(&a, EFFECT_AGREE, 1, NULL, "form 3");
    again.adds_link = true;
    kit_commit_effects(&kit, &again, 1);
    struct effect other = again;
    other.kind = EFFECT_FORGET;
    other.adds_link = false;
    other.external = TEXT_LITERAL("another");
    kit_commit_effects(&kit, &other, 1);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, a.id);
    kit_close(&kit);
}

void contract_delete_takes_its_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct effect gone = kit_change(&a, EFFECT_DELETE, 1, NULL, "");
    gone.external = TEXT_LITERAL("another");
    struct page page = kit_effects(&kit, &gone, 1);
    kit_stale(&kit, &page);
    CHECK_INT(kit_record(&kit, kit.group, a.id).id, a.id);
    past_change(&kit, &a, EFFECT_DELETE, 1, NULL, NULL);
    CHECK_INT(kit_record(&kit, kit.group, a.id).id, 0);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 0);
    CHECK(!past_has(&kit, a.id, 1));
    CHECK_INT(kit_seq(&kit), 2);
    kit_close(&kit);
}

void contract_link_counted(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    int64_t count = -1;
    for (int64_t i = 0; i < 3; i++) {
        CHECK_OK(type->link_count(kit.store, kit.groups, &count, &kit.error), &kit.error);
        CHECK_INT(count, i);
        static const char *const names[] = {"a", "b", "c"};
        kit_add_group(&kit, names[i], names[i], "1");
    }
    CHECK_OK(type->link_count(kit.store, kit.readings, &count, &kit.error), &kit.error);
    CHECK_INT(count, 0);
    kit_close(&kit);
}

// --- tracking ---

void contract_track_stays(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    CHECK(!kit.groups->tracked);
    past_track(&kit, kit.groups);
    past_track(&kit, kit.groups);
    CHECK(!kit.readings->tracked);
    kit_reopen(&kit);
    CHECK(kit.groups->tracked && !kit.readings->tracked);
    past_track(&kit, kit.groups);
    kit_close(&kit);
}

// Another process begins to track while this one goes on.
void contract_track_is_seen_by_others(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect a = kit_add_group(&kit, "a", "A", "form 1");
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "B", 10);
    past_change(&kit, &a, EFFECT_AGREE, 2, NULL, NULL);
    struct store *other = kit_another(&kit);
    struct linkset *links;
    CHECK_OK(store_linkset(other, TEXT_LITERAL("wells"), kit.group, false, &links, &kit.error), &kit.error);
    CHECK_OK(store_track(other, links, &kit.error), &kit.error);
    store_close(other);
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "C", 20);
    past_check(&kit, a.id, 2, "B", 20);
    past_change(&kit, &a, EFFECT_AGREE, 3, NULL, NULL);
    CHECK(!past_has(&kit, a.id, 2));
    kit_close(&kit);
}

void contract_base_only_where_tracked(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    past_track(&kit, kit.readings);
    struct effect a = kit_add_group(&kit, "a", "A", "form 1");
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "B", 10);
    CHECK(!past_has(&kit, a.id, 1));
    past_track(&kit, kit.groups); // from now on: the form is gone
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "C", 20);
    CHECK(!past_has(&kit, a.id, 1));
    kit_close(&kit);
}

void contract_base_kept_by_first_edit(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    CHECK(!past_has(&kit, a.id, 1));
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "B", 10);
    past_check(&kit, a.id, 1, "A", 10);
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "C", 20);
    past_check(&kit, a.id, 1, "A", 20);
    CHECK(!past_has(&kit, a.id, 2));
    CHECK(!past_has(&kit, a.id, 3));
    kit_reopen(&kit);
    past_check(&kit, a.id, 1, "A", 20);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 1);
    kit_close(&kit);
}

void contract_base_goes_with_its_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "B", 10);
    past_change(&kit, &a, EFFECT_AGREE, 2, NULL, NULL);
    CHECK(!past_has(&kit, a.id, 1));
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "C", 20);
    past_check(&kit, a.id, 2, "B", 20);
    past_change(&kit, &a, EFFECT_UPDATE, 3, "D", NULL);
    CHECK(!past_has(&kit, a.id, 2));
    past_edit(&kit, &a, EFFECT_UPDATE, 4, "E", 30);
    past_check(&kit, a.id, 4, "D", 30);
    past_change(&kit, &a, EFFECT_FORGET, 0, NULL, NULL);
    CHECK(!past_has(&kit, a.id, 4));
    kit_close(&kit);
}

void contract_base_not_of_a_given_up_page(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct effect b = kit_add_group(&kit, "b", "B", "form 1");
    struct effect edits[2] = {kit_change(&a, EFFECT_UPDATE, 1, past_fields("X"), ""),
                              kit_change(&b, EFFECT_UPDATE, 99, past_fields("Y"), "")};
    edits[0].links = edits[1].links = NULL;
    struct page page = kit_effects(&kit, edits, 2);
    kit_stale(&kit, &page);
    CHECK(!past_has(&kit, a.id, 1));
    kit_close(&kit);
}

void contract_base_of_a_deleted_record(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    past_edit(&kit, &a, EFFECT_DELETE, 1, NULL, 10);
    past_check(&kit, a.id, 1, "A", 10);
    past_edit(&kit, &a, EFFECT_CREATE, 0, "B", 20); // brought back by somebody
    past_check(&kit, a.id, 1, "A", 20);
    past_edit(&kit, &a, EFFECT_DELETE, 3, NULL, 30);
    past_check(&kit, a.id, 1, "A", 30);
    past_change(&kit, &a, EFFECT_FORGET, 0, NULL, NULL);
    CHECK(!past_has(&kit, a.id, 1));
    kit_close(&kit);
}

// A record with a link in each of two datasources.
void contract_base_for_each_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, false);
    past_track(&kit, ponds);
    struct effect p = kit_change(&a, EFFECT_AGREE, 1, NULL, "pond 1");
    p.links = ponds;
    p.external = TEXT_LITERAL("p");
    p.adds_link = true;
    kit_commit_effects(&kit, &p, 1);
    p.adds_link = false;

    past_change(&kit, &a, EFFECT_UPDATE, 1, "B", NULL); // an edit, to the other
    past_check(&kit, a.id, 1, "A", 1500);
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "C", 20);
    past_check(&kit, a.id, 1, "A", 20);
    past_check(&kit, a.id, 2, "B", 20);
    struct effect agree = kit_change(&p, EFFECT_AGREE, 3, NULL, "pond 2");
    kit_commit_effects(&kit, &agree, 1);
    CHECK(!past_has(&kit, a.id, 1));
    past_check(&kit, a.id, 2, "B", 20);
    agree = kit_change(&a, EFFECT_AGREE, 3, NULL, "form 3");
    kit_commit_effects(&kit, &agree, 1);
    CHECK(!past_has(&kit, a.id, 2));

    past_edit(&kit, &a, EFFECT_UPDATE, 3, "D", 30); // both need the same one now
    past_change(&kit, &a, EFFECT_AGREE, 4, NULL, NULL);
    past_check(&kit, a.id, 3, "C", 30);
    agree = kit_change(&p, EFFECT_AGREE, 4, NULL, "pond 4");
    kit_commit_effects(&kit, &agree, 1);
    CHECK(!past_has(&kit, a.id, 3));
    kit_close(&kit);
}

void contract_base_is_exact(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    past_track(&kit, kit.readings);
    const struct value items[] = {value_integer(1), kit_decimal("2.50"), value_null()};
    const struct value fields[READING_FIELDS] = {
        [READING_GROUP] = value_integer(77),
        [READING_AT] = value_integer(INT64_MIN),
        [READING_VALUE] = kit_decimal("12.500000000000000000001"),
        [READING_NOTE] = kit_text("12.50 \"ü\"\n"),
        [READING_GOOD] = value_bool(false),
        [READING_COUNT] = value_integer(INT64_MAX),
        [READING_DATA] = value_list(items, 3),
    };
    struct effect made = kit_create(&kit, kit.reading, kit.readings, "r", fields, "1");
    kit_commit_effects(&kit, &made, 1);
    const struct value none[READING_FIELDS] = {[READING_AT] = value_integer(0)};
    struct effect edit = kit_change(&made, EFFECT_UPDATE, 1, none, "");
    edit.links = NULL;
    kit_commit_effects(&kit, &edit, 1);
    struct value *base;
    int64_t edited;
    CHECK(past_base(&kit, kit.reading, made.id, 1, &base, &edited));
    for (size_t i = 0; i < READING_FIELDS; i++) {
        CHECK_INT(base[i].kind, fields[i].kind);
        CHECK(field_same(&kit.reading->fields[i], &base[i], &fields[i]));
    }
    CHECK_TEXT(value_slice(&base[READING_VALUE]), "12.500000000000000000001");
    edit = kit_change(&made, EFFECT_AGREE, 2, NULL, "2");
    kit_commit_effects(&kit, &edit, 1);
    edit = kit_change(&made, EFFECT_UPDATE, 2, fields, "");
    edit.links = NULL;
    kit_commit_effects(&kit, &edit, 1);
    CHECK(past_base(&kit, kit.reading, made.id, 2, &base, &edited));
    for (size_t i = 0; i < READING_FIELDS; i++) {
        CHECK_INT(base[i].kind, i == READING_AT ? VALUE_INTEGER : VALUE_NULL);
    }
    kit_close(&kit);
}
