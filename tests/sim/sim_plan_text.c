#include <inttypes.h>

#include "sim.h"
#include "support/disk_fake.h"

// --- the words of the events ---

enum { AT_HOMES = 1, AT_SOURCES = 2, ANYWHERE = AT_HOMES | AT_SOURCES };
enum during { BETWEEN_RUNS, EITHER, IN_A_RUN };

// A line is: its number, the name, the place, the pick, the detail, when. What a form does not have is left out, and 0
// in the event. A detail has words, or it is a number; an empty word is not written.
struct form {
    const char *name;
    int places;
    bool pick;
    bool number;
    size_t word_count;
    const char *const *words;
    enum during during;
};

#define WORDS(list) .words = (list), .word_count = sizeof(list) / sizeof *(list)
#define FAULT(name, text, help) text,
static const char *const faults[] = {
#include "sim_faults.def"
};
#undef FAULT
static const char *const types[] = {[SIM_WELL] = "well", [SIM_READING] = "reading"};
static const char *const fields[] = {"name", "code", "ref"};
static const char *const forces[] = {"", "force"};
static const char *const commits[] = {"refused", "silent"};
static const char *const sides[] = {"before", "after"};
static const char *const powers[] = {"before", "after", "door"};
_Static_assert((int)SIM_DISK_ONCE == (int)DISK_TROUBLES, "what stays comes behind what strikes once");
static const char *const troubles[SIM_DISK_DETAILS] = {
    [DISK_EIO_READ] = "read",         [DISK_EIO_WRITE] = "write",
    [DISK_SHORT_WRITE] = "short",     [DISK_FULL] = "full",
    [DISK_EIO_SYNC] = "sync",         [DISK_EIO_TRUNCATE] = "truncate",
    [DISK_EIO_DELETE] = "delete",     [DISK_EIO_OPEN] = "open",
    [DISK_POWER_OFF] = "power",       [DISK_KILL] = "kill",
    [SIM_DISK_FULL_ON] = "filled",    [SIM_DISK_SYNC_ON] = "unsynced",
    [SIM_DISK_WRITE_ON] = "readonly",
};

static const struct form forms[SIM_WHATS] = {
    [SIM_MAKE] = {"make", ANYWHERE, .pick = true, WORDS(types), .during = EITHER},
    [SIM_EDIT] = {"edit", ANYWHERE, .pick = true, WORDS(fields), .during = EITHER},
    [SIM_DELETE] = {"delete", ANYWHERE, .pick = true, .during = EITHER},
    [SIM_FUTURE] = {"future", AT_SOURCES, .pick = true, .during = EITHER},
    [SIM_APPROVE] = {"approve", .places = AT_HOMES},
    [SIM_RUN] = {"run", AT_SOURCES, WORDS(forces)},
    [SIM_RETRY] = {"retry", .places = AT_SOURCES},
    [SIM_BACKUP] = {"backup", .places = AT_HOMES},
    [SIM_RESTORE] = {"restore", .places = AT_HOMES},
    [SIM_WAIT] = {"wait", .number = true},
    [SIM_JUMP] = {"jump", .number = true},
    [SIM_REQUEST] = {"request", WORDS(faults), .during = IN_A_RUN},
    [SIM_COMMIT] = {"commit", WORDS(commits), .during = IN_A_RUN},
    [SIM_CRASH] = {"crash", WORDS(sides), .during = IN_A_RUN},
    [SIM_POWER] = {"power", WORDS(powers), .during = EITHER},
    [SIM_DISK] = {"disk", WORDS(troubles), .during = IN_A_RUN},
    [SIM_STOP] = {"stop", .during = IN_A_RUN},
};

const char *sim_what_name(enum sim_what what) {
    return forms[what].name;
}

// --- printing ---

void sim_event_print(const struct sim_event *event, struct buffer *out) {
    const struct form *form = &forms[event->what];
    buffer_print(out, "%d %s", event->number, form->name);
    if (form->places != 0) {
        buffer_print(out, " %s", sim_place_name(event->place));
    }
    if (form->pick) {
        buffer_print(out, " %" PRId64, event->pick);
    }
    if (form->number) {
        buffer_print(out, " %" PRId64, event->detail);
    } else if (form->words != NULL) {
        SIM_CHECK(event->detail >= 0 && (size_t)event->detail < form->word_count);
        const char *word = form->words[event->detail];
        buffer_print(out, "%s%s", word[0] != '\0' ? " " : "", word);
    }
    if (event->run != 0) {
        buffer_print(out, " in %d at %" PRId64, event->run, event->at);
    }
}

