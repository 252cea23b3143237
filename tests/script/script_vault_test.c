#include "script/script_vault.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script_case.h"
#include "test.h"

#define NAME TEXT_LITERAL("token")

struct vault_case {
    struct vault *vault;
    struct arena arena;
    struct error error;
};

static void case_vault(struct vault_case *c) {
    arena_init(&c->arena, 1024 * 1024);
    CHECK_OK(script_vault_open(test_folder(), TEXT_LITERAL("acme"), &c->vault, &c->error), &c->error);
}

static void case_vault_end(struct vault_case *c) {
    script_vault_close(c->vault);
    arena_clear(&c->arena);
}

static struct text get(struct vault_case *c) {
    struct text text;
    CHECK_OK(c->vault->type->get(c->vault, NAME, &c->arena, &text, &c->error), &c->error);
    return text;
}

static bool put(struct vault_case *c, const char *text) {
    return c->vault->type->put(c->vault, NAME, text_of(text), &c->error);
}

static const char *path_of(const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/secrets/acme/%s", test_folder(), name);
    return path;
}

// The next token is there whole, for its owner alone, and nothing is left beside it but the lock's file.
TEST(script_vault, put_and_get_f29) {
    struct vault_case c = {0};
    struct stat status;
    case_vault(&c);
    CHECK(!c.vault->type->get(c.vault, NAME, &c.arena, &(struct text){0}, &c.error));
    CHECK_INT(c.error.code, ERROR_SECRET);
    CHECK_OK(put(&c, "first"), &c.error);
    CHECK_TEXT(get(&c), "first");
    CHECK(stat(path_of("token"), &status) == 0 && (status.st_mode & 07777) == 0600);
    CHECK_OK(put(&c, "second"), &c.error);
    CHECK_TEXT(get(&c), "second");
    CHECK(access(path_of("token.new"), F_OK) != 0);
    CHECK(stat(path_of(""), &status) == 0 && (status.st_mode & 0777) == 0700);
    case_vault_end(&c);
}

TEST(script_vault, what_a_crash_left_is_no_hindrance) {
    struct vault_case c = {0};
    case_vault(&c);
    CHECK_OK(put(&c, "first"), &c.error);
    test_write(path_of("token.new"), "half", 4);
    CHECK_TEXT(get(&c), "first");
    CHECK(symlink("/etc/passwd", path_of("x")) == 0 && rename(path_of("x"), path_of("token.new")) == 0);
    CHECK_OK(put(&c, "second"), &c.error);
    CHECK_TEXT(get(&c), "second");
    case_vault_end(&c);
}

TEST(script_vault, mistakes) {
    struct vault_case c = {0};
    case_vault(&c);
    static const struct text bad_names[] = {{"", 0}, {"../x", 4}, {"a/b", 3}, {"a.lock", 6}};
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        CHECK(!c.vault->type->put(c.vault, bad_names[i], TEXT_LITERAL("x"), &c.error));
        CHECK(!c.vault->type->lock(c.vault, bad_names[i], &c.error));
        CHECK_INT(c.error.code, ERROR_SECRET);
    }
    CHECK(!put(&c, "") && !put(&c, "line\n"));
    CHECK(strstr(c.error.message, "without a line end") != NULL);
    case_vault_end(&c);
    CHECK_OK(script_vault_open(NULL, TEXT_LITERAL("acme"), &c.vault, &c.error), &c.error);
    CHECK(!put(&c, "x"));
    CHECK(strstr(c.error.message, "no folder to be kept in") != NULL);
    script_vault_close(c.vault);
    const char *data = case_file("file", "no folder");
    CHECK_OK(script_vault_open(data, TEXT_LITERAL("acme"), &c.vault, &c.error), &c.error);
    CHECK(!c.vault->type->lock(c.vault, NAME, &c.error));
    CHECK(strstr(c.error.message, "cannot make the folder") != NULL);
    script_vault_close(c.vault);
    script_vault_close(NULL);
}

// A secret that is in the environment is read from there; it can't be replaced, and that is said before it is used up.
TEST(script_vault, environment_f29) {
    struct vault_case c = {0};
    case_vault(&c);
    CHECK(setenv("WEIR_SECRET_TOKEN", "outer", 1) == 0);
    CHECK_TEXT(get(&c), "outer");
    CHECK(!c.vault->type->lock(c.vault, NAME, &c.error));
    CHECK(strstr(c.error.message, "environment cannot be written to") != NULL);
    CHECK(!put(&c, "next"));
    CHECK_INT(c.error.code, ERROR_SECRET);
    CHECK(unsetenv("WEIR_SECRET_TOKEN") == 0);
    CHECK_OK(put(&c, "next"), &c.error);
    CHECK_TEXT(get(&c), "next");
    case_vault_end(&c);
}

// One refresh at a time: of many threads with vaults of their own, each reads what the one before has put.
enum { THREADS = 6, ROUNDS = 30 };

static atomic_int refused;

static void *refresh(void *context) {
    struct vault_case c = {0};
    (void)context;
    case_vault(&c);
    for (int i = 0; i < ROUNDS; i++) {
        char next[32];
        if (!c.vault->type->lock(c.vault, NAME, &c.error)) {
            refused++;
            continue;
        }
        snprintf(next, sizeof next, "%d", atoi(get(&c).data) + 1);
        CHECK_OK(put(&c, next), &c.error);
        c.vault->type->unlock(c.vault, NAME);
    }
    case_vault_end(&c);
    return NULL;
}

TEST(script_vault, one_refresh_at_a_time_f29) {
    struct vault_case c = {0};
    pthread_t threads[THREADS];
    case_vault(&c);
    CHECK_OK(put(&c, "0"), &c.error);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, refresh, NULL) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    char expected[32];
    snprintf(expected, sizeof expected, "%d", THREADS * ROUNDS);
    CHECK_INT(refused, 0);
    CHECK_TEXT(get(&c), expected);
    case_vault_end(&c);
}

// A process that dies with the lock holds nobody up.
TEST(script_vault, lock_of_the_dead_f29) {
    struct vault_case c = {0};
    case_vault(&c);
    CHECK_OK(put(&c, "x"), &c.error);
    pid_t child = fork();
    if (child == 0) {
        struct vault_case own = {0};
        case_vault(&own);
        _exit(own.vault->type->lock(own.vault, NAME, &own.error) ? 7 : 1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK_OK(c.vault->type->lock(c.vault, NAME, &c.error), &c.error);
    CHECK_OK(c.vault->type->lock(c.vault, TEXT_LITERAL("other"), &c.error), &c.error);
    c.vault->type->unlock(c.vault, NAME);
    CHECK_OK(c.vault->type->lock(c.vault, NAME, &c.error), &c.error);
    case_vault_end(&c); // gives back what is still held
    case_vault(&c);
    CHECK_OK(c.vault->type->lock(c.vault, NAME, &c.error), &c.error);
    case_vault_end(&c);
}
