/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines on their way to a file descriptor that may not take them: a bounded queue, and one thread
 * that writes. Who has a line to say never waits for who reads it. A line that finds the queue full
 * is lost and counted, and as soon as there is room a line says how many were:
 *
 *     {"time":"…","event":"lines lost","subject":"17","outcome":"QUEUE_FULL"}
 */
#ifndef VRX_DISPATCH_LINES_H
#define VRX_DISPATCH_LINES_H

#include "base/bytes.h"

struct vrx_lines;

struct vrx_lines_counts {
    uint64_t written; /* handed to the descriptor */
    uint64_t lost;    /* for want of room, or because the descriptor is closed at its other end */
};

/* bytes: of the queue, at least 4096. The descriptor stays the caller's. Errors: VRX_INPUT_RANGE,
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_lines_new(int fd, size_t bytes, struct vrx_lines **ret_lines);
/* One line, its end included; any thread, without waiting for the descriptor. */
void vrx_lines_put(struct vrx_lines *lines, struct vrx_view line);
struct vrx_lines_counts vrx_lines_counts(struct vrx_lines *lines);
/* Writes what is queued, for at most so long, and ends the thread. Where the descriptor takes
 * nothing the thread is left behind, and false is returned: the process is to end. Nobody may put
 * any more. */
bool vrx_lines_free(struct vrx_lines **lines, int64_t patience_ms);

#endif
