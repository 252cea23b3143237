#include "server/script_tree.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define ACME TEXT_LITERAL("acme")

static char syncs[300];
static char data[300];

static void put(const char *name, const char *text) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s.new", syncs, name);
    test_write(path, text, strlen(text));
    char whole[600];
    snprintf(whole, sizeof whole, "%s/%s", syncs, name);
    CHECK(rename(path, whole) == 0);
}

static void prepare(void) {
    static const char *const folders[] = {"syncs", "syncs/acme", "syncs/other", "syncs/datatypes", "data"};
    char path[600];
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%s", test_folder(), folders[i]);
        CHECK(mkdir(path, 0700) == 0);
    }
    snprintf(syncs, sizeof syncs, "%s/syncs", test_folder());
    snprintf(data, sizeof data, "%s/data", test_folder());
    put("acme/wells.lua", "one");
    put("acme/towns.json", "{}");
    put("acme/notes.txt", "no script");
    put("acme/.hidden.lua", "no script");
    put("datatypes/county.lua", "two");
    put("other/wells.lua", "three");
}

static void keep(char hash[TREE_HASH_ROOM]) {
    struct error error;
    CHECK_OK(tree_keep(syncs, data, ACME, hash, &error), &error);
}

static bool there(const char *hash, const char *name, const char *expected) {
    char path[900];
    char bytes[200] = "";
    snprintf(path, sizeof path, "%s/scripts/%s/syncs/%s", data, hash, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    CHECK(fread(bytes, 1, sizeof bytes - 1, file) > 0);
    fclose(file);
    return strcmp(bytes, expected) == 0;
}

static struct print signature(void) {
    struct print print;
    struct error error;
    CHECK_OK(tree_signature(syncs, ACME, &print, &error), &error);
    return print;
}

TEST(server_script_tree, a_copy_is_whole) {
    char hash[TREE_HASH_ROOM];
    struct arena arena;
    struct text *names;
    size_t count;
    struct error error;
    arena_init(&arena, 16 * 1024 * 1024);
    prepare();
    keep(hash);
    CHECK(there(hash, "acme/wells.lua", "one") && there(hash, "acme/towns.json", "{}"));
    CHECK(there(hash, "datatypes/county.lua", "two"));
    CHECK(!there(hash, "acme/notes.txt", "no script") && !there(hash, "acme/.hidden.lua", "no script"));
    CHECK(!there(hash, "other/wells.lua", "three"));
    CHECK_OK(tree_syncs(data, hash, ACME, &arena, &names, &count, &error), &error);
    CHECK_INT(count, 2);
    CHECK_TEXT(names[0], "towns");
    CHECK_TEXT(names[1], "wells");
    CHECK_OK(tree_orgs(syncs, &arena, &names, &count, &error), &error);
    CHECK_INT(count, 2);
    CHECK_TEXT(names[1], "other");
    arena_clear(&arena);
}

TEST(server_script_tree, its_name_is_of_its_bytes) {
    char first[TREE_HASH_ROOM];
    char second[TREE_HASH_ROOM];
    prepare();
    keep(first);
    struct print before = signature();
    CHECK(print_same(before, signature()));
    put("acme/wells.lua", "one");
    CHECK(!print_same(before, signature())); // it was written: somebody looks
    keep(second);
    CHECK(strcmp(first, second) == 0); // and finds the same
    put("acme/notes.txt", "more");
    before = signature();
    put("datatypes/county.lua", "tw0");
    CHECK(!print_same(before, signature()));
    keep(second);
    CHECK(strcmp(first, second) != 0);
    CHECK(there(first, "datatypes/county.lua", "two") && there(second, "datatypes/county.lua", "tw0"));
    // The same bytes under another name are something else.
    put("acme/wells.lua", "{}");
    put("acme/towns.json", "one");
    char third[TREE_HASH_ROOM];
    keep(third);
    CHECK(strcmp(second, third) != 0);
}

struct writer {
    atomic_bool stops;
    pthread_t thread;
};

static void *write_on(void *context) {
    struct writer *writer = context;
    static char text[200000];
    for (int i = 0; !writer->stops; i++) {
        memset(text, 'a' + i % 26, sizeof text - 1);
        put("acme/wells.lua", text);
    }
    return NULL;
}

// A script that is replaced all the time: each copy has one of its forms, and is named by that one.
TEST(server_script_tree, copied_while_it_changes) {
    struct writer writer = {.stops = false};
    char hash[TREE_HASH_ROOM];
    char path[900];
    static char bytes[200001];
    prepare();
    put("acme/wells.lua", "aaa");
    CHECK(pthread_create(&writer.thread, NULL, write_on, &writer) == 0);
    for (int i = 0; i < 60; i++) {
        keep(hash);
        snprintf(path, sizeof path, "%s/scripts/%s/syncs/acme/wells.lua", data, hash);
        FILE *file = fopen(path, "rb");
        CHECK(file != NULL);
        size_t length = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        for (size_t at = 1; at < length; at++) {
            CHECK(bytes[at] == bytes[0]);
        }
    }
    writer.stops = true;
    pthread_join(writer.thread, NULL);
}

static bool used(void *context, const char *hash) {
    return strcmp(hash, context) == 0;
}

static size_t copies(void) {
    char path[600];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/scripts", data);
    DIR *open = opendir(path);
    CHECK(open != NULL);
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        count += entry->d_name[0] != '.';
    }
    closedir(open);
    return count;
}

TEST(server_script_tree, what_nobody_uses_goes) {
    char first[TREE_HASH_ROOM];
    char second[TREE_HASH_ROOM];
    prepare();
    keep(first);
    put("acme/wells.lua", "more");
    keep(second);
    CHECK_INT(copies(), 2);
    tree_sweep(data, used, second);
    CHECK_INT(copies(), 1);
    CHECK(!tree_is_kept(data, text_of(first)) && tree_is_kept(data, text_of(second)));
    CHECK(!tree_is_kept(data, TEXT_LITERAL("")));
}

// Killed in the middle of copying or of sweeping: what stands under a name is whole, and the next one goes on.
TEST(server_script_tree, killed_in_the_middle) {
    static const char *const points[] = {"kill:tree.rename", "kill:tree.gone"};
    char hash[TREE_HASH_ROOM];
    prepare();
    for (size_t i = 0; i < 2; i++) {
        pid_t process = fork();
        CHECK(process >= 0);
        if (process == 0) {
            setenv("WEIR_FAULT", points[i], 1);
            keep(hash);
            tree_sweep(data, used, "none");
            _exit(0);
        }
        int status;
        CHECK(waitpid(process, &status, 0) == process && WIFSIGNALED(status));
        CHECK_INT(copies(), 0); // not yet, or no more
    }
    keep(hash);
    CHECK_INT(copies(), 1);
    CHECK(there(hash, "acme/wells.lua", "one") && there(hash, "datatypes/county.lua", "two"));
}
