#include "cli/input_lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

void input_lines_init(struct input_lines *lines, int file) {
    *lines = (struct input_lines){.file = file};
    buffer_init(&lines->held, INPUT_LINE_MAX + READ_SIZE);
}

void input_lines_clear(struct input_lines *lines) {
    buffer_clear(&lines->held);
}

static bool fill(struct input_lines *lines, struct error *error) {
    buffer_consume(&lines->held, lines->start);
    lines->start = 0;
    if (!buffer_reserve(&lines->held, READ_SIZE)) {
        return error_memory(error);
    }
    ssize_t got;
    do {
        got = read(lines->file, lines->held.data + lines->held.length, READ_SIZE);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read standard input");
    }
    lines->held.length += (size_t)got;
    lines->ended = got == 0;
    return true;
}

bool input_lines_next(struct input_lines *lines, enum input_found *found, struct text *out, struct error *error) {
    bool too_long = false;
    size_t looked = 0; // of the line in hand, without a line end so far
    while (true) {
        size_t left = lines->held.length - lines->start;
        const char *start = left > 0 ? lines->held.data + lines->start : "";
        const char *end = left > looked ? memchr(start + looked, '\n', left - looked) : NULL;
        if (end != NULL || (lines->ended && left > 0)) {
            size_t length = end != NULL ? (size_t)(end - start) : left;
            lines->start += length + (end != NULL);
            *out = (struct text){start, length > 0 && start[length - 1] == '\r' ? length - 1 : length};
            break;
        }
        if (lines->ended) {
            *found = too_long ? INPUT_TOO_LONG : INPUT_END;
            lines->line += too_long;
            return true;
        }
        if (left >= INPUT_LINE_MAX) {
            too_long = true;
            lines->start = lines->held.length;
        }
        looked = too_long ? 0 : left;
        if (!fill(lines, error)) {
            return false;
        }
    }
    lines->line++;
    *found = too_long ? INPUT_TOO_LONG : INPUT_LINE;
    return true;
}
