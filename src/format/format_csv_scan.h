#ifndef WEIR_FORMAT_CSV_SCAN_H
#define WEIR_FORMAT_CSV_SCAN_H

// Finds the bytes that mean something to CSV, 64 at a time: a bit for each delimiter, quote, CR and LF. Everything
// between two of them is never looked at again. Part of format_csv; all in this header so that it is inlined into
// the one loop that counts (docs/decisions/0001-csv-reader.md has the measurement).
//
// The scanned memory must be readable for CSV_SCAN_BYTES past its end.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { CSV_SCAN_BYTES = 64 };

struct csv_scan {
    const char *data;
    size_t end;
    size_t block;    // offset of the 64 bytes in hand, a multiple of 64
    uint64_t marks;  // bit i: data[block + i] means something and was not visited yet
    bool high;       // a byte over 0x7F was met since somebody cleared this
    bool block_high; // there is one in the block in hand
    char delimiter;
    char quote; // the delimiter again when there are no quotes
};

// The high bit of each byte of `eight` that equals `wanted`: no carry crosses a byte, so it is exact.
static inline uint64_t csv_scan_equal(uint64_t eight, char wanted) {
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t differ = eight ^ (UINT64_C(0x0101010101010101) * (unsigned char)wanted);
    return ~(((differ & low) + low) | differ | low);
}

// The portable way: eight bytes a step.
static inline uint64_t csv_scan_portable(const char *at, char delimiter, char quote, bool *high) {
    uint64_t marks = 0;
    uint64_t seen = 0;
    for (unsigned i = 0; i < CSV_SCAN_BYTES; i += 8) {
        uint64_t eight = 0;
        memcpy(&eight, at + i, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        uint64_t hits = csv_scan_equal(eight, delimiter) | csv_scan_equal(eight, quote) | csv_scan_equal(eight, '\n') |
                        csv_scan_equal(eight, '\r');
        // Gathers the eight high bits into the top byte, the first byte's bit lowest.
        marks |= ((hits >> 7) * UINT64_C(0x0102040810204080) >> 56) << i;
        seen |= eight;
    }
    *high = (seen & UINT64_C(0x8080808080808080)) != 0;
    return marks;
}

#if defined(__SSE2__)
static inline uint64_t csv_scan_marks(const char *at, char delimiter, char quote, bool *high) {
    const __m128i delimiters = _mm_set1_epi8(delimiter);
    const __m128i quotes = _mm_set1_epi8(quote);
    const __m128i feeds = _mm_set1_epi8('\n');
    const __m128i returns = _mm_set1_epi8('\r');
    uint64_t marks = 0;
    __m128i seen = _mm_setzero_si128();
    for (unsigned i = 0; i < CSV_SCAN_BYTES; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), _mm_cmpeq_epi8(bytes, quotes)),
                                    _mm_or_si128(_mm_cmpeq_epi8(bytes, feeds), _mm_cmpeq_epi8(bytes, returns)));
        marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << i;
        seen = _mm_or_si128(seen, bytes);
    }
    *high = _mm_movemask_epi8(seen) != 0;
    return marks;
}
#else
#define csv_scan_marks csv_scan_portable
#endif

static inline void csv_scan_load(struct csv_scan *scan) {
    scan->marks = csv_scan_marks(scan->data + scan->block, scan->delimiter, scan->quote, &scan->block_high);
    scan->high |= scan->block_high;
    size_t left = scan->end - scan->block;
    if (left < CSV_SCAN_BYTES) {
        scan->marks &= (UINT64_C(1) << left) - 1;
    }
}

// Goes on at `at`, which must lie before the end.
static inline void csv_scan_seat(struct csv_scan *scan, size_t at) {
    scan->block = at & ~(size_t)(CSV_SCAN_BYTES - 1);
    scan->high = false;
    csv_scan_load(scan);
    scan->marks &= ~UINT64_C(0) << (at - scan->block);
}

// The offset of the next byte that means something, which counts as visited; the end when there is none.
static inline size_t csv_scan_next(struct csv_scan *scan) {
    while (scan->marks == 0) {
        if (scan->end - scan->block <= CSV_SCAN_BYTES) {
            return scan->end;
        }
        scan->block += CSV_SCAN_BYTES;
        csv_scan_load(scan);
    }
    size_t at = scan->block + (size_t)__builtin_ctzll(scan->marks);
    scan->marks &= scan->marks - 1;
    return at;
}

#endif
