// People at a simulated datasource. They see what they changed themselves; others see it after KNOB_DELAY.

#include "sim_remote_inner.h"

const struct sim_form *sim_row_form(const struct sim_row *row) {
    return row->changes ? &row->next : &row->form;
}

static bool is_gone(const struct sim_row *row) {
    return row->changes ? row->next_gone : row->gone;
}

size_t sim_remote_alive(const struct sim_remote *remote, int type, struct sim_row *list[SIM_ROWS]) {
    size_t count = 0;
    for (size_t i = 0; i < remote->row_count; i++) {
        const struct sim_row *row = &remote->rows[i];
        if (!is_gone(row) && (type < 0 || (int)row->type == type)) {
            list[count++] = (struct sim_row *)(uintptr_t)row;
        }
    }
    return count;
}

static void act(struct sim_remote *remote, struct sim_row *row, const struct sim_change *change) {
    row->changes = true;
    row->next = change->form;
    row->next_gone = change->gone;
    row->next_stamp_us = change->stamp_us;
    row->shown_us = remote->sim->now_us + remote->knobs[KNOB_DELAY];
    if (remote->knobs[KNOB_DELAY] == 0) {
        sim_row_show(remote, row);
    }
}

static struct sim_form kept(const struct sim_remote *remote, const struct sim_form *form) {
    struct sim_form out = {.ref = form->ref};
    sim_value_keep(remote, text_of(form->legacy), out.legacy);
    sim_value_keep(remote, text_of(form->name), out.name);
    sim_value_keep(remote, text_of(form->code), out.code);
    return out;
}

static void end_value(struct sim_remote *remote, const char *before, const char *now) {
    int number = sim_token_of(text_of(before));
    if (number > 0 && number != sim_token_of(text_of(now))) {
        sim_token_over(remote->sim, text_of(before));
    }
}

struct sim_row *sim_remote_make(struct sim_remote *remote, enum sim_type type, const struct sim_form *form) {
    sim_remote_show(remote);
    struct sim_row *row = sim_row_add(remote, type);
    struct sim_change change = {.form = kept(remote, form),
                                .stamp_us = sim_remote_stamp(remote, sim_remote_now(remote))};
    act(remote, row, &change);
    return row;
}

// 2099-06-01T00:00:00Z, and the time of day, so that each is another.
static int64_t future_of(int64_t stamp_us) {
    return INT64_C(4083955200000000) + stamp_us % INT64_C(86400000000);
}

void sim_remote_edit(struct sim_remote *remote, struct sim_row *row, const struct sim_form *form, bool future) {
    sim_remote_show(remote);
    SIM_CHECK(!is_gone(row));
    sim_row_show(remote, row); // two people on one row: the second waits for the first
    int64_t now_us = sim_remote_now(remote);
    struct sim_change change = {.form = kept(remote, form)};
    change.stamp_us = sim_remote_stamp(remote, future ? future_of(now_us) : now_us);
    end_value(remote, row->form.name, change.form.name);
    end_value(remote, row->form.code, change.form.code);
    act(remote, row, &change);
}

void sim_remote_delete(struct sim_remote *remote, struct sim_row *row) {
    sim_remote_show(remote);
    SIM_CHECK(!is_gone(row));
    sim_row_show(remote, row);
    struct sim_change change = {
        .form = row->form, .gone = true, .stamp_us = sim_remote_stamp(remote, sim_remote_now(remote))};
    end_value(remote, row->form.name, "");
    end_value(remote, row->form.code, "");
    act(remote, row, &change);
}
