#include "source/source_http_pager.h"

static const struct http_pager_type *const kinds[] = {
    &http_pager_whole,  &http_pager_offset, &http_pager_number, &http_pager_link,     &http_pager_next,
    &http_pager_cursor, &http_pager_keyset, &http_pager_window, &http_pager_function,
};

enum { SIZE = 500, SIZE_MAX_RECORDS = 1000000, PAGES_MAX = 1000000 };

void http_at_init(struct http_at *at) {
    *at = (struct http_at){0};
    buffer_init(&at->text, HTTP_AT_TEXT_MAX);
}

void http_at_clear(struct http_at *at) {
    buffer_clear(&at->text);
}

bool http_at_text(struct http_at *at, struct text text, struct error *error) {
    buffer_reset(&at->text);
    if (text.length > HTTP_AT_TEXT_MAX) {
        return error_set(error, ERROR_HTTP_SHAPE, "what leads to the next page is longer than %d bytes",
                         HTTP_AT_TEXT_MAX);
    }
    return buffer_text(&at->text, text) || error_memory(error);
}

bool http_at_copy(struct http_at *to, const struct http_at *from, struct error *error) {
    to->number = from->number;
    to->until = from->until;
    to->size = from->size;
    return http_at_text(to, buffer_view(&from->text), error);
}

bool http_at_same(const struct http_at *a, const struct http_at *b) {
    return a->number == b->number && a->until == b->until && a->size == b->size &&
           text_same(buffer_view(&a->text), buffer_view(&b->text));
}

void http_ask_field(struct http_ask *ask, const char *name, struct value value) {
    ask->fields[ask->field_count++] = (struct http_field){text_of(name), value};
}

void http_ask_param(struct http_ask *ask, const char *option, const struct http_pager *pager, struct value value) {
    struct text name = option_text(pager->options, option);
    if (name.length > 0) {
        ask->params[ask->param_count++] = (struct http_field){name, value};
    }
}

struct value http_page_value(const struct http_page *page, const struct http_place *place) {
    if (place->header != NULL) {
        struct text text = http_header(page->call, place->header);
        return text.length > 0 ? value_text(text) : (struct value){.kind = VALUE_MISSING};
    }
    bool has_body = page->envelope != NULL && page->envelope->kind == VALUE_OBJECT && place->path.names != NULL;
    const struct value *found = has_body ? path_find(page->envelope->as.object, &place->path) : NULL;
    return found != NULL ? *found : (struct value){.kind = VALUE_MISSING};
}

bool http_page_count(const struct http_page *page, const struct http_place *place, int64_t *out, struct error *error) {
    struct value value = http_page_value(page, place);
    *out = -1;
    if (value_empty(&value)) {
        return true;
    }
    if (value.kind == VALUE_INTEGER) {
        *out = value.as.integer;
    }
    if ((value.kind == VALUE_TEXT && !text_integer(text_trim(value_slice(&value)), out)) || *out < 0) {
        char shown[VALUE_SHOW_MAX];
        char room[HTTP_PATH_SHOW_MAX];
        return error_set(error, ERROR_HTTP_SHAPE, "%s is %s, which is no count",
                         place->header != NULL ? place->header : http_path_show(&place->path, room),
                         value_show(&value, shown));
    }
    return true;
}

static bool take_places(struct http_pager *pager, struct arena *arena, struct error *error) {
    static const char *const keys[] = {"total", "pages", "next", "more"};
    struct http_place *const places[] = {&pager->total, &pager->pages, &pager->next, &pager->more};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct value value = option_value(pager->options, keys[i]);
        if (!http_place_read(&value, keys[i], arena, places[i], error)) {
            return false;
        }
    }
    return true;
}

static const struct shape shape_none = {0, NULL};
static const struct object object_none = {&shape_none, NULL};

bool http_pager_open(const struct http_type *type, struct text since, struct mapper *mapper, const struct clock *clock,
                     struct arena *arena, struct http_pager *out, struct error *error) {
    const struct object *options = type->page != NULL ? type->page : &object_none;
    struct text kind = option_text(options, "kind");
    *out = (struct http_pager){
        .of = type, .options = options, .mapper = mapper, .clock = clock, .since = since, .limit = -1};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        out->type = text_is(kind, kinds[i]->kind) ? kinds[i] : out->type;
    }
    if (kind.length == 0) {
        out->type = &http_pager_whole;
    }
    if (out->type == NULL) {
        return error_set(error, ERROR_OPTION_TYPE, "page has no kind \"%.*s\"; see weir.page", TEXT_ARGS(kind));
    }
    out->size = http_option_integer(options, "size", SIZE);
    out->pages_max = http_option_integer(options, "pages_max", PAGES_MAX);
    if (out->size < 1 || out->size > SIZE_MAX_RECORDS || out->pages_max < 1) {
        return error_set(error, ERROR_OPTION_TYPE, "page.size can be 1 to %d, and page.pages_max is at least 1",
                         SIZE_MAX_RECORDS);
    }
    return take_places(out, arena, error) && (out->type->check == NULL || out->type->check(out, error));
}
