#include "sim_people.h"

#include <string.h>

#include "sim_home.h"

// --- names and values ---

const char *sim_token_new(struct sim *sim, const struct sim_event *event) {
    static char text[SIM_VALUE];
    bool trims = false;
    for (int source = 0; source < SIM_SOURCES; source++) {
        trims = trims || sim->plan->world.sources[source][KNOB_TRIMS] != 0;
    }
    SIM_CHECK(event->number > 0 && event->number < SIM_TOKENS);
    sim->tokens[event->number].made = true;
    snprintf(text, sizeof text, "<%d>%s", event->number, trims && event->number % 2 == 0 ? " " : "");
    return text;
}

int sim_identity_for(struct sim *sim, const struct sim_event *event, int org, enum sim_type type) {
    int kind = 1 + org * SIM_TYPES + (int)type;
    if (event->pick % 4 == 0) {
        int64_t count = 0;
        for (int i = 1; i < SIM_TOKENS; i++) {
            count += sim->identities[i] == kind;
        }
        int64_t wanted = count > 0 ? event->pick / 4 % count : -1;
        for (int i = 1; wanted >= 0; i++) {
            if (sim->identities[i] == kind && wanted-- == 0) {
                return i;
            }
        }
    }
    sim->identities[event->number] = (signed char)kind;
    return event->number;
}

// --- at a datasource ---

static struct sim_row *pick_row(struct sim_remote *remote, int type, int64_t pick) {
    struct sim_row *list[SIM_ROWS];
    size_t count = sim_remote_alive(remote, type, list);
    return count > 0 ? list[(size_t)pick % count] : NULL;
}

static void make_there(struct sim *sim, struct sim_remote *remote, const struct sim_event *event) {
    enum sim_type type = event->detail != 0 && sim->plan->world.world[KNOB_READINGS] != 0 ? SIM_READING : SIM_WELL;
    bool refers = type == SIM_READING || (sim->plan->world.world[KNOB_PARENTS] != 0 && event->pick % 2 == 1);
    int identity = sim_identity_for(sim, event, sim_org_of(remote->place), type);
    struct sim_form form = {.legacy = ""};
    struct sim_row *list[SIM_ROWS];
    size_t count = sim_remote_alive(remote, (int)type, list);
    for (size_t i = 0; i < count; i++) {
        if (sim_identity_of(text_of(sim_row_form(list[i])->legacy)) == identity) {
            return; // nobody makes the same one twice
        }
    }
    const struct sim_row *well = refers ? pick_row(remote, SIM_WELL, event->pick) : NULL;
    if (well == NULL && type == SIM_READING) {
        return;
    }
    form.ref = well != NULL ? well->id : 0;
    snprintf(form.legacy, sizeof form.legacy, "k%d", identity);
    snprintf(form.name, sizeof form.name, "%s", sim_token_new(sim, event));
    sim->births[identity]++;
    const struct sim_row *row = sim_remote_make(remote, type, &form);
    sim_tell(sim, "%s: somebody makes %s %lld %s %s of %lld", sim_place_name(remote->place),
             type == SIM_WELL ? "well" : "reading", (long long)row->id, form.legacy, form.name, (long long)form.ref);
    sim->counters->what[SIM_MAKE]++;
}

static void edit_there(struct sim *sim, struct sim_remote *remote, const struct sim_event *event) {
    struct sim_row *row = pick_row(remote, -1, event->pick);
    if (row == NULL) {
        return;
    }
    struct sim_form form = *sim_row_form(row);
    bool refers = row->type == SIM_READING || sim->plan->world.world[KNOB_PARENTS] != 0;
    bool future = event->what == SIM_FUTURE;
    if (event->detail == 2 && !future) {
        const struct sim_row *well = refers ? pick_row(remote, SIM_WELL, event->pick / 7) : NULL;
        if (well == NULL) {
            return;
        }
        form.ref = well->id;
    } else {
        bool is_name = future || event->detail == 0;
        snprintf(is_name ? form.name : form.code, SIM_VALUE, "%s", sim_token_new(sim, event));
    }
    sim_tell(sim, "%s: somebody edits %lld %s: %s %s %lld%s", sim_place_name(remote->place), (long long)row->id,
             form.legacy, form.name, form.code, (long long)form.ref, future ? " and dates it 2099" : "");
    sim_remote_edit(remote, row, &form, future);
    sim->counters->what[event->what]++;
}

static void delete_there(struct sim *sim, struct sim_remote *remote, const struct sim_event *event) {
    struct sim_row *row = pick_row(remote, -1, event->pick);
    if (row == NULL) {
        return;
    }
    const struct sim_form *form = sim_row_form(row);
    sim_tell(sim, "%s: somebody deletes %lld %s", sim_place_name(remote->place), (long long)row->id, form->legacy);
    sim_deleted(sim, sim_identity_of(text_of(form->legacy)));
    sim_remote_delete(remote, row);
    sim->counters->what[SIM_DELETE]++;
}

// --- all of it ---

static void act_at_home(struct sim *sim, const struct sim_event *event) {
    int org = sim_org_of(event->place);
    if (sim->homes[org].type == NULL) {
        return;
    }
    switch (event->what) {
    case SIM_MAKE:
        sim_home_make(sim, org, event);
        break;
    case SIM_EDIT:
        sim_home_edit(sim, org, event);
        break;
    case SIM_DELETE:
        sim_home_delete(sim, org, event);
        break;
    case SIM_APPROVE:
        sim_home_approve(sim, org);
        break;
    case SIM_BACKUP:
        sim_home_backup(sim, org);
        break;
    case SIM_RESTORE:
        sim_home_restore(sim, org);
        break;
    default:
        break;
    }
}

static void act_there(struct sim *sim, const struct sim_event *event) {
    struct sim_remote *remote = &sim->remotes[sim_source_of(event->place)];
    if (remote->knobs == NULL) {
        return;
    }
    sim_remote_show(remote);
    switch (event->what) {
    case SIM_MAKE:
        make_there(sim, remote, event);
        break;
    case SIM_EDIT:
    case SIM_FUTURE:
        edit_there(sim, remote, event);
        break;
    case SIM_DELETE:
        delete_there(sim, remote, event);
        break;
    default:
        break;
    }
}

void sim_people_act(struct sim *sim, const struct sim_event *event) {
    bool was = sim->person;
    sim->person = true;
    sim->moment++;
    sim->now_us += 1000;
    if (event->place < SIM_EAST) {
        act_at_home(sim, event);
    } else {
        act_there(sim, event);
    }
    sim->person = was;
}
