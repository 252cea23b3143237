#ifndef WEIR_TESTS_CLI_PLAYED_SERVER_H
#define WEIR_TESTS_CLI_PLAYED_SERVER_H

// A server that is played by hand, on a free port of this machine: each connection is one turn, heard and answered as
// the test wrote it down.

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { TURNS_MAX = 8, ASKED_MAX = 4096 };

// One of the three.
struct turn {
    const char *body;   // of an answer of JSON
    const char *stream; // of server-sent events, cut off at its end
    bool silent;        // no answer at all
};

struct played {
    int listener;
    const struct turn *turns;
    size_t count;
    char asked[TURNS_MAX][ASKED_MAX]; // the head of each request, and what came with it
    pthread_t thread;
    char url[64];
};

void play_begin(struct played *played, const struct turn *turns, size_t count);
void play_end(struct played *played); // waits for the last turn

#endif
