// Plans: what is drawn, printed, read, and made small.

#include "sim.h"
#include "sim_batch.h"
#include "test.h"

static struct buffer print_plan(const struct sim_plan *plan) {
    struct buffer text;
    buffer_init(&text, SIM_PLAN_TEXT);
    sim_plan_print(plan, &text);
    CHECK(!text.failed);
    return text;
}

static void read_plan(const char *text, struct sim_plan *plan) {
    struct error error = {0};
    CHECK_OK(sim_plan_read(plan, text_of(text), &error), &error);
}

static void check_round_trip(uint64_t seed, bool sqlite) {
    struct sim_plan plan, again;
    struct error error = {0};
    sim_plan_draw(&plan, seed, &(struct sim_shape){.sqlite = sqlite});
    CHECK(sim_world_sound(&plan.world));
    CHECK(plan.count >= 10 && plan.events[plan.count - 1].number < SIM_TOKENS);
    struct buffer text = print_plan(&plan);
    CHECK_OK(sim_plan_read(&again, buffer_view(&text), &error), &error);
    CHECK(again.seed == seed);
    CHECK(memcmp(&again.world, &plan.world, sizeof plan.world) == 0);
    CHECK_INT(again.count, plan.count);
    for (size_t i = 0; i < plan.count; i++) {
        const struct sim_event *a = &plan.events[i], *b = &again.events[i];
        CHECK(a->number == b->number && a->what == b->what && a->place == b->place && a->pick == b->pick);
        CHECK(a->detail == b->detail && a->run == b->run && a->at == b->at);
    }
    struct buffer twice = print_plan(&again);
    CHECK(text_same(buffer_view(&text), buffer_view(&twice)));
    buffer_clear(&text);
    buffer_clear(&twice);
    sim_plan_clear(&plan);
    sim_plan_clear(&again);
}

TEST(sim_plan, what_is_printed_reads_as_the_same) {
    for (uint64_t seed = 0; seed < 1000; seed++) {
        check_round_trip(seed, seed % 4 == 0);
    }
}

TEST(sim_plan, a_seed_is_one_plan) {
    struct sim_shape shape = {0};
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct sim_plan a, b, other;
        sim_plan_draw(&a, seed, &shape);
        sim_plan_draw(&other, seed + 1000, &shape);
        sim_plan_draw(&b, seed, &shape);
        struct buffer one = print_plan(&a), two = print_plan(&b), three = print_plan(&other);
        CHECK(text_same(buffer_view(&one), buffer_view(&two)));
        CHECK(!text_same(buffer_view(&one), buffer_view(&three)));
        buffer_clear(&one);
        buffer_clear(&two);
        buffer_clear(&three);
        sim_plan_clear(&a);
        sim_plan_clear(&b);
        sim_plan_clear(&other);
    }
}

// Homes in memory have no disk to fail; the commits of those on disk have no hook.
TEST(sim_plan, every_kind_of_event_is_drawn) {
    for (int sqlite = 0; sqlite < 2; sqlite++) {
        bool seen[SIM_WHATS] = {false}, used[SIM_SOURCES] = {false};
        for (uint64_t seed = 1; seed <= 300; seed++) {
            struct sim_plan plan;
            sim_plan_draw(&plan, seed, &(struct sim_shape){.sqlite = sqlite});
            CHECK_INT(plan.world.world[KNOB_SQLITE], sqlite);
            CHECK_INT(plan.world.sources[sim_source_of(SIM_EAST)][KNOB_USED], 1);
            for (size_t i = 0; i < plan.count; i++) {
                seen[plan.events[i].what] = true;
            }
            for (int source = 0; source < SIM_SOURCES; source++) {
                used[source] = used[source] || plan.world.sources[source][KNOB_USED] != 0;
            }
            sim_plan_clear(&plan);
        }
        for (enum sim_what what = 0; what < SIM_WHATS; what++) {
            bool of_disk = what == SIM_POWER || what == SIM_DISK;
            bool of_memory = what == SIM_COMMIT;
            CHECK_INT(seen[what], sqlite ? !of_memory : !of_disk);
        }
        CHECK(used[sim_source_of(SIM_WEST)] && used[sim_source_of(SIM_NORTH)]);
    }
}

