// Waiting for a run of a server: its events as they come, and what to do when they don't.

#include <string.h>

#include "cli/afar_job.h"
#include "cli/event_stream.h"
#include "format/format_json.h"
#include "port/counts.h"

enum {
    EVENT_ARENA_MAX = 64 * 1024 * 1024,
    PIECE_BYTES = 16 * 1024,
    WAIT_SECONDS = 20, // the server answers a question that waits after so long at the latest
    SECOND_US = 1000 * 1000,
    ROUND_LEAST_US = SECOND_US / 4,
    PAUSE_FIRST_US = SECOND_US / 4,
    PAUSE_MOST_US = 8 * SECOND_US,
};

struct following {
    struct afar *afar;
    struct afar asks; // with an arena of its own, that is emptied with each question
    struct progress *progress;
    struct afar_job *job; // as it was last heard of; in the command's arena
    struct event_stream events;
    struct arena event; // of one event
    bool rests;
    bool streams;     // the server gives a stream
    bool heard;       // something came by it in this round
    bool told;        // that the server can't be reached
    int64_t lost_us;  // since when it can't be; 0: it can
    int64_t pause_us; // before the next try
    int64_t attempts; // of the run, when the stream began
};

// --- what happens ---

static bool take_job(struct following *following, const struct object *run, struct error *error) {
    struct afar_job job;
    if (!afar_job_read(run, &following->afar->arena, &job, error)) {
        return false;
    }
    *following->job = job;
    following->rests = afar_job_rests(&job);
    return true;
}

static void show_progress(struct following *following, const struct object *progress) {
    const struct run_watch *watch = &following->progress->watch;
    struct counts counts = {0};
    int64_t done = afar_integer(progress, "done");
    int64_t total = afar_integer(progress, "total");
    for (const struct count_name *name = count_names; name->name != NULL; name++) {
        count_set(&counts, name, afar_integer(progress, name->name));
    }
    watch->progress(watch->context, afar_text(progress, "type"), &counts, done > 0 ? (uint64_t)done : 0,
                    total > 0 ? (uint64_t)total : 0);
}

static void show_log(struct following *following, const struct object *line) {
    struct text level = afar_text(line, "level");
    const struct log *log = &following->progress->log;
    for (enum log_level each = LOG_DEBUG; each <= LOG_ERROR; each++) {
        if (text_is(level, log_level_name(each))) {
            log->line(log->context, each, afar_text(line, "text"));
        }
    }
}

static bool on_event(void *context, const struct stream_event *event, struct error *error) {
    struct following *following = context;
    struct value value;
    struct error why;
    following->heard = true;
    arena_reset(&following->event);
    if (!json_read(event->data, &following->event, NULL, &value, &why)) {
        return why.code != ERROR_MEMORY || error_memory(error); // what nobody can read is passed over
    }
    const struct object *object = value.kind == VALUE_OBJECT ? value.as.object : NULL;
    if (text_is(event->kind, "progress")) {
        show_progress(following, object);
    } else if (text_is(event->kind, "log")) {
        show_log(following, object);
    } else if (text_is(event->kind, "run")) {
        return take_job(following, object, error);
    }
    return true;
}

// --- the stream ---

// Reads until it ends, is lost, or the run rests.
static bool read_stream(struct following *following, struct http_call *call, struct error *error) {
    char piece[PIECE_BYTES];
    size_t got = 0;
    event_stream_begin(&following->events);
    do {
        if (!http_read(call, piece, sizeof piece, &got, error)) {
            return false;
        }
        if (!event_stream_feed(&following->events, (struct text){piece, got}, on_event, following, error)) {
            return false;
        }
    } while (got > 0 && !following->rests);
    return true;
}

// The number of the last event that was seen, so that none comes twice; a run that was begun anew counts anew.
static struct text last_event(struct following *following, char room[], size_t size) {
    struct text id = buffer_view(&following->events.last);
    int64_t number;
    if (following->job->attempts != following->attempts || id.length == 0 || !text_integer(id, &number)) {
        following->attempts = following->job->attempts;
        buffer_reset(&following->events.last);
        return (struct text){"", 0};
    }
    int length = snprintf(room, size, "Last-Event-ID: %lld", (long long)number);
    return (struct text){room, (size_t)length};
}

