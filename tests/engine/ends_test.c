#include "rig.h"

// What is open in home, and which datasource's word ends it.

static void as(struct rig *rig, const char *datasource) {
    rig->sync.datasource = text_of(datasource);
    rig->sync.name = text_of(datasource);
    rig->resource_rules[1].datasource = text_of(datasource);
}

// Two datasources have one record, known by its name; the first says that it has a parent, which didn't come yet.
static void tell(struct rig *rig) {
    static const uint32_t key[] = {0};
    rig_open(rig, "resource");
    rig->resource.key = key;
    rig->resource.key_count = 1;
    as(rig, "list");
    RIG_ROWS(rig, LIST_PAIRS("id", "a", "name", "tank", "parent", "p"));
    rig_run(rig);
    CHECK_INT(rig_pendings(rig), 1);
}

TEST(engine_ends, another_datasource_does_not_end_a_wait_f11) {
    struct rig rig;
    tell(&rig);
    as(&rig, "other");
    RIG_ROWS(&rig, LIST_PAIRS("id", "x", "name", "tank", "parent", ""));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 1); // it is the same one
    CHECK_INT(rig_pendings(&rig), 1);
    RIG_ROWS(&rig, LIST_PAIRS("id", "x", "name", "tank", "parent", "", "note", "again"));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 1);
    as(&rig, "list");
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "dam"));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 0);
    struct home_row row = rig_record(&rig, "resource", "a");
    CHECK_INT(row.fields[1].as.integer, rig_record(&rig, "resource", "p").id);
    rig_close(&rig);
}

TEST(engine_ends, its_own_datasource_does_f11) {
    struct rig rig;
    tell(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "name", "tank", "parent", ""));
    rig_run(&rig);
    CHECK_INT(rig_pendings(&rig), 0);
    RIG_ROWS(&rig, LIST_PAIRS("id", "p", "name", "dam"));
    rig_run(&rig);
    CHECK(value_empty(&rig_record(&rig, "resource", "a").fields[1]));
    rig_close(&rig);
}
