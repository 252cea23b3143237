#include "base/hash.h"

#include "test.h"

// Prints are stored in homes: they must stay what they are, on every machine and in every version.
TEST(base_hash, prints_are_stable) {
    char hex[PRINT_HEX + 1];
    print_hex(print_of(text_of(""), 0), hex);
    CHECK_TEXT(text_of(hex), "99aa06d3014798d86001c324468d497f");
    print_hex(print_of(text_of("a"), 0), hex);
    CHECK_TEXT(text_of(hex), "a96faf705af16834e6c632b61e964e1f");
}

TEST(base_hash, the_seed_and_the_bytes_matter) {
    struct print print = print_of(text_of("record"), 1);
    CHECK(print_same(print, print_of(text_of("record"), 1)));
    CHECK(!print_same(print, print_of(text_of("record"), 2)));
    CHECK(!print_same(print, print_of(text_of("recore"), 1)));
    struct print other = print_of(text_of("other"), 1);
    CHECK(!print_same(print_join(print, other), print_join(other, print)));
}

TEST(base_hash, stores_and_loads) {
    unsigned char bytes[PRINT_BYTES];
    struct print print = {UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)};
    char hex[PRINT_HEX + 1];
    print_store(print, bytes);
    CHECK(bytes[0] == 0xfe && bytes[8] == 0x01);
    CHECK(print_same(print, print_load(bytes)));
    print_hex(print, hex);
    CHECK_TEXT(text_of(hex), "fedcba98765432100123456789abcdef");
}

TEST(base_hash, tables_hash_alike_within_a_process) {
    CHECK(hash_bytes("abc", 3) == hash_bytes("abc", 3));
    CHECK(hash_bytes("abc", 3) != hash_bytes("abd", 3));
    CHECK(hash_bytes(NULL, 0) == hash_bytes("", 0));
}
