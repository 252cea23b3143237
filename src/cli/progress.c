#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

#include "base/visible.h"
#include "cli/table.h"

enum {
    DRAW_EVERY_US = 100 * 1000,
    PLAIN_EVERY_US = 10 * 1000 * 1000,
    BAR_MOST = 30,
    BAR_LEAST = 8,
    SECOND_US = 1000 * 1000,
    WAIT_SHOWN_US = 3 * SECOND_US, // shorter ones pass unseen
    WAIT_SLICE_US = 200 * 1000,
    WARNINGS_MOST = 20, // of a run that warns of everything, the terminal shows the first
};

static void write_span(struct buffer *buffer, int64_t seconds) {
    if (seconds >= 3600) {
        buffer_print(buffer, "%lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
                     (long long)(seconds % 60));
    } else {
        buffer_print(buffer, "%lld:%02lld", (long long)(seconds / 60), (long long)(seconds % 60));
    }
}

static void write_bar(struct buffer *buffer, size_t width, int percent, bool unicode) {
    size_t full = width * (size_t)percent / 100;
    for (size_t i = 0; i < width; i++) {
        buffer_string(buffer, i < full ? (unicode ? "━" : "=") : (unicode ? "╌" : "-"));
    }
}

// The parts of a line, the dearest first: what does not fit a narrow terminal is left out from the end.
void progress_line(struct buffer *buffer, const struct progress_state *state, size_t columns) {
    struct buffer part;
    buffer_init(&part, 4096);
    size_t used = visible_write(buffer, state->type, columns > 0 ? columns / 3 : 40);
    char number[NUMBER_TEXT_MAX];
    int percent = state->total == 0             ? -1
                  : state->done >= state->total ? 100
                                                : (int)((double)state->done * 100.0 / (double)state->total);
    char texts[4][64] = {"", "", "", ""};
    if (percent >= 0) {
        snprintf(texts[0], sizeof texts[0], "  %3d %%", percent);
    }
    snprintf(texts[1], sizeof texts[1], "  %s rows", number_text(state->read, number));
    if (state->rate >= 0) {
        snprintf(texts[2], sizeof texts[2], "  %s/s", number_text(state->rate, number));
    }
    if (state->left_s >= 0) {
        write_span(&part, state->left_s);
        snprintf(texts[3], sizeof texts[3], "  %.*s left", TEXT_ARGS(buffer_view(&part)));
    }
    size_t tail = 0;
    size_t shown = 0;
    while (shown < 4 && (columns == 0 || used + tail + strlen(texts[shown]) <= columns)) {
        tail += strlen(texts[shown++]);
    }
    size_t room = columns > used + tail + 2 ? columns - used - tail - 2 : 0;
    if (percent >= 0 && room >= BAR_LEAST) {
        buffer_string(buffer, "  ");
        write_bar(buffer, room < BAR_MOST ? room : BAR_MOST, percent, state->unicode);
    }
    for (size_t i = 0; i < shown; i++) {
        buffer_string(buffer, texts[i]);
    }
    buffer_clear(&part);
}

