#include "base/zone_file.h"

#include "base/memory.h"
#include "test.h"

// A compiled zone without changes whose later years go by this rule; its one type is UTC.
static bool rules_read(const char *tail, struct zone_rules *out) {
    static const char header[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4";
    static const char type[] = "\0\0\0\0\0\0UTC";
    char file[256];
    size_t used = 0;
    for (int i = 0; i < 2; i++) {
        memcpy(file + used, header, 44);
        memcpy(file + used + 44, type, 10);
        used += 54;
    }
    used += (size_t)snprintf(file + used, sizeof file - used, "\n%s\n", tail);
    struct error error;
    bool ok = zone_rules_read((struct text){file, used}, "test", out, &error);
    CHECK(ok || error.code == ERROR_OPTION_TYPE);
    return ok;
}

TEST(base_zone_file, rule_of_later_years) {
    struct zone_rules rules;
    CHECK(rules_read("<+0530>-5:30", &rules));
    CHECK_INT(zone_rules_offset(&rules, 0), 5 * 3600 + 1800);
    CHECK(rules_read("CET-1CEST,M3.5.0,M10.5.0/3", &rules));
    CHECK_INT(zone_rules_offset(&rules, 0), 3600);
    CHECK_INT(zone_rules_offset(&rules, INT64_C(1530000000)), 7200);
    CHECK(rules_read("", &rules));
    CHECK_INT(zone_rules_offset(&rules, 0), 0);
}

TEST(base_zone_file, refuses_offsets_that_no_clock_has) {
    struct zone_rules rules;
    CHECK(!rules_read("A-26", &rules));
    CHECK(!rules_read("A100", &rules));
    CHECK(!rules_read("A-1B-30,M3.5.0,M10.5.0", &rules));
    CHECK(rules_read("A-25", &rules));
}
