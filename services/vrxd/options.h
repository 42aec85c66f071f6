/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_VRXD_OPTIONS_H
#define VRX_VRXD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define VRXD_PLATFORM_TERMINALS 16

/* What the command line says; borrowed from argv. */
struct vrxd_options {
    const char *state;
    const char *backups; /* "": below the state folder */
    const char *listen;  /* "127.0.0.1:7440" */
    const char *certificate;
    const char *key;
    const char *client_ca;
    const char *authority;
    const char *directory;
    const char *permits;
    const char *issuer;
    const char *platform[VRXD_PLATFORM_TERMINALS];
    unsigned platform_count;
    long threads;
    long idle_seal_seconds;
    long pending_seconds;
    long transfer_seconds;
    long backup_wal_mebibytes;
};

/* False: exit with *ret_status; help or what is wrong was printed. */
bool vrxd_options_parse(int argc, char **argv, struct vrxd_options *ret_options, int *ret_status);

/* Splits "127.0.0.1:7440" or "[::1]:7440". False when it is neither. */
bool vrxd_options_address(const char *listen, char address[64], uint16_t *ret_port);

#endif
