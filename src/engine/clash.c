#include "engine/clash.h"

#include "base/civil.h"
#include "engine/convert.h"
#include "engine/merge.h"
#include "engine/place.h"

bool clash_weighs(const struct flow *flow, const struct placing *placing) {
    return placing->links->tracked || flow->sync->conflict != CONFLICT_DATASOURCE;
}

// --- what is known of both sides ---

struct past {
    const struct value *base; // the form at agreed_seq; NULL when home hasn't kept it
    int64_t edited_us;        // home's last edit since; 0: unknown
};

static bool past_find(struct flow *flow, const struct placing *placing, const struct sight *sight, struct past *past,
                      struct error *error) {
    bool found;
    struct value *fields;
    *past = (struct past){0};
    if (!flow->store->type->base_find(flow->store, placing->form.datatype, sight->link.home, sight->link.agreed_seq,
                                      &flow_slot(flow)->arena, &found, &fields, &past->edited_us, error)) {
        return false;
    }
    past->base = found ? fields : NULL;
    return true;
}

// For CONFLICT_NEWEST. Where one of the two times isn't known the datasource's form wins, and home's is kept.
static bool home_is_newer(struct flow *flow, const struct placing *placing, const struct past *past) {
    int64_t remote_us;
    return past->edited_us > 0 && placing->record != NULL &&
           flow_cursor(flow, placing->record, &flow_slot(flow)->arena, &remote_us) && past->edited_us > remote_us;
}

static bool merge(struct flow *flow, const struct placing *placing, const struct value *base, const struct value *home,
                  bool newer, struct merged *out, struct error *error) {
    struct merge three = {
        .datatype = placing->form.datatype,
        .base = base,
        .home = home,
        .remote = &placing->form,
        .pull = placing->form.datatype == flow->type->datatype ? &flow->type->pull : NULL,
        .policy = flow->sync->conflict,
        .home_is_newer = newer,
        .mapper = flow->sync->mapper,
        .function = flow->sync->conflict_function,
    };
    return merge_forms(&three, &flow_slot(flow)->arena, out, error) &&
           datatype_complete(three.datatype, out->fields, error);
}

static bool home_wins(const struct flow *flow, bool newer) {
    return flow->sync->conflict == CONFLICT_HOME || (flow->sync->conflict == CONFLICT_NEWEST && newer);
}

// --- an echo ---

bool clash_echo(struct flow *flow, const struct placing *placing, const struct sight *sight, bool *echo,
                struct error *error) {
    const struct datatype *datatype = placing->form.datatype;
    const struct value *extra = &placing->form.extra;
    struct past past = {0};
    *echo = extra->kind == VALUE_MISSING || (sight->row.id != 0 && value_same(extra, &sight->row.extra));
    if (!*echo || !clash_weighs(flow, placing)) {
        *echo = false;
        return true;
    }
    if (!past_find(flow, placing, sight, &past, error)) {
        return false;
    }
    *echo = past.base != NULL;
    for (size_t i = 0; *echo && i < datatype->count; i++) {
        const struct value *said = &placing->form.fields[i];
        *echo = said->kind == VALUE_MISSING || field_same(&datatype->fields[i], said, &past.base[i]);
    }
    if (!*echo) {
        return true;
    }
    struct effect *effect = place_effect(flow, placing, EFFECT_AGREE, sight->link.home, sight->link.agreed_seq);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->agreed = past.base;
    return true;
}

// --- a merge ---

// Undeclared fields are one value, and home keeps no base of them: the side that wins wholly gives them, else the
// datasource.
struct extras {
    struct value value;
    bool same_as_home;
    bool home_lost;
    bool remote_lost;
};

static struct extras extras_weigh(const struct placing *placing, const struct sight *sight, bool keeps) {
    const struct value *said = &placing->form.extra;
    struct extras extras = {.value = sight->row.extra, .same_as_home = true};
    if (said->kind == VALUE_MISSING || value_same(said, &sight->row.extra)) {
        return extras;
    }
    if (keeps) {
        extras.remote_lost = true;
        return extras;
    }
    extras.value = *said;
    extras.same_as_home = false;
    extras.home_lost = !value_empty(&sight->row.extra);
    return extras;
}

static bool keep_losers(struct flow *flow, const struct placing *placing, const struct sight *sight, bool home_lost,
                        bool remote_lost, struct error *error) {
    struct print none = {0, 0};
    const struct home_row *row = &sight->row;
    if (home_lost && !place_conflict(flow, placing, "edit", row->id, none, row->fields, row->extra, error)) {
        return false;
    }
    return !remote_lost ||
           place_conflict(flow, placing, "remote", row->id, none, placing->form.fields, placing->form.extra, error);
}

