// Giving a file to a server that is played by hand.

#include "cli/afar_upload.h"

#include "cli/played_server.h"
#include "test.h"

// SHA-256 of "0123456789".
#define SHA "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
#define BEGUN "{\"id\":\"u\",\"size\":0}"
#define WHOLE "{\"id\":\"u\",\"size\":10}"

static bool give(struct played *played, struct error *error) {
    struct cli cli = {.version = "1", .clock = &clock_system, .err = stderr, .server = played->url, .token = "weir_t"};
    struct afar afar;
    struct afar_upload upload;
    char path[512];
    snprintf(path, sizeof path, "%s/digits.csv", test_folder());
    test_write(path, "0123456789", 10);
    CHECK_OK(afar_open(&cli, &afar, error), error);
    bool ok = afar_upload(&afar, path, NULL, &upload, error);
    if (ok) {
        CHECK_TEXT(upload.id, "u");
        CHECK_INT(upload.size, 10);
        CHECK(strcmp(upload.sha256, SHA) == 0);
    }
    afar_close(&afar);
    return ok;
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

TEST(cli_afar_upload, a_piece_whose_answer_is_lost_is_gone_on_with) {
    static const struct turn turns[] = {
        {.body = BEGUN}, {.silent = true}, {.body = "{\"id\":\"u\",\"size\":4}"}, {.body = WHOLE}, {.body = WHOLE}};
    struct played played;
    struct error error;
    play_begin(&played, turns, 5);
    CHECK_OK(give(&played, &error), &error);
    play_end(&played);
    CHECK(begins(played.asked[0], "POST /v1/uploads/begin "));
    CHECK(begins(played.asked[1], "PUT /v1/uploads/u?offset=0 "));
    CHECK(begins(played.asked[2], "GET /v1/uploads/u "));
    CHECK(begins(played.asked[3], "PUT /v1/uploads/u?offset=4 "));
    CHECK(strstr(played.asked[3], "Content-Length: 6\r\n") != NULL);
    CHECK(begins(played.asked[4], "POST /v1/uploads/u/finish "));
}

// Answers that say another thing each time are no reason to go on for ever, or to read past the file.
TEST(cli_afar_upload, a_size_that_makes_no_sense_ends_it) {
    static const struct turn turns[] = {
        {.body = BEGUN}, {.silent = true}, {.body = "{\"id\":\"u\",\"size\":-3}"}, {.silent = true}};
    struct played played;
    struct error error;
    play_begin(&played, turns, 4); // the last one is the part's end, which is removed
    CHECK(!give(&played, &error));
    play_end(&played);
    CHECK_INT(error.code, ERROR_HTTP_SHAPE);
    CHECK(begins(played.asked[3], "DELETE /v1/uploads/u "));
}
