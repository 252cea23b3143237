#include "script/script_pin.h"

#include <ctype.h>
#include <string.h>

enum { NAMES_MAX = 1000, PIN_MODULES_MAX = 101 };

// --- writing ---

// The script itself is called 0, which no module can be.
static struct text pin_name(const struct script *script, const struct script_chunk *chunk) {
    return chunk == script->chunks ? TEXT_LITERAL("0") : chunk->name;
}

static struct script_chunk *find_module(const struct script *script, struct text name) {
    for (struct script_chunk *chunk = script->chunks->next; chunk != NULL; chunk = chunk->next) {
        if (text_same(chunk->name, name)) {
            return chunk;
        }
    }
    return NULL;
}

// Marks what a chunk requires by name: require "helpers", require('helpers'). A word too many (in a comment) does no
// harm; true when something was marked.
static bool mark_required(const struct script *script, struct text text) {
    static const char word[] = "require";
    const char *end = text.data + text.length;
    bool marked = false;
    for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), word, sizeof word - 1)) != NULL;) {
        at += sizeof word - 1;
        while (at < end && (*at == ' ' || *at == '(')) {
            at++;
        }
        if (at == end || (*at != '"' && *at != '\'')) {
            continue;
        }
        const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
        if (close != NULL) {
            struct script_chunk *chunk = find_module(script, (struct text){at + 1, (size_t)(close - at - 1)});
            marked = marked || (chunk != NULL && !chunk->is_pinned);
            if (chunk != NULL) {
                chunk->is_pinned = true;
            }
        }
    }
    return marked;
}

// Where one of the sync's datatypes was declared. Its name is its own, the rest is the declaration's.
static const struct script_declaration *find_declaration(const struct script *script, const struct datatype *datatype) {
    const struct script_declaration *each = script->declarations;
    while (each != NULL && each->datatype->fields != datatype->fields) {
        each = each->next;
    }
    return each;
}

static void mark_all(struct script *script) {
    for (struct script_chunk *chunk = script->chunks; chunk != NULL; chunk = chunk->next) {
        chunk->is_pinned = chunk->datatypes > 0;
    }
    for (bool again = true; again;) {
        again = false;
        for (struct script_chunk *chunk = script->chunks; chunk != NULL; chunk = chunk->next) {
            again = (chunk->is_pinned && mark_required(script, chunk->text)) || again;
        }
    }
}

void pin_write(struct buffer *buffer, struct script *script) {
    const struct sync *sync = &script->sync;
    const char *before = "-- datatypes: ";
    for (size_t i = 0; i < sync->datatype_count; i++) {
        const struct script_declaration *from = find_declaration(script, sync->datatypes[i]);
        if (from != NULL) {
            buffer_print(buffer, "%s%.*s = %.*s %zu", before, TEXT_ARGS(sync->datatypes[i]->name),
                         TEXT_ARGS(pin_name(script, from->chunk)), from->place);
            before = ", ";
        }
    }
    if (before[0] == '-') {
        return;
    }
    buffer_byte(buffer, '\n');
    mark_all(script);
    for (const struct script_chunk *chunk = script->chunks; chunk != NULL; chunk = chunk->next) {
        if (chunk->is_pinned) {
            buffer_print(buffer, "-- %.*s.lua: %zu datatypes, %zu bytes\n", TEXT_ARGS(pin_name(script, chunk)),
                         chunk->datatypes, chunk->text.length);
            buffer_text(buffer, chunk->text);
            buffer_byte(buffer, '\n');
        }
    }
}

// --- reading ---

static bool damaged(struct error *error) {
    return error_set(error, ERROR_HOME_DAMAGED,
                     "the modules that home keeps of its datatypes cannot be read; run a sync of theirs to renew them");
}

// Takes a fixed text from the front.
static bool take(struct text *text, const char *what) {
    size_t length = strlen(what);
    if (text->length < length || memcmp(text->data, what, length) != 0) {
        return false;
    }
    text->data += length;
    text->length -= length;
    return true;
}

static bool take_word(struct text *text, struct text *out) {
    size_t length = 0;
    while (length < text->length && (isalnum((unsigned char)text->data[length]) || text->data[length] == '_')) {
        length++;
    }
    *out = (struct text){text->data, length};
    text->data += length;
    text->length -= length;
    return length > 0;
}

static bool take_number(struct text *text, size_t *out) {
    struct text digits;
    int64_t number;
    if (!take_word(text, &digits) || !text_integer(digits, &number) || number < 0) {
        return false;
    }
    *out = (size_t)number;
    return true;
}

static bool read_names(struct text *text, struct pin *out) {
    if (!take(text, "-- datatypes: ")) {
        return false;
    }
    do {
        struct pin_name *name = &out->names[out->name_count];
        if (out->name_count == NAMES_MAX || !take_word(text, &name->datatype) || !take(text, " = ") ||
            !take_word(text, &name->module) || !take(text, " ") || !take_number(text, &name->place)) {
            return false;
        }
        out->name_count++;
    } while (take(text, ", "));
    return take(text, "\n");
}

static bool read_module(struct text *text, struct pin *out) {
    size_t length = 0;
    struct pin_module *module = &out->modules[out->module_count];
    if (out->module_count == PIN_MODULES_MAX || !take(text, "-- ") || !take_word(text, &module->name) ||
        !take(text, ".lua: ") || !take_number(text, &module->datatypes) || !take(text, " datatypes, ") ||
        !take_number(text, &length) || !take(text, " bytes\n") || length >= text->length) {
        return false;
    }
    module->text = (struct text){text->data, length};
    text->data += length;
    text->length -= length;
    out->module_count++;
    return take(text, "\n");
}

bool pin_read(struct text text, struct arena *arena, struct pin *out, struct error *error) {
    out->names = arena_take_zero(arena, NAMES_MAX, sizeof *out->names);
    out->modules = arena_take_zero(arena, PIN_MODULES_MAX, sizeof *out->modules);
    out->name_count = out->module_count = 0;
    if (out->names == NULL || out->modules == NULL) {
        return error_memory(error);
    }
    bool ok = read_names(&text, out);
    while (ok && text.length > 0) {
        ok = read_module(&text, out);
    }
    return (ok && out->module_count > 0) || damaged(error);
}
