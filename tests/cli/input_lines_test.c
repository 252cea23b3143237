#include "cli/input_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include "test.h"

static int open_with(const void *data, size_t length) {
    char path[512];
    snprintf(path, sizeof path, "%s/lines", test_folder());
    test_write(path, data, length);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(file >= 0);
    return file;
}

static void check_next(struct input_lines *lines, int64_t number, const char *expected) {
    enum input_found found;
    struct text line;
    struct error error;
    CHECK_OK(input_lines_next(lines, &found, &line, &error), &error);
    CHECK_INT(found, INPUT_LINE);
    CHECK_INT(lines->line, number);
    CHECK_TEXT(line, expected);
}

static void check_end(struct input_lines *lines) {
    enum input_found found;
    struct text line;
    struct error error;
    CHECK_OK(input_lines_next(lines, &found, &line, &error), &error);
    CHECK_INT(found, INPUT_END);
}

TEST(cli_input_lines, line_ends_of_every_kind) {
    struct input_lines lines;
    const char text[] = "one\ntwo\r\n\nlast";
    int file = open_with(text, sizeof text - 1);
    input_lines_init(&lines, file);
    check_next(&lines, 1, "one");
    check_next(&lines, 2, "two");
    check_next(&lines, 3, "");
    check_next(&lines, 4, "last");
    check_end(&lines);
    check_end(&lines);
    input_lines_clear(&lines);
    close(file);
}

TEST(cli_input_lines, empty_input) {
    struct input_lines lines;
    int file = open_with("", 0);
    input_lines_init(&lines, file);
    check_end(&lines);
    input_lines_clear(&lines);
    close(file);
}

TEST(cli_input_lines, lines_longer_than_one_read) {
    struct input_lines lines;
    enum { LONG = 300000 };
    static char text[LONG + 3];
    memset(text, 'x', LONG);
    memcpy(text + LONG, "\ny\n", 3);
    int file = open_with(text, sizeof text);
    input_lines_init(&lines, file);
    enum input_found found;
    struct text line;
    struct error error;
    CHECK_OK(input_lines_next(&lines, &found, &line, &error), &error);
    CHECK_INT(line.length, LONG);
    check_next(&lines, 2, "y");
    check_end(&lines);
    input_lines_clear(&lines);
    close(file);
}

static void check_too_long(bool ended) {
    struct input_lines lines;
    enum { LONG = INPUT_LINE_MAX + 100000 };
    static char text[LONG + 3];
    memset(text, 'x', LONG);
    memcpy(text + LONG, "\ny\n", 3);
    int file = open_with(text, ended ? LONG : sizeof text);
    input_lines_init(&lines, file);
    enum input_found found;
    struct text line;
    struct error error;
    CHECK_OK(input_lines_next(&lines, &found, &line, &error), &error);
    CHECK_INT(found, INPUT_TOO_LONG);
    CHECK_INT(lines.line, 1);
    if (!ended) {
        check_next(&lines, 2, "y");
    }
    check_end(&lines);
    input_lines_clear(&lines);
    close(file);
}

TEST(cli_input_lines, a_line_over_the_limit_is_stepped_over) {
    check_too_long(false);
}

TEST(cli_input_lines, a_last_line_over_the_limit) {
    check_too_long(true);
}
