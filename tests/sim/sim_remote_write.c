// Requests at a simulated datasource: which one it is, and what it changes.

#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "sim_remote_inner.h"

enum { BODY_MAX = 1024 * 1024, ITEMS_MAX = 64 };

// --- forms ---

static bool take_text(const struct value *value, const struct sim_remote *remote, char out[SIM_VALUE]) {
    struct text text = value->kind == VALUE_TEXT ? value_slice(value) : TEXT_LITERAL("");
    bool fine = (value->kind == VALUE_TEXT || value->kind == VALUE_NULL) && text.length < SIM_VALUE &&
                (text.length == 0 || memchr(text.data, '\0', text.length) == NULL);
    if (fine) {
        sim_value_keep(remote, text, out);
    }
    return fine;
}

// The id of a well that is there. One that stood in the row already may be gone meanwhile.
static bool take_ref(const struct value *value, const struct sim_remote *remote, int64_t *out) {
    int64_t id = 0;
    if (value->kind == VALUE_INTEGER) {
        id = value->as.integer;
    } else if (value->kind != VALUE_NULL && (value->kind != VALUE_TEXT || !text_integer(value_slice(value), &id))) {
        return false;
    }
    const struct sim_row *well = sim_remote_find(remote, SIM_WELL, id);
    bool fine = id == 0 || id == *out || (well != NULL && !well->gone && !well->hidden);
    *out = fine ? id : *out;
    return fine;
}

// Changes in `form` what the object names. NULL, or what is wrong with it.
static const char *take_form(const struct sim_remote *remote, const struct value *body, struct sim_form *form) {
    if (body->kind != VALUE_OBJECT) {
        return "a record is an object";
    }
    const struct object *object = body->as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        struct text name = object->shape->names[i];
        const struct value *value = &object->values[i];
        bool fine = text_is(name, "legacy") ? take_text(value, remote, form->legacy)
                    : text_is(name, "name") ? take_text(value, remote, form->name)
                    : text_is(name, "code") ? take_text(value, remote, form->code)
                                            : text_is(name, "ref");
        if (!fine) {
            return "a field is not known, or its value is of the wrong kind";
        }
        if (text_is(name, "ref") && !take_ref(value, remote, &form->ref)) {
            return "ref is no well that is there";
        }
    }
    return form->legacy[0] != '\0' ? NULL : "legacy is missing";
}

// --- creating ---

static void row_say(const struct sim_remote *remote, const struct sim_row *row, struct buffer *out) {
    if (remote->knobs[KNOB_SILENT] != 0) {
        buffer_print(out, "{\"id\":%lld}", (long long)row->id);
    } else {
        sim_row_print(remote, row, out);
    }
}

static struct sim_row *create_one(struct sim_remote *remote, enum sim_type type, const struct sim_form *form,
                                  bool again) {
    struct sim_row *row = sim_row_add(remote, type);
    struct sim_change change = {.form = *form,
                                .stamp_us = sim_remote_stamp(remote, sim_remote_now(remote)),
                                .author = SIM_WEIR,
                                .again = again};
    sim_row_change(remote, row, &change);
    return row;
}

// Nobody who sent a request once could know that it would make a record twice, or when nobody looked for it any more.
static void count_birth(struct sim_remote *remote, const struct sim_form *form, const struct sim_ask *ask, bool array) {
    int identity = sim_identity_of(text_of(form->legacy));
    bool keyed = remote->knobs[KNOB_KEYS] != 0 && ask->key.length > 0;
    if (ask->again && identity > 0 && (!keyed || array)) {
        remote->sim->births[identity]++;
    }
}

static void create(struct sim_remote *remote, enum sim_type type, const struct sim_ask *ask, const struct value *given,
                   struct arena *arena, struct sim_say *say) {
    struct sim_form forms[ITEMS_MAX];
    bool array = given->kind == VALUE_LIST;
    const struct value *items = array ? given->as.items : given;
    size_t count = array ? given->length : 1;
    if (array && (count == 0 || count > ITEMS_MAX || (int64_t)count > remote->knobs[KNOB_ARRAYS])) {
        sim_say_error(say, arena, remote->knobs[KNOB_ARRAYS] > 0 ? 413 : 422, "not so many records at once");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        forms[i] = (struct sim_form){.ref = 0};
        const char *wrong = take_form(remote, &items[i], &forms[i]);
        if (wrong != NULL) {
            sim_say_error(say, arena, 422, wrong);
            return;
        }
    }
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    buffer_string(&body, array ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        const struct sim_row *row = create_one(remote, type, &forms[i], ask->again);
        count_birth(remote, &forms[i], ask, count > 1);
        buffer_string(&body, i > 0 ? "," : "");
        row_say(remote, row, &body);
    }
    buffer_string(&body, array ? "]" : "");
    sim_say_json(say, arena, 201, &body);
    buffer_clear(&body);
}

// --- changing ---

static void end_values(struct sim_remote *remote, const struct sim_row *row, const struct sim_form *now, bool again) {
    struct sim_form before = row->form;
    sim_value_end(remote, row, before.name, now->name, again);
    sim_value_end(remote, row, before.code, now->code, again);
}

