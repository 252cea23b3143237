#include "format/format_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

struct file {
    struct stream stream;
    int handle;
    const char *shown;
    struct file_state state;
    uint64_t done;
};

static struct file_state state_of(const struct stat *status) {
    return (struct file_state){
        .size = (uint64_t)status->st_size,
        .changed_ns = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec,
        .inode = (uint64_t)status->st_ino,
    };
}

static bool same_state(const struct file_state *a, const struct file_state *b) {
    return a->size == b->size && a->changed_ns == b->changed_ns && a->inode == b->inode;
}

static bool missing_or_closed(int number, const char *shown, struct error *error) {
    bool missing = number == ENOENT || number == ENOTDIR;
    return error_set_errno(error, missing ? ERROR_FILE_MISSING : ERROR_FILE_READ, number, "cannot open %s", shown);
}

static bool check_regular(const struct stat *status, const char *shown, struct error *error) {
    if (S_ISREG(status->st_mode)) {
        return true;
    }
    return error_set(error, ERROR_FILE_READ, "%s is %s; give a plain file", shown,
                     S_ISDIR(status->st_mode) ? "a folder" : "not a plain file");
}

bool file_state(const char *path, const char *shown, struct file_state *out, struct error *error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        return missing_or_closed(errno, shown, error);
    }
    *out = state_of(&status);
    return check_regular(&status, shown, error);
}

static bool changed(const struct file *file, struct error *error) {
    return error_set(error, ERROR_SOURCE_CHANGED, "%s changed while it was read; run again once it is complete",
                     file->shown);
}

// The end is believed only when as many bytes came as the file had, and it was not touched meanwhile.
static bool check_end(const struct file *file, struct error *error) {
    struct stat status;
    if (fstat(file->handle, &status) != 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot look at %s again", file->shown);
    }
    struct file_state now = state_of(&status);
    if (file->done != file->state.size || !same_state(&now, &file->state)) {
        return changed(file, error);
    }
    return true;
}

static bool file_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct file *file = (struct file *)stream;
    ssize_t count;
    do {
        count = read(file->handle, into, room);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", file->shown);
    }
    *got = (size_t)count;
    file->done += *got;
    return count > 0 || check_end(file, error);
}

static bool file_skip(struct stream *stream, uint64_t count, bool *able, struct error *error) {
    struct file *file = (struct file *)stream;
    *able = true;
    if (file->done > file->state.size || count > file->state.size - file->done) {
        return changed(file, error);
    }
    if (lseek(file->handle, (off_t)(file->done + count), SEEK_SET) < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot go on in %s", file->shown);
    }
    file->done += count;
    return true;
}

static void file_close(struct stream *stream) {
    struct file *file = (struct file *)stream;
    close(file->handle);
    memory_free(file);
}

bool file_open(const char *path, const char *shown, const struct file_state *expected, struct stream **out,
               struct error *error) {
    static const struct stream_type type = {file_read, file_skip, file_close};
    struct file *file = memory_take(sizeof *file);
    if (file == NULL) {
        return error_memory(error);
    }
    *file = (struct file){.stream = {&type}, .shown = shown, .state = *expected};
    // Without O_NONBLOCK a pipe put in the file's place would hang the run.
    file->handle = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file->handle < 0) {
        missing_or_closed(errno, shown, error);
        goto fail_free;
    }
    struct stat status;
    if (fstat(file->handle, &status) != 0) {
        error_set_errno(error, ERROR_FILE_READ, errno, "cannot look at %s", shown);
        goto fail_close;
    }
    if (!check_regular(&status, shown, error)) {
        goto fail_close;
    }
    struct file_state now = state_of(&status);
    if (!same_state(&now, expected)) {
        changed(file, error);
        goto fail_close;
    }
    (void)posix_fadvise(file->handle, 0, 0, POSIX_FADV_SEQUENTIAL); // advice: it may be refused
    *out = &file->stream;
    return true;

fail_close:
    close(file->handle);
fail_free:
    memory_free(file);
    return false;
}

uint64_t file_done(const struct stream *stream) {
    return ((const struct file *)stream)->done;
}
