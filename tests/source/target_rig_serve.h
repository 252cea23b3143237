#ifndef WEIR_TESTS_SOURCE_TARGET_RIG_SERVE_H
#define WEIR_TESTS_SOURCE_TARGET_RIG_SERVE_H

// The rig's API on a socket, and a session of weir's own client towards it.

#include "target_rig.h"

void target_rig_serve(struct target_rig *rig);
void target_rig_unserve(struct target_rig *rig);

#endif