// The knobs of one scope that are not at their simplest.
static void print_knobs(const char *name, bool world, const int64_t *values, struct buffer *out) {
    bool begun = false;
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        if (sim_knob_of_world(knob) == world && values[knob] != sim_knob_simplest(knob)) {
            buffer_print(out, "%s %s %" PRId64, begun ? "" : name, sim_knob_name(knob), values[knob]);
            begun = true;
        }
    }
    if (begun) {
        buffer_byte(out, '\n');
    }
}

void sim_plan_print(const struct sim_plan *plan, struct buffer *out) {
    buffer_print(out, "seed %" PRIu64 "\n", plan->seed);
    print_knobs("world", true, plan->world.world, out);
    for (enum sim_place place = SIM_EAST; place <= SIM_NORTH; place++) {
        print_knobs(sim_place_name(place), false, plan->world.sources[sim_source_of(place)], out);
    }
    for (size_t i = 0; i < plan->count; i++) {
        sim_event_print(&plan->events[i], out);
        buffer_byte(out, '\n');
    }
}

// --- reading ---

struct reading {
    struct sim_plan *plan;
    struct text rest; // of the line
    size_t line;
    bool seeded;
    bool said[1 + SIM_SOURCES][SIM_KNOBS]; // the world's, the sources'
    bool runs[SIM_TOKENS];                 // numbers of runs
    struct error *error;
};

// The next word of the line, or an empty text.
static struct text next(struct reading *reading) {
    struct text line = text_trim(reading->rest);
    size_t length = 0;
    while (length < line.length && line.data[length] != ' ' && line.data[length] != '\t') {
        length++;
    }
    reading->rest = (struct text){line.data + length, line.length - length};
    return (struct text){line.data, length};
}

static bool wrong(struct reading *reading, const char *what, struct text word) {
    error_set(reading->error, ERROR_USAGE, "line %zu: %s, not '%.*s'", reading->line, what, TEXT_ARGS(word));
    return error_place(reading->error, "line %zu", reading->line);
}

static bool read_number(struct reading *reading, const char *what, int64_t least, int64_t most, int64_t *out) {
    struct text word = next(reading);
    return (text_integer(word, out) && *out >= least && *out <= most) || wrong(reading, what, word);
}

static bool read_knobs(struct reading *reading, bool world, int64_t *values, bool *said) {
    for (struct text word = next(reading); word.length > 0; word = next(reading)) {
        enum sim_knob knob = 0;
        while (knob < SIM_KNOBS && !(sim_knob_of_world(knob) == world && text_is(word, sim_knob_name(knob)))) {
            knob++;
        }
        if (knob == SIM_KNOBS || said[knob]) {
            return wrong(reading, knob == SIM_KNOBS ? "a knob is wanted" : "a knob is said once", word);
        }
        if (!read_number(reading, "a number is wanted", INT64_MIN, INT64_MAX, &values[knob])) {
            return false;
        }
        if (!sim_knob_fits(knob, values[knob])) {
            return wrong(reading, "its value does not fit the knob", word);
        }
        said[knob] = true;
    }
    return true;
}

static bool read_place(struct reading *reading, int places, enum sim_place *out) {
    struct text word = next(reading);
    for (enum sim_place place = 0; place < SIM_PLACES; place++) {
        int kind = place < SIM_EAST ? AT_HOMES : AT_SOURCES;
        if (text_is(word, sim_place_name(place)) && (places & kind) != 0) {
            *out = place;
            return true;
        }
    }
    return wrong(reading,
                 places == AT_HOMES     ? "a home (a, b) is wanted"
                 : places == AT_SOURCES ? "a datasource (east, west, north) is wanted"
                                        : "a place (a, b, east, west, north) is wanted",
                 word);
}

static bool read_detail(struct reading *reading, const struct form *form, int64_t *out) {
    if (form->number) {
        return read_number(reading, "seconds are wanted", -INT64_C(400) * 86400, INT64_C(400) * 86400, out);
    }
    if (form->words == NULL) {
        return true;
    }
    struct text rest = reading->rest, word = next(reading);
    for (size_t i = 0; i < form->word_count; i++) {
        if (form->words[i][0] != '\0' && text_is(word, form->words[i])) {
            *out = (int64_t)i;
            return true;
        }
    }
    reading->rest = rest; // it may be another's
    return form->words[0][0] == '\0' || wrong(reading, "its kind is wanted", word);
}

