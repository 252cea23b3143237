#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct print print_of(struct text bytes, uint64_t seed) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data, bytes.length, seed);
    return (struct print){hash.low64, hash.high64};
}

struct print print_join(struct print a, struct print b) {
    unsigned char both[2 * PRINT_BYTES];
    print_store(a, both);
    print_store(b, both + PRINT_BYTES);
    return print_of((struct text){(const char *)both, sizeof both}, 0);
}

void print_store(struct print print, unsigned char out[PRINT_BYTES]) {
    for (int i = 0; i < 8; i++) {
        out[i] = (unsigned char)(print.high >> (56 - 8 * i));
        out[8 + i] = (unsigned char)(print.low >> (56 - 8 * i));
    }
}

struct print print_load(const unsigned char in[PRINT_BYTES]) {
    struct print print = {0, 0};
    for (int i = 0; i < 8; i++) {
        print.high = print.high << 8 | in[i];
        print.low = print.low << 8 | in[8 + i];
    }
    return print;
}

void print_hex(struct print print, char out[PRINT_HEX + 1]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[PRINT_BYTES];
    print_store(print, bytes);
    for (int i = 0; i < PRINT_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[PRINT_HEX] = '\0';
}

// Where this lies differs from process to process: keys that all meet in one slot can't be made beforehand.
static const char salt;

uint64_t hash_bytes(const void *data, size_t length) {
    return XXH3_64bits_withSeed(data, length, (uint64_t)(uintptr_t)&salt);
}
