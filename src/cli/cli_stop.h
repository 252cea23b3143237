#ifndef WEIR_CLI_CLI_STOP_H
#define WEIR_CLI_CLI_STOP_H

// Ctrl-C and SIGTERM for what takes its time: the first one asks for an end in good order, the next ends the process at
// once, which is safe too. A reader that goes away is an error of the write, and no signal.

#include <stdatomic.h>

// Watches from now on; gives what the first signal sets.
const atomic_bool *cli_stop_watch(void);

#endif
