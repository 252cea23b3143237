#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

// Fingerprints: 128 bits of XXH3, long enough to say "unchanged" of a billion records. Not for secrets. Nothing
// here fails.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct print {
    uint64_t low;
    uint64_t high;
};

enum { PRINT_BYTES = 16, PRINT_HEX = 32 };

struct print print_of(struct text bytes, uint64_t seed);

// The print of two prints: how a fingerprint takes in what it depends on.
struct print print_join(struct print a, struct print b);

static inline bool print_same(struct print a, struct print b) {
    return a.low == b.low && a.high == b.high;
}

// The sixteen bytes as they are stored, the same on every machine, and back.
void print_store(struct print print, unsigned char out[PRINT_BYTES]);
struct print print_load(const unsigned char in[PRINT_BYTES]);

// 32 hex digits and a NUL.
void print_hex(struct print print, char out[PRINT_HEX + 1]);

// A 64-bit hash for tables in memory; another one in each process.
uint64_t hash_bytes(const void *data, size_t length);

#endif
