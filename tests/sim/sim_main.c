// The simulator's program: see USAGE below, and sim.h for what it is about.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim_found.h"
#include "sim_hashes.h"
#include "sim_print.h"
#include "sim_walk.h"

static const char USAGE[] =
    "weir-sim plays weir against made-up datasources in which everything goes wrong, and looks for what was lost.\n"
    "\n"
    "  weir-sim --seed N [--trace]      prints the plan of a seed, plays it, prints its verdict and its trace's hash\n"
    "  weir-sim --plan FILE [--trace]   the same with a plan from a file\n"
    "  weir-sim --seeds A-B             plays many, prints how often everything happened; with --all-fired each kind\n"
    "                                   has to\n"
    "  weir-sim --twice A-B             plays each here and in another process: the traces must be the same\n"
    "  weir-sim --hashes A-B            prints the hash of each seed's trace\n"
    "  weir-sim --crash FILE            a plan with a crash before and after each step of each run, one at a time\n"
    "  weir-sim --pairs FILE            the same, each with a crash before and after each step of the next run\n"
    "  weir-sim --outcomes FILE         each transaction refused, and silent; each request with each fault;\n"
    "                                   on SQLite each call of the disk with each trouble\n"
    "\n"
    "  --trace        tells the story\n"
    "  --sqlite       homes are SQLite on a disk that forgets; else they are in memory, or what the FILE says\n"
    "  --jobs N       processes at once; else as many as there are processors\n"
    "  --keep-going   the first finding is not the end\n"
    "  --no-shrink    plans are told as they are\n"
    "  --first        one line on the first finding, nothing else\n"
    "\n"
    "Ends with 0 when all is well, 1 when something was found, 2 when the command line does not fit.\n";

enum { FINE = 0, FOUND = 1, MISUSED = 2, BATCH = 250, WALK_BATCH = 40, PLAN_FILE_MAX = 1024 * 1024 };

struct options {
    const char *mode; // "--seed"
    const char *what; // its argument
    uint64_t from, to;
    struct sim_shape shape;
    bool trace, all_fired, keep_going, no_shrink, first;
    int jobs;
};

// --- the command line ---

static bool read_seed(const char *text, char **end, uint64_t *out) {
    if (*text < '0' || *text > '9') {
        return false;
    }
    *out = strtoull(text, end, 10);
    return *out < INT64_MAX;
}

static bool read_range(const char *text, uint64_t *from, uint64_t *to) {
    char *end = NULL;
    if (!read_seed(text, &end, from) || *end != '-' || !read_seed(end + 1, &end, to) || *end != '\0' || *to < *from) {
        return false;
    }
    ++*to; // it is not among them
    return true;
}

static bool read_flag(struct options *options, const char *word) {
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        {"--trace", &options->trace},         {"--sqlite", &options->shape.sqlite},
        {"--all-fired", &options->all_fired}, {"--keep-going", &options->keep_going},
        {"--no-shrink", &options->no_shrink}, {"--first", &options->first},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(word, flags[i].name) == 0) {
            return *flags[i].flag = true;
        }
    }
    return false;
}

