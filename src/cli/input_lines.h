#ifndef WEIR_CLI_INPUT_LINES_H
#define WEIR_CLI_INPUT_LINES_H

// The lines of standard input, one after the other as they come, so that a program that feeds a command sees each
// answer before it sends more. A line over the limit is an error of that line; the next one follows.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum { INPUT_LINE_MAX = 16 * 1024 * 1024 };

struct input_lines {
    int file;
    struct buffer held;
    size_t start; // of what was not given yet
    bool ended;
    int64_t line; // the number of the line given last, from 1
};

void input_lines_init(struct input_lines *lines, int file);
void input_lines_clear(struct input_lines *lines);

// What the next line is. Its text lives until the next call, without the line end.
enum input_found { INPUT_LINE, INPUT_TOO_LONG, INPUT_END };
bool input_lines_next(struct input_lines *lines, enum input_found *found, struct text *out, struct error *error);

#endif
