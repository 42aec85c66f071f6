/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "vrx-start - starts vrxd and vrx-issuer, and each again when it ends\n"
    "            vrxd と vrx-issuer を起動し、終了したら再起動する\n"
    "\n"
    "usage: vrx-start --config FOLDER [--vrxd-user USER] [--issuer-user USER]\n"
    "                 [--programs FOLDER]\n"
    "\n"
    "Runs in the foreground; both log to its standard error. SIGTERM and SIGINT end vrxd, then\n"
    "vrx-issuer, then it; SIGHUP and SIGUSR1 go to vrxd. Which process is which stands in the "
    "log.\n"
    "SIGTERM で両方を順に終了します。SIGHUP と SIGUSR1 は vrxd に渡します。\n"
    "\n"
    "  --config FOLDER\n"
    "        has vrxd.conf (vrxd --config) and vrx-issuer.conf (vrx-issuer --config)\n"
    "        vrxd.conf と vrx-issuer.conf のあるフォルダー\n"
    "  --vrxd-user USER, --issuer-user USER\n"
    "        started by root: as whom each runs, name or number, two different ones; default vrx\n"
    "        and vrx-issuer. Started by somebody else both run as they do\n"
    "        root が起動するとき、それぞれを実行する利用者（既定は vrx と vrx-issuer）\n"
    "  --programs FOLDER\n"
    "        where the two programs are; default where vrx-start is\n"
    "        プログラムのあるフォルダー（既定は vrx-start と同じ）\n"
    "  --help\n"
    "        show this and end\n"
    "        この説明を表示する\n"
    "  --version\n"
    "        show the version and end\n"
    "        版を表示する\n"
    "\n"
    "Status: 0 ended by a signal; 1 could not start; 2 wrong use, of it or of one of the two.\n";

enum { OPTION_CONFIG = 256, OPTION_VRXD_USER, OPTION_ISSUER_USER, OPTION_PROGRAMS };

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"vrxd-user", required_argument, NULL, OPTION_VRXD_USER},
    {"issuer-user", required_argument, NULL, OPTION_ISSUER_USER},
    {"programs", required_argument, NULL, OPTION_PROGRAMS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* The folder of this program; "." where nobody says. */
static const char *own_folder(void) {
    static char path[PATH_MAX];
    const ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash = len > 0 ? strrchr(path, '/') : NULL;
    if (!slash)
        return ".";
    *slash = '\0';
    return path;
}

static bool take(int code, struct vrx_start_options *options) {
    switch (code) {
    case OPTION_CONFIG:
        options->config = optarg;
        return true;
    case OPTION_VRXD_USER:
        options->vrxd_user = optarg;
        return true;
    case OPTION_ISSUER_USER:
        options->issuer_user = optarg;
        return true;
    case OPTION_PROGRAMS:
        options->programs = optarg;
        return true;
    default:
        return false; /* getopt_long has said what is wrong */
    }
}

static bool complete(struct vrx_start_options *options) {
    const bool root = geteuid() == 0;
    if (!options->config) {
        (void)fputs("vrx-start: --config is missing; see --help\n", stderr);
        return false;
    }
    if (!root && (options->vrxd_user || options->issuer_user)) {
        (void)fputs("vrx-start: only root can run them as other users\n", stderr);
        return false;
    }
    if (root && !options->vrxd_user)
        options->vrxd_user = "vrx";
    if (root && !options->issuer_user)
        options->issuer_user = "vrx-issuer";
    if (!options->programs)
        options->programs = own_folder();
    return true;
}

bool vrx_start_options_parse(
    int argc, char **argv, struct vrx_start_options *ret_options, int *ret_status) {
    struct vrx_start_options options = {0};
    int code = 0;
    *ret_status = 2;
    while ((code = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
        if (code == 'h' || code == 'V') {
            const char *text = code == 'h' ? help : "vrx-start " VRX_VERSION "\n";
            *ret_status = fputs(text, stdout) < 0 || fflush(stdout) != 0;
            return false;
        }
        if (!take(code, &options))
            return false;
    }
    if (optind != argc) {
        (void)fprintf(stderr, "vrx-start: %s is no option; see --help\n", argv[optind]);
        return false;
    }
    if (!complete(&options))
        return false;
    *ret_options = options;
    return true;
}
