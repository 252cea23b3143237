#include "script/script_lines.h"

#include <ctype.h>

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    struct text text; // a string's without its quotes
    int line;
    size_t offset;
};

struct reader {
    struct text chunk;
    size_t at;
    int line;
};

static char peek(const struct reader *reader, size_t ahead) {
    size_t at = reader->at + ahead;
    return at < reader->chunk.length ? reader->chunk.data[at] : '\0';
}

static bool at_end(const struct reader *reader) {
    return reader->at >= reader->chunk.length;
}

static void advance(struct reader *reader, size_t count) {
    for (size_t i = 0; i < count && !at_end(reader); i++) {
        reader->line += reader->chunk.data[reader->at] == '\n';
        reader->at++;
    }
}

// The length of "[[" or "[==[" that begins here, or 0.
static size_t long_bracket(const struct reader *reader) {
    size_t length = 1;
    if (peek(reader, 0) != '[') {
        return 0;
    }
    while (peek(reader, length) == '=') {
        length++;
    }
    return peek(reader, length) == '[' ? length + 1 : 0;
}

// Passes a long string or comment and gives what stands inside.
static struct text pass_long(struct reader *reader, size_t bracket) {
    advance(reader, bracket);
    size_t start = reader->at;
    while (!at_end(reader)) {
        size_t equals = 0;
        if (peek(reader, 0) == ']') {
            while (peek(reader, 1 + equals) == '=') {
                equals++;
            }
            if (equals == bracket - 2 && peek(reader, 1 + equals) == ']') {
                struct text inside = {reader->chunk.data + start, reader->at - start};
                advance(reader, bracket);
                return inside;
            }
        }
        advance(reader, 1);
    }
    return (struct text){reader->chunk.data + start, reader->at - start};
}

static struct text pass_quoted(struct reader *reader) {
    char quote = peek(reader, 0);
    advance(reader, 1);
    size_t start = reader->at;
    while (!at_end(reader) && peek(reader, 0) != quote && peek(reader, 0) != '\n') {
        advance(reader, peek(reader, 0) == '\\' ? 2 : 1);
    }
    struct text inside = {reader->chunk.data + start, reader->at - start};
    advance(reader, 1);
    return inside;
}

static void pass_space(struct reader *reader) {
    while (!at_end(reader)) {
        if (isspace((unsigned char)peek(reader, 0))) {
            advance(reader, 1);
        } else if (peek(reader, 0) == '-' && peek(reader, 1) == '-') {
            advance(reader, 2);
            size_t bracket = long_bracket(reader);
            if (bracket > 0) {
                pass_long(reader, bracket);
            }
            while (bracket == 0 && !at_end(reader) && peek(reader, 0) != '\n') {
                advance(reader, 1);
            }
        } else {
            return;
        }
    }
}

static struct token next_token(struct reader *reader) {
    pass_space(reader);
    struct token token = {TOKEN_END, {reader->chunk.data + reader->at, 0}, reader->line, reader->at};
    if (at_end(reader)) {
        return token;
    }
    char c = peek(reader, 0);
    size_t bracket = long_bracket(reader);
    if (isalpha((unsigned char)c) || c == '_') {
        token.kind = TOKEN_NAME;
        while (isalnum((unsigned char)peek(reader, 0)) || peek(reader, 0) == '_') {
            advance(reader, 1);
        }
        token.text.length = reader->at - token.offset;
        return token;
    }
    if (c == '"' || c == '\'' || bracket > 0) {
        token.kind = TOKEN_STRING;
        token.text = bracket > 0 ? pass_long(reader, bracket) : pass_quoted(reader);
        return token;
    }
    token.kind = TOKEN_OTHER;
    // `==` is one token, so that `a == b` is no key.
    token.text.length = c == '=' && peek(reader, 1) == '=' ? 2 : 1;
    advance(reader, token.text.length);
    return token;
}

static bool is_mark(const struct token *token, char mark) {
    return token->kind == TOKEN_OTHER && token->text.length == 1 && token->text.data[0] == mark;
}

static bool opens(const struct token *token) {
    return is_mark(token, '{') || is_mark(token, '(') || is_mark(token, '[');
}

static bool closes(const struct token *token) {
    return is_mark(token, '}') || is_mark(token, ')') || is_mark(token, ']');
}

// The last four tokens, the newest last: enough to see `key =` and `["key"] =` with what stands before them.
struct window {
    struct token tokens[4];
};

static void window_push(struct window *window, struct token token) {
    for (int i = 0; i < 3; i++) {
        window->tokens[i] = window->tokens[i + 1];
    }
    window->tokens[3] = token;
}

static bool starts_item(const struct token *before) {
    return is_mark(before, '{') || is_mark(before, ',') || is_mark(before, ';');
}

// Whether the newest token is the `=` behind this key.
static const struct token *key_of(const struct window *window, struct text key) {
    const struct token *t = window->tokens;
    if (!is_mark(&t[3], '=')) {
        return NULL;
    }
    if (t[2].kind == TOKEN_NAME && text_same(t[2].text, key) && starts_item(&t[1])) {
        return &t[2];
    }
    if (is_mark(&t[2], ']') && t[1].kind == TOKEN_STRING && text_same(t[1].text, key) && is_mark(&t[0], '[')) {
        return &t[1];
    }
    return NULL;
}

// Whether the newest token opens the table that a call of `opener` on this line takes. Lua says that a call stands
// where its parenthesis does, or without one its table.
static bool opens_call(const struct window *window, const char *opener, int line) {
    const struct token *t = window->tokens;
    if (!is_mark(&t[3], '{')) {
        return false;
    }
    bool bare = !is_mark(&t[2], '(');
    const struct token *name = bare ? &t[2] : &t[1];
    return name->kind == TOKEN_NAME && text_is(name->text, opener) && (bare ? &t[3] : &t[2])->line == line;
}

bool lines_find_in_call(struct text chunk, int line, const char *opener, struct text key, struct key_place *out) {
    struct reader reader = {chunk, 0, 1};
    struct window window = {0};
    int depth = 0;
    int inside = 0; // the depth inside the call's table, 0 outside of one
    for (struct token token = next_token(&reader); token.kind != TOKEN_END; token = next_token(&reader)) {
        window_push(&window, token);
        if (opens(&token)) {
            depth++;
            if (inside == 0 && opens_call(&window, opener, line)) {
                inside = depth;
            }
        } else if (closes(&token)) {
            depth--;
            if (inside > 0 && depth < inside) {
                if (token.line > line) {
                    return false; // that was the call's table; a later one is another call's
                }
                inside = 0;
            }
        }
        const struct token *found = inside > 0 && depth == inside ? key_of(&window, key) : NULL;
        if (found != NULL) {
            *out = (struct key_place){found->line, found->offset};
            return true;
        }
    }
    return false;
}

bool lines_find(struct text chunk, int line, struct text key, struct key_place *out) {
    struct reader reader = {chunk, 0, 1};
    struct window window = {0};
    for (struct token token = next_token(&reader); token.kind != TOKEN_END; token = next_token(&reader)) {
        window_push(&window, token);
        const struct token *found = token.line >= line ? key_of(&window, key) : NULL;
        if (found != NULL && found->line >= line) {
            *out = (struct key_place){found->line, found->offset};
            return true;
        }
    }
    return false;
}
