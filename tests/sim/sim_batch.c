#include "sim_batch.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

// --- a child ---

bool sim_desk_play(struct sim_desk *desk, const struct sim_plan *plan, FILE *told) {
    struct buffer text;
    buffer_init(&text, SIM_PLAN_TEXT);
    sim_plan_print(plan, &text);
    SIM_CHECK(!text.failed);
    memcpy(desk->plan, text.data, text.length);
    desk->plan_length = text.length;
    buffer_clear(&text);
    desk->found = false;
    desk->plays++;
    alarm(desk->seconds);
    sim_play(plan, told, &desk->counters, &desk->verdict);
    desk->found = !desk->verdict.ok;
    return !desk->found;
}

static struct sim_desk *desk_make(void) {
    struct sim_desk *desk = mmap(NULL, sizeof *desk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    SIM_CHECK(desk != MAP_FAILED);
    return desk;
}

// The child of a parent that is gone is gone too.
static pid_t fork_child(void) {
    pid_t parent = getpid();
    fflush(NULL);
    pid_t child = fork();
    SIM_CHECK(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
    }
    return child;
}

// How a child ended, when that is a finding: its verdict, a signal, an exit code. False: all is well.
static bool judge(const struct sim_desk *desk, int status, char message[SIM_MESSAGE]) {
    message[0] = '\0';
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        snprintf(message, SIM_MESSAGE, "it hangs: no verdict within %u s", desk->seconds);
    } else if (WIFSIGNALED(status)) {
        snprintf(message, SIM_MESSAGE, "it dies: %s", strsignal(WTERMSIG(status)));
    } else if (desk->found) {
        snprintf(message, SIM_MESSAGE, "%s", desk->verdict.message);
    } else if (WEXITSTATUS(status) != 0) {
        snprintf(message, SIM_MESSAGE, "%s, with exit code %d",
                 desk->all ? "it fails behind its verdict" : "it breaks off", WEXITSTATUS(status));
    }
    return message[0] != '\0';
}

void sim_alone_play(const struct sim_plan *plan, const struct sim_alone *alone, struct sim_verdict *out) {
    static struct sim_desk *desk;
    desk = desk != NULL ? desk : desk_make();
    memset(&desk->counters, 0, sizeof desk->counters);
    memset(&desk->verdict, 0, sizeof desk->verdict);
    desk->seconds = alone->seconds > 0 ? alone->seconds : SIM_SECONDS;
    desk->all = desk->found = false;
    pid_t child = fork_child();
    if (child == 0) {
        int nowhere = alone->quiet ? open("/dev/null", O_WRONLY) : -1;
        if (nowhere >= 0) {
            dup2(nowhere, STDERR_FILENO);
        }
        sim_desk_play(desk, plan, alone->told);
        desk->all = true;
        exit(0);
    }
    int status = 0;
    SIM_CHECK(waitpid(child, &status, 0) == child);
    *out = desk->verdict;
    out->ok = !judge(desk, status, out->message);
    if (alone->counters != NULL) {
        *alone->counters = desk->counters;
    }
}

bool sim_same_kind(const char *a, const char *b) {
    enum { ENOUGH = 24 };
    for (int same = 0;; a++, b++, same++) {
        bool digits = isdigit((unsigned char)*a) && isdigit((unsigned char)*b);
        while (isdigit((unsigned char)*a)) {
            a++;
        }
        while (isdigit((unsigned char)*b)) {
            b++;
        }
        if (*a != *b) {
            return false;
        }
        if (*a == '\0' || (digits && same >= ENOUGH)) {
            return true;
        }
    }
}

// --- children ---

struct span {
    uint64_t from, to;
};

struct child {
    pid_t pid; // 0: none
    struct span span;
    struct sim_desk *desk;
};

struct crew {
    const struct sim_batch *batch;
    struct child children[SIM_JOBS_MAX];
    uint64_t next;     // the first case that no child had
    struct span *left; // what other children left
    size_t left_count;
    uint64_t done, findings, plays;
    struct sim_counters *counters;
};

static void leave(struct crew *crew, uint64_t from, uint64_t to) {
    if (from < to) {
        crew->left = memory_grow(crew->left, crew->left_count + 1, sizeof *crew->left);
        SIM_CHECK(crew->left != NULL);
        crew->left[crew->left_count++] = (struct span){from, to};
    }
}

