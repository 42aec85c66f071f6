/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread for work that may block and belongs to no tenant's transaction: opening a vault,
 * talking to the issuer process, and a tick a second.
 */
#ifndef VRX_DISPATCH_WORKER_H
#define VRX_DISPATCH_WORKER_H

#include "base/result.h"

struct vrx_task { /* embedded in the caller's object */
    struct vrx_task *next;
    void (*run)(struct vrx_task *task);
};

struct vrx_worker;

/* tick runs about once a second on the worker's thread. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_worker_new(
    void (*tick)(void *context), void *context, struct vrx_worker **ret_worker);

/* Runs what is queued, then ends the thread. */
void vrx_worker_free(struct vrx_worker **worker);

/* From any thread; tasks run in order. */
void vrx_worker_post(struct vrx_worker *worker, struct vrx_task *task);

#endif
