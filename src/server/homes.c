#include "server/homes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { HOMES_IDLE_MAX = 32, ORG_BYTES = 128, FOLDER_BYTES = 4096 };
static const int64_t idle_us = 30 * 1000 * 1000;

struct homes {
    const char *data;
    const struct store_type *type;
    pthread_mutex_t mutex;
    struct home *idle; // the one that was used last first
    size_t idle_count;
    int64_t version; // grows with every homes_forget
};

bool homes_open(const char *data, const struct store_type *type, struct homes **out, struct error *error) {
    struct homes *homes = memory_zero(1, sizeof *homes);
    *out = homes;
    if (homes == NULL) {
        return error_memory(error);
    }
    homes->data = data;
    homes->type = type;
    pthread_mutex_init(&homes->mutex, NULL);
    return true;
}

static void home_close(struct home *home) {
    store_close(home->store);
    memory_free(home);
}

// Takes out of the idle list what `leaves` says; to be closed outside the lock.
static struct home *take_out(struct homes *homes, bool (*leaves)(const struct home *home, const void *what),
                             const void *what) {
    struct home *out = NULL;
    struct home **place = &homes->idle;
    while (*place != NULL) {
        struct home *home = *place;
        if (leaves(home, what)) {
            *place = home->next;
            home->next = out;
            out = home;
            homes->idle_count--;
        } else {
            place = &home->next;
        }
    }
    return out;
}

static void close_all(struct home *list) {
    while (list != NULL) {
        struct home *next = list->next;
        home_close(list);
        list = next;
    }
}

static bool leaves_always(const struct home *home, const void *what) {
    (void)home;
    (void)what;
    return true;
}

void homes_close(struct homes *homes) {
    if (homes == NULL) {
        return;
    }
    close_all(take_out(homes, leaves_always, NULL));
    pthread_mutex_destroy(&homes->mutex);
    memory_free(homes);
}

bool homes_take(struct homes *homes, struct text org, bool writes, bool make, struct home **out, struct error *error) {
    char folder[FOLDER_BYTES];
    *out = NULL;
    pthread_mutex_lock(&homes->mutex);
    int64_t version = homes->version;
    for (struct home **place = &homes->idle; *place != NULL; place = &(*place)->next) {
        if ((*place)->writes == writes && text_same((*place)->org, org)) {
            *out = *place;
            *place = (*out)->next;
            homes->idle_count--;
            break;
        }
    }
    pthread_mutex_unlock(&homes->mutex);
    if (*out != NULL) {
        return true;
    }
    struct home *home = org.length < ORG_BYTES ? memory_zero(1, sizeof *home + ORG_BYTES) : NULL;
    if (home == NULL) {
        return error_memory(error);
    }
    memcpy(home + 1, org.data, org.length);
    home->org = (struct text){(char *)(home + 1), org.length};
    home->writes = writes;
    home->version = version;
    snprintf(folder, sizeof folder, "%s/%.*s", homes->data, TEXT_ARGS(org));
    struct store_setup setup = {text_of(folder), make, !writes};
    if (!store_open(homes->type, &setup, &home->store, error)) {
        memory_free(home);
        return false;
    }
    *out = home;
    return true;
}

void homes_give(struct homes *homes, struct home *home) {
    if (home == NULL) {
        return;
    }
    pthread_mutex_lock(&homes->mutex);
    bool keep = home->version == homes->version && homes->idle_count < HOMES_IDLE_MAX;
    if (keep) {
        home->used_us = clock_coarse_us();
        home->next = homes->idle;
        homes->idle = home;
        homes->idle_count++;
    }
    pthread_mutex_unlock(&homes->mutex);
    if (!keep) {
        home_close(home);
    }
}

static bool leaves_org(const struct home *home, const void *what) {
    return text_same(home->org, *(const struct text *)what);
}

void homes_forget(struct homes *homes, struct text org) {
    pthread_mutex_lock(&homes->mutex);
    homes->version++;
    struct home *list = take_out(homes, leaves_org, &org);
    // The others stay as they are.
    for (struct home *home = homes->idle; home != NULL; home = home->next) {
        home->version = homes->version;
    }
    pthread_mutex_unlock(&homes->mutex);
    close_all(list);
}

static bool leaves_old(const struct home *home, const void *what) {
    return home->used_us < *(const int64_t *)what;
}

void homes_tidy(struct homes *homes) {
    int64_t before_us = clock_coarse_us() - idle_us;
    pthread_mutex_lock(&homes->mutex);
    struct home *list = take_out(homes, leaves_old, &before_us);
    pthread_mutex_unlock(&homes->mutex);
    close_all(list);
}
