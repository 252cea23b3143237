#ifndef WEIR_SCRIPT_SCRIPT_H
#define WEIR_SCRIPT_SCRIPT_H

// An organisation's script, loaded: what it declares as a `struct sync`, and its functions as the sync's mapper.
// A script is used by one thread at a time.

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/mapper.h"
#include "port/option.h"
#include "port/source.h"
#include "port/sync.h"

struct script;

struct script_param {
    struct text name;
    struct text value;
};

struct script_setup {
    const char *path;                  // "syncs/mywell/csv_readings.lua"
    const char *data;                  // DATA: for secrets
    const char *files;                 // where relative files of the script are; NULL: where it stands itself
    const struct script_param *params; // as given: --param k=v
    size_t param_count;
    bool declare_only;                        // `weir check`: required parameters may be left out, no secret is read
    const struct source_type *const *sources; // the datasource kinds there are
    size_t source_count;
    const struct clock *clock;
    const struct log *log;
    size_t memory_max;       // 0: default
    uint64_t steps_max;      // 0: default
    const atomic_bool *stop; // set by a signal: a function that computes for long then ends; may be NULL
};

// Loads and checks a script. The folder is the org; the file's name is the sync's. All mistakes of the script are
// errors with its line. A path that ends in .json is a sync made from a template (script_settings.h). Sources, clock
// and log must outlive the script.
bool script_open(const struct script_setup *setup, struct script **out, struct error *error);
void script_close(struct script *script); // accepts NULL

const struct sync *script_sync(const struct script *script);

// The same for home's datatypes alone, when there is no sync at hand: loads what home keeps of the modules that they
// were declared in (store_type.prepare's `text`, sync.datatype_text), so that what they derive can be computed. Of the
// setup, path, data and params aren't used; sources are needed where a text is a script that declares its datatypes
// itself. Where two texts know a datatype of the same name, the first one's is taken. The texts may go afterwards.
bool script_derive_open(const struct script_setup *setup, const struct text *texts, size_t count, struct script **out,
                        struct error *error);

// What a script declares: the datatypes with their functions' numbers, and what runs those. Both live until
// script_close.
const struct datatype *const *script_datatypes(const struct script *script, size_t *count);
struct mapper *script_functions(struct script *script);

// The parameters that the script declares and that may be given with a run, for `weir check`.
struct script_declared {
    struct text name;
    struct text type; // "text", "integer", "file", …
    bool required;
    struct text fallback;
    struct text help;
};
const struct script_declared *script_params(const struct script *script, size_t *count);

// The option lists of weir's own tables, for docs/reference/options.md. A datasource's own are in its source_type.
const struct option_list *const *script_options(size_t *count);

#endif
