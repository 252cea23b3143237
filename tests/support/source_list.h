#ifndef WEIR_TESTS_SUPPORT_SOURCE_LIST_H
#define WEIR_TESTS_SUPPORT_SOURCE_LIST_H

// A datasource over rows that a test wrote down, with errors where the test wants them:
//
//     static const struct source_list_row rows[] = {
//         LIST_JSON("{\"id\":1,\"name\":\"well\"}"),
//         LIST_PAIRS("id", "2", "name", "tank"),
//         LIST_REJECT("3,,", "the row has 3 fields"),
//     };
//     struct source_list list = {.rows = rows, .count = 3, .fail_read = 2, .fail_times = 1};
//     error_set(&list.fail, ERROR_HOME_BUSY, "not now");
//     setup.settings = source_list_settings(&list);
//     source_open(&source_list, &setup, &source, &error);
//
// With `cursor` it is a feed: the field of that name says when a row changed last, a pass gives the rows at or past the
// watermark, by their texts' order, and the highest text met is the new one. `full` claims that the list is all there
// is. LIST_GONE is a tombstone.
//
// The list may be changed between passes; changing `version` makes positions of before ERROR_SOURCE_CHANGED. Rows
// count as lines from 1. A row's print is that of its text.

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "port/source.h"

struct source_list_row {
    const char *json;         // an object; or
    const char *const *pairs; // name, text, name, text, …, NULL; or
    const char *raw;          // the bytes of something that is no record, and
    const char *reason;       // why
    bool gone;                // a tombstone
};

#define LIST_JSON(text) \
    { (text), NULL, NULL, NULL, false }
#define LIST_PAIRS(...) \
    { NULL, (const char *const[]){__VA_ARGS__, NULL}, NULL, NULL, false }
#define LIST_GONE(...) \
    { NULL, (const char *const[]){__VA_ARGS__, NULL}, NULL, NULL, true }
#define LIST_REJECT(raw, reason) \
    { NULL, NULL, (raw), (reason), false }

struct source_list {
    const struct source_list_row *rows;
    size_t count;
    int64_t version;
    const char *cursor;     // the field that says when a row changed; NULL: none
    bool full;              // with the last page: all there is was listed
    struct error fail;      // what goes wrong
    size_t fail_read;       // at which read of a pass, from 1; 0: never
    size_t fail_times;      // how often in all; 0: always
    struct error fail_open; // every open fails with it, unless its code is ERROR_NONE

    size_t opens; // what happened so far, failed ones included
    size_t reads;
    size_t closes;
    size_t failed;
    char since[64]; // the watermark that the last pass was opened with

    struct text setting_name; // source_list_settings fills these
    struct shape setting_shape;
    struct value setting_value;
    struct object settings;
};

extern const struct source_type source_list;

// The settings that lead source_list to this list; they live in it.
const struct object *source_list_settings(struct source_list *list);

#endif
