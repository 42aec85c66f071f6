/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-read-memory PID FILE: writes every readable mapping of a process to the file: what a core
 * would hold, and also the pages that a core leaves out (MADV_DONTDUMP). Prints where in the file
 * each begins, for who looks where a find lies. Needs the right to trace
 * the process. Exits 1 when anything could not be read: a scan of half a memory has shown nothing.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct region {
    uint64_t from, to;
    bool readable;
    char name[256];
};

/* A line of /proc/PID/maps. */
static bool parse(const char *line, struct region *ret_region) {
    char access[5] = "";
    ret_region->name[0] = '\0';
    int fields = sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %255[^\n]",
        &ret_region->from, &ret_region->to, access, ret_region->name);
    ret_region->readable = access[0] == 'r';
    return fields >= 3;
}

/* The kernel's own pages hold nothing of the process, and [vvar] cannot be read. */
static bool wanted(const struct region *region) {
    return region->readable && strncmp(region->name, "[v", 2) != 0;
}

static bool copy(int memory, const struct region *region, FILE *out) {
    static char buffer[1 << 16];
    for (uint64_t at = region->from; at < region->to;) {
        size_t part = region->to - at < sizeof buffer ? region->to - at : sizeof buffer;
        ssize_t got = pread(memory, buffer, part, (off_t)at);
        if (got <= 0 || fwrite(buffer, 1, (size_t)got, out) != (size_t)got)
            return false;
        at += (uint64_t)got;
    }
    return true;
}

static bool copy_all(FILE *maps, int memory, FILE *out) {
    char line[512];
    while (fgets(line, sizeof line, maps)) {
        struct region region;
        if (!parse(line, &region))
            return false;
        if (wanted(&region))
            printf("%ld %s", ftell(out), line);
        if (wanted(&region) && !copy(memory, &region, out)) {
            fprintf(stderr, "vrx-read-memory: not readable: %s", line);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: vrx-read-memory PID FILE\n");
        return 2;
    }
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/maps", strtol(argv[1], NULL, 10));
    FILE *maps = fopen(path, "r");
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", strtol(argv[1], NULL, 10));
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    FILE *out = fopen(argv[2], "wb");
    bool whole = maps && memory >= 0 && out && copy_all(maps, memory, out);
    if (!whole)
        perror("vrx-read-memory");
    if (maps)
        fclose(maps);
    if (memory >= 0)
        close(memory);
    if (out && fclose(out) != 0)
        whole = false;
    return whole ? 0 : 1;
}
