#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static void none_line(void *context, enum log_level level, struct text text) {
    (void)context;
    (void)level;
    (void)text;
}

const struct log log_none = {none_line, NULL};

void log_line(const struct log *log, enum log_level level, const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) {
        size_t kept = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
        log->line(log->context, level, (struct text){line, kept});
    }
}

const char *log_level_name(enum log_level level) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    return names[level];
}
