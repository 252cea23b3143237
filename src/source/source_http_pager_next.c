// Pagers whose answers say what comes next: a Link header, a URL in the body, a cursor in the body or a header.

#include "format/format_json.h"
#include "http/http_url.h"
#include "source/source_http_pager.h"

enum { LINK_CEILING = 1024 * 1024 };

// --- a URL: link, next ---

static bool url_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    (void)error;
    ask->url = buffer_view(&at->text);
    if (ask->url.length == 0) {
        http_ask_field(ask, "limit", value_integer(at->size));
        http_ask_param(ask, "limit", pager, value_integer(at->size));
    }
    return true;
}

// Goes on at a link of the answer; an empty one is the end.
static bool url_follow(const struct http_page *page, struct text link, const struct http_at *at, struct http_at *next,
                       struct http_step *step, struct error *error) {
    if (link.length == 0) {
        step->end = true;
        return true;
    }
    struct arena arena;
    struct text url;
    arena_init(&arena, LINK_CEILING);
    bool ok = http_link(page->head->url, link, &arena, &url, error) && http_at_text(next, url, error);
    if (ok && text_same(url, buffer_view(&at->text))) {
        ok = error_set(error, ERROR_PAGE_REPEATS, "the next page's URL is the one that was asked for");
    }
    arena_clear(&arena);
    return ok;
}

// Takes what stands before the stop.
static struct text take_until(struct text *rest, char stop) {
    const char *found = rest->length > 0 ? memchr(rest->data, stop, rest->length) : NULL;
    size_t length = found != NULL ? (size_t)(found - rest->data) : rest->length;
    struct text taken = {rest->data, length};
    length += found != NULL;
    rest->data += length;
    rest->length -= length;
    return taken;
}

// Whether a link's parameter is rel=next, alone or among others, in quotes or not.
static bool is_next(struct text parameter) {
    struct text name = text_trim(take_until(&parameter, '='));
    struct text value = text_trim(parameter);
    if (value.length >= 2 && value.data[0] == '"') {
        value = (struct text){value.data + 1, value.length - 2};
    }
    bool is_rel =
        name.length == 3 && (name.data[0] | 32) == 'r' && (name.data[1] | 32) == 'e' && (name.data[2] | 32) == 'l';
    while (is_rel && value.length > 0) {
        if (text_is(text_trim(take_until(&value, ' ')), "next")) {
            return true;
        }
    }
    return false;
}

// The same for a stop outside quotes.
static struct text take_outside(struct text *rest, char stop) {
    bool in_quotes = false;
    size_t length = 0;
    while (length < rest->length && (in_quotes || rest->data[length] != stop)) {
        in_quotes ^= rest->data[length] == '"';
        length++;
    }
    struct text taken = {rest->data, length};
    length += length < rest->length;
    rest->data += length;
    rest->length -= length;
    return taken;
}

// Link: <https://…?page=2>; rel="next", <https://…>; rel="last"
static struct text link_next(struct text header) {
    while (header.length > 0) {
        take_until(&header, '<');
        struct text url = take_until(&header, '>');
        struct text parameters = take_outside(&header, ',');
        while (parameters.length > 0) {
            if (is_next(text_trim(take_outside(&parameters, ';')))) {
                return text_trim(url);
            }
        }
    }
    return (struct text){"", 0};
}

static bool link_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                       struct http_at *next, struct http_step *step, struct error *error) {
    (void)pager;
    return url_follow(page, link_next(http_header(page->call, "Link")), at, next, step, error);
}

const struct http_pager_type http_pager_link = {.kind = "link", .fill = url_fill, .after = link_after};

static bool next_check(struct http_pager *pager, struct error *error) {
    return http_place_given(&pager->next) ||
           error_set(error, ERROR_OPTION_MISSING, "weir.page.next needs next, where the next page's URL stands");
}

static bool next_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                       struct http_at *next, struct http_step *step, struct error *error) {
    struct value value = http_page_value(page, &pager->next);
    if (!value_empty(&value) && value.kind != VALUE_TEXT && !(value.kind == VALUE_BOOL && !value.as.boolean)) {
        char shown[VALUE_SHOW_MAX];
        return error_set(error, ERROR_HTTP_SHAPE, "the next page's URL is %s", value_show(&value, shown));
    }
    struct text link = value.kind == VALUE_TEXT ? value_slice(&value) : (struct text){"", 0};
    return url_follow(page, link, at, next, step, error);
}

const struct http_pager_type http_pager_next = {
    .kind = "next", .check = next_check, .fill = url_fill, .after = next_after};

// --- cursor ---

static bool cursor_check(struct http_pager *pager, struct error *error) {
    if (!http_place_given(&pager->next)) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.cursor needs next, where the answer has the next cursor");
    }
    if (option_text(pager->options, "cursor").length == 0 && !http_type_holds(pager->of, "cursor")) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "weir.page.cursor needs cursor, the query parameter (or with in_body the body's member)");
    }
    return true;
}

static bool cursor_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask, struct error *error) {
    struct value cursor = {.kind = VALUE_MISSING};
    struct text text;
    if (at->text.length > 0 && (!(arena_text(ask->arena, buffer_view(&at->text), &text) || error_memory(error)) ||
                                !json_read(text, ask->arena, NULL, &cursor, error))) {
        return false;
    }
    http_ask_field(ask, "limit", value_integer(at->size));
    http_ask_field(ask, "cursor", cursor);
    http_ask_param(ask, "limit", pager, value_integer(at->size));
    if (option_bool(pager->options, "in_body")) {
        ask->member = (struct http_field){option_text(pager->options, "cursor"), cursor};
    } else {
        http_ask_param(ask, "cursor", pager, cursor);
    }
    return true;
}

// Keeps the cursor as JSON, so that one that is a table comes back as it was given. A feed ends with a page that has
// nothing and goes nowhere; one that has something and goes nowhere would come for ever.
static bool cursor_keep(const struct value *cursor, const struct http_at *at, const struct http_page *page,
                        struct http_at *next, struct http_step *step, struct error *error) {
    buffer_reset(&next->text);
    json_write(&next->text, cursor);
    if (next->text.starved) {
        return error_memory(error);
    }
    if (next->text.failed) {
        return error_set(error, ERROR_HTTP_SHAPE, "the next cursor is longer than %d bytes", HTTP_AT_TEXT_MAX);
    }
    bool stands = text_same(buffer_view(&next->text), buffer_view(&at->text));
    step->end = stands && page->count == 0;
    return !stands || step->end || error_set(error, ERROR_PAGE_REPEATS, "the next cursor is the one that was sent");
}

static bool cursor_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                         struct http_at *next, struct http_step *step, struct error *error) {
    struct value cursor = http_page_value(page, &pager->next);
    struct value more = http_page_value(page, &pager->more);
    step->end = !http_is_set(&cursor);
    if (http_place_given(&pager->more)) {
        bool says_no = !http_is_set(&more) || (more.kind == VALUE_TEXT && text_is(value_slice(&more), "false"));
        if (!says_no && step->end) {
            return error_set(error, ERROR_HTTP_SHAPE, "the answer says that there is more, and has no next cursor");
        }
        step->end = says_no;
    }
    return step->end || cursor_keep(&cursor, at, page, next, step, error);
}

const struct http_pager_type http_pager_cursor = {
    .kind = "cursor", .check = cursor_check, .fill = cursor_fill, .after = cursor_after};
