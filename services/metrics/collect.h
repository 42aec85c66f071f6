/* SPDX-License-Identifier: Apache-2.0
 *
 * All that a daemon tells of itself, in the text format of Prometheus. docs/operations.md says what
 * to watch.
 *
 * Labels are bounded and say nothing of a person: methods, reasons, limits, states; and the
 * municipality's code, of which Japan has 1,741, where an operator must know whose vault it is: two
 * gauges each. Calls are not told by municipality (dispatch/tally.h says why).
 */
#ifndef VRX_METRICS_COLLECT_H
#define VRX_METRICS_COLLECT_H

#include "base/bytes.h"
#include "dispatch/daemon.h"
#include "grpc/server.h"

/* Where it is counted; what is NULL is not told. */
struct vrx_metrics_sources {
    struct vrx_daemon *daemon;
    const struct vrx_grpc_server *servers[2]; /* the terminals' listener, and the one for anyone */
    const char *version;                      /* of the program */
    int64_t started_at;                       /* seconds */
    const _Atomic int64_t *certificate_not_after; /* of the daemon's own; seconds */
};

/* Appends it. Errors: the buffer's. */
struct vrx_result vrx_metrics_collect(
    const struct vrx_metrics_sources *sources, struct vrx_buffer *out);

#endif