static void update(struct sim_remote *remote, struct sim_row *row, const struct sim_ask *ask, const struct value *given,
                   struct arena *arena, struct sim_say *say) {
    struct sim_change change = {.form = row->form, .author = SIM_WEIR, .again = ask->again};
    const char *wrong = take_form(remote, given, &change.form);
    if (wrong != NULL) {
        sim_say_error(say, arena, 422, wrong);
        return;
    }
    change.stamp_us = sim_remote_stamp(remote, sim_remote_now(remote));
    end_values(remote, row, &change.form, ask->again);
    sim_row_change(remote, row, &change);
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    row_say(remote, row, &body);
    sim_say_json(say, arena, 200, &body);
    buffer_clear(&body);
}

static void drop(struct sim_remote *remote, struct sim_row *row, const struct sim_ask *ask, struct sim_say *say) {
    static const struct sim_form nothing = {.ref = 0};
    struct sim_change change = {.form = row->form,
                                .gone = true,
                                .stamp_us = sim_remote_stamp(remote, sim_remote_now(remote)),
                                .author = SIM_WEIR,
                                .again = ask->again};
    end_values(remote, row, &nothing, ask->again);
    sim_row_change(remote, row, &change);
    say->status = 204;
}

// --- operations that came before ---

static bool key_find(const struct sim_remote *remote, struct text key, struct sim_say *say) {
    for (size_t i = 0; remote->knobs[KNOB_KEYS] != 0 && key.length > 0 && i < remote->key_count; i++) {
        if (text_same(remote->keys[i].key, key)) {
            say->status = remote->keys[i].status;
            say->body = remote->keys[i].body;
            say->type = say->body.length > 0 ? TEXT_LITERAL("application/json") : TEXT_LITERAL("");
            return true;
        }
    }
    return false;
}

// What was refused changed nothing and may be tried again.
static void key_keep(struct sim_remote *remote, struct text key, const struct sim_say *say) {
    if (remote->knobs[KNOB_KEYS] == 0 || key.length == 0 || say->status > 299) {
        return;
    }
    if (remote->key_count == remote->key_capacity) {
        remote->key_capacity = remote->key_capacity > 0 ? remote->key_capacity * 2 : 64;
        remote->keys = memory_grow(remote->keys, remote->key_capacity, sizeof *remote->keys);
        SIM_CHECK(remote->keys != NULL);
    }
    struct sim_key *kept = &remote->keys[remote->key_count++];
    kept->status = say->status;
    SIM_CHECK(arena_text(&remote->arena, key, &kept->key) && arena_text(&remote->arena, say->body, &kept->body));
}

// --- requests ---

// "/wells" or "/wells/7".
static bool take_path(struct text path, enum sim_type *type, int64_t *id) {
    static const char *const words[] = {[SIM_WELL] = "/wells", [SIM_READING] = "/readings"};
    for (int i = SIM_WELL; i <= SIM_READING; i++) {
        size_t length = strlen(words[i]);
        if (path.length < length || memcmp(path.data, words[i], length) != 0) {
            continue;
        }
        *type = (enum sim_type)i;
        *id = 0;
        return path.length == length ||
               (path.data[length] == '/' &&
                text_integer((struct text){path.data + length + 1, path.length - length - 1}, id) && *id > 0);
    }
    return false;
}

static void write_answer(struct sim_remote *remote, enum sim_type type, int64_t id, const struct sim_ask *ask,
                         struct arena *arena, struct sim_say *say) {
    struct sim_row *row = sim_remote_find(remote, type, id);
    struct value body = {.kind = VALUE_MISSING};
    struct error error;
    if (ask->body.length > 0 && !json_read(ask->body, arena, NULL, &body, &error)) {
        sim_say_error(say, arena, 400, "the body is not JSON");
        return;
    }
    if (row != NULL) {
        sim_row_show(remote, row); // whoever writes waits for the one who is writing
    }
    if (text_is(ask->verb, "POST") && id == 0) {
        create(remote, type, ask, &body, arena, say);
    } else if (id != 0 && (row == NULL || row->gone)) {
        sim_say_error(say, arena, 404, "there is no such record");
    } else if (id != 0 && text_is(ask->verb, "PATCH")) {
        update(remote, row, ask, &body, arena, say);
    } else if (id != 0 && text_is(ask->verb, "DELETE")) {
        drop(remote, row, ask, say);
    } else {
        sim_say_error(say, arena, 405, "no such thing can be done here");
    }
}

static void one_answer(const struct sim_remote *remote, enum sim_type type, int64_t id, struct arena *arena,
                       struct sim_say *say) {
    const struct sim_row *row = sim_remote_find(remote, type, id);
    if (row == NULL || row->gone || row->hidden) {
        sim_say_error(say, arena, 404, "there is no such record");
        return;
    }
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    sim_row_print(remote, row, &body);
    sim_say_json(say, arena, 200, &body);
    buffer_clear(&body);
}

void sim_remote_answer(struct sim_remote *remote, const struct sim_ask *ask, struct arena *arena, struct sim_say *say) {
    enum sim_type type;
    int64_t id;
    struct text none = TEXT_LITERAL("");
    *say = (struct sim_say){.type = none, .body = none, .link = none, .moved = none};
    sim_remote_show(remote);
    if (!take_path(ask->path, &type, &id)) {
        sim_say_error(say, arena, 404, "there is no such place");
    } else if (text_is(ask->verb, "GET")) {
        if (id == 0) {
            sim_remote_list(remote, type, ask->query, arena, say);
        } else {
            one_answer(remote, type, id, arena, say);
        }
    } else if (!key_find(remote, ask->key, say)) {
        write_answer(remote, type, id, ask, arena, say);
        key_keep(remote, ask->key, say);
    }
}
