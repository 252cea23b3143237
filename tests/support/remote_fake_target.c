// The writing side of the fake remote.

#include "base/memory.h"
#include "format/format_json.h"
#include "support/remote_fake.h"
#include "test.h"

struct remote_target {
    struct target target;
    struct remote_fake *remote;
    struct text type;
};

static bool remote_target_open(const struct target_setup *setup, struct target **out, struct error *error) {
    struct remote_target *target = memory_take(sizeof *target);
    if (target == NULL) {
        return error_memory(error);
    }
    *target = (struct remote_target){{&remote_fake_target}, remote_of(setup->settings), setup->type_name};
    *out = &target->target;
    return true;
}

static size_t remote_target_chunk(struct target *base, const struct target_item *items, size_t count) {
    (void)items;
    struct remote_target *target = (struct remote_target *)base;
    return target->remote->chunk > 0 && target->remote->chunk < count ? target->remote->chunk : count;
}

static bool form_holds(const struct object *form, const char *words) {
    struct buffer json;
    buffer_init(&json, 1 << 24);
    struct value value = value_object(form);
    json_write(&json, &value);
    bool holds = buffer_byte(&json, 0) && strstr(json.data, words) != NULL;
    buffer_clear(&json);
    return holds;
}

static void done(const struct remote_target *target, const struct target_item *item, const struct remote_row *row,
                 struct arena *arena, struct target_receipt *receipt) {
    *receipt = (struct target_receipt){.outcome = TARGET_DONE, .external = text_of("")};
    if (row == NULL) {
        return;
    }
    CHECK(arena_text(arena, row->id, &receipt->external));
    if (!target->remote->silent) {
        struct value from = value_object(&row->fields);
        CHECK(value_copy(arena, &from, &receipt->reply));
        receipt->has_reply = true;
        receipt->seen = remote_print(&row->fields, item->seed);
    }
}

static void note(struct remote_fake *remote, const char *verb, struct text type, struct text id) {
    buffer_print(&remote->log, "%s %.*s %.*s\n", verb, TEXT_ARGS(type), TEXT_ARGS(id));
    remote->changes++;
}

static struct remote_row *row_of_key(const struct remote_fake *remote, struct text operation) {
    for (size_t i = 0; remote->honours_keys && i < remote->key_count; i++) {
        if (text_same(remote->keys[i].operation, operation)) {
            return &remote->rows[remote->keys[i].row];
        }
    }
    return NULL;
}

static void keep_key(struct remote_fake *remote, struct text operation, const struct remote_row *row) {
    if (remote->key_count == remote->key_capacity) {
        remote->key_capacity = remote->key_capacity > 0 ? remote->key_capacity * 2 : 64;
        remote->keys = memory_grow(remote->keys, remote->key_capacity, sizeof *remote->keys);
        CHECK(remote->keys != NULL);
    }
    struct text kept;
    CHECK(arena_text(&remote->arena, operation, &kept));
    remote->keys[remote->key_count++] = (struct remote_key){kept, (size_t)(row - remote->rows)};
}

// Does what the item says, as a server would.
static void apply(struct remote_target *target, const struct target_item *item, struct arena *arena,
                  struct target_receipt *receipt) {
    struct remote_fake *remote = target->remote;
    struct remote_row *row = row_of_key(remote, item->operation);
    if (row != NULL) {
        done(target, item, item->verb == TARGET_DELETE ? NULL : row, arena, receipt);
        return;
    }
    if (item->verb != TARGET_CREATE) {
        row = remote_find(remote, target->type, item->external);
        if (row == NULL || row->gone) {
            *receipt = (struct target_receipt){.outcome = item->verb == TARGET_DELETE ? TARGET_DONE : TARGET_GONE};
            return;
        }
    }
    if (item->verb == TARGET_DELETE) {
        row->gone = true;
        row->cursor = ++remote->tick;
        note(remote, "delete", target->type, row->id);
        keep_key(remote, item->operation, row);
        done(target, item, NULL, arena, receipt);
        return;
    }
    row = remote_keep(remote, target->type, row, item->form, false);
    note(remote, item->verb == TARGET_CREATE ? "create" : "update", target->type, row->id);
    keep_key(remote, item->operation, row);
    done(target, item, row, arena, receipt);
}

static bool failed(struct target_receipt *receipt, enum target_outcome outcome, enum error_code code,
                   enum error_scope scope, const char *words) {
    *receipt = (struct target_receipt){.outcome = outcome};
    error_set(&receipt->error, code, "%s", words);
    receipt->error.scope = scope;
    return true;
}

// Whether this try goes wrong: takes the first fault that was ordered for it.
static bool goes_wrong(struct remote_fake *remote, enum remote_trouble *trouble) {
    for (size_t i = 0; i < remote->fault_count; i++) {
        if (remote->fault_at[i] == remote->writes) {
            *trouble = remote->faults[i];
            return true;
        }
    }
    return false;
}