static bool take(struct crew *crew, struct span *out) {
    const struct sim_batch *batch = crew->batch;
    if (crew->findings > 0 && !batch->keep_going) {
        return false;
    }
    if (crew->left_count > 0) {
        *out = crew->left[--crew->left_count];
        return true;
    }
    uint64_t rest = batch->to - crew->next;
    uint64_t size = rest / ((uint64_t)batch->jobs * 4) + 1; // so that all end together
    size = size < batch->size ? size : batch->size;
    *out = (struct span){crew->next, crew->next + (size < rest ? size : rest)};
    crew->next = out->to;
    return rest > 0;
}

static void start(struct crew *crew, struct child *child) {
    const struct sim_batch *batch = crew->batch;
    child->desk = child->desk != NULL ? child->desk : desk_make();
    struct sim_desk *desk = child->desk;
    memset(desk, 0, offsetof(struct sim_desk, plan));
    desk->seconds = SIM_SECONDS;
    desk->index = child->span.from;
    child->pid = fork_child();
    if (child->pid == 0) {
        for (uint64_t i = child->span.from; i < child->span.to; i++) {
            desk->index = i;
            if (!batch->play(batch->context, i, desk)) {
                exit(0);
            }
        }
        desk->all = true;
        exit(0); // looks for leaks
    }
}

static void add_counters(struct sim_counters *sum, const struct sim_counters *more) {
    _Static_assert(sizeof *sum % sizeof(uint64_t) == 0, "counters are numbers alone");
    uint64_t numbers[sizeof *sum / sizeof(uint64_t)], added[sizeof *sum / sizeof(uint64_t)];
    memcpy(numbers, sum, sizeof numbers);
    memcpy(added, more, sizeof added);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        numbers[i] += added[i];
    }
    memcpy(sum, numbers, sizeof numbers);
}

static void stop_all(struct crew *crew) {
    for (int i = 0; i < crew->batch->jobs; i++) {
        if (crew->children[i].pid != 0) {
            kill(crew->children[i].pid, SIGKILL);
            waitpid(crew->children[i].pid, NULL, 0);
            crew->children[i].pid = 0;
        }
    }
}

static void end(struct crew *crew, struct child *child, int status) {
    const struct sim_batch *batch = crew->batch;
    struct sim_desk *desk = child->desk;
    struct span span = child->span;
    struct sim_finding finding = {.index = desk->index, .plan = {desk->plan, desk->plan_length}};
    child->pid = 0;
    bool found = judge(desk, status, finding.message);
    if (found && desk->all && span.to - span.from > 1) {
        // It is not known whose fault it is: all once more, in smaller parts.
        uint64_t half = span.from + (span.to - span.from) / 2;
        leave(crew, half, span.to);
        leave(crew, span.from, half);
        return;
    }
    add_counters(crew->counters, &desk->counters);
    crew->plays += desk->plays;
    crew->done += (found ? desk->index + 1 : span.to) - span.from;
    if (found) {
        crew->findings++;
        leave(crew, desk->index + 1, span.to);
        if (!batch->keep_going) {
            stop_all(crew);
        }
        batch->found(batch->context, &finding);
    }
    if (batch->progress != NULL) {
        batch->progress(batch->context, crew->done, batch->to - batch->from);
    }
}

static struct child *child_of(struct crew *crew, pid_t pid) {
    for (size_t i = 0; i < SIM_JOBS_MAX; i++) {
        if (crew->children[i].pid == pid) {
            return &crew->children[i];
        }
    }
    return NULL;
}

static int start_all(struct crew *crew) {
    int busy = 0;
    for (int i = 0; i < crew->batch->jobs; i++) {
        struct child *child = &crew->children[i];
        if (child->pid == 0 && take(crew, &child->span)) {
            start(crew, child);
        }
        busy += child->pid != 0;
    }
    return busy;
}

uint64_t sim_batch_run(const struct sim_batch *batch, struct sim_counters *counters, uint64_t *plays) {
    struct crew crew = {.batch = batch, .next = batch->from, .counters = counters};
    SIM_CHECK(batch->jobs >= 1 && batch->jobs <= SIM_JOBS_MAX && batch->size > 0);
    while (start_all(&crew) > 0) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, 0);
        struct child *child = pid > 0 ? child_of(&crew, pid) : NULL;
        SIM_CHECK(child != NULL);
        end(&crew, child, status);
    }
    for (size_t i = 0; i < SIM_JOBS_MAX; i++) {
        if (crew.children[i].desk != NULL) {
            munmap(crew.children[i].desk, sizeof *crew.children[i].desk);
        }
    }
    memory_free(crew.left);
    *plays += crew.plays;
    return crew.findings;
}
