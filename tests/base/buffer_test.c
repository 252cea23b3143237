#include "base/buffer.h"

#include "test.h"

TEST(base_buffer, grows_at_its_end) {
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        CHECK(buffer_byte(&buffer, 'a') && buffer_string(&buffer, "bc") && buffer_print(&buffer, "%03d", i));
    }
    CHECK_INT(buffer.length, 6000);
    CHECK(memcmp(buffer.data, "abc000abc001", 12) == 0);
    CHECK(memcmp(buffer.data + 5994, "abc999", 6) == 0);
    buffer_clear(&buffer);
    CHECK(buffer.data == NULL && buffer.length == 0 && buffer.ceiling == 1 << 20);
}

TEST(base_buffer, a_failed_append_changes_nothing_and_sticks) {
    struct buffer buffer;
    buffer_init(&buffer, 10);
    CHECK(buffer_string(&buffer, "12345678"));
    CHECK(!buffer_string(&buffer, "too much"));
    CHECK(buffer.failed);
    CHECK(!buffer_byte(&buffer, 'x'));
    CHECK_TEXT(buffer_view(&buffer), "12345678");
    buffer_reset(&buffer);
    CHECK(!buffer.failed && buffer.length == 0);
    CHECK(buffer_string(&buffer, "1234567890"));
    CHECK(!buffer_append(&buffer, "x", SIZE_MAX));
    buffer_clear(&buffer);
}

TEST(base_buffer, consume_drops_from_the_front) {
    struct buffer buffer;
    buffer_init(&buffer, 100);
    buffer_string(&buffer, "one two");
    buffer_consume(&buffer, 4);
    CHECK_TEXT(buffer_view(&buffer), "two");
    buffer_consume(&buffer, 0);
    buffer_consume(&buffer, 3);
    CHECK_INT(buffer.length, 0);
    buffer_clear(&buffer);
}
