#ifndef WEIR_TESTS_SUPPORT_TEST_H
#define WEIR_TESTS_SUPPORT_TEST_H

// The whole test framework. A test is
//
//     TEST(engine_decide, both_changed) { CHECK(1 + 1 == 2); CHECK_TEXT(text, "expected"); }
//
// and is called engine.decide.both_changed; tests/CMakeLists.txt finds it by this line and ctest runs it in a
// process of its own. A failing CHECK says where and ends the test.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

struct test {
    const char *group;
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_add(struct test *test);
_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

// A fresh folder for this test, removed when it passes.
const char *test_folder(void);

// A file of the source tree, "tests/store/old_home.sql".
const char *test_source_path(const char *relative);

// Writes a file whole; fails the test when it can't.
void test_write(const char *path, const void *data, size_t length);

#define TEST(group, name)                                                       \
    static void test_##group##_##name(void);                                    \
    __attribute__((constructor)) static void test_add_##group##_##name(void) {  \
        static struct test test = {#group, #name, test_##group##_##name, NULL}; \
        test_add(&test);                                                        \
    }                                                                           \
    static void test_##group##_##name(void)

#define CHECK(condition)                                     \
    do {                                                     \
        if (!(condition)) {                                  \
            test_fail(__FILE__, __LINE__, "%s", #condition); \
        }                                                    \
    } while (0)

// For calls that fill an error: shows it.
#define CHECK_OK(call, error)                                                                             \
    do {                                                                                                  \
        if (!(call)) {                                                                                    \
            test_fail(__FILE__, __LINE__, "%s: W%d %s (%s)", #call, (int)(error)->code, (error)->message, \
                      (error)->place);                                                                    \
        }                                                                                                 \
    } while (0)

#define CHECK_INT(actual, expected)                                                                                   \
    do {                                                                                                              \
        int64_t actual_ = (int64_t)(actual), expected_ = (int64_t)(expected);                                         \
        if (actual_ != expected_) {                                                                                   \
            test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #actual, (long long)actual_, (long long)expected_); \
        }                                                                                                             \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                                              \
    do {                                                                                                          \
        struct text actual_ = (actual), expected_ = text_of(expected);                                            \
        if (!text_same(actual_, expected_)) {                                                                     \
            test_fail(__FILE__, __LINE__, "%s is '%.*s', not '%s'", #actual, TEXT_ARGS(actual_), expected_.data); \
        }                                                                                                         \
    } while (0)

#endif
