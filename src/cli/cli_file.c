#include "cli/cli_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool cli_file_open(const struct cli *cli, const char *path, struct cli_file *out, struct error *error) {
    *out = (struct cli_file){.path = path, .stream = cli->out};
    if (path == NULL) {
        return true;
    }
    out->stream = NULL;
    int length = snprintf(out->beside, sizeof out->beside, "%s.%ld.part", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof out->beside) {
        return error_set(error, ERROR_FILE_WRITE, "the path %.40s… is too long", path);
    }
    int file = open(out->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    out->stream = file >= 0 ? fdopen(file, "w") : NULL;
    if (out->stream == NULL) {
        int reason = errno;
        if (file >= 0) {
            close(file);
            unlink(out->beside);
        }
        return error_set_errno(error, ERROR_FILE_WRITE, reason, "cannot make %s", path);
    }
    return true;
}

bool cli_file_write(struct cli_file *file, struct text text, struct error *error) {
    if (text.length > 0 && fwrite(text.data, 1, text.length, file->stream) != text.length) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s",
                               file->path != NULL ? file->path : "to standard output");
    }
    return true;
}

bool cli_file_close(struct cli_file *file, bool keep, struct error *error) {
    if (file->path == NULL || file->stream == NULL) {
        return true;
    }
    bool written = fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    int reason = errno;
    bool closed = fclose(file->stream) == 0;
    file->stream = NULL;
    if (keep && written && closed && rename(file->beside, file->path) == 0) {
        return true;
    }
    reason = written ? errno : reason;
    unlink(file->beside);
    return !keep || error_set_errno(error, ERROR_FILE_WRITE, reason, "cannot write %s", file->path);
}
