#ifndef WEIR_SOURCE_SOURCE_CSV_H
#define WEIR_SOURCE_SOURCE_CSV_H

// The datasource of CSV and TSV files: a path, a glob or a list of them, gzipped or not, in several encodings. A batch
// never spans two files. A position names the file, the offset and line in it, and what all files were when the pass
// began: when any of them changed since, it is ERROR_SOURCE_CHANGED.

#include "port/source.h"

extern const struct source_type source_csv;

#endif