static const char story[] = "seed 17\n"
                            "world parents 1 page 2\n"
                            "east used 1 pager 1 overlap 2000001 delay 2000000\n"
                            "1 make east 0 well\n"
                            "2 run east\n"
                            "3 edit a 5 name\n"
                            "4 edit east 3 code in 2 at 7\n"
                            "5 request lost in 2 at 4\n"
                            "6 commit silent in 2 at 3\n"
                            "7 crash after in 2 at 9\n"
                            "8 retry east\n"
                            "9 stop in 8 at 1\n"
                            "20 jump -3600\n";

TEST(sim_plan, lines_say_what_they_mean) {
    struct sim_plan plan;
    read_plan(story, &plan);
    CHECK_INT(plan.world.world[KNOB_PAGE], 2);
    CHECK_INT(plan.world.world[KNOB_NATURAL], sim_knob_simplest(KNOB_NATURAL));
    CHECK_INT(plan.world.sources[0][KNOB_DELAY], 2000000);
    CHECK_INT(plan.world.sources[1][KNOB_USED], 0);
    const struct sim_event *edit = &plan.events[3];
    CHECK(edit->what == SIM_EDIT && edit->place == SIM_EAST && edit->pick == 3 && edit->detail == 1);
    CHECK(edit->number == 4 && edit->run == 2 && edit->at == 7);
    CHECK(plan.events[4].what == SIM_REQUEST && plan.events[4].detail == SIM_FAULT_LOST);
    CHECK(plan.events[9].number == 20 && plan.events[9].detail == -3600);
    sim_plan_clear(&plan);
    read_plan("# a remark\n\n1 run east force # all\r\n", &plan);
    CHECK(plan.count == 1 && plan.events[0].detail == 1);
    sim_plan_clear(&plan);
}

TEST(sim_plan, mistakes_are_told_with_their_line) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"seed -1", "line 1: one seed"},
        {"seed 1\nseed 2", "line 2: one seed"},
        {"hello", "line 1: 'seed', 'world'"},
        {"world pager 1", "line 1: a knob is wanted, not 'pager'"},
        {"east page 1", "line 1: a knob is wanted, not 'page'"},
        {"east used 1\neast used 1", "line 2: a knob is said once"},
        {"east used", "line 1: a number is wanted, not ''"},
        {"east used 2", "line 1: its value does not fit the knob, not 'used'"},
        {"east pager 8", "line 1: its value"},
        {"0 run east", "line 1: the events' numbers rise"},
        {"2 run east\n2 run east", "line 2: the events' numbers rise"},
        {"4096 run east", "line 1: the events' numbers rise"},
        {"1 walk east", "line 1: what happens is wanted, not 'walk'"},
        {"1 run a", "line 1: a datasource (east, west, north) is wanted, not 'a'"},
        {"1 approve east", "line 1: a home"},
        {"1 make south 1 well", "line 1: a place"},
        {"1 make a -1 well", "line 1: a pick is wanted"},
        {"1 make a 1 hill", "line 1: its kind is wanted, not 'hill'"},
        {"1 run east twice", "line 1: the line's end is wanted, not 'twice'"},
        {"1 wait long", "line 1: seconds are wanted"},
        {"1 run east\n2 stop", "line 2: 'in RUN at NUMBER' is wanted, not ''"},
        {"1 run east\n2 stop in 3 at 1", "line 2: there is no run or retry 3"},
        {"1 make a 1 well\n2 stop in 1 at 1", "line 2: there is no run or retry 1"},
        {"1 run east\n2 stop in 1 at 0", "line 2: a number from 1 is wanted"},
        {"1 run east\n2 stop in 1 at 1 more", "line 2: the line's end is wanted, not 'more'"},
        {"1 run east\n2 crash between in 1 at 1", "line 2: its kind is wanted, not 'between'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_plan plan;
        struct error error = {0};
        CHECK(!sim_plan_read(&plan, text_of(cases[i].text), &error));
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0) {
            test_fail(__FILE__, __LINE__, "'%s' says '%s'", cases[i].text, error.message);
        }
    }
}

