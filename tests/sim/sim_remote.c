#include "sim_remote_inner.h"

#include <string.h>

#include "base/memory.h"

enum { ARENA_MAX = 256 * 1024 * 1024 };

void sim_remote_open(struct sim_remote *remote, struct sim *sim, enum sim_place place) {
    remote->sim = sim;
    remote->place = place;
    remote->knobs = sim->plan->world.sources[sim_source_of(place)];
    remote->row_count = remote->journal_count = 0;
    remote->keys = NULL;
    remote->key_count = remote->key_capacity = 0;
    remote->last_id = 0;
    remote->floor_us = 0;
    remote->writes = 0;
    arena_init(&remote->arena, ARENA_MAX);
}

void sim_remote_close(struct sim_remote *remote) {
    memory_free(remote->keys);
    arena_clear(&remote->arena);
    remote->keys = NULL;
    remote->knobs = NULL;
}

int64_t sim_remote_now(const struct sim_remote *remote) {
    return remote->sim->now_us + remote->knobs[KNOB_SKEW];
}

static int64_t taken_at(const struct sim_remote *remote, int64_t stamp_us) {
    int64_t shown = sim_remote_shown(remote, stamp_us);
    int64_t count = 0;
    for (size_t i = 0; i < remote->row_count; i++) {
        const struct sim_row *row = &remote->rows[i];
        count += sim_remote_shown(remote, row->changes ? row->next_stamp_us : row->stamp_us) == shown;
    }
    return count;
}

// Whether with one more of this time all rows of a type could have it, and be just as many as are asked for at once:
// the first of more, which a server cuts off there, would look the same.
static bool looks_cut(const struct sim_remote *remote, enum sim_type type, int64_t stamp_us) {
    int64_t shown = sim_remote_shown(remote, stamp_us);
    int64_t rows = 0;
    int64_t count = 0;
    for (size_t i = 0; i < remote->row_count; i++) {
        const struct sim_row *row = &remote->rows[i];
        rows += row->type == type;
        count +=
            row->type == type && sim_remote_shown(remote, row->changes ? row->next_stamp_us : row->stamp_us) == shown;
    }
    int64_t size = sim_settings_size(remote->knobs);
    while (size < count) {
        size *= 2;
    }
    return rows - count <= 1 && count >= size - 1;
}

static bool is_taken(const struct sim_remote *remote, int64_t stamp_us) {
    int64_t most = sim_settings_ties(remote->knobs);
    if (most > 0) {
        return taken_at(remote, stamp_us) >= most;
    }
    return remote->knobs[KNOB_PAGER] == SIM_PAGER_KEYSET &&
           (looks_cut(remote, SIM_WELL, stamp_us) || looks_cut(remote, SIM_READING, stamp_us));
}

// Some pagers can't read any number of records of one time, and say so: a window that can't be halved any more must not
// be full, and with keyset a list of nothing but one time, as long as a page, could be one that the server cuts off.
// Behind these, a change goes to the next time when its own is taken, and all later ones with it.
int64_t sim_remote_stamp(struct sim_remote *remote, int64_t stamp_us) {
    bool is_now = stamp_us <= sim_remote_now(remote);
    stamp_us = is_now && stamp_us < remote->floor_us ? remote->floor_us : stamp_us;
    while (is_taken(remote, stamp_us)) {
        stamp_us = sim_remote_shown(remote, stamp_us) + sim_remote_tick(remote);
        remote->floor_us = is_now ? stamp_us : remote->floor_us;
    }
    return stamp_us;
}

struct sim_row *sim_remote_find(const struct sim_remote *remote, enum sim_type type, int64_t id) {
    for (size_t i = 0; i < remote->row_count; i++) {
        const struct sim_row *row = &remote->rows[i];
        if (row->type == type && row->id == id) {
            return (struct sim_row *)(uintptr_t)row;
        }
    }
    return NULL;
}

struct sim_row *sim_row_add(struct sim_remote *remote, enum sim_type type) {
    SIM_CHECK(remote->row_count < SIM_ROWS);
    struct sim_row *row = &remote->rows[remote->row_count++];
    *row = (struct sim_row){.type = type, .id = ++remote->last_id, .hidden = true};
    return row;
}

// --- changes ---

static void note_visible(struct sim *sim, const char *value) {
    int number = sim_token_of(text_of(value));
    if (number > 0 && sim->tokens[number].visible == 0) {
        sim->tokens[number].visible = sim->moment;
    }
}

