#ifndef WEIR_SCRIPT_SCRIPT_LINES_H
#define WEIR_SCRIPT_SCRIPT_LINES_H

// Where a key stands in the text of a script. Lua keeps neither the order nor the lines of a table's keys, and both
// matter here: a datatype's fields come in the order in which they are written, and an error names the very line.
// So the text is read again, as far as that needs: strings and comments are told apart from names. Nothing here
// allocates or fails; a text that is no Lua only means that less is found.

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct key_place {
    int line;      // from 1
    size_t offset; // in the text
};

// The key in the table that a call of `opener` takes: `opener { … key = …` or `opener({ … ["key"] = …`, where the
// call stands on `line`; keys of tables inside it don't count. `opener` is the function's last name: "datatype" for
// weir.datatype.
bool lines_find_in_call(struct text chunk, int line, const char *opener, struct text key, struct key_place *out);

// The first key of this name at or after `line`, whatever table it is in.
bool lines_find(struct text chunk, int line, struct text key, struct key_place *out);

#endif
