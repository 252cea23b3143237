#include "base/unit.h"
#include "test.h"

TEST(base_unit, spans) {
    int64_t span_us;
    CHECK(span_read(TEXT_LITERAL("15m"), &span_us) && span_us == 15 * 60 * 1000000ll);
    CHECK(span_read(TEXT_LITERAL("250ms"), &span_us) && span_us == 250000);
    CHECK(span_read(TEXT_LITERAL("1d"), &span_us) && span_us == 86400 * 1000000ll);
    const char *wrong[] = {"", "m", "0m", "5", "5 m", "-5m", "5M", "1.5h", "9999999999s", "5mm"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!span_read(text_of(wrong[i]), &span_us));
    }
}

TEST(base_unit, sizes) {
    int64_t bytes;
    CHECK(size_read(TEXT_LITERAL("100kB"), &bytes) && bytes == 100000);
    CHECK(size_read(TEXT_LITERAL("512"), &bytes) && bytes == 512);
    CHECK(size_read(TEXT_LITERAL("8MiB"), &bytes) && bytes == 8 * 1024 * 1024);
    const char *wrong[] = {"", "kB", "0", "5 kB", "1e3", "12345678901"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(!size_read(text_of(wrong[i]), &bytes));
    }
}
