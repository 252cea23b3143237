#include "cli/cli_child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// A sanitizer reserves terabytes of addresses.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_BOUND 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MEMORY_IS_BOUND 0
#endif
#endif
#ifndef MEMORY_IS_BOUND
#define MEMORY_IS_BOUND 1
#endif

enum { FILES_MAX = 256, CPU_GRACE_S = 5, PROGRESS_EVERY_US = 250 * 1000 };

#define FILE_SIZE_DEFAULT (INT64_C(64) << 30)

// --- limits ---

bool cli_child_asked(const struct cli_arguments *arguments) {
    return cli_flag(arguments, "cpu") || cli_flag(arguments, "memory") || cli_flag(arguments, "file-size") ||
           cli_flag(arguments, "parent");
}

// Where somebody set a tighter limit before, that one stays.
static bool limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard, const char *what, struct error *error) {
    struct rlimit old;
    if (getrlimit(resource, &old) != 0) {
        return error_set_errno(error, ERROR_PROCESS_LIMIT, errno, "cannot read the limit on %s", what);
    }
    struct rlimit bound = {.rlim_cur = soft < old.rlim_cur ? soft : old.rlim_cur,
                           .rlim_max = hard < old.rlim_max ? hard : old.rlim_max};
    if (setrlimit(resource, &bound) != 0) {
        return error_set_errno(error, ERROR_PROCESS_LIMIT, errno, "cannot limit %s", what);
    }
    return true;
}

// An option that bounds something: none is no bound, and 0 would bound everything away.
static bool read_bound(const struct cli_arguments *arguments, const char *name, int64_t fallback, int64_t *out,
                       struct error *error) {
    if (!cli_count(arguments, name, fallback, out, error)) {
        return false;
    }
    return *out > 0 || !cli_flag(arguments, name) ||
           error_set(error, ERROR_USAGE, "--%s takes a whole number from 1 up", name);
}

static bool follow_parent(int64_t parent, struct error *error) {
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
        return error_set_errno(error, ERROR_PROCESS_LIMIT, errno, "cannot ask to be ended with the parent");
    }
    // It may have died before that: then nobody sends the signal.
    if (parent > 0 && parent != (int64_t)getppid()) {
        return error_set(error, ERROR_RUN_INTERRUPTED, "the process %lld, which started this one, is gone",
                         (long long)parent);
    }
    return true;
}

// What a process may compute from now on. Its signal must end it: an ignored or blocked one is inherited.
static bool limit_cpu(int64_t cpu, bool warm, struct error *error) {
    struct rusage used;
    struct rlimit old;
    sigset_t cpu_signal;
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigemptyset(&cpu_signal);
    sigaddset(&cpu_signal, SIGXCPU);
    if (sigaction(SIGXCPU, &plain, NULL) != 0 || sigprocmask(SIG_UNBLOCK, &cpu_signal, NULL) != 0 ||
        getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &old) != 0) {
        return error_set_errno(error, ERROR_PROCESS_LIMIT, errno, "cannot limit processor time");
    }
    int64_t used_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec +
                      used.ru_stime.tv_usec;
    rlim_t soft = (rlim_t)(used_us / 1000000 + 1 + cpu); // a second that is begun counts as a whole one
    rlim_t hard = warm ? old.rlim_max : soft + CPU_GRACE_S;
    struct rlimit bound = {.rlim_cur = soft < old.rlim_max ? soft : old.rlim_max,
                           .rlim_max = hard < old.rlim_max ? hard : old.rlim_max};
    return setrlimit(RLIMIT_CPU, &bound) == 0 ||
           error_set_errno(error, ERROR_PROCESS_LIMIT, errno, "cannot limit processor time");
}

static bool begin(const struct cli_arguments *arguments, bool warm, struct error *error) {
    int64_t cpu;
    int64_t memory;
    int64_t file_size;
    int64_t parent;
    if (!read_bound(arguments, "cpu", 0, &cpu, error) || !read_bound(arguments, "memory", 0, &memory, error) ||
        !read_bound(arguments, "file-size", FILE_SIZE_DEFAULT, &file_size, error) ||
        !read_bound(arguments, "parent", 0, &parent, error)) {
        return false;
    }
    // Broken pipes and full files are told by the write that meets them.
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    return follow_parent(parent, error) && (cpu == 0 || limit_cpu(cpu, warm, error)) &&
           (memory == 0 || !MEMORY_IS_BOUND || limit(RLIMIT_AS, (rlim_t)memory, (rlim_t)memory, "memory", error)) &&
           limit(RLIMIT_NOFILE, FILES_MAX, FILES_MAX, "open files", error) &&
           limit(RLIMIT_FSIZE, (rlim_t)file_size, (rlim_t)file_size, "the size of files", error);
}

