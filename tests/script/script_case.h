#ifndef WEIR_TESTS_SCRIPT_SCRIPT_CASE_H
#define WEIR_TESTS_SCRIPT_SCRIPT_CASE_H

// A script for a test: written to the test's folder as syncs/acme/case.lua, opened with a datasource kind that exists
// only here. Texts are checked whole; records come in and go out as JSON.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "script/script.h"

struct script_case {
    struct script *script;
    const struct sync *sync;
    struct arena arena;
    struct error error;
    char logged[4096]; // what the script wrote, a line each
    struct script_param params[8];
    size_t param_count;
    bool declare_only;
    size_t memory_max;
    uint64_t steps_max;
};

// The datasource weir.table { name =, file =, rows =, quick =, mode =, columns =, page =, made =, span =, bytes =,
// types = … }.
extern const struct source_type source_table;

// Stands for weir.http { … }, with its own lists; it can be written to.
extern const struct source_type source_web;

// Writes a file below the test's folder and gives its path; folders in `relative` are made.
const char *case_file(const char *relative, const char *text);

// Opens the script; false with the error in `c->error`. What was open is closed first.
bool case_open(struct script_case *c, const char *text);
bool case_open_path(struct script_case *c, const char *path);
void case_param(struct script_case *c, const char *name, const char *value);
void case_close(struct script_case *c);

// Opens a sync of the type "thing" whose pull is this transform: "{ name = 'title' }", "function(r) … end".
bool case_pull(struct script_case *c, const char *transform);

// Calls the function of the transform (a whole-record function, or the first field's) on a JSON record. Gives the
// answer as JSON (a list of {type:fields} for records), "skip: reason", or "error: message". Valid until the next call.
const char *case_call(struct script_case *c, const char *json);
// The same for the function with this number, a field's.
const char *case_field(struct script_case *c, uint32_t function, const char *json);

// The same for a function of several records; NULL is none.
const char *case_several(struct script_case *c, uint32_t function, const char *const *jsons, size_t count);

// Checks that the script is refused with this code, this place behind the test's folder, and these words in it.
void case_refused(const char *text, enum error_code code, const char *place, const char *words);

#endif
