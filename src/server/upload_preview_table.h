#ifndef WEIR_SERVER_UPLOAD_PREVIEW_TABLE_H
#define WEIR_SERVER_UPLOAD_PREVIEW_TABLE_H

// The first rows of a CSV or TSV file. Part of upload_preview.

#include "format/format_members.h"
#include "format/format_stream.h"
#include "server/upload_preview.h"

// Opens a file for a look: it is unpacked where `kind` says so and ends as an error when some MiB were read of it;
// `spent` (which must outlive the stream) then says that it was only that.
bool upload_look_open(const char *path, const char *shown, enum upload_kind kind, bool *spent, struct stream **out,
                      struct error *error);

// As much of the text as is shown, without half a character at its end.
struct text upload_cut(struct text text, size_t most);

bool upload_preview_table(const char *path, const char *shown, enum upload_kind kind, size_t rows,
                          struct members *members, struct error *error);

#endif
