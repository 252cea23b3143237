#ifndef WEIR_BASE_BUFFER_H
#define WEIR_BASE_BUFFER_H

// Bytes that grow at the end, up to a ceiling. The owner calls buffer_clear. An append that fails (ceiling or no
// memory) leaves the buffer as it was and sets `failed`, which stays set until buffer_reset, so that a long chain of
// appends is checked once at its end.

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t ceiling;
    bool failed;
    bool starved; // for there is no memory: it is not too long
};

void buffer_init(struct buffer *buffer, size_t ceiling);
void buffer_clear(struct buffer *buffer);
void buffer_reset(struct buffer *buffer); // empties it, keeps the memory

bool buffer_reserve(struct buffer *buffer, size_t more); // room for `more` bytes behind the length
bool buffer_append(struct buffer *buffer, const void *data, size_t length);
bool buffer_text(struct buffer *buffer, struct text text);
bool buffer_string(struct buffer *buffer, const char *string);
bool buffer_byte(struct buffer *buffer, char byte);
bool buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Drops the first `count` bytes, moving the rest to the front.
void buffer_consume(struct buffer *buffer, size_t count);

static inline struct text buffer_view(const struct buffer *buffer) {
    return (struct text){buffer->data, buffer->length};
}

#endif
