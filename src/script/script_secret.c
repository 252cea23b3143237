#include "script/script_secret.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 4096 };

bool secret_name_check(struct text name, struct error *error) {
    bool fits = name.length > 0 && name.length <= SECRET_NAME_MAX;
    for (size_t i = 0; fits && i < name.length; i++) {
        fits = isalnum((unsigned char)name.data[i]) || name.data[i] == '_' || name.data[i] == '-';
    }
    if (!fits) {
        return error_set(error, ERROR_SECRET, "a secret's name has 1 to %d letters, digits, _ or -", SECRET_NAME_MAX);
    }
    return true;
}

static void environment_name(struct text name, char out[SECRET_NAME_MAX + 16]) {
    int at = snprintf(out, SECRET_NAME_MAX + 16, "WEIR_SECRET_%.*s", TEXT_ARGS(name));
    for (int i = 0; i < at; i++) {
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
    }
}

bool secret_in_environment(struct text name) {
    char variable[SECRET_NAME_MAX + 16];
    environment_name(name, variable);
    return getenv(variable) != NULL;
}

// Checks the open file: what everybody may read is no secret.
static bool file_check(int file, const char *path, struct stat *status, struct error *error) {
    if (fstat(file, status) != 0) {
        return error_set_errno(error, ERROR_SECRET, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(status->st_mode)) {
        return error_set(error, ERROR_SECRET, "%s is no ordinary file; put the secret into a file", path);
    }
    if ((status->st_mode & 07777) != 0600) {
        return error_set(error, ERROR_SECRET, "%s has the mode %03o; others could read it: chmod 600 it", path,
                         (unsigned)(status->st_mode & 07777));
    }
    if (status->st_size > SECRET_BYTES_MAX) {
        return error_set(error, ERROR_SECRET, "%s is larger than %d bytes", path, SECRET_BYTES_MAX);
    }
    return true;
}

static bool file_read(int file, const char *path, size_t size, struct arena *arena, struct text *out,
                      struct error *error) {
    char *bytes = arena_take(arena, size + 1);
    size_t length = 0;
    if (bytes == NULL) {
        return error_memory(error);
    }
    while (length < size) {
        ssize_t got = read(file, bytes + length, size - length);
        if (got < 0 && errno != EINTR) {
            return error_set_errno(error, ERROR_SECRET, errno, "cannot read %s", path);
        }
        if (got == 0) {
            break;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
        length--;
    }
    bytes[length] = '\0';
    *out = (struct text){bytes, length};
    return true;
}

bool secret_read(const char *data, struct text org, struct text name, struct arena *arena, struct text *out,
                 struct error *error) {
    char variable[SECRET_NAME_MAX + 16];
    char path[PATH_BYTES_MAX] = "DATA/secrets";
    struct stat status;
    bool done = false;
    if (!secret_name_check(name, error)) {
        return false;
    }
    environment_name(name, variable);
    const char *given = getenv(variable);
    if (given != NULL) {
        *out = text_of(given);
        return arena_text(arena, *out, out) || error_memory(error);
    }
    int file = -1;
    if (data != NULL) {
        snprintf(path, sizeof path, "%s/secrets/%.*s/%.*s", data, TEXT_ARGS(org), TEXT_ARGS(name));
        // Not blocking: a pipe in its place must not hold the run.
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (file < 0) {
        int number = data != NULL ? errno : ENOENT;
        return error_set_errno(error, ERROR_SECRET, number, "the secret %.*s is not in %s, and %s cannot be read",
                               TEXT_ARGS(name), variable, path);
    }
    done = file_check(file, path, &status, error) && file_read(file, path, (size_t)status.st_size, arena, out, error);
    close(file);
    return done;
}
