#ifndef WEIR_SERVER_UPLOAD_FILES_H
#define WEIR_SERVER_UPLOAD_FILES_H

// The folder of an organisation's uploads, and the names in it. Part of upload.

#include <stdbool.h>
#include <sys/stat.h>

#include "server/upload.h"

// ID, a dot and an ending.
enum { UPLOAD_FILE_MAX = UPLOAD_ID_HEX + 16 };

#define UPLOAD_PART "part"
#define UPLOAD_ABOUT "about"
#define UPLOAD_ABOUT_NEW "about.new"

// Exactly 32 lower-case hex digits.
bool upload_id_check(struct text id, struct error *error);
bool upload_id_make(char out[UPLOAD_ID_HEX], struct error *error);

// Opens the organisation's folder; makes it first where `make` says so. `out` is -1, without an error, when there is
// none. The caller closes it.
bool upload_folder_open(const struct uploads *uploads, struct text org, bool make, int *out, struct error *error);
void upload_folder_close(int folder); // accepts -1

// Waits until nobody else begins or sweeps there; for as long as the folder is open.
bool upload_folder_lock(int folder, struct error *error);

bool upload_folder_sync(int folder, struct error *error);

// "ID.part".
const char *upload_file_name(const char *id, const char *ending, char room[UPLOAD_FILE_MAX]);

// Where an upload is. `out` is zeroed when it is nowhere.
struct upload_place {
    bool is_there;
    bool is_whole;
    enum upload_kind kind; // of a whole one
    struct stat stat;
};
bool upload_place_find(int folder, const char *id, struct upload_place *out, struct error *error);

// The disk's own word on a write that failed. Always false.
bool upload_disk_fail(int number, const char *what, struct error *error);

// Removes a file; one that isn't there is fine. `found` (may be NULL) is set when there was one.
bool upload_file_remove(int folder, const char *id, const char *ending, bool *found, struct error *error);

// What is known of an upload. Reading one that isn't there, or isn't whole, gives `is_damaged`; the texts are in
// `arena`. Only name, by, kind, expected, the times and, once it is whole, size and sha256 are kept.
bool upload_about_read(int folder, const char *id, struct arena *arena, struct upload_info *out,
                       char boot[UPLOAD_BOOT_MAX], struct error *error);
bool upload_about_write(int folder, const struct upload_info *info, const char *boot, struct error *error);

// Calls `each` for all names in the folder that begin with an id and a dot, with what stands behind it.
bool upload_folder_each(int folder,
                        bool (*each)(void *context, const char *id, const char *ending, struct error *error),
                        void *context, struct error *error);

// What the organisation has, the parts with the size that they were announced with. `except` (may be NULL) is left out.
struct upload_usage {
    size_t files;
    uint64_t bytes;
};
bool upload_usage_find(int folder, const char *except, struct upload_usage *out, struct error *error);

#endif
