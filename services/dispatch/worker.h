/* SPDX-License-Identifier: Apache-2.0
 *
 * A few threads for work that may block and belongs to no tenant's transaction, such as opening a
 * vault or talking to the issuer process, and one for a tick a second.
 *
 * Each task goes in a lane: what one municipality wants done is done one after the other and in
 * order, and keeps none but that municipality waiting: lanes take turns.
 */
#ifndef VRX_DISPATCH_WORKER_H
#define VRX_DISPATCH_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* All zero at first; it must outlive its tasks. */
struct vrx_lane {
    bool taken;      /* the worker's, as the next */
    uint64_t served; /* when its last task was taken, counted in tasks */
};

struct vrx_task { /* embedded in the caller's object */
    struct vrx_task *next;
    struct vrx_lane *lane;
    void (*run)(struct vrx_task *task);
};

struct vrx_worker;

/* tick runs about once a second, on a thread of its own and in no lane. Errors: VRX_OUT_OF_MEMORY.
 */
struct vrx_result vrx_worker_new(
    size_t threads, void (*tick)(void *context), void *context, struct vrx_worker **ret_worker);

/* Runs what is queued, then ends the threads; nobody may post any more. Accepts NULL. */
void vrx_worker_free(struct vrx_worker **worker);

/* From any thread. Tasks of one lane run in order, one at a time. */
void vrx_worker_post(struct vrx_worker *worker, struct vrx_lane *lane, struct vrx_task *task);

/* Tasks that wait, and those that run, now. */
struct vrx_worker_statistics {
    size_t waiting;
    size_t running;
    uint64_t ticks; /* that have ended, since vrx_worker_new */
};
struct vrx_worker_statistics vrx_worker_statistics(struct vrx_worker *worker);

/* Takes the lane for a moment's work without a task, if nothing runs in it; from any thread. */
bool vrx_worker_enter(struct vrx_worker *worker, struct vrx_lane *lane);
void vrx_worker_leave(struct vrx_worker *worker, struct vrx_lane *lane);

#endif
