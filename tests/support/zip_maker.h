#ifndef WEIR_TESTS_SUPPORT_ZIP_MAKER_H
#define WEIR_TESTS_SUPPORT_ZIP_MAKER_H

// Makes zips byte by byte, right ones and wrong ones.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

struct zip_made {
    struct text name;
    struct text content;
    bool deflate;
    bool wide;           // its sizes and its offset stand in a zip64 field
    uint16_t flags;      // bit 0: encrypted
    uint16_t method;     // said instead of the true one when it is not 0
    uint32_t mode;       // of Unix, 0120777 for a link
    uint32_t said_size;  // instead of the true one when it is not 0
    uint32_t said_crc;   // likewise
    struct text header;  // the name in the header before the bytes, when it is another
    bool shares;         // is listed with the bytes of the entry before
    uint32_t shifted_by; // is listed so many bytes behind its true place
};

struct zip_maker {
    struct buffer bytes;
    struct buffer list;
    uint64_t count;
    uint64_t last; // where the last entry begins
};

void zip_maker_init(struct zip_maker *maker);
void zip_maker_clear(struct zip_maker *maker);

void zip_maker_add(struct zip_maker *maker, const struct zip_made *entry);

// A plain entry, deflated.
void zip_maker_file(struct zip_maker *maker, const char *name, struct text content);

// Puts the list and the end behind the entries, `wide` with zip64's. The text lives as long as the maker.
struct text zip_maker_end(struct zip_maker *maker, bool wide);

#endif