bool cli_child_begin(const struct cli_arguments *arguments, struct error *error) {
    return begin(arguments, false, error);
}

bool cli_child_begin_warm(const struct cli_arguments *arguments, struct error *error) {
    return begin(arguments, true, error);
}

bool cli_child_turn(const struct cli_arguments *arguments, struct error *error) {
    int64_t cpu;
    return read_bound(arguments, "cpu", 0, &cpu, error) && (cpu == 0 || limit_cpu(cpu, true, error));
}

// --- events ---

static void write_line(struct child_events *events, struct error *error, bool *ok) {
    *ok = output_end(&events->output, error);
    if (*ok && fflush(events->cli->out) != 0) {
        *ok = error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write to standard output");
    }
}

static void begin_line(struct child_events *events, const char *event) {
    output_begin(&events->output);
    output_string(&events->output, "event", event);
}

static void tell_progress(struct child_events *events) {
    struct error ignored; // the event that matters is the last one, and its teller is told
    bool told;
    begin_line(events, "progress");
    output_string(&events->output, "type", events->type);
    output_integer(&events->output, "done", (int64_t)events->done);
    output_integer(&events->output, "total", (int64_t)events->total);
    output_counts(&events->output, &events->counts);
    write_line(events, &ignored, &told);
    events->owed = false;
}

static void on_progress(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct child_events *events = context;
    int64_t now_us = clock_now(events->cli->clock);
    pthread_mutex_lock(&events->lock);
    // Cut at a character's end: what is written must be UTF-8.
    size_t length = type.length < sizeof events->type ? type.length : sizeof events->type - 1;
    while (length > 0 && length < type.length && ((unsigned char)type.data[length] & 0xC0) == 0x80) {
        length--;
    }
    struct text shown = {type.data, length};
    bool turned = events->owed && !text_is(shown, events->type);
    if (turned) {
        tell_progress(events); // the last word on the type before
    }
    snprintf(events->type, sizeof events->type, "%.*s", TEXT_ARGS(shown));
    events->counts = *counts;
    events->done = done;
    events->total = total;
    events->owed = true;
    // A clock that was set back must not silence it.
    if (now_us - events->shown_us >= PROGRESS_EVERY_US || now_us < events->shown_us) {
        events->shown_us = now_us;
        tell_progress(events);
    }
    pthread_mutex_unlock(&events->lock);
}

static void on_began(void *context, int64_t run) {
    struct error ignored;
    struct output *output = child_events_open(context, "began");
    output_integer(output, "run", run);
    child_events_close(context, &ignored);
}

static void on_line(void *context, enum log_level level, struct text text) {
    struct child_events *events = context;
    struct error ignored;
    bool told;
    pthread_mutex_lock(&events->lock);
    bool last = ++events->lines == CHILD_LINES_MAX;
    if (events->lines <= CHILD_LINES_MAX) {
        begin_line(events, "log");
        output_time(&events->output, "at", clock_now(events->cli->clock));
        output_string(&events->output, "level", log_level_name(last ? LOG_WARNING : level));
        output_text(&events->output, "text", last ? TEXT_LITERAL("more was said than is told") : text);
        write_line(events, &ignored, &told);
    }
    pthread_mutex_unlock(&events->lock);
}

void child_events_init(struct child_events *events, const struct cli *cli) {
    *events = (struct child_events){.cli = cli};
    events->watch = (struct run_watch){.progress = on_progress, .began = on_began, .context = events};
    events->log = (struct log){on_line, events};
    pthread_mutex_init(&events->lock, NULL);
    output_init(&events->output, cli);
}

void child_events_clear(struct child_events *events) {
    output_clear(&events->output);
    pthread_mutex_destroy(&events->lock);
}

struct output *child_events_open(struct child_events *events, const char *event) {
    pthread_mutex_lock(&events->lock);
    if (events->owed) {
        tell_progress(events);
    }
    events->lines = 0;
    begin_line(events, event);
    return &events->output;
}

bool child_events_close(struct child_events *events, struct error *error) {
    bool ok;
    write_line(events, error, &ok);
    pthread_mutex_unlock(&events->lock);
    return ok;
}

bool child_events_failed(struct child_events *events, const struct error *reason, struct error *error) {
    output_error(child_events_open(events, "failed"), reason);
    return child_events_close(events, error);
}
