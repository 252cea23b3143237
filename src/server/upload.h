#ifndef WEIR_SERVER_UPLOAD_H
#define WEIR_SERVER_UPLOAD_H

// The files that people upload, kept with their organisation's home in DATA/ORG/uploads:
//
//    ID.part         as it comes in
//    ID.csv          whole; .tsv, .json, .zip, .csv.gz, .tsv.gz, .json.gz by its kind, so that sources know it
//    ID.about        what is known of it, as JSON: written when it begins, and again just before it is whole
//    ID.about.new    that in the making
//
// ID is 128 random bits in hex and nothing else ever becomes a part of a path: neither the name that a person gave
// nor anything that is in the file. A file is whole when it has the name of a whole one: its bytes and what is known
// of it are on the disk before it is renamed. A kill at any moment leaves a part that can be gone on with, or what
// upload_sweep removes (docs/internals/uploads.md tells which, and why). After a power failure nobody knows which bytes
// of a part came to the disk, so a part begins again at 0 when the machine has started anew since.
//
// A file in the making belongs to one caller at a time, by a lock on the file itself: others are told
// ERROR_UPLOAD_BUSY at once. Nothing is kept in memory between two calls, so all functions may be called from any
// thread, with the same `struct uploads`. The clock labels; it decides nothing but what upload_sweep takes for old.

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "format/format_members.h"
#include "http/http_hash.h"
#include "server/upload_kind.h"

enum { UPLOAD_ID_HEX = 33, UPLOAD_BOOT_MAX = 40, UPLOAD_NAME_MAX = 255, UPLOAD_BY_MAX = 255 };

#define UPLOAD_UNKNOWN UINT64_MAX

struct uploads {
    const char *data; // the folder of homes
    const struct clock *clock;
    uint64_t file_bytes; // the most that one file may have
    uint64_t org_bytes;  // all files of an organisation
    size_t org_files;
    char boot[UPLOAD_BOOT_MAX]; // tells this start of the machine from others
};

// Fills in the boot; the rest is the caller's. Where the system doesn't tell it, it is empty.
void uploads_init(struct uploads *uploads);

struct upload_info {
    char id[UPLOAD_ID_HEX];
    struct text name; // as the user said it, UTF-8 without control characters; for display only
    struct text by;
    enum upload_kind kind; // as far as known
    bool is_whole;
    bool is_damaged;            // nothing is known of it: ID.about cannot be read. It can be deleted
    uint64_t size;              // so far
    uint64_t expected;          // or UPLOAD_UNKNOWN
    char sha256[HTTP_HASH_HEX]; // empty until it is whole
    int64_t begun_us;
    int64_t uploaded_us; // 0 until it is whole
};

struct upload_wish {
    struct text name;
    struct text by;
    uint64_t expected; // size in bytes, or UPLOAD_UNKNOWN
};

// Begins one. ERROR_UPLOAD_NAME, ERROR_UPLOAD_SIZE, ERROR_UPLOAD_FULL (the room is reserved when its size is known).
bool upload_begin(const struct uploads *uploads, struct text org, const struct upload_wish *wish,
                  char id[UPLOAD_ID_HEX], struct error *error);

// Takes one in hand to append to it. What never was or is whole is ERROR_UPLOAD_MISSING or ERROR_UPLOAD_OFFSET.
struct upload;
bool upload_open(const struct uploads *uploads, struct text org, struct text id, struct upload **out,
                 struct error *error);
uint64_t upload_size(const struct upload *upload); // so far

// `offset` must be the size so far, else ERROR_UPLOAD_OFFSET. Bytes over the size that was announced or over a limit
// are refused whole (ERROR_UPLOAD_DIFFERS, ERROR_UPLOAD_SIZE, ERROR_UPLOAD_FULL). When the disk is full
// (ERROR_HOME_FULL) or fails, a part of the bytes may be there: upload_size says how many, and one goes on from there.
// Uploads of unknown size that come in together may be over the organisation's room by 16 MiB each.
bool upload_append(struct upload *upload, uint64_t offset, struct text bytes, struct error *error);

void upload_close(struct upload *upload); // accepts NULL; the part stays

// Makes it whole. `sha256` (64 hex digits of any case, or empty) must be that of its bytes. Reads the file once for
// it. When it is whole already, says what it is; `out` may be NULL.
bool upload_finish(const struct uploads *uploads, struct text org, struct text id, struct text sha256,
                   struct arena *arena, struct upload_info *out, struct error *error);

bool upload_status(const struct uploads *uploads, struct text org, struct text id, struct arena *arena,
                   struct upload_info *out, struct error *error);

// All of an organisation, whole or not, newest first.
bool upload_list(const struct uploads *uploads, struct text org, struct arena *arena, struct upload_info **out,
                 size_t *count, struct error *error);

// Puts it as a JSON object: id, name, kind, by, state ("coming", "whole"; "damaged": nothing is known of it), size,
// expected, sha256, begun_at, uploaded_at; null where there is nothing to say.
void upload_write(const struct upload_info *info, const char *name, struct members *members);

// Readers that have it open read on.
bool upload_delete(const struct uploads *uploads, struct text org, struct text id, struct error *error);

// The path of a whole one, for a source to read. What isn't whole is ERROR_UPLOAD_MISSING.
bool upload_path(const struct uploads *uploads, struct text org, struct text id, char out[PATH_MAX],
                 struct error *error);

// Removes what never came to its end and was not written to for `age_us`, and what a crash left over.
bool upload_sweep(const struct uploads *uploads, struct text org, int64_t age_us, size_t *removed, struct error *error);

#endif
