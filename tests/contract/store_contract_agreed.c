#include "contract/store_contract_past.h"

// Home ahead of what both sides agree on, and home's changes in order.

void contract_agreed_update_takes_two_seqs(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    struct effect b = kit_add_group(&kit, "b", "B", "form 1");
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "mine", 10);
    past_check(&kit, a.id, 1, "A", 10);
    struct effect effects[3] = {kit_change(&b, EFFECT_UPDATE, 2, past_fields("B2"), "form 2"),
                                kit_change(&a, EFFECT_UPDATE, 3, past_fields("merged"), "form 2"),
                                kit_create(&kit, kit.group, kit.groups, "c", past_fields("C"), "form 1")};
    effects[1].agreed = past_fields("theirs");
    kit_commit_effects(&kit, effects, 3);
    CHECK_INT(kit_record(&kit, kit.group, b.id).seq, 4);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 5);
    CHECK_INT(kit_record(&kit, kit.group, a.id).seq, 6);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, a.id).fields[GROUP_CODE]), "merged");
    CHECK_INT(kit_link(&kit, kit.groups, "c").agreed_seq, 7);
    CHECK_INT(kit_record(&kit, kit.group, effects[2].id).seq, 7);
    CHECK_INT(kit_seq(&kit), 7);
    past_check(&kit, a.id, 5, "theirs", 10); // home's edit is no later for it
    CHECK(!past_has(&kit, a.id, 1));
    past_change(&kit, &a, EFFECT_AGREE, 6, NULL, NULL);
    CHECK(!past_has(&kit, a.id, 5));
    kit_close(&kit);
}

void contract_agreed_update_adopts(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    past_track(&kit, kit.groups);
    struct effect made[2] = {kit_create(&kit, kit.group, NULL, "a", past_fields("A"), ""),
                             kit_create(&kit, kit.group, NULL, "b", past_fields("B"), "")};
    kit_commit_effects(&kit, made, 2);
    for (int i = 0; i < 2; i++) {
        made[i].kind = EFFECT_UPDATE;
        made[i].base_seq = i + 1;
        made[i].fields = past_fields("merged");
        made[i].agreed = past_fields(i == 0 ? "theirs" : "theirs too");
        made[i].links = kit.groups;
        made[i].adds_link = true;
    }
    kit_commit_effects(&kit, made, 2);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 3);
    CHECK_INT(kit_record(&kit, kit.group, made[0].id).seq, 4);
    CHECK_INT(kit_link(&kit, kit.groups, "b").agreed_seq, 5);
    CHECK_INT(kit_record(&kit, kit.group, made[1].id).seq, 6);
    past_check(&kit, made[0].id, 3, "theirs", 1500);
    past_check(&kit, made[1].id, 5, "theirs too", 1500);
    kit_close(&kit);
}

void contract_agreed_while_edited(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "sent", 10);
    past_edit(&kit, &a, EFFECT_UPDATE, 2, "later", 20); // while it was on its way
    past_change(&kit, &a, EFFECT_AGREE, 2, NULL, "sent");
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 2);
    CHECK_INT(kit_record(&kit, kit.group, a.id).seq, 3);
    past_check(&kit, a.id, 2, "sent", 20);
    CHECK(!past_has(&kit, a.id, 1));
    past_change(&kit, &a, EFFECT_AGREE, 2, NULL, "sent and trimmed"); // said again, better
    past_check(&kit, a.id, 2, "sent and trimmed", 20);
    past_change(&kit, &a, EFFECT_AGREE, 3, NULL, "later"); // it has not gone past this one
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 3);
    CHECK(!past_has(&kit, a.id, 3));
    CHECK(!past_has(&kit, a.id, 2));
    kit_close(&kit);
}