TEST(sim_plan, a_run_that_goes_takes_its_events_along) {
    struct sim_plan plan, copy;
    read_plan(story, &plan);
    sim_plan_copy(&plan, &copy);
    sim_plan_without(&plan, 1, 2);
    struct buffer text = print_plan(&plan);
    CHECK_TEXT(buffer_view(&text), "seed 17\n"
                                   "world parents 1 page 2\n"
                                   "east used 1 pager 1 delay 2000000 overlap 2000001\n"
                                   "1 make east 0 well\n"
                                   "3 edit a 5 name\n"
                                   "8 retry east\n"
                                   "9 stop in 8 at 1\n"
                                   "20 jump -3600\n");
    CHECK_INT(copy.count, 10); // its own
    buffer_clear(&text);
    sim_plan_clear(&plan);
    sim_plan_clear(&copy);
}

// --- shrinking ---

struct planted {
    size_t asked;
};

// A crash in a run of east, and somebody's delete behind it; east with a delay.
static bool fails(void *context, const struct sim_plan *plan) {
    struct planted *planted = context;
    int crashed = 0;
    planted->asked++;
    CHECK(sim_world_sound(&plan->world));
    for (size_t i = 0; i < plan->count; i++) {
        const struct sim_event *event = &plan->events[i];
        crashed = event->what == SIM_CRASH && event->at >= 3 ? event->run : crashed;
        if (event->what == SIM_DELETE && crashed != 0 && plan->world.sources[0][KNOB_DELAY] > 1000) {
            return true;
        }
    }
    return false;
}

static void plant(struct sim_plan *plan) {
    struct sim_shape shape = {0};
    uint64_t seed = 1;
    struct planted planted = {0};
    for (sim_plan_draw(plan, seed, &shape); !fails(&planted, plan); sim_plan_draw(plan, ++seed, &shape)) {
        sim_plan_clear(plan);
    }
}

TEST(sim_plan, shrinking_leaves_what_is_needed) {
    struct sim_plan plan;
    struct planted planted = {0};
    plant(&plan);
    CHECK(plan.count > 10);
    sim_plan_shrink(&plan, fails, &planted, 10000);
    CHECK_INT(plan.count, 3);
    CHECK(plan.events[0].what == SIM_RUN || plan.events[0].what == SIM_RETRY);
    CHECK(plan.events[1].what == SIM_CRASH && plan.events[1].at == 3 && plan.events[1].run == plan.events[0].number);
    CHECK(plan.events[2].what == SIM_DELETE && plan.events[2].pick == 0 && plan.events[2].run == 0);
    const int64_t *east = plan.world.sources[0];
    CHECK(east[KNOB_DELAY] > 1000 && east[KNOB_DELAY] <= 2001 && east[KNOB_PRECISION] == 1);
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        bool is_needed = knob == KNOB_DELAY || knob == KNOB_OVERLAP || knob == KNOB_USED;
        CHECK(is_needed || east[knob] == sim_knob_simplest(knob));
        CHECK(plan.world.world[knob] == sim_knob_simplest(knob));
        CHECK(plan.world.sources[1][knob] == sim_knob_simplest(knob));
    }
    sim_plan_clear(&plan);
}

TEST(sim_plan, shrinking_ends_with_its_tries) {
    struct sim_plan plan;
    struct planted planted = {0};
    plant(&plan);
    sim_plan_shrink(&plan, fails, &planted, 7);
    CHECK_INT(planted.asked, 7);
    CHECK(fails(&planted, &plan));
    sim_plan_clear(&plan);
}

TEST(sim_batch, findings_of_one_kind_differ_in_numbers) {
    CHECK(sim_same_kind("<12> of east is lost", "<3> of east is lost"));
    CHECK(!sim_same_kind("<12> of east is lost", "<12> of east is there twice"));
    CHECK(sim_same_kind("the value that somebody wrote, <12>, is k7", "the value that somebody wrote, <1>, is gone"));
    CHECK(!sim_same_kind("it dies: Aborted", "it dies: Segmentation fault"));
    CHECK(!sim_same_kind("it", "it hangs"));
}
