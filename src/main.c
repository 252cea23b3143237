// The program: gives the command line the adapters it works with. The one file that knows every adapter.

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "server/demo_remote.h"
#include "server/service.h"
#include "source/source_csv.h"
#include "source/source_http.h"
#include "store/store_sqlite.h"

static const struct source_type *const sources[] = {&source_csv, &source_http};

int main(int argc, char **argv) {
    // What weir holds is somebody's data: no other user reads it, not in files and not in a core dump.
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    umask(077);

    struct cli cli = {
        .version = WEIR_VERSION,
        .store = &store_sqlite,
        .sources = sources,
        .source_count = sizeof sources / sizeof sources[0],
        .remote = &demo_remote,
        .service = &service_here,
        .clock = &clock_system,
        .in = stdin,
        .out = stdout,
        .err = stderr,
    };
    return (int)cli_main(&cli, argc, argv);
}
