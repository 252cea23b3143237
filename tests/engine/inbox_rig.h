#ifndef WEIR_TESTS_ENGINE_INBOX_RIG_H
#define WEIR_TESTS_ENGINE_INBOX_RIG_H

// What the tests of posted records have in common: posts, drains, receipts.

#include "engine/inbox.h"
#include "rig.h"

enum { INBOX_ROWS_MAX = 64 };

// Posts records, each a JSON object, under a batch key (empty: a new one); gives the first receipt.
int64_t rig_post(struct rig *rig, const char *type, const char *batch, const char *const *records, size_t count);
#define RIG_POST(rig, type, ...)                                    \
    rig_post((rig), (type), "", (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

// The same without a check: false with rig->error.
bool rig_try_post(struct rig *rig, const char *type, const char *batch, const char *const *records, size_t count,
                  struct inbox_receipts *out);

// Takes in what waits; fails the test when that can't be done.
struct inbox_report rig_drain(struct rig *rig);

// A receipt; fails the test when there is none.
struct inbox_row rig_receipt(struct rig *rig, int64_t id);

bool rig_has_receipt(struct rig *rig, int64_t id);

// How many wait.
int64_t rig_waiting(struct rig *rig);

#define CHECK_OUTCOME(rig, id, expected)                      \
    do {                                                      \
        struct inbox_row receipt_ = rig_receipt((rig), (id)); \
        CHECK_TEXT(receipt_.outcome, expected);               \
    } while (0)

#endif
