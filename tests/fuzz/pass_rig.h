#ifndef WEIR_TESTS_FUZZ_PASS_RIG_H
#define WEIR_TESTS_FUZZ_PASS_RIG_H

// A type of an API of every kind, for the targets that read from the client's fake.

#include "base/arena.h"
#include "port/source.h"

struct pass_rig {
    struct arena arena;
    struct session *session;
    struct source_setup setup;
};

enum { PASS_KINDS = 20 };

// Opens kind number `kind`. fake_begin comes before.
void pass_rig_open(struct pass_rig *rig, unsigned kind);
void pass_rig_close(struct pass_rig *rig);

#endif