// "in 2 at 7".
static bool read_during(struct reading *reading, enum during during, struct sim_event *event) {
    struct text word = next(reading);
    if (word.length == 0 && during != IN_A_RUN) {
        return true;
    }
    if (!text_is(word, "in") || during == BETWEEN_RUNS) {
        return wrong(reading, during == BETWEEN_RUNS ? "the line's end is wanted" : "'in RUN at NUMBER' is wanted",
                     word);
    }
    int64_t run = 0;
    if (!read_number(reading, "the number of a run is wanted", 1, SIM_TOKENS - 1, &run)) {
        return false;
    }
    if (!reading->runs[run]) {
        error_set(reading->error, ERROR_USAGE, "line %zu: there is no run or retry %" PRId64 " before it",
                  reading->line, run);
        return error_place(reading->error, "line %zu", reading->line);
    }
    event->run = (int)run;
    word = next(reading);
    if (!text_is(word, "at")) {
        return wrong(reading, "'at NUMBER' is wanted", word);
    }
    if (!read_number(reading, "a number from 1 is wanted", 1, INT64_MAX, &event->at)) {
        return false;
    }
    word = next(reading);
    return word.length == 0 || wrong(reading, "the line's end is wanted", word);
}

static bool read_event(struct reading *reading, struct text word) {
    struct sim_plan *plan = reading->plan;
    struct sim_event event = {0};
    int64_t number = 0;
    int64_t last = plan->count > 0 ? plan->events[plan->count - 1].number : 0;
    if (!text_integer(word, &number)) {
        return wrong(reading, "'seed', 'world', a datasource or an event's number is wanted", word);
    }
    if (number <= last || number >= SIM_TOKENS) {
        return wrong(reading, "the events' numbers rise, from 1 to 4095", word);
    }
    event.number = (int)number;
    word = next(reading);
    while (event.what < SIM_WHATS && !text_is(word, forms[event.what].name)) {
        event.what++;
    }
    if (event.what == SIM_WHATS) {
        return wrong(reading, "what happens is wanted", word);
    }
    const struct form *form = &forms[event.what];
    if ((form->places != 0 && !read_place(reading, form->places, &event.place)) ||
        (form->pick && !read_number(reading, "a pick is wanted", 0, INT64_MAX, &event.pick)) ||
        !read_detail(reading, form, &event.detail) || !read_during(reading, form->during, &event)) {
        return false;
    }
    reading->runs[event.number] = event.what == SIM_RUN || event.what == SIM_RETRY;
    sim_plan_add(plan, &event);
    return true;
}

static bool read_line(struct reading *reading) {
    struct sim_plan *plan = reading->plan;
    struct text word = next(reading);
    if (word.length == 0) {
        return true;
    }
    if (text_is(word, "seed")) {
        int64_t seed = 0;
        struct text digits = next(reading);
        // Seeds past 2^63 are none: they could not be read as integers.
        if (reading->seeded || !text_integer(digits, &seed) || seed < 0 || next(reading).length > 0) {
            return wrong(reading, "one seed, an integer from 0, is wanted", digits);
        }
        plan->seed = (uint64_t)seed;
        return reading->seeded = true;
    }
    if (text_is(word, "world")) {
        return read_knobs(reading, true, plan->world.world, reading->said[0]);
    }
    for (enum sim_place place = SIM_EAST; place <= SIM_NORTH; place++) {
        if (text_is(word, sim_place_name(place))) {
            int source = sim_source_of(place);
            return read_knobs(reading, false, plan->world.sources[source], reading->said[1 + source]);
        }
    }
    return read_event(reading, word);
}

bool sim_plan_read(struct sim_plan *plan, struct text text, struct error *error) {
    static struct reading reading; // it is large
    *plan = (struct sim_plan){0};
    sim_world_simplest(&plan->world);
    reading = (struct reading){.plan = plan, .error = error};
    while (text.length > 0) {
        const char *end = memchr(text.data, '\n', text.length);
        size_t length = end != NULL ? (size_t)(end - text.data) : text.length;
        reading.rest = (struct text){text.data, length};
        const char *remark = memchr(text.data, '#', length);
        if (remark != NULL) {
            reading.rest.length = (size_t)(remark - text.data);
        }
        reading.line++;
        if (!read_line(&reading)) {
            sim_plan_clear(plan);
            return false;
        }
        length += end != NULL;
        text = (struct text){text.data + length, text.length - length};
    }
    return true;
}
