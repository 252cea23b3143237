#ifndef WEIR_SERVER_ROLE_H
#define WEIR_SERVER_ROLE_H

// Who may do what. A token has one role and one organisation ("*" for an operator's: any). The roles of the seeds:
// operators and business people, each in full or limited to looking; and a datasource's own token, which may give and
// take records of its sync and nothing else.

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum role {
    ROLE_NONE = 0, // nobody asked for: open to all (health)
    ROLE_OPS_FULL = 1,
    ROLE_BIZ_FULL = 2,
    ROLE_OPS_LIMITED = 4,
    ROLE_BIZ_LIMITED = 8,
    ROLE_DATASOURCE = 16,
};

// Sets that routes name.
enum {
    MAY_ALL = ROLE_NONE,
    MAY_OPERATE = ROLE_OPS_FULL,
    MAY_SUBMIT = ROLE_OPS_FULL | ROLE_BIZ_FULL,
    MAY_OVERSEE = ROLE_OPS_FULL | ROLE_OPS_LIMITED,
    MAY_LOOK = ROLE_OPS_FULL | ROLE_BIZ_FULL | ROLE_OPS_LIMITED | ROLE_BIZ_LIMITED,
    MAY_EXCHANGE = ROLE_OPS_FULL | ROLE_BIZ_FULL | ROLE_DATASOURCE,
};

struct identity {
    int64_t token; // 0: nobody
    enum role role;
    struct text name;
    struct text org;  // "*": any
    struct text sync; // a datasource's: the one it may use; empty: all of the org's
};

const char *role_name(enum role role); // "ops-full"
bool role_find(struct text name, enum role *out);

#endif
