#ifndef WEIR_TESTS_FUZZ_FUZZ_H
#define WEIR_TESTS_FUZZ_FUZZ_H

// What the fuzz targets share: saying that something must hold, and taking an input apart. An input is lines and a
// rest, so that a corpus can be read and written by people.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void demand(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

// A refusal that can be shown: it has a code of the list, and a message of one line.
static inline void demand_error(const struct error *error) {
    demand(error->code != ERROR_NONE && error_info(error->code) != NULL, "a refusal has a code");
    demand(error->message[0] != '\0', "a refusal says why");
    demand(text_utf8(text_of(error->message), NULL) && text_utf8(text_of(error->place), NULL), "a refusal is UTF-8");
    demand(strpbrk(error->message, "\r\n") == NULL, "a message is one line");
}

// Takes a byte from the front; 0 when there is none.
static inline unsigned take_byte(struct text *left) {
    if (left->length == 0) {
        return 0;
    }
    unsigned byte = (unsigned char)*left->data++;
    left->length--;
    return byte;
}

// Takes what stands before the next `end`, which goes too; or all.
static inline struct text take_until(struct text *left, char end) {
    const char *found = left->length > 0 ? memchr(left->data, end, left->length) : NULL;
    struct text taken = {left->data, found != NULL ? (size_t)(found - left->data) : left->length};
    size_t gone = taken.length + (found != NULL);
    *left = (struct text){left->data + gone, left->length - gone};
    return taken;
}

static inline struct text take_line(struct text *left) {
    return take_until(left, '\n');
}

static inline bool text_holds(struct text text, struct text word) {
    return word.length > 0 && text.length >= word.length &&
           memmem(text.data, text.length, word.data, word.length) != NULL;
}

#endif
