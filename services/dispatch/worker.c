/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct vrx_worker {
    pthread_mutex_t lock; /* guards the queue, the lanes, the counts and ending */
    pthread_cond_t work;  /* a task may be there that can run */
    pthread_cond_t end;
    struct vrx_task *first;
    struct vrx_task **last;
    size_t waiting;
    size_t running;
    uint64_t ticks;
    bool ending;
    uint64_t served; /* tasks taken so far */
    void (*tick)(void *context);
    void *context;
    pthread_t ticker;
    bool ticking;
    size_t count;
    pthread_t threads[];
};

/* Of the tasks whose lanes are free the first of the lane that was served longest ago; NULL when
 * there is none. So a lane with a long queue keeps no other waiting. */
static struct vrx_task *take(struct vrx_worker *worker) {
    struct vrx_task **best = NULL;
    for (struct vrx_task **at = &worker->first; *at; at = &(*at)->next)
        if (!(*at)->lane->taken && (!best || (*at)->lane->served < (*best)->lane->served))
            best = at;
    if (!best)
        return NULL;
    struct vrx_task *task = *best;
    *best = task->next;
    if (!*best)
        worker->last = best;
    task->lane->taken = true;
    task->lane->served = ++worker->served;
    worker->waiting--;
    worker->running++;
    return task;
}

static void *work(void *argument) {
    struct vrx_worker *worker = argument;
    (void)pthread_mutex_lock(&worker->lock);
    for (;;) {
        struct vrx_task *task = take(worker);
        if (task) {
            struct vrx_lane *lane = task->lane; /* the task is gone once it has run */
            (void)pthread_mutex_unlock(&worker->lock);
            task->run(task);
            (void)pthread_mutex_lock(&worker->lock);
            lane->taken = false;
            worker->running--;
        } else if (worker->ending && !worker->first) {
            break;
        } else {
            (void)pthread_cond_wait(&worker->work, &worker->lock);
        }
    }
    /* Whoever waits for the last lane to be free may end, too. */
    (void)pthread_cond_broadcast(&worker->work);
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static struct timespec in_one_second(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += 1;
    return at;
}

static void *keep_ticking(void *argument) {
    struct vrx_worker *worker = argument;
    struct timespec at = in_one_second();
    (void)pthread_mutex_lock(&worker->lock);
    while (!worker->ending) {
        if (pthread_cond_timedwait(&worker->end, &worker->lock, &at) != ETIMEDOUT)
            continue;
        (void)pthread_mutex_unlock(&worker->lock);
        worker->tick(worker->context);
        at = in_one_second();
        (void)pthread_mutex_lock(&worker->lock);
        worker->ticks++;
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

struct vrx_result vrx_worker_new(
    size_t threads, void (*tick)(void *context), void *context, struct vrx_worker **ret_worker) {
    struct vrx_worker *worker = calloc(1, sizeof *worker + threads * sizeof *worker->threads);
    if (!worker)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    worker->tick = tick;
    worker->context = context;
    worker->last = &worker->first;
    (void)pthread_mutex_init(&worker->lock, NULL);
    (void)pthread_cond_init(&worker->work, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&worker->end, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    while (worker->count < threads &&
           pthread_create(&worker->threads[worker->count], NULL, work, worker) == 0)
        worker->count++;
    worker->ticking = worker->count == threads &&
                      pthread_create(&worker->ticker, NULL, keep_ticking, worker) == 0;
    if (!worker->ticking) {
        vrx_worker_free(&worker);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_worker = worker;
    return vrx_ok();
}

void vrx_worker_free(struct vrx_worker **worker) {
    if (!worker || !*worker)
        return;
    (void)pthread_mutex_lock(&(*worker)->lock);
    (*worker)->ending = true;
    (void)pthread_cond_broadcast(&(*worker)->end);
    (void)pthread_cond_broadcast(&(*worker)->work);
    (void)pthread_mutex_unlock(&(*worker)->lock);
    if ((*worker)->ticking)
        (void)pthread_join((*worker)->ticker, NULL);
    for (size_t i = 0; i < (*worker)->count; i++)
        (void)pthread_join((*worker)->threads[i], NULL);
    (void)pthread_cond_destroy(&(*worker)->end);
    (void)pthread_cond_destroy(&(*worker)->work);
    (void)pthread_mutex_destroy(&(*worker)->lock);
    free(*worker);
    *worker = NULL;
}

void vrx_worker_post(struct vrx_worker *worker, struct vrx_lane *lane, struct vrx_task *task) {
    task->next = NULL;
    task->lane = lane;
    (void)pthread_mutex_lock(&worker->lock);
    *worker->last = task;
    worker->last = &task->next;
    worker->waiting++;
    (void)pthread_cond_signal(&worker->work);
    (void)pthread_mutex_unlock(&worker->lock);
}

struct vrx_worker_statistics vrx_worker_statistics(struct vrx_worker *worker) {
    (void)pthread_mutex_lock(&worker->lock);
    const struct vrx_worker_statistics now = {
        .waiting = worker->waiting, .running = worker->running, .ticks = worker->ticks};
    (void)pthread_mutex_unlock(&worker->lock);
    return now;
}

bool vrx_worker_enter(struct vrx_worker *worker, struct vrx_lane *lane) {
    (void)pthread_mutex_lock(&worker->lock);
    const bool entered = !lane->taken;
    lane->taken = true;
    (void)pthread_mutex_unlock(&worker->lock);
    return entered;
}

void vrx_worker_leave(struct vrx_worker *worker, struct vrx_lane *lane) {
    (void)pthread_mutex_lock(&worker->lock);
    lane->taken = false;
    (void)pthread_cond_signal(&worker->work);
    (void)pthread_mutex_unlock(&worker->lock);
}
