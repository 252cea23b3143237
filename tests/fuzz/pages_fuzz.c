// Feeds a body to the splitter of JSON pages, cut into pieces where the input says, and holds it against the reader of
// whole documents: what is JSON with a list at the path gives its elements and nothing else; what is no JSON is never
// taken for a page that has ended well.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "format/format_json_stream.h"

enum { ARENA_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

// The body in pieces of 1 to 64 bytes, by the bytes of the body itself.
struct pieces {
    struct stream stream;
    struct text left;
    size_t seed;
};

static bool pieces_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct pieces *pieces = (struct pieces *)stream;
    (void)error;
    pieces->seed = pieces->seed * 31 + 7;
    size_t take = 1 + pieces->seed % 64;
    take = take < room ? take : room;
    take = take < pieces->left.length ? take : pieces->left.length;
    memcpy(into, pieces->left.data, take);
    pieces->left.data += take;
    pieces->left.length -= take;
    *got = take;
    return true;
}

static void pieces_close(struct stream *stream) {
    (void)stream;
}

static const struct stream_type pieces_type = {.read = pieces_read, .close = pieces_close};

// The list that the splitter should find in a whole document, or NULL.
static const struct value *list_of(const struct value *whole, const struct path *path) {
    const struct value *at = path->count == 0              ? whole
                             : whole->kind == VALUE_OBJECT ? path_find(whole->as.object, path)
                                                           : NULL;
    return at != NULL && at->kind == VALUE_LIST ? at : NULL;
}

static void check_body(struct text body, const struct path *path, size_t seed) {
    struct arena arena;
    struct error error;
    struct value whole;
    struct json_stream *splitter;
    struct pieces pieces = {{&pieces_type}, body, seed};
    arena_init(&arena, ARENA_MAX);
    error_clear(&error);
    bool is_json = json_read(body, &arena, NULL, &whole, &error);
    const struct value *list = is_json ? list_of(&whole, path) : NULL;
    demand(json_stream_open(path, false, &splitter, &error), "there is memory");
    json_stream_start(splitter, &pieces.stream);
    size_t count = 0;
    bool elements_read = true;
    enum json_found found = JSON_ELEMENT;
    struct text bytes;
    bool ok = true;
    while (ok && found != JSON_END) {
        ok = json_stream_next(splitter, &arena, &found, &bytes, &error);
        struct value element;
        if (!ok || found != JSON_ELEMENT) {
            continue;
        }
        elements_read = json_read(bytes, &arena, NULL, &element, &error) && elements_read;
        if (list != NULL) {
            demand(count < list->length, "there are no more elements than the list has");
            demand(elements_read && value_same(&element, &list->as.items[count]), "an element is the list's");
        }
        count++;
    }
    struct value envelope;
    bool listed = false;
    bool ended = ok && json_stream_envelope(splitter, &arena, &envelope, &listed, &error);
    demand(list == NULL || (ended && listed && count == list->length), "a list is given whole");
    demand(is_json || !ended || !listed || !elements_read, "what is no JSON is no page");
    if (!ok) {
        demand(error.code != ERROR_NONE && error.message[0] != '\0', "a refusal says why");
    }
    json_stream_close(splitter);
    arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text names[] = {{"a", 1}, {"b", 1}};
    struct text body = {(const char *)data, size};
    for (size_t depth = 0; depth <= 2; depth++) {
        struct path path = {names, depth};
        check_body(body, &path, size + depth);
    }
    return 0;
}
