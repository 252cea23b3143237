// The in-memory datasource that other tests stand on keeps the contract too.

#include "support/source_list.h"

#include "contract/source_contract.h"
#include "test.h"

static const struct source_list_row rows[] = {
    LIST_JSON("{\"id\":1,\"name\":\"well\"}"),
    LIST_PAIRS("id", "2", "name", "tank"),
    LIST_REJECT("3,,", "the row has 3 fields"),
    LIST_JSON("{\"id\":4,\"geo\":{\"lat\":1.50}}"),
    LIST_JSON("{\"id\":5}"),
};

TEST(source_list, contract) {
    struct source_list list = {.rows = rows, .count = 5};
    struct source_setup setup = source_contract_setup();
    setup.settings = source_list_settings(&list);
    source_contract_run(&source_list, &setup, 4, 1);
    CHECK_INT(list.closes, list.opens - 6); // the six strange positions were refused
}

TEST(source_list, empty) {
    struct source_list list = {0};
    struct source_setup setup = source_contract_setup();
    setup.settings = source_list_settings(&list);
    source_contract_run(&source_list, &setup, 0, 0);
}

TEST(source_list, fails_as_told) {
    struct source_list list = {.rows = rows, .count = 5, .fail_read = 2, .fail_times = 2};
    error_set(&list.fail, ERROR_HOME_BUSY, "not now");
    struct source_setup setup = source_contract_setup();
    setup.settings = source_list_settings(&list);
    setup.page_records = 2;
    struct error error;
    struct source *source;
    struct batch batch;
    batch_init(&batch, 1 << 20);
    CHECK_OK(source_open(&source_list, &setup, &source, &error), &error);
    static const bool fine[] = {true, false, false, true, true};
    for (size_t i = 0; i < 5; i++) {
        CHECK_OK(batch_reset(&batch, 2, &error), &error);
        CHECK(source_read(source, &batch, &error) == fine[i]);
        CHECK(fine[i] || error.code == ERROR_HOME_BUSY);
    }
    CHECK(batch.last);
    CHECK_INT(list.reads, 5);
    source_close(source);
    list.version = 2;
    setup.position = text_of("v1 2 0");
    CHECK(!source_open(&source_list, &setup, &source, &error));
    CHECK_INT(error.code, ERROR_SOURCE_CHANGED);
    batch_clear(&batch);
}
