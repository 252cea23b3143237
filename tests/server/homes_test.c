#include "server/homes.h"

#include <stdlib.h>

#include "test.h"

// A store that does nothing but count itself.
struct empty_store {
    struct store store;
    int64_t number;
};

static int64_t opened, closed;
static char missing[32]; // the organisation that isn't there

static bool empty_open(const struct store_setup *setup, struct store **out, struct error *error);

static void empty_close(struct store *store) {
    closed++;
    free(store);
}

static const struct store_type empty_type = {.kind = "empty", .open = empty_open, .close = empty_close};

static bool empty_open(const struct store_setup *setup, struct store **out, struct error *error) {
    size_t length = strlen(missing);
    if (length > 0 && setup->folder.length > length &&
        memcmp(setup->folder.data + setup->folder.length - length, missing, length) == 0) {
        return error_set(error, ERROR_HOME_MISSING, "there is none");
    }
    struct empty_store *store = malloc(sizeof *store);
    CHECK(store != NULL);
    *store = (struct empty_store){{&empty_type}, ++opened};
    *out = &store->store;
    return true;
}

static struct homes *begin(void) {
    struct homes *homes;
    struct error error;
    CHECK_OK(homes_open("data", &empty_type, &homes, &error), &error);
    return homes;
}

static struct home *take(struct homes *homes, const char *org, bool writes) {
    struct home *home;
    struct error error;
    CHECK_OK(homes_take(homes, text_of(org), writes, false, &home, &error), &error);
    return home;
}

static int64_t number_of(const struct home *home) {
    return ((const struct empty_store *)home->store)->number;
}

TEST(server_homes, one_is_given_again) {
    struct homes *homes = begin();
    struct home *first = take(homes, "acme", false);
    struct home *second = take(homes, "acme", false); // the first is its borrower's alone
    CHECK(number_of(first) != number_of(second));
    int64_t number = number_of(second);
    homes_give(homes, first);
    homes_give(homes, second);
    CHECK_INT(opened, 2);
    second = take(homes, "acme", false);
    CHECK_INT(number_of(second), number); // the one that was used last
    struct home *writer = take(homes, "acme", true);
    struct home *other = take(homes, "acm", false);
    CHECK_INT(opened, 4);
    homes_give(homes, second);
    homes_give(homes, writer);
    homes_give(homes, other);
    homes_give(homes, NULL);
    homes_close(homes);
    CHECK_INT(closed, opened);
}

// A run changed the tables: nobody is given a home of before, nor one that was borrowed meanwhile.
TEST(server_homes, what_was_before_is_forgotten) {
    struct homes *homes = begin();
    struct home *idle = take(homes, "acme", false);
    struct home *lent = take(homes, "acme", false);
    struct home *other = take(homes, "other", false);
    homes_give(homes, idle);
    homes_give(homes, other);
    homes_forget(homes, TEXT_LITERAL("acme"));
    CHECK_INT(closed, 1);
    homes_give(homes, lent);
    CHECK_INT(closed, 2);
    other = take(homes, "other", false);
    CHECK_INT(number_of(other), 3); // which is open still
    homes_give(homes, other);
    struct home *fresh = take(homes, "acme", false);
    CHECK_INT(number_of(fresh), 4);
    homes_give(homes, fresh);
    homes_close(homes);
}

TEST(server_homes, one_that_is_not_there) {
    struct homes *homes = begin();
    struct home *home;
    struct error error;
    snprintf(missing, sizeof missing, "/nothing");
    CHECK(!homes_take(homes, TEXT_LITERAL("nothing"), false, false, &home, &error));
    CHECK_INT(error.code, ERROR_HOME_MISSING);
    CHECK(home == NULL);
    char name[200];
    memset(name, 'x', sizeof name);
    CHECK(!homes_take(homes, (struct text){name, sizeof name}, false, false, &home, &error));
    homes_close(homes);
}

// Only so many are kept, and none that nobody has used for a while.
TEST(server_homes, there_is_an_end_to_it) {
    struct homes *homes = begin();
    struct home *many[40];
    char name[16];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "org%d", i);
        many[i] = take(homes, name, false);
    }
    for (int i = 0; i < 40; i++) {
        homes_give(homes, many[i]);
    }
    CHECK_INT(closed, 8);
    homes_tidy(homes);
    CHECK_INT(closed, 8);
    homes_close(homes);
    CHECK_INT(closed, 40);
}
