/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-make-town: writes an invented municipality's files (town.h) for tests, demonstrations and
 * load: residents.csv, vaccinations.csv, and expected.tsv with what is wrong in them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/town.h"

static const struct option long_options[] = {
    {"municipality", required_argument, NULL, 'm'},
    {"residents", required_argument, NULL, 'r'},
    {"seed", required_argument, NULL, 's'},
    {"faults", required_argument, NULL, 'f'},
    {"out", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

static int usage(void) {
    (void)fputs(
        "usage: vrx-make-town --municipality CODE --residents N --out FOLDER\n"
        "                     [--seed N] [--faults N of each kind]\n"
        "Names of municipalities: $VRX_DATA/municipalities.csv, by default ../shared/data.\n",
        stderr);
    return 2;
}

static int read_number(const char *text, uint64_t *ret_value) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || text[0] == '-')
        return -1;
    *ret_value = value;
    return 0;
}

static int read_options(int argc, char **argv, struct vrx_town_options *options) {
    int option;
    int failed = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'm':
            options->municipality = optarg;
            break;
        case 'o':
            options->folder = optarg;
            break;
        case 'r':
            failed |= read_number(optarg, &options->residents);
            break;
        case 's':
            failed |= read_number(optarg, &options->seed);
            break;
        case 'f':
            failed |= read_number(optarg, &options->faults);
            break;
        default:
            failed = -1;
        }
    }
    return failed || optind != argc || !options->municipality || !options->folder ? -1 : 0;
}

int main(int argc, char **argv) {
    struct vrx_town_options options = {.seed = 1};
    if (read_options(argc, argv, &options) != 0)
        return usage();
    const char *data = getenv("VRX_DATA");
    char names[4096];
    (void)snprintf(names, sizeof names, "%s/municipalities.csv", data ? data : "../shared/data");
    options.names = names;
    if (mkdir(options.folder, 0777) != 0 && errno != EEXIST) {
        perror(options.folder);
        return 1;
    }
    struct vrx_result result = vrx_town_write(&options);
    if (!vrx_is_ok(result)) {
        (void)fprintf(stderr, "vrx-make-town: %s: %s\n", vrx_reason_name(result.reason),
            vrx_reason_sentence_en(result.reason));
        return 1;
    }
    return 0;
}
