#include "cli/afar_upload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/output.h"
#include "http/http_hash.h"

enum { UPLOAD_PIECE = 4 * 1024 * 1024, LOST_MAX = 5, BEGIN_BYTES_MAX = 64 * 1024, PAUSE_US = 500 * 1000 };

struct sending {
    struct afar *afar;
    const char *path;
    int file;
    int64_t size;
    struct text id;
    char *piece;
};

static bool open_file(struct sending *sending, struct error *error) {
    struct stat status;
    sending->file = open(sending->path, O_RDONLY | O_CLOEXEC);
    if (sending->file < 0) {
        return error_set_errno(error, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_FILE_READ, errno, "cannot open %s",
                               sending->path);
    }
    if (fstat(sending->file, &status) != 0 || !S_ISREG(status.st_mode)) {
        return error_set(error, ERROR_FILE_READ, "%s is no file that can be uploaded", sending->path);
    }
    sending->size = status.st_size;
    sending->piece = memory_take(UPLOAD_PIECE);
    return sending->piece != NULL || error_memory(error);
}

static bool read_piece(struct sending *sending, int64_t at, struct text *out, struct error *error) {
    size_t length = 0;
    while (length < UPLOAD_PIECE) {
        ssize_t got = pread(sending->file, sending->piece + length, UPLOAD_PIECE - length, at + (int64_t)length);
        if (got < 0) {
            return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read %s", sending->path);
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    *out = (struct text){sending->piece, length};
    return true;
}

static bool hash_file(struct sending *sending, char out[HTTP_HASH_HEX], struct error *error) {
    struct http_hash *hash = http_hash_begin();
    struct text piece = {"", 1};
    bool ok = hash != NULL || error_memory(error);
    for (int64_t at = 0; ok && piece.length > 0; at += (int64_t)piece.length) {
        ok = read_piece(sending, at, &piece, error) &&
             (piece.length == 0 || http_hash_add(hash, piece) || error_memory(error));
    }
    bool ended = http_hash_end(hash, ok ? out : NULL);
    return ok && (ended || error_memory(error));
}

// --- asking ---

static bool ask(struct sending *sending, const char *verb, const char *behind, struct text body, int64_t *size,
                struct error *error) {
    struct afar_path path = afar_path("/v1/uploads");
    struct value answer;
    const struct object *object;
    if (sending->id.length > 0) {
        afar_path_part(&path, sending->id);
    }
    buffer_string(&path.text, behind);
    if (!afar_ask(sending->afar, verb, &path, body, &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    *size = afar_integer(object, "size");
    if (sending->id.length == 0) {
        sending->id = afar_text(object, "id");
        return sending->id.length > 0 || error_set(error, ERROR_HTTP_SHAPE, "the server gave the upload no number");
    }
    return true;
}

static bool begin(struct sending *sending, const char *name, struct error *error) {
    struct buffer body;
    int64_t size;
    const char *slash = strrchr(sending->path, '/');
    buffer_init(&body, BEGIN_BYTES_MAX);
    struct members members = members_begin(&body);
    members_open(&members, NULL);
    members_string(&members, "name", name != NULL ? name : slash != NULL ? slash + 1 : sending->path);
    members_integer(&members, "size", sending->size);
    members_close(&members);
    bool ok = body.failed ? error_memory(error) : ask(sending, "POST", "/begin", buffer_view(&body), &size, error);
    buffer_clear(&body);
    return ok;
}

static bool send_piece(struct sending *sending, int64_t at, struct text piece, struct error *error) {
    struct afar_path path = afar_path("/v1/uploads");
    struct text answer;
    struct http_request request = {
        .verb = "PUT",
        .body = piece,
        .type = TEXT_LITERAL("application/octet-stream"),
        .writes = true,
        .small = true,
    };
    afar_path_part(&path, sending->id);
    afar_path_count(&path, "offset", at);
    return afar_url(sending->afar, &path, &request.url, error) && afar_send(sending->afar, &request, &answer, error);
}

// Gives all of it. Where an answer was lost the server says how much it has, and it goes on from there.
static bool send_all(struct sending *sending, struct error *error) {
    int64_t at = 0;
    int lost = 0;
    while (at < sending->size) {
        struct text piece;
        if (!read_piece(sending, at, &piece, error)) {
            return false;
        }
        if (piece.length == 0) {
            return error_set(error, ERROR_SOURCE_CHANGED, "%s became shorter while it was uploaded", sending->path);
        }
        if (send_piece(sending, at, piece, error)) {
            at += (int64_t)piece.length;
            lost = 0;
            continue;
        }
        bool passes = error->code == ERROR_HTTP_UNKNOWN || error->retry != RETRY_NEVER;
        if (!passes || ++lost > LOST_MAX) {
            return false;
        }
        clock_wait(sending->afar->cli->clock, PAUSE_US);
        struct error ignored; // the one above stands until it works again
        if (ask(sending, "GET", "", TEXT_LITERAL(""), &at, &ignored) && (at < 0 || at > sending->size)) {
            return error_set(error, ERROR_HTTP_SHAPE, "the server says that it has %lld bytes of %lld", (long long)at,
                             (long long)sending->size);
        }
    }
    return true;
}

static bool finish(struct sending *sending, const char *sha256, struct error *error) {
    char body[128];
    int64_t size;
    int length = snprintf(body, sizeof body, "{\"sha256\":\"%s\"}", sha256);
    return ask(sending, "POST", "/finish", (struct text){body, (size_t)length}, &size, error);
}

bool afar_upload(struct afar *afar, const char *path, const char *name, struct afar_upload *out, struct error *error) {
    struct sending sending = {.afar = afar, .path = path, .file = -1};
    bool ok = open_file(&sending, error) && hash_file(&sending, out->sha256, error) && begin(&sending, name, error) &&
              send_all(&sending, error) && finish(&sending, out->sha256, error);
    if (!ok && sending.id.length > 0) {
        // What can't be ended leaves nothing behind, where that can be said.
        struct afar_path gone = afar_path("/v1/uploads");
        struct value answer;
        struct error ignored;
        afar_path_part(&gone, sending.id);
        (void)!afar_ask(afar, "DELETE", &gone, TEXT_LITERAL(""), &answer, &ignored);
    }
    if (sending.file >= 0) {
        close(sending.file);
    }
    memory_free(sending.piece);
    out->id = sending.id;
    out->size = sending.size;
    return ok;
}
