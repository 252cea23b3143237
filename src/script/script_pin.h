#ifndef WEIR_SCRIPT_SCRIPT_PIN_H
#define WEIR_SCRIPT_SCRIPT_PIN_H

// What home keeps of the modules that its datatypes were declared in, so that their functions can be run without the
// sync: one text, made when a script is loaded and read again by script_derive_open.
//
//    -- datatypes: reading = ourwater 2, resource = ourwater 1       which declaration, in the order they were made
//    -- ourwater.lua: 3 datatypes, 1234 bytes
//    …the module's text…
//    -- helpers.lua: 0 datatypes, 99 bytes                           what it requires
//    …

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "script/script_state.h"

// Writes the text of a script that has declared its sync; nothing when it declares no datatype of its own.
void pin_write(struct buffer *buffer, struct script *script);

struct pin_name {
    struct text datatype;
    struct text module;
    size_t place; // from 1
};

struct pin_module {
    struct text name;
    struct text text;
    size_t datatypes; // how many it declares
};

struct pin {
    struct pin_name *names;
    size_t name_count;
    struct pin_module *modules;
    size_t module_count;
};

// Reads a text that home kept. What it gives points into the text, or lives in the arena.
bool pin_read(struct text text, struct arena *arena, struct pin *out, struct error *error);

#endif
