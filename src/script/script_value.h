#ifndef WEIR_SCRIPT_SCRIPT_VALUE_H
#define WEIR_SCRIPT_SCRIPT_VALUE_H

// Values between Lua and weir. All of it runs inside the protected door: a value that can't be kept (a function, a
// number that isn't finite, bytes that are no UTF-8, a table that is neither an object nor a list) raises an error
// that says which and what to do.
//
//    Lua                      weir                          Lua again
//    nil                      missing                       nil
//    weir.null                null                          nil (weir.null inside a copied list)
//    true, false              bool                          the same
//    integer                  integer, 64 bits              the same
//    float                    decimal, the shortest that    float; weir.exact gives the text
//                             reads back as the same float
//    string                   text, UTF-8                   string
//    weir.list{ … }           list                          weir.list when copied, else a view
//    table with names         object, names sorted          table when copied, else a view
//    a record or part of it   the very same value           -

#include <lua.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "model/value.h"
#include "script/view.h"

struct script_where;

enum { VALUE_DEPTH_MAX = 64 };

// What a function may return for one record: a text stands in memory once for Lua, but may stand in a thousand places
// of an answer.
enum { VALUE_ANSWER_MAX = 32 * 1024 * 1024 };

// How a value is taken out of Lua.
struct take {
    struct views *views;
    struct arena *arena;
    bool sequences;                   // a plain table of items 1 … n is a list too
    const struct script_where *where; // of the declaration it is part of; NULL while records flow
    const char *name;                 // what messages call it; may be NULL
    size_t *room;                     // the bytes that an answer may still take; NULL: as many as there are
    bool later;                       // a parameter or a secret may stand inside: options_bind is called afterwards
};

// Takes bytes of an answer's room; raises when there are too few left.
void value_take_room(lua_State *lua, const struct take *take, size_t bytes);

// Takes the value at an index. Raises what can't be taken.
void value_take(lua_State *lua, int index, const struct take *take, int depth, struct value *out);

// The string at an index as a text in the arena; it must be a string of UTF-8.
struct text value_take_text(lua_State *lua, int index, const struct take *take);

// The error of a value that can't be taken.
_Noreturn void value_refuse(lua_State *lua, const struct take *take, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Pushes a value as plain tables that outlive the page: weir.copy.
void value_push_plain(lua_State *lua, struct views *views, const struct value *value, int depth);

// A decimal as a number; false when it is past what Lua's numbers hold.
bool value_number(struct text text, double *out);

// Pushes a decimal as a number; raises when it is past what Lua's numbers hold.
void value_push_decimal(lua_State *lua, struct text text);

// The shortest decimal that reads back as this finite number. The text is terminated; its length is returned.
enum { NUMBER_TEXT_MAX = 32 };
int value_number_text(double number, char out[NUMBER_TEXT_MAX]);

// weir.list: marks the table at the top of the stack as a list.
void value_mark_list(lua_State *lua, struct views *views);

// Whether the table at an index was marked so.
bool value_is_list(lua_State *lua, int index, const struct views *views);

#endif