static bool read_mode(struct options *options, const char *word, const char *what) {
    static const char *const of_seeds[] = {"--seeds", "--twice", "--hashes"};
    static const char *const of_files[] = {"--plan", "--crash", "--pairs", "--outcomes"};
    if (options->mode != NULL) {
        return false;
    }
    options->mode = word;
    options->what = what;
    if (strcmp(word, "--seed") == 0) {
        char *end = NULL;
        return read_seed(what, &end, &options->from) && *end == '\0';
    }
    for (size_t i = 0; i < sizeof of_seeds / sizeof *of_seeds; i++) {
        if (strcmp(word, of_seeds[i]) == 0) {
            return read_range(what, &options->from, &options->to);
        }
    }
    for (size_t i = 0; i < sizeof of_files / sizeof *of_files; i++) {
        if (strcmp(word, of_files[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_options(struct options *options, int argc, char **argv) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct options){.jobs = processors < 1              ? 1
                                        : processors > SIM_JOBS_MAX ? SIM_JOBS_MAX
                                                                    : (int)processors};
    for (int i = 1; i < argc; i++) {
        if (read_flag(options, argv[i])) {
            continue;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        uint64_t jobs = 0;
        char *end = NULL;
        if (strcmp(argv[i], "--jobs") == 0) {
            if (!read_seed(value, &end, &jobs) || *end != '\0' || jobs < 1 || jobs > SIM_JOBS_MAX) {
                fprintf(stderr, "weir-sim: --jobs wants a number from 1 to %d\n", SIM_JOBS_MAX);
                return false;
            }
            options->jobs = (int)jobs;
        } else if (!read_mode(options, argv[i], value)) {
            fprintf(stderr, "weir-sim: '%s %s' does not fit; weir-sim --help\n", argv[i], value);
            return false;
        }
        i++;
    }
    if (options->mode == NULL) {
        fputs(USAGE, stderr);
    }
    return options->mode != NULL;
}

// --- what is told ---

static void on_found(void *context, const struct sim_finding *finding) {
    const struct options *options = context;
    bool seeds = strcmp(options->mode, "--seeds") == 0;
    struct sim_telling telling = {seeds ? "seed" : "case", !options->no_shrink, options->first};
    sim_found_tell(&telling, finding);
}

// On a terminal one line that changes; elsewhere a line at each tenth.
static void on_progress(void *context, uint64_t done, uint64_t count) {
    const struct options *options = context;
    static uint64_t told;
    if (options->first) {
        return;
    }
    if (isatty(STDOUT_FILENO)) {
        printf("\r%" PRIu64 " of %" PRIu64 "%s", done, count, done == count ? "\n" : "");
    } else if (done * 10 / count > told) {
        printf("%" PRIu64 " of %" PRIu64 "\n", done, count);
        told = done * 10 / count;
    }
    fflush(stdout);
}

static int sum_up(const struct options *options, const struct sim_counters *counters, uint64_t findings) {
    if (!options->first) {
        sim_print_counters(counters);
    }
    bool fired = !options->all_fired || sim_all_fired(counters, options->shape.sqlite);
    if (!options->first) {
        printf("%" PRIu64 " found\n", findings);
    }
    return findings == 0 && fired ? FINE : FOUND;
}

// --- seeds ---

static bool play_seed(void *context, uint64_t seed, struct sim_desk *desk) {
    const struct options *options = context;
    struct sim_plan plan;
    sim_plan_draw(&plan, seed, &options->shape);
    bool ok = sim_desk_play(desk, &plan, NULL);
    sim_plan_clear(&plan);
    return ok;
}

static int play_seeds(struct options *options) {
    static struct sim_counters counters;
    uint64_t plays = 0;
    struct sim_batch batch = {.from = options->from,
                              .to = options->to,
                              .size = BATCH,
                              .jobs = options->jobs,
                              .keep_going = options->keep_going,
                              .play = play_seed,
                              .found = on_found,
                              .progress = on_progress,
                              .context = options};
    uint64_t findings = sim_batch_run(&batch, &counters, &plays);
    return sum_up(options, &counters, findings);
}

// --- one plan ---

static int play_one(const struct options *options, const struct sim_plan *plan) {
    static struct sim_verdict verdict;
    char hex[PRINT_HEX + 1];
    struct buffer text;
    buffer_init(&text, SIM_PLAN_TEXT);
    sim_plan_print(plan, &text);
    SIM_CHECK(!text.failed);
    fwrite(text.data, 1, text.length, stdout);
    buffer_clear(&text);
    setvbuf(stdout, NULL, _IOLBF, 0); // if it dies, the story until then is there
    struct sim_alone alone = {.told = options->trace ? stdout : NULL};
    sim_alone_play(plan, &alone, &verdict);
    print_hex(verdict.trace, hex);
    printf("%s%s\ntrace %s\n", verdict.ok ? "fine" : "FOUND: ", verdict.message, hex);
    return verdict.ok ? FINE : FOUND;
}

static bool read_plan(const char *path, struct sim_plan *plan) {
    static char text[PLAN_FILE_MAX];
    struct error error;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "weir-sim: %s cannot be opened\n", path);
        return false;
    }
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    if (length == sizeof text || !sim_plan_read(plan, (struct text){text, length}, &error)) {
        fprintf(stderr, "weir-sim: %s: %s\n", path, length == sizeof text ? "it is too long" : error.message);
        return false;
    }
    return true;
}

// --- walks ---

struct walking {
    struct options *options;
    struct sim_walk walk;
};

static bool play_case(void *context, uint64_t index, struct sim_desk *desk) {
    return sim_walk_play(&((struct walking *)context)->walk, index, desk);
}

static void on_case_found(void *context, const struct sim_finding *finding) {
    on_found(((struct walking *)context)->options, finding);
}

static void on_case_progress(void *context, uint64_t done, uint64_t count) {
    on_progress(((struct walking *)context)->options, done, count);
}

static int walk_plan(struct options *options, const struct sim_plan *plan, enum sim_walk_kind kind) {
    static struct sim_verdict verdict;
    static struct sim_counters counters;
    uint64_t plays = 0;
    struct walking walking = {.options = options};
    sim_alone_play(plan, &(struct sim_alone){0}, &verdict);
    if (!verdict.ok) {
        printf("the story finds something as it stands: %s\n", verdict.message);
        return FOUND;
    }
    sim_walk_open(&walking.walk, kind, plan, &verdict);
    struct sim_batch batch = {.to = walking.walk.count,
                              .size = WALK_BATCH,
                              .jobs = options->jobs,
                              .keep_going = options->keep_going,
                              .play = play_case,
                              .found = on_case_found,
                              .progress = on_case_progress,
                              .context = &walking};
    uint64_t findings = sim_batch_run(&batch, &counters, &plays);
    if (walking.walk.count == 0) {
        puts("the story has no run to walk through");
    }
    int code = sum_up(options, &counters, findings);
    printf("%zu cases, played %" PRIu64 " times\n", walking.walk.count, plays);
    code = walking.walk.count == 0 ? FOUND : code;
    sim_walk_close(&walking.walk);
    return code;
}

// --- all ---

static int play_file(struct options *options) {
    struct sim_plan plan;
    if (!read_plan(options->what, &plan)) {
        return MISUSED;
    }
    if (options->shape.sqlite) {
        plan.world.world[KNOB_SQLITE] = 1;
    }
    int code = strcmp(options->mode, "--plan") == 0    ? play_one(options, &plan)
               : strcmp(options->mode, "--crash") == 0 ? walk_plan(options, &plan, SIM_WALK_CRASH)
               : strcmp(options->mode, "--pairs") == 0 ? walk_plan(options, &plan, SIM_WALK_PAIRS)
                                                       : walk_plan(options, &plan, SIM_WALK_OUTCOMES);
    sim_plan_clear(&plan);
    return code;
}

static int play_drawn(struct options *options) {
    struct sim_plan plan;
    sim_plan_draw(&plan, options->from, &options->shape);
    int code = play_one(options, &plan);
    sim_plan_clear(&plan);
    return code;
}

int main(int argc, char **argv) {
    static struct options options;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(USAGE, stdout);
        return FINE;
    }
    if (!read_options(&options, argc, argv)) {
        return MISUSED;
    }
    if (strcmp(options.mode, "--seed") == 0) {
        return play_drawn(&options);
    }
    if (strcmp(options.mode, "--seeds") == 0) {
        return play_seeds(&options);
    }
    if (strcmp(options.mode, "--hashes") == 0) {
        return sim_hashes_print(options.from, options.to, &options.shape, options.jobs) ? FINE : FOUND;
    }
    if (strcmp(options.mode, "--twice") == 0) {
        return sim_hashes_twice(options.from, options.to, &options.shape, options.jobs) ? FINE : FOUND;
    }
    return play_file(&options);
}
