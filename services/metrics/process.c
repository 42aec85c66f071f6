/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* "VmLck:\t      64 kB" */
static void read_line(const char *line, struct vrx_process *process) {
    const struct {
        const char *name;
        uint64_t *at;
        uint64_t unit;
    } wanted[] = {
        {"VmRSS:", &process->resident_bytes, 1024},
        {"VmLck:", &process->locked_bytes, 1024},
        {"Threads:", &process->threads, 1},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const size_t len = strlen(wanted[i].name);
        if (strncmp(line, wanted[i].name, len) == 0)
            *wanted[i].at = strtoull(line + len, NULL, 10) * wanted[i].unit;
    }
}

static void read_status(struct vrx_process *process) {
    char line[256];
    FILE *file = fopen("/proc/self/status", "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        read_line(line, process);
    fclose(file);
}

static uint64_t count_files(void) {
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* the folder's own */
}

struct vrx_process vrx_process_now(void) {
    struct vrx_process process = {.open_files = count_files()};
    struct timespec cpu;
    struct rlimit files;
    read_status(&process);
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
        process.cpu_ns = (uint64_t)cpu.tv_sec * 1000000000 + (uint64_t)cpu.tv_nsec;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        process.max_files = files.rlim_cur;
    return process;
}
