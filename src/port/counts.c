#include "port/counts.h"

const struct count_name count_names[] = {
#define COUNT(name) \
    { #name, offsetof(struct counts, name) }
    COUNT(read), COUNT(created), COUNT(updated), COUNT(unchanged), COUNT(skipped),
    COUNT(dead), COUNT(deleted), COUNT(pushed),  COUNT(conflicts), COUNT(held),
#undef COUNT
    {NULL, 0},
};
