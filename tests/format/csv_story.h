#ifndef WEIR_TESTS_FORMAT_CSV_STORY_H
#define WEIR_TESTS_FORMAT_CSV_STORY_H

// Reads a CSV text and tells what came of it, for tests to compare:
//
//     2 a|b              a record that began on line 2, its fields
//     !3 W3003 |a,b,c    a reject: line, code, column, raw bytes

#include "base/buffer.h"
#include "format/format_csv.h"

// A stream that gives at most `piece` bytes at a time; piece 0 gives all there is room for.
struct stream *csv_drip(struct text bytes, size_t piece);

// Reads all of `bytes` in pieces and pages of these sizes. False with the error of csv_start or csv_read.
bool csv_story(const struct csv_setup *setup, struct text bytes, size_t piece, size_t page, struct buffer *out,
               struct error *error);

// Fails the test unless every size of pieces and pages gives the expected story.
void csv_story_check(const char *file, int line, const struct csv_setup *setup, struct text bytes,
                     const char *expected);

#define CHECK_STORY(setup, literal, expected) \
    csv_story_check(__FILE__, __LINE__, (setup), TEXT_LITERAL(literal), (expected))

#endif
