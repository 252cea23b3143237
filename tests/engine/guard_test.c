#include "engine/guard.h"

#include "test.h"

TEST(engine_guard, every_case_f13) {
    static const struct {
        bool is_percent;
        double amount;
        int64_t links;
        int64_t deletes;
        bool lets;
    } table[] = {
        {true, 5, 1000, 0, true},     {true, 5, 1000, 50, true},      {true, 5, 1000, 51, false},
        {true, 5, 1000, 1000, false}, {true, 100, 1000, 1000, false}, {true, 100, 1000, 999, true},
        {true, 5, 2, 1, true},        {true, 5, 3, 2, false},         {true, 5, 1, 1, false},
        {true, 0, 1000, 1, false},    {true, 0.1, 1000, 1, true},     {true, 0.1, 1000, 2, false},
        {false, 3, 1000, 3, true},    {false, 3, 1000, 4, false},     {false, 3, 3, 3, false},
        {false, 3, 4, 3, true},       {false, 0, 1000, 1, false},     {false, 0, 1000, 0, true},
        {true, 5, 0, 0, true},        {false, 5, 0, 1, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct share share = {table[i].is_percent, table[i].amount};
        struct guard guard = {&share, table[i].links};
        if (guard_lets(&guard, table[i].deletes) != table[i].lets) {
            test_fail(__FILE__, __LINE__, "row %zu", i);
        }
    }
}
