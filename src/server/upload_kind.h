#ifndef WEIR_SERVER_UPLOAD_KIND_H
#define WEIR_SERVER_UPLOAD_KIND_H

// What an upload is: by its name, and by its first bytes. Nothing here allocates.

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

enum upload_kind {
    UPLOAD_UNTOLD, // not known yet
    UPLOAD_CSV,
    UPLOAD_TSV,
    UPLOAD_JSON,
    UPLOAD_ZIP,
    UPLOAD_CSV_GZ,
    UPLOAD_TSV_GZ,
    UPLOAD_JSON_GZ,
    UPLOAD_KINDS,
};

enum { UPLOAD_HEAD_BYTES = 4096 }; // what upload_kind_find looks at

// "csv", "tsv.gz"; behind a dot it is how the file's name ends, by which sources know what to do with it. "unknown".
const char *upload_kind_name(enum upload_kind kind);

bool upload_kind_of(struct text name, enum upload_kind *out); // the kind of that name

// By the name that a person gave: "Readings.CSV". UPLOAD_UNTOLD when it says nothing.
enum upload_kind upload_kind_by_name(struct text name);

// By the file's first bytes too, which have the last word on what is packed. A name that promises a zip or gzip that
// is none is ERROR_UPLOAD_DIFFERS.
bool upload_kind_find(struct text name, struct text head, enum upload_kind *out, struct error *error);

#endif
