#include "sim_hashes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 50, LINE = 100 };

struct hashes {
    uint64_t from;
    struct sim_shape shape;
    struct print *prints; // shared with the children
};

static bool play(void *context, uint64_t seed, struct sim_desk *desk) {
    const struct hashes *hashes = context;
    struct sim_plan plan;
    sim_plan_draw(&plan, seed, &hashes->shape);
    sim_desk_play(desk, &plan, NULL);
    hashes->prints[seed - hashes->from] = desk->verdict.trace;
    sim_plan_clear(&plan);
    desk->found = false; // that is another test's
    return true;
}

static void found(void *context, const struct sim_finding *finding) {
    (void)context;
    printf("seed %" PRIu64 ": %s\n", finding->index, finding->message);
}

static size_t bytes_of(uint64_t from, uint64_t to) {
    return (size_t)(to - from) * sizeof(struct print);
}

static bool take_all(struct hashes *hashes, uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs) {
    void *shared = mmap(NULL, bytes_of(from, to), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    SIM_CHECK(shared != MAP_FAILED);
    *hashes = (struct hashes){from, *shape, shared};
    struct sim_batch batch = {.from = from,
                              .to = to,
                              .size = BATCH,
                              .jobs = jobs,
                              .keep_going = true,
                              .play = play,
                              .found = found,
                              .context = hashes};
    static struct sim_counters counters;
    uint64_t plays = 0;
    return sim_batch_run(&batch, &counters, &plays) == 0;
}

static void line_of(const struct hashes *hashes, uint64_t seed, char line[LINE]) {
    char hex[PRINT_HEX + 1];
    print_hex(hashes->prints[seed - hashes->from], hex);
    snprintf(line, LINE, "seed %" PRIu64 " %s\n", seed, hex);
}

bool sim_hashes_print(uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs) {
    struct hashes hashes;
    bool ok = take_all(&hashes, from, to, shape, jobs);
    for (uint64_t seed = from; seed < to; seed++) {
        char line[LINE];
        line_of(&hashes, seed, line);
        fputs(line, stdout);
    }
    munmap(hashes.prints, bytes_of(from, to));
    return ok;
}

// This program once more, with --hashes; what it prints.
static FILE *other_begin(uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs, pid_t *out) {
    char seeds[LINE], count[LINE];
    int ends[2];
    snprintf(seeds, sizeof seeds, "%" PRIu64 "-%" PRIu64, from, to - 1);
    snprintf(count, sizeof count, "%d", jobs);
    SIM_CHECK(pipe(ends) == 0);
    fflush(NULL);
    *out = fork();
    SIM_CHECK(*out >= 0);
    if (*out == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/proc/self/exe", "weir-sim", "--hashes", seeds, "--jobs", count, shape->sqlite ? "--sqlite" : NULL,
              (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    FILE *file = fdopen(ends[0], "r");
    SIM_CHECK(file != NULL);
    return file;
}

bool sim_hashes_twice(uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs) {
    struct hashes hashes;
    pid_t other = 0;
    bool ok = take_all(&hashes, from, to, shape, jobs);
    FILE *file = other_begin(from, to, shape, jobs, &other);
    for (uint64_t seed = from; seed < to && ok; seed++) {
        char here[LINE], there[LINE] = "";
        line_of(&hashes, seed, here);
        ok = fgets(there, sizeof there, file) != NULL && strcmp(here, there) == 0;
        if (!ok) {
            printf("the same seed gives another trace in another process:\n  here:  %s  there: %s\n", here, there);
        }
    }
    fclose(file);
    int status = 0;
    SIM_CHECK(waitpid(other, &status, 0) == other);
    munmap(hashes.prints, bytes_of(from, to));
    if (ok && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        puts("the other process failed");
        ok = false;
    }
    return ok;
}