static bool write_one(struct remote_target *target, const struct target_item *item, struct arena *arena,
                      struct target_receipt *receipt, struct error *error) {
    struct remote_fake *remote = target->remote;
    if (remote->on_write != NULL) {
        remote->on_write(remote->context, item);
    }
    remote->writes++;
    if (remote->refuse != NULL && item->form != NULL && form_holds(item->form, remote->refuse)) {
        return failed(receipt, TARGET_FAILED, ERROR_PUSH_REFUSED, ERROR_RECORD, "the remote does not like it");
    }
    enum remote_trouble trouble;
    if (!goes_wrong(remote, &trouble)) {
        apply(target, item, arena, receipt);
        return true;
    }
    switch (trouble) {
    case REMOTE_REFUSE:
        return failed(receipt, TARGET_FAILED, ERROR_PUSH_REFUSED, ERROR_RECORD, "the remote refuses it");
    case REMOTE_BUSY:
        failed(receipt, TARGET_FAILED, ERROR_HTTP_BUSY, ERROR_BATCH, "the remote is busy");
        receipt->error.after_us = remote->busy_until;
        return true;
    case REMOTE_UNSENT:
        return failed(receipt, TARGET_FAILED, ERROR_HTTP_CONNECT, ERROR_BATCH, "the remote is not there");
    case REMOTE_LOST:
        apply(target, item, arena, receipt);
        return failed(receipt, TARGET_UNKNOWN, ERROR_HTTP_UNKNOWN, ERROR_BATCH, "the answer was lost");
    case REMOTE_DROPPED:
        return failed(receipt, TARGET_UNKNOWN, ERROR_HTTP_UNKNOWN, ERROR_BATCH, "the answer was lost");
    case REMOTE_DENIED:
        failed(receipt, TARGET_FAILED, ERROR_HTTP_REFUSED, ERROR_BATCH, "not sent: the remote refuses who is asking");
        receipt->error.retry = RETRY_LATER;
        error_set(error, ERROR_HTTP_REFUSED, "the remote refuses who is asking");
        error->scope = ERROR_RUN;
        return false;
    }
    return true;
}

static bool remote_target_write(struct target *base, const struct target_item *items, size_t count, struct arena *arena,
                                struct target_receipt *receipts, struct error *error) {
    struct remote_target *target = (struct remote_target *)base;
    for (size_t i = 0; i < count; i++) {
        if (!write_one(target, &items[i], arena, &receipts[i], error)) {
            for (size_t after = i + 1; after < count; after++) {
                receipts[after] = receipts[i];
            }
            return false;
        }
    }
    return true;
}

// The rows with the same values as the form in every field of `find`.
static struct remote_row *look_up(struct remote_target *target, const struct object *form, size_t *hits) {
    struct remote_fake *remote = target->remote;
    struct remote_row *hit = NULL;
    *hits = 0;
    for (size_t i = 0; i < remote->count; i++) {
        struct remote_row *row = &remote->rows[i];
        bool same = text_same(row->type, target->type) && !row->gone;
        for (size_t f = 0; same && f < REMOTE_FIND && remote->find[f] != NULL; f++) {
            const struct value *ours = object_find(form, text_of(remote->find[f]));
            const struct value *theirs = object_find(&row->fields, text_of(remote->find[f]));
            same = ours != NULL && theirs != NULL && value_same(ours, theirs);
        }
        if (same) {
            hit = row;
            ++*hits;
        }
    }
    return hit;
}

// Whether the row has everything that the form says.
static bool row_has(const struct remote_row *row, const struct object *form) {
    for (uint32_t i = 0; i < form->shape->count; i++) {
        const struct value *there = object_find(&row->fields, form->shape->names[i]);
        if (form->values[i].kind != VALUE_MISSING && (there == NULL || !value_same(there, &form->values[i]))) {
            return false;
        }
    }
    return true;
}

static bool remote_target_resolve(struct target *base, const struct target_item *item, struct arena *arena,
                                  struct target_receipt *receipt, struct error *error) {
    (void)error;
    struct remote_target *target = (struct remote_target *)base;
    struct remote_fake *remote = target->remote;
    remote->resolves++;
    if (remote->dark) {
        return failed(receipt, TARGET_UNKNOWN, ERROR_HTTP_UNKNOWN, ERROR_BATCH, "the remote is not there");
    }
    bool may_send = (!item->late || item->verb == TARGET_CREATE) && (!item->forgotten || !remote->has_find);
    if (remote->honours_keys && may_send) {
        apply(target, item, arena, receipt);
        return true;
    }
    if (item->verb == TARGET_CREATE) {
        if (!remote->has_find) {
            return failed(receipt, TARGET_UNKNOWN, ERROR_PUSH_UNKNOWN, ERROR_RECORD, "it can't be looked up");
        }
        size_t hits;
        struct remote_row *row = look_up(target, item->form, &hits);
        if (hits == 1) {
            done(target, item, row, arena, receipt);
            receipt->differs = !row_has(row, item->form);
            return true;
        }
        return hits == 0 ? failed(receipt, TARGET_FAILED, ERROR_HTTP_LOST, ERROR_BATCH, "it is not there")
                         : failed(receipt, TARGET_UNKNOWN, ERROR_PUSH_UNKNOWN, ERROR_RECORD, "it is there twice");
    }
    struct remote_row *row = remote_find(remote, target->type, item->external);
    bool there = row != NULL && !row->gone;
    if (item->verb == TARGET_DELETE ? !there : there && row_has(row, item->form)) {
        done(target, item, item->verb == TARGET_DELETE ? NULL : row, arena, receipt);
        return true;
    }
    if (item->verb == TARGET_UPDATE && !there) {
        *receipt = (struct target_receipt){.outcome = TARGET_GONE};
        return true;
    }
    return failed(receipt, TARGET_FAILED, ERROR_HTTP_LOST, ERROR_BATCH, "it did not go in");
}

static void remote_target_close(struct target *base) {
    memory_free(base);
}

const struct target_type remote_fake_target = {
    .open = remote_target_open,
    .chunk = remote_target_chunk,
    .write = remote_target_write,
    .resolve = remote_target_resolve,
    .close = remote_target_close,
};
