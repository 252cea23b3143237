#include "server/role.h"

#include <stddef.h>

static const struct {
    enum role role;
    const char *name;
} roles[] = {
    {ROLE_OPS_FULL, "ops-full"},       {ROLE_BIZ_FULL, "biz-full"},     {ROLE_OPS_LIMITED, "ops-limited"},
    {ROLE_BIZ_LIMITED, "biz-limited"}, {ROLE_DATASOURCE, "datasource"},
};

const char *role_name(enum role role) {
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (roles[i].role == role) {
            return roles[i].name;
        }
    }
    return "none";
}

bool role_find(struct text name, enum role *out) {
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (text_is(name, roles[i].name)) {
            *out = roles[i].role;
            return true;
        }
    }
    return false;
}
