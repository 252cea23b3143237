#include "sim_found.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES_MAX = 3000, HANG_TRIES_MAX = 60, HANG_SECONDS = 10 };

struct shrinking {
    const char *message;
    struct sim_alone alone;
    size_t tries;
};

static bool fails_alike(void *context, const struct sim_plan *plan) {
    struct shrinking *shrinking = context;
    static struct sim_verdict verdict;
    shrinking->tries++;
    sim_alone_play(plan, &shrinking->alone, &verdict);
    return !verdict.ok && sim_same_kind(verdict.message, shrinking->message);
}

static void shrink(struct sim_plan *plan, const char *message) {
    size_t before = plan->count;
    bool hangs = strstr(message, "it hangs") == message;
    struct shrinking shrinking = {message, {.seconds = hangs ? HANG_SECONDS : SIM_SECONDS, .quiet = true}, 0};
    // The seconds are a part of a hang's message, but a number: it stays of one kind.
    sim_plan_shrink(plan, fails_alike, &shrinking, hangs ? HANG_TRIES_MAX : TRIES_MAX);
    printf("%zu of its %zu events are enough, after %zu tries:\n", plan->count, before, shrinking.tries);
}

// In the current folder, or where temporary files go.
static FILE *open_file(uint64_t seed, char *path, size_t room) {
    snprintf(path, room, "weir-sim-%" PRIu64 ".plan", seed);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        const char *folder = getenv("TMPDIR");
        snprintf(path, room, "%s/weir-sim-%" PRIu64 ".plan", folder != NULL ? folder : "/tmp", seed);
        file = fopen(path, "w");
    }
    return file;
}

static void tell_plan(const struct sim_plan *plan) {
    char path[1000];
    struct buffer text;
    buffer_init(&text, SIM_PLAN_TEXT);
    sim_plan_print(plan, &text);
    SIM_CHECK(!text.failed);
    fwrite(text.data, 1, text.length, stdout);
    FILE *file = open_file(plan->seed, path, sizeof path);
    if (file == NULL || fwrite(text.data, 1, text.length, file) != text.length || fclose(file) != 0) {
        printf("(the plan cannot be written to %s)\n", path);
    } else {
        printf("once more: weir-sim --plan %s --trace\n", path);
    }
    buffer_clear(&text);
}

void sim_found_tell(const struct sim_telling *telling, const struct sim_finding *finding) {
    struct sim_plan plan;
    struct error error;
    static struct sim_verdict verdict;
    printf("%s %" PRIu64 ": %s\n", telling->noun, finding->index, finding->message);
    fflush(stdout);
    if (telling->brief) {
        return;
    }
    if (!sim_plan_read(&plan, finding->plan, &error)) {
        printf("its plan cannot be read again: %s\n", error.message);
        return;
    }
    if (telling->shrinks) {
        shrink(&plan, finding->message);
        sim_alone_play(&plan, &(struct sim_alone){.quiet = true}, &verdict);
        printf("FOUND: %s\n", verdict.ok ? "nothing, when it is played alone" : verdict.message);
    }
    tell_plan(&plan);
    sim_plan_clear(&plan);
}
