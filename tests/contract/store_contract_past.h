#ifndef WEIR_TESTS_CONTRACT_STORE_CONTRACT_PAST_H
#define WEIR_TESTS_CONTRACT_STORE_CONTRACT_PAST_H

// What the cases of tracked links have in common. They are in store_contract_track.c.

#include "contract/store_contract_kit.h"

void past_track(struct kit *kit, struct linkset *links);

// Opens a home with a tracked linkset of groups, a run in it, and the group A as "a" at seq 1.
struct effect past_open(struct kit *kit, const struct store_type *type, const char *folder);

// A group's fields; of the last eight that were asked for.
const struct value *past_fields(const char *code);

// A change by somebody else than the linkset's datasource.
void past_edit(struct kit *kit, const struct effect *made, enum effect_kind kind, int64_t base_seq, const char *code,
               int64_t at_us);

// One by the datasource; codes may be NULL.
void past_change(struct kit *kit, const struct effect *made, enum effect_kind kind, int64_t base_seq, const char *code,
                 const char *agreed);

bool past_base(struct kit *kit, const struct datatype *datatype, int64_t id, int64_t seq, struct value **fields,
               int64_t *edited_us);
bool past_has(struct kit *kit, int64_t id, int64_t seq);
void past_check(struct kit *kit, int64_t id, int64_t seq, const char *code, int64_t edited_us);

// What a link was sent; NULL for nothing.
void past_check_sent(const struct link *link, const char *sent, const char *before, int64_t bounces);

#endif
