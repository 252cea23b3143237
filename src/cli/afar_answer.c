// What a server's answers hold: members of objects, and lists that come in pages.

#include "base/civil.h"
#include "cli/afar.h"

// --- what answers hold ---

const struct value *afar_member(const struct object *object, const char *name) {
    return object != NULL ? object_find(object, text_of(name)) : NULL;
}

struct text afar_text(const struct object *object, const char *name) {
    const struct value *value = afar_member(object, name);
    return value != NULL && value->kind == VALUE_TEXT && value->length > 0 ? value_slice(value) : (struct text){"", 0};
}

int64_t afar_integer(const struct object *object, const char *name) {
    const struct value *value = afar_member(object, name);
    return value != NULL && value->kind == VALUE_INTEGER ? value->as.integer : 0;
}

bool afar_bool(const struct object *object, const char *name) {
    const struct value *value = afar_member(object, name);
    return value != NULL && value->kind == VALUE_BOOL && value->as.boolean;
}

const struct object *afar_object(const struct object *object, const char *name) {
    const struct value *value = afar_member(object, name);
    return value != NULL && value->kind == VALUE_OBJECT ? value->as.object : NULL;
}

int64_t afar_time(const struct object *object, const char *name) {
    int64_t time_us;
    return civil_parse(afar_text(object, name), TEXT_LITERAL("iso"), zone_utc(), &time_us) ? time_us : 0;
}

bool afar_take_object(const struct value *answer, const struct object **out, struct error *error) {
    if (answer->kind != VALUE_OBJECT) {
        return error_set(error, ERROR_HTTP_SHAPE, "the server's answer is %s and no object; is it a weir server?",
                         value_kind_name(answer->kind));
    }
    *out = answer->as.object;
    return true;
}

// --- lists ---

enum { PAGE_LIMIT_MAX = 500, PAGE_BYTES_MAX = 512 * 1024 * 1024 };

// Where a list goes on: "next", or for one that counts down the id of its last item. 0: it ends.
static int64_t next_of(const struct object *answer, const struct value *items) {
    const struct value *next = afar_member(answer, "next");
    if (next != NULL) {
        return next->kind == VALUE_INTEGER ? next->as.integer : 0;
    }
    const struct value *last = &items->as.items[items->length - 1];
    return items->length == PAGE_LIMIT_MAX && last->kind == VALUE_OBJECT ? afar_integer(last->as.object, "id") : 0;
}

// One page: gives its items to on_item. `next` is where to begin, and then where the list goes on.
static bool take_page(struct afar *page, const struct afar_list *list, int64_t *given, int64_t *next, bool *enough,
                      struct error *error) {
    struct afar_path path = afar_path(list->path);
    struct value answer;
    const struct object *object;
    int64_t left = list->limit > 0 && list->limit - *given < PAGE_LIMIT_MAX ? list->limit - *given : PAGE_LIMIT_MAX;
    int64_t before = *next;
    if (list->filter_name != NULL && list->filter.length > 0) {
        afar_path_query(&path, list->filter_name, list->filter);
    }
    afar_path_count(&path, "limit", left);
    if (before != 0) {
        afar_path_count(&path, list->cursor, before);
    }
    if (!afar_ask(page, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *items = afar_member(object, list->name);
    if (items == NULL || items->kind != VALUE_LIST) {
        return error_set(error, ERROR_HTTP_SHAPE, "the server's answer has no list \"%s\"", list->name);
    }
    error_clear(error);
    for (uint32_t i = 0; i < items->length; i++, ++*given) {
        const struct object *item;
        if (!afar_take_object(&items->as.items[i], &item, error)) {
            return false;
        }
        if (!list->on_item(list->context, item, error)) {
            *enough = true;
            return error->code == ERROR_NONE;
        }
    }
    *next = items->length > 0 ? next_of(object, items) : 0;
    return *next == 0 || *next != before ||
           error_set(error, ERROR_HTTP_SHAPE, "the server's list \"%s\" does not go on", list->name);
}

bool afar_list(struct afar *afar, const struct afar_list *list, struct error *error) {
    struct afar page = *afar; // with an arena of its own, that is emptied with each page
    int64_t next = 0;
    int64_t given = 0;
    bool enough = false;
    bool ok;
    arena_init(&page.arena, PAGE_BYTES_MAX);
    do {
        arena_reset(&page.arena);
        ok = take_page(&page, list, &given, &next, &enough, error);
        enough = enough || next == 0 || (list->limit > 0 && given >= list->limit);
    } while (ok && !enough);
    arena_clear(&page.arena);
    return ok;
}
