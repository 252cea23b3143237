#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H

// Where a line of a run's story goes: the run's log in home, the terminal, or both. The log is handed down, never
// global. A line that cannot be kept is dropped; logging never fails its caller.

#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log {
    void (*line)(void *context, enum log_level level, struct text text);
    void *context;
};

// A log that keeps nothing.
extern const struct log log_none;

void log_line(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *log_level_name(enum log_level level); // "debug", "info", "warning", "error"

#endif
