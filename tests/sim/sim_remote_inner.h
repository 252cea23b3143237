#ifndef WEIR_TESTS_SIM_SIM_REMOTE_INNER_H
#define WEIR_TESTS_SIM_SIM_REMOTE_INNER_H

// What the files of the simulated datasource share.

#include "sim.h"

// KNOB_PAGER.
enum sim_pager {
    SIM_PAGER_WHOLE,
    SIM_PAGER_OFFSET,
    SIM_PAGER_NUMBER,
    SIM_PAGER_LINK,
    SIM_PAGER_NEXT,
    SIM_PAGER_CURSOR,
    SIM_PAGER_KEYSET,
    SIM_PAGER_WINDOW,
};

// Whether its pages are {"items":[…],…} and not only the array.
bool sim_pager_wraps(const int64_t *knobs);
// A page that has nothing and leads nowhere.
const char *sim_pager_empty(const int64_t *knobs);
// The identity that a query looks for, or 0.
int sim_query_identity(struct text query);
bool sim_query_is_first(struct text query);

// --- sim_remote.c: what changes ---

// What a change of this time gets as its updatedAt, not yet rounded.
int64_t sim_remote_stamp(struct sim_remote *remote, int64_t stamp_us);
// A row that nobody sees yet.
struct sim_row *sim_row_add(struct sim_remote *remote, enum sim_type type);
// What readers see of a row from now on. With a line in the log, and in the tokens.
struct sim_change {
    struct sim_form form;
    bool gone;
    int64_t stamp_us;
    enum sim_author author;
    bool again;
};
void sim_row_change(struct sim_remote *remote, struct sim_row *row, const struct sim_change *change);
// A person's change that nobody sees yet becomes one.
void sim_row_show(struct sim_remote *remote, struct sim_row *row);
// A text as it is kept.
void sim_value_keep(const struct sim_remote *remote, struct text text, char out[SIM_VALUE]);
// A write of weir puts `now` where `before` stood.
void sim_value_end(struct sim_remote *remote, const struct sim_row *row, const char *before, const char *now,
                   bool again);

// --- sim_remote_list.c: what is read ---

// updatedAt as it is shown, rounded down; and how far two that differ are apart at least.
int64_t sim_remote_shown(const struct sim_remote *remote, int64_t stamp_us);
int64_t sim_remote_tick(const struct sim_remote *remote);
void sim_say_error(struct sim_say *say, struct arena *arena, int status, const char *message);
void sim_say_json(struct sim_say *say, struct arena *arena, int status, const struct buffer *body);
void sim_row_print(const struct sim_remote *remote, const struct sim_row *row, struct buffer *out);
void sim_remote_list(struct sim_remote *remote, enum sim_type type, struct text query, struct arena *arena,
                     struct sim_say *say);

// --- sim_settings.c ---

// How many records may have one time so that the pager can read them; 0: any number.
int64_t sim_settings_ties(const int64_t *knobs);
// How many records a page has. Where many have one time, one that goes by the time must hold them all, or ask for more.
int64_t sim_settings_size(const int64_t *knobs);

#endif