void contract_agreed_of_a_new_link(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    past_track(&kit, kit.groups);
    struct effect made = kit_create(&kit, kit.group, NULL, "a", past_fields("sent"), "");
    kit_commit_effects(&kit, &made, 1);
    past_edit(&kit, &made, EFFECT_UPDATE, 1, "later", 10);
    struct effect agree = kit_change(&made, EFFECT_AGREE, 1, NULL, "form 1");
    agree.links = kit.groups;
    agree.adds_link = true;
    agree.agreed = past_fields("sent");
    agree.sends = true;
    agree.sent = kit_print("sent 1");
    kit_commit_effects(&kit, &agree, 1);
    struct link link = kit_link(&kit, kit.groups, "a");
    CHECK_INT(link.agreed_seq, 1);
    past_check_sent(&link, "sent 1", NULL, 0);
    past_check(&kit, made.id, 1, "sent", 1500);
    kit_close(&kit);
}

void contract_agreed_of_a_deleted_record(const struct store_type *type, const char *folder) {
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "sent", 10);
    past_edit(&kit, &a, EFFECT_DELETE, 2, NULL, 20); // while it was on its way
    struct effect plain = kit_change(&a, EFFECT_AGREE, 2, NULL, "form 2");
    struct page page = kit_effects(&kit, &plain, 1);
    kit_stale(&kit, &page);
    past_change(&kit, &a, EFFECT_AGREE, 2, NULL, "sent");
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 2);
    past_check(&kit, a.id, 2, "sent", 20);
    CHECK(!past_has(&kit, a.id, 1));
    plain.base_seq = 3; // the tombstone's: nothing is left to agree on
    kit_commit_effects(&kit, &plain, 1);
    CHECK_INT(kit_link(&kit, kit.groups, "a").agreed_seq, 3);
    CHECK(!past_has(&kit, a.id, 2));

    struct effect b = kit_create(&kit, kit.group, NULL, "b", past_fields("B"), "");
    kit_commit_effects(&kit, &b, 1);
    past_edit(&kit, &b, EFFECT_DELETE, 4, NULL, 30);
    struct effect agree = kit_change(&b, EFFECT_AGREE, 4, NULL, "form 1"); // the create came through
    agree.links = kit.groups;
    agree.adds_link = true;
    agree.agreed = past_fields("B");
    kit_commit_effects(&kit, &agree, 1);
    past_check(&kit, b.id, 4, "B", 30);
    kit_close(&kit);
}

// --- home's changes ---

struct seen {
    struct kit *kit;
    size_t count;
    size_t stop;
    struct change_row rows[KIT_ROWS_MAX];
};

static bool see(void *context, const struct change_row *row, struct error *error) {
    struct seen *seen = context;
    (void)error;
    CHECK(seen->count < KIT_ROWS_MAX);
    struct change_row *copy = &seen->rows[seen->count++];
    *copy = *row;
    CHECK(arena_text(seen->kit->arena, row->row.origin, &copy->row.origin));
    if (!row->deleted) {
        copy->row.fields = arena_take_zero(seen->kit->arena, GROUP_FIELDS, sizeof(struct value));
        CHECK(copy->row.fields != NULL);
        CHECK(value_copy(seen->kit->arena, &row->row.fields[GROUP_CODE], &copy->row.fields[GROUP_CODE]));
    }
    return seen->stop == 0 || seen->count < seen->stop;
}

static void changes(struct kit *kit, int64_t after, int64_t limit, struct seen *out) {
    out->kit = kit;
    out->count = 0;
    CHECK_OK(kit->type->change_scan(kit->store, kit->group, after, limit, see, out, &kit->error), &kit->error);
}

static void check_change(const struct change_row *row, int64_t seq, int64_t id, const char *code) {
    CHECK_INT(row->seq, seq);
    CHECK_INT(row->row.seq, seq);
    CHECK_INT(row->row.id, id);
    CHECK(row->deleted == (code == NULL));
    if (code != NULL) {
        CHECK_TEXT(value_slice(&row->row.fields[GROUP_CODE]), code);
    }
}

