#include "rig.h"
#include "store/store_sqlite.h"

// A first load by a record function, into SQLite: ids in the order of their index, in none, and with repeats. However
// the store goes about its index, home must come out the same.

static bool keep_value(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                       struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    static const struct text names[] = {{"value", 5}};
    static const struct shape shape = {1, names};
    struct mapped_record *mapped = arena_take_zero(arena, 1, sizeof *mapped);
    struct value *values = arena_take(arena, sizeof *values);
    if (mapped == NULL || values == NULL) {
        return error_memory(error);
    }
    values[0] = *object_find(record, TEXT_LITERAL("value"));
    mapped->fields = (struct object){&shape, values};
    out->records = mapped;
    out->count = 1;
    return true;
}

enum { LOAD_MAX = 600 };

// Loads `count` rows, the i-th with the id of order(i); `repeats` of the ids come twice, with another value.
static void load(int64_t (*order)(int64_t), int64_t count, int64_t repeats) {
    static char texts[LOAD_MAX][80];
    static struct source_list_row rows[LOAD_MAX];
    struct rig rig;
    rig_open(&rig, "reading");
    store_close(rig.store);
    rig.store_type = &store_sqlite;
    rig_reopen_only(&rig);
    rig.reading_fields[0].required = false;
    rig.types[0].pull = (struct transform){.has_function = true};
    rig.mapper_type.record = keep_value;
    rig.request.page_records = 50;
    for (int64_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "{\"id\":\"%05lld\",\"value\":%lld}", (long long)order(i), (long long)i);
        rows[i] = (struct source_list_row){.json = texts[i]};
    }
    rig_rows(&rig, rows, (size_t)count);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "reading"), count - repeats);
    CHECK_INT(rig_conflicts(&rig), repeats);
    for (int64_t i = 0; i < count; i += 37) {
        char id[8];
        char value[24];
        int64_t last = i;
        for (int64_t later = i + 1; later < count; later++) {
            last = order(later) == order(i) ? later : last;
        }
        snprintf(id, sizeof id, "%05lld", (long long)order(i));
        snprintf(value, sizeof value, "%lld", (long long)last);
        struct home_row row = rig_record(&rig, "reading", id);
        CHECK_TEXT(value_slice(&row.fields[1]), value);
    }
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig.report.counts.unchanged, count);
    rig_close(&rig);
}

static int64_t ascending(int64_t i) {
    return i;
}

static int64_t scattered(int64_t i) {
    return i * 7919 % 10007;
}

static int64_t sorted_then_scattered(int64_t i) {
    return i < 200 ? i : 20000 + i * 7919 % 10007;
}

static int64_t sorted_with_repeats(int64_t i) {
    return i < 300 ? i : i - 100; // 200 to 299 come twice
}

TEST(engine_first_load, ids_in_order) {
    load(ascending, 400, 0);
}

TEST(engine_first_load, ids_in_no_order) {
    load(scattered, 400, 0);
}

TEST(engine_first_load, ids_that_lose_their_order) {
    load(sorted_then_scattered, 400, 0);
}

TEST(engine_first_load, repeats_in_order) {
    load(sorted_with_repeats, 400, 100);
}
