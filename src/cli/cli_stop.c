#include "cli/cli_stop.h"

#include <signal.h>
#include <stdbool.h>

static atomic_bool stop_asked;

static void on_signal(int number) {
    (void)number;
    atomic_store(&stop_asked, true);
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &plain, NULL);
    sigaction(SIGTERM, &plain, NULL);
}

const atomic_bool *cli_stop_watch(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    return &stop_asked;
}