bool clash_merge(struct flow *flow, const struct placing *placing, const struct sight *sight, bool adopts,
                 enum placed *placed, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct past past = {0};
    struct merged merged;
    if (!adopts && !past_find(flow, placing, sight, &past, error)) {
        return false;
    }
    bool newer = home_is_newer(flow, placing, &past);
    if (!merge(flow, placing, past.base, sight->row.fields, newer, &merged, error)) {
        return false;
    }
    struct extras extras = extras_weigh(placing, sight, home_wins(flow, newer));
    // What it said earlier in this pass was merged already, and loses to what it says now.
    bool repeats =
        !adopts && !sight->posted && sight->link.agreed_seq > flow->pass_seq && placing->links == flow->links;
    if (repeats && !place_conflict(flow, placing, "repeat", sight->row.id, sight->link.seen,
                                   past.base != NULL ? past.base : sight->row.fields, extras.value, error)) {
        return false;
    }
    if (!keep_losers(flow, placing, sight, merged.home_lost || extras.home_lost,
                     merged.remote_lost || extras.remote_lost, error)) {
        return false;
    }
    if (adopts && !map_put(&slot->keys, sight->key, (uint64_t)sight->row.id)) {
        return error_memory(error);
    }
    bool same = merged.same_as_home && extras.same_as_home;
    bool ahead = !merged.same_as_agreed;
    enum effect_kind kind = same && !ahead ? EFFECT_AGREE : EFFECT_UPDATE;
    struct effect *effect = place_effect(flow, placing, kind, sight->row.id, sight->row.seq);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->fields = merged.fields;
    effect->extra = extras.value;
    effect->agreed = ahead ? merged.agreed : NULL;
    effect->adds_link = adopts;
    place_outdated(effect, &sight->link);
    *placed = same ? PLACED_UNCHANGED : PLACED_UPDATED;
    return true;
}

bool clash_again(struct flow *flow, const struct placing *placing, struct effect *effect, bool *same,
                 struct error *error) {
    struct merged merged;
    if (effect->fields == NULL) { // home's deletion stands, also against this
        *same = true;
        return place_conflict(flow, placing, "remote", effect->id, (struct print){0, 0}, placing->form.fields,
                              placing->form.extra, error);
    }
    if (!merge(flow, placing, effect->agreed, effect->fields, home_wins(flow, true), &merged, error)) {
        return false;
    }
    if (merged.home_lost && !place_conflict(flow, placing, "edit", effect->id, (struct print){0, 0}, effect->fields,
                                            effect->extra, error)) {
        return false;
    }
    if (merged.remote_lost && !place_conflict(flow, placing, "remote", effect->id, (struct print){0, 0},
                                              placing->form.fields, placing->form.extra, error)) {
        return false;
    }
    effect->fields = merged.fields;
    effect->agreed = merged.same_as_agreed ? NULL : merged.agreed;
    effect->extra = placing->form.extra.kind != VALUE_MISSING ? placing->form.extra : effect->extra;
    *same = merged.same_as_home;
    return true;
}

// --- deleted here, changed there ---

bool clash_deleted(struct flow *flow, const struct placing *placing, const struct sight *sight, bool *stands,
                   struct error *error) {
    struct past past;
    *stands = false;
    if (flow->sync->conflict != CONFLICT_HOME && flow->sync->conflict != CONFLICT_NEWEST) {
        return true;
    }
    if (!past_find(flow, placing, sight, &past, error)) {
        return false;
    }
    *stands = home_wins(flow, home_is_newer(flow, placing, &past));
    if (!*stands) {
        return true;
    }
    const struct datatype *datatype = placing->form.datatype;
    struct value *agreed = arena_take(&flow_slot(flow)->arena, datatype->count * sizeof *agreed + 1);
    if (agreed == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        // The form at that seq may be what another datasource agreed on as well: it stays as it is.
        bool said = placing->form.fields[i].kind != VALUE_MISSING;
        agreed[i] = past.base != NULL ? past.base[i] : said ? placing->form.fields[i] : value_null();
    }
    if (!place_conflict(flow, placing, "remote", sight->link.home, (struct print){0, 0}, placing->form.fields,
                        placing->form.extra, error)) {
        return false;
    }
    // The link stays where it was, behind the deletion: a push then deletes the record there.
    struct effect *effect = place_effect(flow, placing, EFFECT_AGREE, sight->link.home, sight->link.agreed_seq);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->agreed = agreed;
    return true;
}

bool clash_revive(struct flow *flow, const struct placing *placing, const struct sight *sight, struct error *error) {
    struct past past;
    if (!past_find(flow, placing, sight, &past, error)) {
        return false;
    }
    for (size_t i = 0; past.base != NULL && i < placing->form.datatype->count; i++) {
        if (placing->form.fields[i].kind == VALUE_MISSING) {
            placing->form.fields[i] = past.base[i];
        }
    }
    return true;
}
