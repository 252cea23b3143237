#ifndef WEIR_CLI_COMMAND_RECORDS_H
#define WEIR_CLI_COMMAND_RECORDS_H

// What `weir get`, `weir put` and `weir delete` do with records, wherever home is.

#include "base/arena.h"
#include "base/buffer.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "model/datatype.h"
#include "port/store.h"

// --- get ---

struct record_list {
    const struct cli *cli;
    const struct datatype *datatype;
    struct table table;
    bool has_table;
    struct buffer text; // a cell in the making
    int64_t count;
    int64_t limit; // 0: all
    bool more;     // there are more than that
};

// Takes --limit. Close it in any case.
bool record_list_open(struct record_list *list, const struct cli *cli, const struct cli_arguments *arguments,
                      struct error *error);
void record_list_close(struct record_list *list);

// The heads of a table of this datatype's records (in the arena), each record (false: ERROR_NONE says that no more is
// wanted), and the table's end.
bool record_list_begin(struct record_list *list, const struct datatype *datatype, struct arena *arena,
                       struct error *error);
bool record_list_row(struct record_list *list, const struct home_row *row, struct error *error);
bool record_list_end(struct record_list *list, struct text org, struct error *error);

// One record, whole.
bool record_show(struct record_list *list, const struct home_row *row, struct error *error);

// The words [ORG] TYPE [ID] of a command.
struct record_words {
    const char *org; // NULL: the only one, or the token's
    const char *type;
    int64_t id; // 0: none
};
bool record_words_read(const struct cli_arguments *arguments, struct record_words *out, struct error *error);

// --- put ---

enum put_outcome { PUT_CREATED, PUT_UPDATED, PUT_UNCHANGED };

// Puts one record; false: it is refused, and `ends` says whether nothing after it can go in either.
struct put_way {
    bool (*put)(void *context, const struct object *fields, struct arena *arena, int64_t *id, enum put_outcome *outcome,
                bool *ends, struct error *error);
    void *context;
};

// Puts the records that stand on standard input, a JSON line each, and tells what became of them. `refused` counts
// those that did not go in.
bool put_lines(struct cli *cli, const struct put_way *way, int64_t *refused, struct error *error);

// --- delete ---

bool tell_deleted(const struct cli *cli, struct text org, struct text type, int64_t id, struct error *error);

#endif
