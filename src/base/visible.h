#ifndef WEIR_BASE_VISIBLE_H
#define WEIR_BASE_VISIBLE_H

// Text from outside, made fit for a terminal: what a file or a script says must not move the cursor, change colours or
// turn the reading direction. Control characters, bytes that are no UTF-8 and direction marks are written as escapes
// (\n, \x1b, \u202e). Widths count terminal columns. Nothing here fails but for memory, which the buffer remembers.

#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"

// Appends the text, at most `width` columns of it (0: all); what is cut ends in an ellipsis. Gives the columns used.
size_t visible_write(struct buffer *buffer, struct text text, size_t width);

// The columns that the whole text takes.
size_t visible_width(struct text text);

#endif
