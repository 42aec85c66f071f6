/* SPDX-License-Identifier: Apache-2.0
 *
 * Files by path, given up (landlock(7), since Linux 5.13): whatever goes wrong in this process
 * afterwards, it opens only what lies below the folders named here. What is open already stays so:
 * the journal is written through its descriptor. Where the kernel knows how, TCP, abstract sockets
 * and signals to others go too; paths of Unix sockets are not Landlock's.
 */
#ifndef VRX_ISSUER_LANDLOCK_H
#define VRX_ISSUER_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum vrx_landlock_may {
    VRX_LANDLOCK_READ = 1,   /* files and folders */
    VRX_LANDLOCK_WRITE = 2,  /* files that are there, new ones, and their removal; reads too */
    VRX_LANDLOCK_REMOVE = 4, /* files, and nothing else */
};

struct vrx_landlock_rule {
    const char *path; /* a folder and all below it, or one file */
    unsigned may;     /* enum vrx_landlock_may; several may stand together */
};

/* For this process and for good; no_new_privs must be set. *ret_abi: the version of the kernel's
 * interface, 0 where it has none, which is no failure: nothing is given up then. False: a path is
 * not there or the kernel refused (errno); *ret_path is that path, or NULL. */
bool vrx_landlock_close(
    const struct vrx_landlock_rule *rules, size_t count, int *ret_abi, const char **ret_path);

#endif
