/* SPDX-License-Identifier: Apache-2.0
 *
 * One I/O thread and its event loop. Other threads hand it tasks without a lock; however many they
 * hand over, one eventfd write wakes it.
 */
#ifndef VRX_NET_LOOP_H
#define VRX_NET_LOOP_H

#include "base/bytes.h"
#include "base/random.h"

struct event_base;
struct vrx_loop;

/* Embedded in what it is about; queued at most once at a time. */
struct vrx_loop_task {
    struct vrx_loop_task *next;
    void (*run)(struct vrx_loop_task *task); /* on the loop's thread */
};

/* random may be NULL when vrx_loop_random is not used. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_loop_new(const struct vrx_random *random, struct vrx_loop **ret_loop);
/* Stopped first. Tasks still queued are run, here. */
void vrx_loop_free(struct vrx_loop **loop);

/* Starts the thread, all signals blocked in it. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_loop_start(struct vrx_loop *loop);
/* Ends the loop after its present turn and joins the thread. Harmless when not started. */
void vrx_loop_stop(struct vrx_loop *loop);

/* Any thread. In the order of the calls of one thread. */
void vrx_loop_post(struct vrx_loop *loop, struct vrx_loop_task *task);
/* The same without waking: the task runs when the loop next has something to do, at the latest
 * after vrx_loop_flush, which wakes the loop if there are such tasks. */
void vrx_loop_post_quietly(struct vrx_loop *loop, struct vrx_loop_task *task);
void vrx_loop_flush(struct vrx_loop *loop);
/* True on the loop's own thread; also before it is started and after it has stopped. */
bool vrx_loop_is_current(const struct vrx_loop *loop);

/* The rest is for the loop's own thread. */
struct event_base *vrx_loop_base(struct vrx_loop *loop);
/* CLOCK_MONOTONIC in milliseconds, read once a turn. */
int64_t vrx_loop_now(const struct vrx_loop *loop);
/* Every event's callback stands between these: the first reads the clock, the second runs what was
 * deferred. */
void vrx_loop_enter(struct vrx_loop *loop);
void vrx_loop_leave(struct vrx_loop *loop);
/* Runs the task at the end of this turn. */
void vrx_loop_defer(struct vrx_loop *loop, struct vrx_loop_task *task);
/* Random bytes at the price of a copy: drawn in advance, each used once. */
struct vrx_result vrx_loop_random(struct vrx_loop *loop, uint8_t *out, size_t len);

#endif