static bool watch(struct following *following, struct error *error) {
    struct afar *asks = &following->asks;
    struct afar_path path = afar_path("/v1/runs");
    struct http_call *call = NULL;
    struct http_head head;
    char room[64];
    struct text header = last_event(following, room, sizeof room);
    struct http_request request = {
        .verb = "GET",
        .accept = TEXT_LITERAL("text/event-stream"),
        .headers = &header,
        .header_count = header.length > 0,
    };
    afar_path_number(&path, following->job->row.id);
    buffer_string(&path.text, "/events");
    bool ok = afar_url(asks, &path, &request.url, error) && http_send(asks->http, &request, &call, error) &&
              http_head(call, &head, error);
    if (ok && head.status != 200) {
        ok = afar_refuse(call, &head, &asks->arena, error);
    } else if (ok && !text_is(head.type, "text/event-stream")) {
        following->streams = false; // something between us and the server doesn't let it through
    } else if (ok) {
        ok = read_stream(following, call, error);
    }
    http_call_close(call);
    return ok;
}

// --- asking ---

static bool ask(struct following *following, int64_t wait, struct error *error) {
    struct afar *asks = &following->asks;
    struct afar_path path = afar_path("/v1/runs");
    struct value answer;
    const struct object *run;
    arena_reset(&asks->arena);
    afar_path_number(&path, following->job->row.id);
    afar_path_count(&path, "wait", wait);
    if (!afar_ask(asks, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &run, error) ||
        !take_job(following, run, error)) {
        return false;
    }
    const struct object *progress = afar_object(run, "progress");
    if (progress != NULL && !following->streams) {
        show_progress(following, progress);
    }
    if (following->told) {
        log_line(&following->progress->log, LOG_WARNING, "the server is there again");
    }
    following->told = false;
    following->lost_us = 0;
    following->pause_us = PAUSE_FIRST_US;
    return true;
}

// --- losing it and finding it again ---

static bool may_pass(const struct error *why) {
    return why->retry != RETRY_NEVER || why->code == ERROR_HTTP_LOST;
}

// Whether there is still time to try again: then it waits a little.
static bool try_again(struct following *following, int64_t patience_us, const struct error *why, struct error *error) {
    const struct clock *clock = following->afar->cli->clock;
    int64_t now_us = clock_now(clock);
    bool first = following->lost_us == 0;
    following->lost_us = first ? now_us : following->lost_us;
    if (!may_pass(why)) {
        *error = *why;
        return false;
    }
    if (now_us - following->lost_us >= patience_us) {
        return error_set(error, why->code, "%s; run %lld goes on at the server, and nobody here knows how",
                         why->message, (long long)following->job->row.id);
    }
    if (!first && !following->told) {
        log_line(&following->progress->log, LOG_WARNING, "the server can't be reached, trying again: %s", why->message);
        following->told = true;
    }
    clock_wait(clock, following->pause_us);
    following->pause_us = following->pause_us * 2 < PAUSE_MOST_US ? following->pause_us * 2 : PAUSE_MOST_US;
    return true;
}

// Asks how the run is, then watches it, in turn. A stream that ends, falls silent or is lost is no mishap by itself:
// the next question tells. When one brought nothing that question waits at the server, so that no two of them follow
// each other at once.
static bool follow(struct following *following, int64_t patience_us, struct error *error) {
    int64_t wait = 0;
    const struct clock *clock = following->afar->cli->clock;
    while (!following->rests) {
        struct error why;
        int64_t began_us = clock_now(clock);
        if (!ask(following, wait, &why)) {
            if (!try_again(following, patience_us, &why, error)) {
                return false;
            }
            wait = 0;
            continue;
        }
        following->heard = false;
        if (!following->rests && following->streams && !watch(following, &why) && !may_pass(&why)) {
            *error = why;
            return false;
        }
        // Without a stream each question brings the progress along.
        wait = !following->streams ? 1 : following->heard ? 0 : WAIT_SECONDS;
        int64_t early_us = began_us + ROUND_LEAST_US - clock_now(clock);
        if (!following->rests && early_us > 0) {
            clock_wait(clock, early_us); // whatever a server does, nobody asks it without a pause
        }
    }
    return true;
}

bool afar_job_follow(struct afar *afar, struct progress *progress, int64_t patience_us, struct afar_job *job,
                     struct error *error) {
    struct following following = {
        .afar = afar,
        .asks = *afar,
        .progress = progress,
        .job = job,
        .rests = afar_job_rests(job),
        .streams = true,
        .pause_us = PAUSE_FIRST_US,
        .attempts = job->attempts,
    };
    arena_init(&following.asks.arena, EVENT_ARENA_MAX);
    arena_init(&following.event, EVENT_ARENA_MAX);
    event_stream_init(&following.events);
    bool ok = follow(&following, patience_us, error);
    event_stream_clear(&following.events);
    arena_clear(&following.event);
    arena_clear(&following.asks.arena);
    return ok;
}
