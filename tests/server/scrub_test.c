#include "server/scrub.h"
#include "test.h"

static void check_scrubbed(const char *given, const char *expected) {
    static const struct service_setup setup = {.data = "./data"};
    struct service service = {.setup = &setup};
    struct arena arena;
    snprintf(service.folder, sizeof service.folder, "/srv/weir/data");
    arena_init(&arena, 64 * 1024);
    CHECK_TEXT(scrub_text(&service, text_of(given), &arena), expected);
    arena_clear(&arena);
}

#define HASH "0123456789abcdef0123456789abcdef"

TEST(server_scrub, copies_of_scripts_are_named_as_the_scripts) {
    check_scrubbed("mend /srv/weir/data/scripts/" HASH "/syncs/mywell/x.lua:3", "mend syncs/mywell/x.lua:3");
    check_scrubbed("./data/scripts/" HASH "/syncs/a.lua", "syncs/a.lua");
}

TEST(server_scrub, uploads_are_named_by_their_number) {
    check_scrubbed("/srv/weir/data/mywell/uploads/" HASH ".csv line 2", HASH ".csv line 2");
    check_scrubbed("{\"file\":\"/srv/weir/data/a/uploads/" HASH ".csv\",\"b\":\"./data/a/uploads/" HASH ".csv\"}",
                   "{\"file\":\"" HASH ".csv\",\"b\":\"" HASH ".csv\"}");
}

// A record may hold such words; what is no path of the server's stays.
TEST(server_scrub, what_only_looks_like_it_stays) {
    check_scrubbed("/srv/weir/data/mywell/uploads/readings.csv", "/srv/weir/data/mywell/uploads/readings.csv");
    check_scrubbed("/srv/weir/data/scripts/" HASH, "/srv/weir/data/scripts/" HASH);
    check_scrubbed("/other/data/scripts/" HASH "/x", "/other/data/scripts/" HASH "/x");
    check_scrubbed("/srv/weir/data", "/srv/weir/data");
    check_scrubbed("/uploads/", "/uploads/");
    check_scrubbed("", "");
}