void sim_row_change(struct sim_remote *remote, struct sim_row *row, const struct sim_change *change) {
    struct sim *sim = remote->sim;
    SIM_CHECK(remote->journal_count < SIM_JOURNAL);
    bool is_new = row->hidden;
    remote->journal[remote->journal_count++] = (struct sim_entry){
        .moment = ++sim->moment,
        .run = sim->run != NULL ? sim->run->number : 0,
        .author = change->author,
        .verb = is_new         ? SIM_CREATED
                : change->gone ? SIM_DELETED
                               : SIM_UPDATED,
        .type = row->type,
        .id = row->id,
        .before = is_new ? (struct sim_form){.ref = 0} : row->form,
        .after = change->gone ? (struct sim_form){.ref = 0} : change->form,
        .again = change->again,
    };
    row->form = change->form;
    row->gone = change->gone;
    row->stamp_us = change->stamp_us;
    row->hidden = false;
    if (!row->gone) {
        note_visible(sim, row->form.name);
        note_visible(sim, row->form.code);
    }
}

void sim_row_show(struct sim_remote *remote, struct sim_row *row) {
    if (!row->changes) {
        return;
    }
    row->changes = false;
    struct sim_change change = {row->next, row->next_gone, row->next_stamp_us, SIM_PERSON, false};
    sim_row_change(remote, row, &change);
}

// In the order in which their time comes.
static void show_until(struct sim_remote *remote, int64_t time_us) {
    for (;;) {
        struct sim_row *next = NULL;
        for (size_t i = 0; i < remote->row_count; i++) {
            struct sim_row *row = &remote->rows[i];
            if (row->changes && row->shown_us <= time_us && (next == NULL || row->shown_us < next->shown_us)) {
                next = row;
            }
        }
        if (next == NULL) {
            return;
        }
        sim_row_show(remote, next);
    }
}

void sim_remote_show(struct sim_remote *remote) {
    show_until(remote, remote->sim->now_us);
}

void sim_remote_show_all(struct sim_remote *remote) {
    show_until(remote, INT64_MAX);
}

// --- values ---

void sim_value_keep(const struct sim_remote *remote, struct text text, char out[SIM_VALUE]) {
    text = remote->knobs[KNOB_TRIMS] != 0 ? text_trim(text) : text;
    SIM_CHECK(text.length < SIM_VALUE);
    memset(out, 0, SIM_VALUE);
    if (text.length > 0) {
        memcpy(out, text.data, text.length);
    }
}

// Whether it was a person who wrote the token into this row. What weir wrote itself, it knew.
static bool put_by_person(const struct sim_remote *remote, const struct sim_row *row, int token) {
    for (size_t i = remote->journal_count; i-- > 0;) {
        const struct sim_entry *entry = &remote->journal[i];
        if (entry->type != row->type || entry->id != row->id) {
            continue;
        }
        bool after =
            sim_token_of(text_of(entry->after.name)) == token || sim_token_of(text_of(entry->after.code)) == token;
        bool before =
            sim_token_of(text_of(entry->before.name)) == token || sim_token_of(text_of(entry->before.code)) == token;
        if (after && !before) {
            return entry->author == SIM_PERSON;
        }
    }
    return false;
}

void sim_value_end(struct sim_remote *remote, const struct sim_row *row, const char *before, const char *now,
                   bool again) {
    struct sim *sim = remote->sim;
    int number = sim_token_of(text_of(before));
    if (number == 0 || number == sim_token_of(text_of(now)) || sim->tokens[number].over) {
        return;
    }
    const struct sim_token *token = &sim->tokens[number];
    // Windows end a day from now by weir's own clock: what is dated later is not asked for.
    bool beyond = remote->knobs[KNOB_PAGER] == SIM_WINDOWS &&
                  row->stamp_us > sim->now_us + sim->jump_us + SIM_DAY_US - SIM_DAY_US / 24;
    bool could_not = token->visible > sim->run_moment || sim->lied || beyond;
    bool retries = sim->run != NULL && sim->run->what == SIM_RETRY; // it pulls nothing first
    could_not = could_not || retries;
    bool unseen = (!token->served || beyond || sim->lied) && could_not && put_by_person(remote, row, number);
    if (again || unseen) {
        sim_tell(sim, "%s: %s is over: %s", sim_place_name(remote->place), before,
                 again ? "a request came twice or late" : "it came between two requests");
        sim->counters->excused += !again;
        sim_token_over(sim, text_of(before));
    }
}

void sim_remote_served(struct sim_remote *remote, struct text body) {
    for (size_t i = 0; i < body.length; i++) {
        size_t end = i + 1;
        while (body.data[i] == '<' && end < body.length && body.data[end] >= '0' && body.data[end] <= '9') {
            end++;
        }
        if (end > i + 1 && end < body.length && body.data[end] == '>') {
            int number = sim_token_of((struct text){body.data + i, end + 1 - i});
            if (number > 0) {
                remote->sim->tokens[number].served = true;
            }
        }
    }
}
