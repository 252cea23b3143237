// Runs a program and says what it took: `weir_timed REPORT PROGRAM …` writes "seconds kilobytes status" to the file
// REPORT: wall time, peak memory of that one process, its exit code (128 + the signal when one ended it).

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: weir_timed REPORT PROGRAM …\n");
        return 2;
    }
    const struct clock *clock = &clock_system;
    int64_t start_us = clock_now(clock);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("weir_timed");
        return 1;
    }
    int64_t span_us = clock_now(clock) - start_us;
    FILE *report = fopen(argv[1], "w");
    if (report == NULL) {
        perror(argv[1]);
        return 1;
    }
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(report, "%.6f %ld %d\n", (double)span_us / 1e6, usage.ru_maxrss, code);
    return fclose(report) == 0 ? 0 : 1;
}
