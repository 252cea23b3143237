#ifndef WEIR_SERVER_CHILD_LINE_H
#define WEIR_SERVER_CHILD_LINE_H

// The words of a child's command line, one after the other. What fails is told at the end.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "model/value.h"
#include "port/serving.h"
#include "server/children.h"

struct uploads;

struct child_line {
    struct arena *arena; // of the words
    const char *words[CHILD_ARGUMENTS_MAX + 1];
    size_t count;
    bool failed;
};

void child_line_add(struct child_line *line, const char *word); // must live as long; NULL: there was no memory
void child_line_add_text(struct child_line *line, struct text word);
void child_line_number(struct child_line *line, const char *option, int64_t number);

// The script's path in its copy, --data, and where the script's own files are.
void child_line_sync(struct child_line *line, const struct service_setup *setup, struct text snapshot, struct text org,
                     struct text name);

// --param NAME=VALUE of each member of a JSON object; a file, which is an upload's number here, is given as its path.
// With `paths` it may be one already: a retry of dead letters has the parameters of home's run.
bool child_line_params(struct child_line *line, const struct uploads *uploads, const struct object *manifest,
                       struct text org, struct text params, bool paths, struct error *error);

// --cpu, --memory and --parent, by what the manifest (may be NULL) says.
void child_line_limits(struct child_line *line, const struct object *manifest);

// How long a run may take by it, in microseconds.
int64_t child_line_time_us(const struct object *manifest);

bool child_line_whole(const struct child_line *line, struct error *error);

#endif
