#ifndef WEIR_TESTS_SOURCE_TARGET_RIG_H
#define WEIR_TESTS_SOURCE_TARGET_RIG_H

// A target over HTTP with a fake API behind it. A test says how the type is written, as JSON, and what to write:
//
//     struct target_rig rig;
//     target_rig_open(&rig, "{\"path\":\"/things\",\"find\":[\"name\"]}");
//     rig.api.next = API_LOST;
//     target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"a\"}");
//     target_rig_write(&rig);
//     CHECK_INT(rig.receipts[0].outcome, TARGET_DONE);
//     target_rig_close(&rig);

#include "api_fake.h"
#include "port/target.h"

enum { RIG_ITEMS = 1100, RIG_SEED = 77 };

struct target_rig {
    struct api api;
    struct target_rig_server *server;
    struct session *session;
    struct arena arena;
    struct target_setup setup;
    struct target *target;
    struct target_item items[RIG_ITEMS];
    struct target_receipt receipts[RIG_ITEMS];
    size_t count;
    size_t operations;
    struct error error;
};

void target_rig_open(struct target_rig *rig, const char *type);
void target_rig_open_key(struct target_rig *rig, const char *type, const struct path *key, size_t key_count);
void target_rig_close(struct target_rig *rig);
bool target_rig_try(struct target_rig *rig, const char *type); // opens a target with other settings; false: its error
void target_rig_elsewhere(struct target_rig *rig);             // from now on nobody listens where it writes to

void target_rig_next(struct target_rig *rig); // forgets the items
void target_rig_add(struct target_rig *rig, enum target_verb verb, const char *external, const char *form);
bool target_rig_send(struct target_rig *rig);  // all items in one write; false with `error`
void target_rig_write(struct target_rig *rig); // the same, which must end well
void target_rig_resolve(struct target_rig *rig, size_t index);

// What the engine must find in receipt `index`: an outcome; and DONE with this id and the print of what stands there.
void target_rig_done(struct target_rig *rig, size_t index, const char *external);
void target_rig_failed(struct target_rig *rig, size_t index, enum error_code code, enum error_scope scope);

#endif
