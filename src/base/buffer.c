#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { BUFFER_FIRST = 256 };

void buffer_init(struct buffer *buffer, size_t ceiling) {
    *buffer = (struct buffer){.ceiling = ceiling};
}

void buffer_clear(struct buffer *buffer) {
    memory_free(buffer->data);
    buffer_init(buffer, buffer->ceiling);
}

void buffer_reset(struct buffer *buffer) {
    buffer->length = 0;
    buffer->failed = false;
    buffer->starved = false;
}

bool buffer_reserve(struct buffer *buffer, size_t more) {
    if (buffer->failed || more > buffer->ceiling || buffer->length > buffer->ceiling - more) {
        buffer->failed = true;
        return false;
    }
    size_t need = buffer->length + more;
    if (need <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : BUFFER_FIRST;
    while (capacity < need) {
        capacity = capacity > buffer->ceiling / 2 ? buffer->ceiling : capacity * 2;
    }
    char *data = memory_grow(buffer->data, capacity, 1);
    if (data == NULL) {
        buffer->failed = true;
        buffer->starved = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t length) {
    if (!buffer_reserve(buffer, length)) {
        return false;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, data, length);
        buffer->length += length;
    }
    return true;
}

bool buffer_text(struct buffer *buffer, struct text text) {
    return buffer_append(buffer, text.data, text.length);
}

bool buffer_string(struct buffer *buffer, const char *string) {
    return buffer_append(buffer, string, strlen(string));
}

bool buffer_byte(struct buffer *buffer, char byte) {
    return buffer_append(buffer, &byte, 1);
}

bool buffer_print(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    bool ok = length >= 0 && buffer_reserve(buffer, (size_t)length + 1);
    if (ok) {
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    return ok;
}

void buffer_consume(struct buffer *buffer, size_t count) {
    assert(count <= buffer->length);
    if (count > 0 && count < buffer->length) {
        memmove(buffer->data, buffer->data + count, buffer->length - count);
    }
    buffer->length -= count;
}
