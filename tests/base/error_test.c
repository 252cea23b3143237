#include "base/error.h"

#include <errno.h>

#include "test.h"

TEST(base_error, set_takes_scope_and_retry_from_the_list) {
    struct error error;
    CHECK(!error_set(&error, ERROR_HOME_BUSY, "home %d is busy", 3));
    CHECK_INT(error.code, 5006);
    CHECK(error.scope == ERROR_BATCH && error.retry == RETRY_LATER);
    CHECK_TEXT(text_of(error.message), "home 3 is busy");
    CHECK_TEXT(text_of(error.place), "");
}

TEST(base_error, place_is_said_once) {
    struct error error;
    error_set(&error, ERROR_USAGE, "x");
    CHECK(!error_place(&error, "line %d", 1));
    CHECK(!error_place(&error, "line %d", 2));
    CHECK_TEXT(text_of(error.place), "line 1");
    error_set(&error, ERROR_USAGE, "y");
    CHECK_TEXT(text_of(error.place), "");
}

TEST(base_error, errno_is_told) {
    struct error error;
    error_set_errno(&error, ERROR_FILE_READ, ENOENT, "cannot open %s", "a.csv");
    CHECK_TEXT(text_of(error.message), "cannot open a.csv: No such file or directory");
}

TEST(base_error, nobody_has_to_listen) {
    CHECK(!error_set(NULL, ERROR_USAGE, "x"));
    CHECK(!error_set_errno(NULL, ERROR_USAGE, 1, "x"));
    CHECK(!error_place(NULL, "x"));
    CHECK(!error_memory(NULL));
}

TEST(base_error, a_cut_message_stays_utf8) {
    struct error error;
    char lengthy[2 * ERROR_MESSAGE_MAX];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(lengthy, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof lengthy; i += 4) {
            memcpy(lengthy + i, "\xF0\x9F\x98\x80", 5);
        }
        error_set(&error, ERROR_USAGE, "%s", lengthy);
        CHECK(text_utf8(text_of(error.message), NULL));
        CHECK(strlen(error.message) >= ERROR_MESSAGE_MAX - 4);
        error_place(&error, "%s", lengthy);
        CHECK(text_utf8(text_of(error.place), NULL));
    }
}

TEST(base_error, a_message_is_one_line_of_utf8_whatever_it_quotes) {
    struct error error;
    error_clear(&error);
    error_place(&error, "a\xc3\n%s", "\xc3\xa4\xff");
    CHECK_TEXT(text_of(error.place), "a? \xc3\xa4?");
    error_set(&error, ERROR_HTTP_REQUEST, "'%s' is none", "http:\xd6//a\r\n\x1b[31m\x7f\xe2\x82.");
    CHECK_TEXT(text_of(error.message), "'http:?//a   [31m ?\?.' is none");
    error_set_errno(&error, ERROR_FILE_MISSING, ENOENT, "no \xff");
    CHECK_TEXT(text_of(error.message), "no ?: No such file or directory");
}

TEST(base_error, numbers_are_unique_and_ascend) {
    size_t count;
    const struct error_info *rows = error_list(&count);
    CHECK(count > 40);
    for (size_t i = 1; i < count; i++) {
        CHECK(rows[i].code > rows[i - 1].code);
    }
    for (size_t i = 0; i < count; i++) {
        CHECK(error_info(rows[i].code) == &rows[i]);
        CHECK(rows[i].title[0] != '\0' && rows[i].help[0] != '\0');
    }
    CHECK(error_info((enum error_code)9999) == NULL);
}