static size_t columns_now(const struct progress *progress) {
    struct winsize size;
    bool known = ioctl(fileno(progress->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    // The last column stays free: a terminal wraps when it is written to.
    return known ? (size_t)size.ws_col - 1 : 79;
}

static void erase(struct progress *progress) {
    if (progress->drawn) {
        fputs("\r\033[K", progress->out);
        progress->drawn = false;
    }
}

static void show(struct progress *progress, const struct progress_state *state) {
    buffer_reset(&progress->line);
    if (progress->terminal) {
        buffer_string(&progress->line, "\r\033[K");
        progress_line(&progress->line, state, columns_now(progress));
        progress->drawn = true;
    } else {
        progress_line(&progress->line, state, 0);
        buffer_byte(&progress->line, '\n');
    }
    fwrite(progress->line.data, 1, progress->line.length, progress->out);
    fflush(progress->out);
}

// Rate and time left count from a baseline: where this run (of this type) began, not the pass it goes on with.
static void set_baseline(struct progress *progress, struct text type, int64_t read, uint64_t done, int64_t now) {
    snprintf(progress->type, sizeof progress->type, "%.*s", TEXT_ARGS(type));
    progress->started_us = now;
    progress->first_read = read;
    progress->first_done = done;
}

static void on_progress(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct progress *progress = context;
    int64_t now = clock_now(progress->clock);
    pthread_mutex_lock(&progress->lock);
    bool same = strncmp(progress->type, type.data, type.length) == 0 && progress->started_us != 0;
    if (!same || done < progress->last_done) {
        set_baseline(progress, type, counts->read, done, now);
    }
    progress->last_done = done;
    int64_t every = progress->terminal ? DRAW_EVERY_US : PLAIN_EVERY_US;
    if (progress->drawn_us == 0 && !progress->terminal) {
        progress->drawn_us = now; // a short run into a file needs no line of progress at all
    }
    if (progress->quiet || now - progress->drawn_us < every) {
        goto done;
    }
    progress->drawn_us = now;
    double span = (double)(now - progress->started_us) / 1e6;
    struct progress_state state = {type, counts->read, done, total, -1, -1, progress->unicode};
    if (span > 0.2 && counts->read > progress->first_read) {
        state.rate = (int64_t)((double)(counts->read - progress->first_read) / span);
        double speed = (double)(done - progress->first_done) / span;
        state.left_s = total > 0 && done <= total && speed > 0 ? (int64_t)((double)(total - done) / speed + 0.5) : -1;
    }
    show(progress, &state);

done:
    pthread_mutex_unlock(&progress->lock);
}

static void show_line(struct progress *progress, struct text line) {
    erase(progress);
    fwrite(line.data, 1, line.length, progress->out);
    fflush(progress->out);
}

static void show_held(struct progress *progress) {
    if (progress->held.length > 0) {
        show_line(progress, buffer_view(&progress->held));
        buffer_reset(&progress->held);
    }
}

static const char *level_colour(enum log_level level) {
    static const char *const colours[] = {"\033[2m", "\033[2m", "\033[33m", "\033[31m"};
    return colours[level];
}

// Whether a warning is not to be shown: the same again (a server that is down is tried several times), or one too many.
static bool is_left_out(struct progress *progress, enum log_level level, struct text text) {
    if (progress->verbose || progress->all || level != LOG_WARNING) {
        return false;
    }
    if (text_same(buffer_view(&progress->last), text)) {
        return true;
    }
    buffer_reset(&progress->last);
    buffer_text(&progress->last, text);
    if (++progress->warnings <= WARNINGS_MOST) {
        return false;
    }
    if (progress->warnings == WARNINGS_MOST + 1) {
        show_line(progress, TEXT_LITERAL("warning: there are more; `weir log` has them all\n"));
    }
    return true;
}

static void on_line(void *context, enum log_level level, struct text text) {
    struct progress *progress = context;
    enum log_level least = progress->verbose ? LOG_DEBUG : progress->quiet ? LOG_ERROR : LOG_WARNING;
    if (level < least) {
        return;
    }
    pthread_mutex_lock(&progress->lock);
    show_held(progress);
    if (is_left_out(progress, level, text)) {
        pthread_mutex_unlock(&progress->lock);
        return;
    }
    struct buffer *line = level == LOG_ERROR ? &progress->held : &progress->line;
    buffer_reset(line);
    buffer_print(line, "%s%s:%s ", progress->colours ? level_colour(level) : "", log_level_name(level),
                 progress->colours ? "\033[0m" : "");
    visible_write(line, text, 0);
    buffer_byte(line, '\n');
    if (level != LOG_ERROR) {
        show_line(progress, buffer_view(line));
    }
    pthread_mutex_unlock(&progress->lock);
}

static int64_t progress_now(void *context) {
    return clock_now(((struct progress *)context)->clock);
}

static void show_wait(struct progress *progress, int64_t left_us) {
    pthread_mutex_lock(&progress->lock);
    buffer_reset(&progress->line);
    buffer_string(&progress->line, progress->terminal ? "\r\033[K" : "");
    buffer_string(&progress->line, "waiting ");
    write_span(&progress->line, (left_us + SECOND_US - 1) / SECOND_US);
    buffer_string(&progress->line, progress->terminal ? " before the next request" : " before the next request\n");
    fwrite(progress->line.data, 1, progress->line.length, progress->out);
    fflush(progress->out);
    progress->drawn = progress->terminal;
    pthread_mutex_unlock(&progress->lock);
}

// A long wait counts down on a terminal, and is told once elsewhere. When the run is to stop, a slice is all: the
// caller may come again and again.
static void progress_wait(void *context, int64_t span_us) {
    struct progress *progress = context;
    bool shows = !progress->quiet && span_us >= (progress->terminal ? WAIT_SHOWN_US : PLAIN_EVERY_US);
    bool stops = false;
    for (int64_t left_us = span_us; left_us > 0 && !stops; left_us -= WAIT_SLICE_US) {
        if (shows) {
            show_wait(progress, left_us);
            shows = progress->terminal;
        }
        clock_wait(progress->clock, left_us < WAIT_SLICE_US ? left_us : WAIT_SLICE_US);
        stops = progress->stop != NULL && atomic_load(progress->stop);
    }
    pthread_mutex_lock(&progress->lock);
    erase(progress);
    pthread_mutex_unlock(&progress->lock);
}

static bool locale_is_utf8(void) {
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}

void progress_init(struct progress *progress, FILE *out, const struct clock *clock, bool terminal) {
    *progress = (struct progress){.out = out, .clock = clock, .terminal = terminal, .unicode = locale_is_utf8()};
    pthread_mutex_init(&progress->lock, NULL);
    progress->watch = (struct run_watch){.progress = on_progress, .context = progress};
    progress->log = (struct log){on_line, progress};
    progress->waiting = (struct clock){progress_now, progress_wait, progress};
    buffer_init(&progress->line, 64 * 1024);
    buffer_init(&progress->held, 64 * 1024);
    buffer_init(&progress->last, 64 * 1024);
}

void progress_begin(struct progress *progress, struct text datasource) {
    if (!progress->terminal || progress->quiet) {
        return;
    }
    pthread_mutex_lock(&progress->lock);
    buffer_reset(&progress->line);
    buffer_string(&progress->line, "\r\033[Kwaiting for ");
    visible_write(&progress->line, datasource, columns_now(progress) / 2);
    fwrite(progress->line.data, 1, progress->line.length, progress->out);
    fflush(progress->out);
    progress->drawn = true;
    pthread_mutex_unlock(&progress->lock);
}

void progress_end(struct progress *progress, const struct error *reason) {
    struct buffer shown;
    buffer_init(&shown, 64 * 1024);
    pthread_mutex_lock(&progress->lock);
    if (reason != NULL && reason->code != ERROR_NONE) {
        visible_write(&shown, text_of(reason->message), 0);
    }
    struct text held = buffer_view(&progress->held);
    if (shown.length > 0 && held.length > 0 && memmem(held.data, held.length, shown.data, shown.length) != NULL) {
        buffer_reset(&progress->held);
    }
    show_held(progress);
    erase(progress);
    fflush(progress->out);
    pthread_mutex_unlock(&progress->lock);
    buffer_clear(&shown);
}

void progress_clear(struct progress *progress) {
    progress_end(progress, NULL);
    buffer_clear(&progress->line);
    buffer_clear(&progress->held);
    buffer_clear(&progress->last);
}
