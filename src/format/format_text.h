#ifndef WEIR_FORMAT_TEXT_H
#define WEIR_FORMAT_TEXT_H

// Text in some encoding, decoded to UTF-8 as a stream. UTF-8 passes through untouched and unchecked, straight into
// the reader's memory. What is no character in its encoding (a lone surrogate, half a UTF-16 unit, an unused
// Windows-1252 byte) comes out as bytes that are no UTF-8 either: the row check of the format's reader finds them and
// rejects that one row, and the rest goes in.
//
//   auto          by the byte order mark; UTF-8 without one
//   utf-8         a byte order mark is dropped
//   utf-16        by the byte order mark; little-endian without one
//   utf-16le/be   a byte order mark is dropped
//   latin-1       every byte is its code point
//   windows-1252  Latin-1 with printable characters at 0x80 to 0x9F

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "format/format_stream.h"

enum encoding {
    ENCODING_AUTO,
    ENCODING_UTF8,
    ENCODING_UTF16,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_LATIN1,
    ENCODING_WINDOWS1252,
};

#define ENCODING_NAMES "auto|utf-8|utf-16|utf-16le|utf-16be|latin-1|windows-1252"

// By its name in any case; false, with the choices in `error` (ERROR_ENCODING), when there is none.
bool encoding_find(struct text name, enum encoding *out, struct error *error);

// Takes `raw` over: it is closed with the new stream, and on false too. A UTF-32 mark and the first bytes of gzip
// and zip (spreadsheets are zips) are ERROR_ENCODING at the first read, saying what the file is.
bool decode_open(struct stream *raw, enum encoding encoding, struct stream **out, struct error *error);

#endif