void contract_changes_in_order(const struct store_type *type, const char *folder) {
    static struct seen seen;
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 1);
    struct effect b = kit_add_group(&kit, "b", "B", "1");
    struct effect c = kit_add_group(&kit, "c", "C", "1");
    struct effect d = kit_add_group(&kit, "d", "D", "1");
    kit_add_reading(&kit, "r", 1, "1"); // seq 5, of another datatype
    past_edit(&kit, &c, EFFECT_DELETE, 3, NULL, 10);
    past_edit(&kit, &a, EFFECT_UPDATE, 1, "A2", 10);
    past_edit(&kit, &d, EFFECT_DELETE, 4, NULL, 10);
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 4);
    check_change(&seen.rows[0], 2, b.id, "B");
    check_change(&seen.rows[1], 6, c.id, NULL);
    check_change(&seen.rows[2], 7, a.id, "A2");
    check_change(&seen.rows[3], 8, d.id, NULL);
    CHECK_TEXT(seen.rows[3].row.origin, "wells");
    changes(&kit, 6, 0, &seen);
    CHECK_INT(seen.count, 2);
    check_change(&seen.rows[0], 7, a.id, "A2");
    changes(&kit, 2, 2, &seen);
    CHECK_INT(seen.count, 2);
    check_change(&seen.rows[1], 7, a.id, "A2");
    changes(&kit, 8, 0, &seen);
    CHECK_INT(seen.count, 0);
    seen.stop = 1;
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 1);
    seen.stop = 0;
    past_edit(&kit, &c, EFFECT_CREATE, 0, "C2", 20); // brought back: its trace is gone
    changes(&kit, 2, 0, &seen);
    CHECK_INT(seen.count, 3);
    check_change(&seen.rows[2], 9, c.id, "C2");
    kit_close(&kit);
}

void contract_changes_of_a_snapshot(const struct store_type *type, const char *folder) {
    static struct seen seen;
    struct kit kit;
    struct effect a = past_open(&kit, type, folder);
    CHECK_OK(type->snapshot(kit.store, &kit.error), &kit.error);
    past_edit(&kit, &a, EFFECT_DELETE, 1, NULL, 10);
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 1);
    check_change(&seen.rows[0], 1, a.id, "A");
    CHECK(!past_has(&kit, a.id, 1));
    type->snapshot_end(kit.store);
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 1);
    check_change(&seen.rows[0], 2, a.id, NULL);
    CHECK(past_has(&kit, a.id, 1));
    kit_close(&kit);
}

// A first load of a tracked linkset: its changes can be read as any others, and an edit meanwhile stays one.
void contract_changes_of_a_first_load(const struct store_type *type, const char *folder) {
    static struct seen seen;
    struct kit kit;
    kit_open_bare(&kit, type, folder);
    const struct datatype *datatypes[] = {kit.group, kit.reading};
    CHECK_OK(store_prepare(kit.store, datatypes, 2, TEXT_LITERAL("return {}"), &kit.error), &kit.error);
    kit.groups = kit_linkset(&kit, "wells", kit.group, true);
    CHECK(kit.groups->bulk);
    past_track(&kit, kit.groups);
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    struct effect again = kit_add_group(&kit, "a", "A2", "2");
    past_edit(&kit, &again, EFFECT_UPDATE, 2, "mine", 10);
    int64_t repeats;
    int64_t conflicts;
    CHECK_OK(store_settle(kit.store, kit.groups, &kit.lease, kit.run, 100, &repeats, &conflicts, &kit.error),
             &kit.error);
    CHECK_INT(repeats, 1);
    struct link link = kit_link(&kit, kit.groups, "a");
    struct home_row row = kit_record(&kit, kit.group, link.home);
    CHECK_INT(link.agreed_seq, row.seq - 1);
    CHECK(!past_has(&kit, link.home, 1));
    CHECK(!past_has(&kit, again.id, 2));
    changes(&kit, 0, 0, &seen);
    CHECK_INT(seen.count, 1);
    check_change(&seen.rows[0], row.seq, link.home, "mine");
    past_edit(&kit, &(struct effect){.kind = EFFECT_UPDATE, .datatype = kit.group, .id = link.home}, EFFECT_UPDATE,
              row.seq, "next", 20);
    CHECK(!past_has(&kit, link.home, link.agreed_seq)); // what it said before the edit is not known
    kit_close(&kit);
}
