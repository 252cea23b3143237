#include "engine/guard.h"

enum { SHARE_FROM = 1000 }; // records, from which on a share of them tells something before the end

bool guard_lets(const struct guard *guard, int64_t deletes) {
    const struct share *limit = guard->at_most;
    if (deletes <= 0) {
        return true;
    }
    if (limit->amount <= 0 || deletes >= guard->links) {
        return false;
    }
    if (!limit->is_percent) {
        return (double)deletes <= limit->amount;
    }
    return deletes == 1 || (double)deletes * 100 <= limit->amount * (double)guard->links;
}

bool guard_lets_dead(const struct share *at_most, int64_t dead, int64_t read, bool ended) {
    if (at_most->amount <= 0) {
        return true;
    }
    if (!at_most->is_percent) {
        return (double)dead < at_most->amount;
    }
    return (read < SHARE_FROM && !ended) || (double)dead * 100 <= at_most->amount * (double)read;
}
