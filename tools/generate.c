// Prints made-up data, the same at every call: what the demo imports and what the measurements are taken on.
//
//   weir_generate resources 500            postcode,id,name,type,lat,lng,owner
//   weir_generate readings 100000 dirt     date,pincode,resourceId,value, both date formats; with `dirt` some rows
//                                          that cannot be used, and some resources that come later
//   weir_generate wide 1000000 [shuffled] [changed]
//                                          ten fields and about 151 bytes a row; `shuffled` gives the ids in no order,
//                                          `changed` gives every hundredth row another value

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"

enum { RESOURCES = 500, LATE = 5, DAY_FIRST = 14610 /* 2010-01-01 */ };

// A well-mixed number for each row (splitmix64).
static uint64_t mix(uint64_t seed) {
    uint64_t z = seed + 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

// The first ten bytes of `out` are the date, "2010-01-01".
static void date_of(int64_t days, char out[CIVIL_ISO_MAX]) {
    civil_iso((DAY_FIRST + days) * 86400 * INT64_C(1000000), out);
}

static int pincode_of(int64_t resource) {
    return 313600 + (int)(resource / 20);
}

static void print_resources(int64_t count) {
    static const char *const types[] = {"well", "raingauge", "checkdam"};
    printf("postcode,id,name,type,lat,lng,owner\n");
    for (int64_t i = 0; i < count; i++) {
        uint64_t r = mix((uint64_t)i);
        printf("%d,%" PRId64 ",Resource %" PRId64 ",%s,%d.%04d,%d.%04d,Owner %d\n", pincode_of(i), 1000 + i, i + 1,
               types[r % 3], 23 + (int)(r % 3), (int)(r >> 8) & 4095, 73 + (int)(r % 2), (int)(r >> 24) & 4095,
               (int)(r % 97));
    }
}

// One row of what a person might have typed: the bad ones are one in six thousand each.
static void print_reading(int64_t i, bool dirt) {
    uint64_t r = mix((uint64_t)i);
    int64_t resource = i % RESOURCES;
    char day[CIVIL_ISO_MAX];
    date_of(i / RESOURCES, day);
    char date[48];
    if (r % 4 == 0) {
        snprintf(date, sizeof date, "%.2s/%.2s/%.4s", day + 8, day + 5, day);
    } else {
        snprintf(date, sizeof date, "%.4s/%.2s/%.2s", day, day + 5, day + 8);
    }
    int value = (int)((r >> 16) % 4000);
    switch (dirt ? (r >> 32) % 6000 : 5999) {
    case 0:
        printf("%s,%d,%" PRId64 ",about %d\n", date, pincode_of(resource), 1000 + resource, value / 100);
        break;
    case 1:
        printf("31/02/2019,%d,%" PRId64 ",%d.%02d\n", pincode_of(resource), 1000 + resource, value / 100, value % 100);
        break;
    case 2:
        printf("%s,%d,%" PRId64 ",%d.%02d,checked twice\n", date, pincode_of(resource), 1000 + resource, value / 100,
               value % 100);
        break;
    case 3:
        printf("%s,%d,%d,%d.%02d\n", date, pincode_of(RESOURCES), 1000 + RESOURCES + (int)(i % LATE), value / 100,
               value % 100);
        break;
    default:
        printf("%s,%d,%" PRId64 ",%d.%02d\n", date, pincode_of(resource), 1000 + resource, value / 100, value % 100);
    }
}

static void print_readings(int64_t count, bool dirt) {
    printf("date,pincode,resourceId,value\n");
    for (int64_t i = 0; i < count; i++) {
        print_reading(i, dirt);
    }
}

// Row i's id when ids come in no order: a permutation of 1 … count, by walking a Feistel network's cycle.
static int64_t shuffled(int64_t i, int64_t count) {
    int half = 1;
    while ((INT64_C(1) << (2 * half)) < count) {
        half++;
    }
    uint64_t mask = (UINT64_C(1) << half) - 1;
    uint64_t x = (uint64_t)i;
    do {
        uint64_t left = x >> half, right = x & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint64_t next = left ^ (mix(right * 4 + round) & mask);
            left = right;
            right = next;
        }
        x = left << half | right;
    } while (x >= (uint64_t)count);
    return (int64_t)x + 1;
}

static void print_wide(int64_t count, bool is_shuffled, bool is_changed) {
    static const char *const states[] = {"checked", "new", "estimated", "doubted"};
    printf("id,date,pincode,resourceId,value,unit,state,observer,note,updatedAt\n");
    for (int64_t i = 0; i < count; i++) {
        int64_t id = is_shuffled ? shuffled(i, count) : i + 1;
        uint64_t r = mix((uint64_t)id);
        int value = (int)((r >> 16) % 40000) + (is_changed && id % 100 == 0 ? 50000 : 0);
        char day[CIVIL_ISO_MAX];
        date_of(id / 400, day);
        printf("%" PRId64 ",%.10sT06:%02d:00.000Z,%d,%d,%d.%02d,metre,%s,observer-%03d,"
               "read from the painted scale at the well's rim %08x,%.10sT18:%02d:00.000Z\n",
               id, day, (int)(r % 60), 313600 + (int)(id % 400) / 20, 1000 + (int)(id % 400), value / 100, value % 100,
               states[r % 4], (int)((r >> 40) % 512), (unsigned)(r >> 32), day, (int)((r >> 8) % 60));
    }
}

static bool has_word(int argc, char **argv, const char *word) {
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], word) == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv) {
    int64_t count = 0;
    if (argc < 3 || !text_integer(text_of(argv[2]), &count) || count < 1) {
        fprintf(stderr, "usage: weir_generate resources|readings|wide COUNT [dirt] [shuffled] [changed]\n");
        return 2;
    }
    if (strcmp(argv[1], "resources") == 0) {
        print_resources(count);
    } else if (strcmp(argv[1], "readings") == 0) {
        print_readings(count, has_word(argc, argv, "dirt"));
    } else if (strcmp(argv[1], "wide") == 0) {
        print_wide(count, has_word(argc, argv, "shuffled"), has_word(argc, argv, "changed"));
    } else {
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
