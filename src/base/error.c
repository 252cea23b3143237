#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct error_info rows[] = {
#define ERROR_ROW(name, number, scope, retry, title, help) {ERROR_##name, scope, retry, title, help},
#include "base/error_list.def"
#undef ERROR_ROW
};

const struct error_info *error_list(size_t *count) {
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

const struct error_info *error_info(enum error_code code) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

void error_clear(struct error *error) {
    error->code = ERROR_NONE;
    error->scope = ERROR_RECORD;
    error->retry = RETRY_NEVER;
    error->after_us = 0;
    error->place[0] = '\0';
    error->message[0] = '\0';
}

static void error_start(struct error *error, enum error_code code) {
    const struct error_info *info = error_info(code);
    error_clear(error);
    error->code = code;
    error->scope = info != NULL ? info->scope : ERROR_RUN;
    error->retry = info != NULL ? info->retry : RETRY_NEVER;
}

// Ends a message that was cut before the character that the cut went through.
static void cut_mend(char *message, size_t size, int length) {
    if (length < 0 || (size_t)length < size) {
        return;
    }
    size_t last = size - 1; // the NUL
    size_t start = last;
    while (start > 0 && last - start < 4 && ((unsigned char)message[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    start -= start > 0;
    size_t bad;
    struct text tail = {message + start, last - start};
    if (!text_utf8(tail, &bad)) {
        message[start + bad] = '\0';
    }
}

// What a message quotes may come from anywhere (a link of an answer, a file's name). It is stored, written as JSON and
// shown: in the end it is one line of UTF-8.
static void quote_mend(char *message) {
    struct text rest = text_of(message);
    size_t bad;
    for (char *at = message; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            *at = ' ';
        }
    }
    while (!text_utf8(rest, &bad)) {
        message += bad;
        *message++ = '?';
        rest = text_of(message);
    }
}

bool error_set(struct error *error, enum error_code code, const char *format, ...) {
    if (error == NULL) {
        return false;
    }
    error_start(error, code);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    cut_mend(error->message, sizeof error->message, used);
    quote_mend(error->message);
    return false;
}

bool error_set_errno(struct error *error, enum error_code code, int number, const char *format, ...) {
    if (error == NULL) {
        return false;
    }
    error_start(error, code);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    cut_mend(error->message, sizeof error->message, used);
    quote_mend(error->message);
    if (used >= 0 && (size_t)used < sizeof error->message) {
        snprintf(error->message + used, sizeof error->message - (size_t)used, ": %s", strerror(number));
    }
    return false;
}

bool error_place(struct error *error, const char *format, ...) {
    if (error == NULL || error->place[0] != '\0') {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(error->place, sizeof error->place, format, arguments);
    va_end(arguments);
    cut_mend(error->place, sizeof error->place, used);
    quote_mend(error->place);
    return false;
}

bool error_memory(struct error *error) {
    return error_set(error, ERROR_MEMORY, "out of memory; close other programs or raise the limit, then run again");
}
