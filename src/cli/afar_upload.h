#ifndef WEIR_CLI_AFAR_UPLOAD_H
#define WEIR_CLI_AFAR_UPLOAD_H

// A file of this machine, given to a server piece by piece: a connection that breaks costs a piece and not the file.
// The server takes it as whole only when its SHA-256 is what was read here.

#include "cli/afar.h"

struct afar_upload {
    struct text id; // in the command's arena
    int64_t size;
    char sha256[65];
};

bool afar_upload(struct afar *afar, const char *path, const char *name, struct afar_upload *out, struct error *error);

#endif
