/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that reads a stranger's bytes on its standard input and writes what it makes of them to
 * its standard output, and can do nothing else: no network, no other program, no file written, no
 * more memory, processor time and open files than are given; no environment of ours. A system call
 * filter (seccomp) sees to that from before the program's first instruction, so that it holds where
 * the bytes have taken the program over. What it may still do is read files that its user may read;
 * nothing of them gets out but through what it writes here.
 */
#ifndef VRX_RENDER_READ_CONFINED_H
#define VRX_RENDER_READ_CONFINED_H

#include <sys/types.h>

#include "base/bytes.h"

#define VRX_CONFINED_MEMORY ((size_t)1 << 30) /* bytes of address space */
#define VRX_CONFINED_SECONDS 30               /* of processor time, and twice as much in all */
#define VRX_CONFINED_FILES 64

struct vrx_confined {
    pid_t pid;
    int output;       /* read end of its standard output */
    bool ended;       /* all of it was read */
    int64_t deadline; /* CLOCK_MONOTONIC, milliseconds */
};

/* argv: the program's whole path first, NULL behind the last; input is copied. Errors:
 * VRX_OUT_OF_MEMORY, VRX_INTERNAL_ERROR when there is no process, no pipe or no filter to be had.
 */
struct vrx_result vrx_confined_start(
    const char *const *argv, struct vrx_view input, struct vrx_confined *ret_confined);

/* Reads up to len bytes; 0 at the end of its output. Errors: VRX_INPUT_TOO_LARGE when its time is
 * over; VRX_INTERNAL_ERROR. */
struct vrx_result vrx_confined_read(
    struct vrx_confined *confined, void *bytes, size_t len, size_t *ret_len);

/* Ends it, whether or not it has ended by itself; to be called once for each start. Its exit
 * status, -1 when a signal ended it (too much time or memory, a forbidden step), 127 when there is
 * no such program or it could not be confined. */
int vrx_confined_end(struct vrx_confined *confined);

#endif
