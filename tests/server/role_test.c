#include "server/role.h"

#include "test.h"

TEST(server_role, names_and_back) {
    static const enum role roles[] = {ROLE_OPS_FULL, ROLE_BIZ_FULL, ROLE_OPS_LIMITED, ROLE_BIZ_LIMITED,
                                      ROLE_DATASOURCE};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        enum role found = ROLE_NONE;
        CHECK(role_find(text_of(role_name(roles[i])), &found));
        CHECK_INT(found, roles[i]);
        for (size_t j = 0; j < i; j++) {
            CHECK((roles[i] & roles[j]) == 0);
        }
    }
}

TEST(server_role, what_is_none) {
    enum role found;
    static const char *const none[] = {"", "none", "ops", "ops-ful", "ops-full ", "OPS-FULL", "*"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK(!role_find(text_of(none[i]), &found));
    }
    CHECK(strcmp(role_name(ROLE_NONE), "none") == 0);
}
