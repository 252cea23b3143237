#ifndef WEIR_FORMAT_GZIP_H
#define WEIR_FORMAT_GZIP_H

// A gzip stream inflated piece by piece: what it inflates to costs time, never memory. Members that follow each other
// are one stream, zero bytes behind the last are padding. An end without the member's trailer, a wrong checksum and
// anything else behind the last member are ERROR_GZIP: a cut file is never taken for a whole one.

#include <stdbool.h>

#include "base/error.h"
#include "format/format_stream.h"

// Takes `packed` over: it is closed with the new stream, and on false too.
bool gzip_open(struct stream *packed, struct stream **out, struct error *error);

#endif
