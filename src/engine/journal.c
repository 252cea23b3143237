#include "engine/journal.h"

enum { JOURNAL_BYTES_MAX = 4 * 1024 * 1024 };

static void journal_line(void *context, enum log_level level, struct text text) {
    struct journal *journal = context;
    pthread_mutex_lock(&journal->mutex);
    bool last = journal->count == JOURNAL_MAX - 1;
    struct text kept;
    if (level != LOG_DEBUG && journal->count < JOURNAL_MAX &&
        arena_text(&journal->arena, last ? TEXT_LITERAL("this run said more than is kept") : text, &kept)) {
        journal->rows[journal->count++] = (struct log_row){clock_now(journal->clock), level, kept};
    }
    pthread_mutex_unlock(&journal->mutex);
    journal->next->line(journal->next->context, level, text);
}

void journal_init(struct journal *journal, const struct clock *clock, const struct log *next) {
    pthread_mutex_init(&journal->mutex, NULL);
    arena_init(&journal->arena, JOURNAL_BYTES_MAX);
    journal->count = 0;
    journal->taken = 0;
    journal->clock = clock;
    journal->next = next;
    journal->log = (struct log){journal_line, journal};
}

void journal_clear(struct journal *journal) {
    arena_clear(&journal->arena);
    pthread_mutex_destroy(&journal->mutex);
}

const struct log_row *journal_take(struct journal *journal, size_t *count) {
    pthread_mutex_lock(&journal->mutex);
    const struct log_row *rows = journal->rows + journal->taken;
    *count = journal->count - journal->taken;
    pthread_mutex_unlock(&journal->mutex);
    return rows; // rows never move, and those before the count never change
}

void journal_kept(struct journal *journal, size_t count) {
    journal->taken += count;
}
