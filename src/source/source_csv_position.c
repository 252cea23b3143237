#include "source/source_csv_position.h"

#include <inttypes.h>

bool csv_position_write(const struct csv_position *position, struct arena *arena, struct text *out) {
    char identity[PRINT_HEX + 1];
    char header[PRINT_HEX + 1] = "-";
    print_hex(position->identity, identity);
    if (position->started) {
        print_hex(position->header, header);
    }
    const char *text = arena_print(arena, "v1 %zu %" PRIu64 " %" PRIu64 " %s %s", position->index, position->offset,
                                   position->line, identity, header);
    if (text == NULL) {
        return false;
    }
    *out = text_of(text);
    return true;
}

// Takes the word at the front and the space behind it.
static struct text take_word(struct text *rest) {
    const char *space = rest->length > 0 ? memchr(rest->data, ' ', rest->length) : NULL;
    size_t length = space != NULL ? (size_t)(space - rest->data) : rest->length;
    struct text word = {rest->data, length};
    length += space != NULL;
    rest->data += length;
    rest->length -= length;
    return word;
}

static bool take_count(struct text *rest, uint64_t *out) {
    int64_t number = 0;
    if (!text_integer(take_word(rest), &number) || number < 0) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_print(struct text word, struct print *out) {
    unsigned char bytes[PRINT_BYTES];
    if (word.length != PRINT_HEX) {
        return false;
    }
    for (size_t i = 0; i < PRINT_BYTES; i++) {
        int high = hex_digit(word.data[2 * i]);
        int low = hex_digit(word.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out = print_load(bytes);
    return true;
}

bool csv_position_read(struct text text, struct csv_position *out) {
    *out = (struct csv_position){0};
    uint64_t index = 0;
    if (!text_is(take_word(&text), "v1") || !take_count(&text, &index) || !take_count(&text, &out->offset) ||
        !take_count(&text, &out->line) || !take_print(take_word(&text), &out->identity)) {
        return false;
    }
    out->index = (size_t)index;
    struct text header = take_word(&text);
    out->started = !text_is(header, "-");
    return text.length == 0 && (!out->started || take_print(header, &out->header));
}
