/* SPDX-License-Identifier: Apache-2.0
 *
 * Work that may take minutes, such as copying a vault: each task has a thread of its own, and there
 * are only so many at a time. What must be quick is the worker's (worker.h).
 */
#ifndef VRX_DISPATCH_THREADS_H
#define VRX_DISPATCH_THREADS_H

#include <stddef.h>

#include "dispatch/worker.h"

struct vrx_threads;

/* Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_threads_new(size_t limit, struct vrx_threads **ret_threads);

/* Waits until every task has ended; nobody may run any more. Accepts NULL. */
void vrx_threads_free(struct vrx_threads **threads);

/* From any thread. Errors: VRX_CAP_REACHED when as many as the limit run; VRX_OUT_OF_MEMORY. The
 * task stays the caller's then. */
struct vrx_result vrx_threads_run(struct vrx_threads *threads, struct vrx_task *task);

#endif
