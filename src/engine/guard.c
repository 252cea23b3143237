#include "engine/guard.h"

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
