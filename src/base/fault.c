#include "base/fault.h"

#ifdef WEIR_FAULTS

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *plan;
static unsigned long kill_at;
static unsigned long passed;

static void report(void) {
    fprintf(stderr, "fault points passed: %lu\n", passed);
}

static void load(void) {
    plan = getenv("WEIR_FAULT");
    if (plan != NULL && strncmp(plan, "kill:", 5) == 0) {
        kill_at = strtoul(plan + 5, NULL, 10);
    } else if (plan != NULL && strcmp(plan, "count") == 0) {
        atexit(report);
    }
}

void fault_point(const char *name) {
    pthread_once(&once, load);
    if (plan == NULL) {
        return;
    }
    pthread_mutex_lock(&mutex);
    passed++;
    bool die = kill_at > 0 ? passed == kill_at : strncmp(plan, "kill:", 5) == 0 && strcmp(plan + 5, name) == 0;
    if (die) {
        raise(SIGKILL);
    }
    pthread_mutex_unlock(&mutex);
}

size_t fault_number(const char *name) {
    const char *number = getenv(name);
    return number != NULL ? strtoul(number, NULL, 10) : 0;
}

size_t fault_page(void) {
    return fault_number("WEIR_PAGE");
}

size_t fault_log(void) {
    return fault_number("WEIR_LOG");
}

#else
typedef int fault_is_not_built;
#endif
