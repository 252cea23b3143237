#include "test.h"

#include <stdarg.h>
#include <unistd.h>

static struct test *tests;
static char folder[256];

void test_add(struct test *test) {
    test->next = tests;
    tests = test;
}

void test_fail(const char *file, int line, const char *format, ...) {
    fprintf(stderr, "%s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (folder[0] != '\0') {
        fprintf(stderr, "its files are kept in %s\n", folder);
    }
    exit(1);
}

const char *test_folder(void) {
    if (folder[0] == '\0') {
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/weir-test-XXXXXX", base != NULL ? base : "/tmp");
        if (mkdtemp(folder) == NULL) {
            test_fail(__FILE__, __LINE__, "cannot make %s", folder);
        }
    }
    return folder;
}

const char *test_source_path(const char *relative) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", WEIR_SOURCE_FOLDER, relative);
    return path;
}

void test_write(const char *path, const void *data, size_t length) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, length, file) != length || fclose(file) != 0) {
        test_fail(__FILE__, __LINE__, "cannot write %s", path);
    }
}

// Whether "engine_decide" and "both_changed" are what "engine.decide.both_changed" names.
static bool is_named(const struct test *test, const char *name) {
    size_t length = strlen(test->group);
    if (strlen(name) <= length || name[length] != '.' || strcmp(name + length + 1, test->name) != 0) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = test->group[i] == '_' ? '.' : test->group[i];
        if (name[i] != c && name[i] != test->group[i]) {
            return false;
        }
    }
    return true;
}

// Weak: a program that uses CHECK may have a main of its own.
__attribute__((weak)) int main(int argc, char **argv) {
    if (argc != 2) {
        for (struct test *test = tests; test != NULL; test = test->next) {
            printf("%s.%s\n", test->group, test->name);
        }
        return 2;
    }
    for (struct test *test = tests; test != NULL; test = test->next) {
        if (is_named(test, argv[1])) {
            test->run();
            if (folder[0] != '\0') {
                char command[300];
                snprintf(command, sizeof command, "rm -rf '%s'", folder);
                return system(command) == 0 ? 0 : 1;
            }
            return 0;
        }
    }
    fprintf(stderr, "there is no test %s\n", argv[1]);
    return 2;
}
