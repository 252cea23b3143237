#ifndef WEIR_SOURCE_SOURCE_HTTP_POSITION_H
#define WEIR_SOURCE_SOURCE_HTTP_POSITION_H

// Where a pass over a web API stood, as a text: one JSON object with short names, the absent ones left out.
//
//    {"v":1,"of":"9f…","since":"2024…","cursor":"2024…","reach":"2024…","on":3,"who":"77…","parents":"{…}","n":500,"size":100,"text":"…",
//     "given":12,"print":"5a…","pages":5,"seen":480,"tail":"…"}

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "source/source_http_answer.h"
#include "source/source_http_listing.h"

struct http_position {
    struct print of;    // the type's options and the seed: a position fits no other
    struct text since;  // the watermark that the pass began with
    struct text cursor; // the highest so far
    struct text reach;  // and when it was first interrupted, where there is an overlap; empty: it was not
    bool done;
    bool partial;        // something could not be read: what did not come is not gone
    struct text parents; // each: the position of the parents' source before those in hand
    size_t subject;      // among the subjects in hand
    struct print who;    // what that subject says
    bool begun;          // its list has begun: the pager stands at
    int64_t number;
    int64_t until;
    int64_t size;
    struct text text;
    struct http_mile mile; // given of the page there
    uint64_t pages;
    int64_t seen;
    unsigned tries;
    struct print sum_before; // of all that was read at the try before
    bool shifted;
    bool unordered;
    struct text newest;
    struct print sum;                      // of all records before this page
    struct http_sight tail[HTTP_TAIL_MAX]; // the last records of the page before
    size_t tail_count;
};

bool http_position_write(const struct http_position *position, struct arena *arena, struct text *out,
                         struct error *error);

// False when the text is none. Texts live in the arena.
bool http_position_read(struct text text, struct arena *arena, struct http_position *out);

#endif
