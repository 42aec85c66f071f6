/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct vrx_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct vrx_task *first;
    struct vrx_task **last;
    bool ending;
    void (*tick)(void *context);
    void *context;
};

static struct timespec in_one_second(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += 1;
    return at;
}

/* The next task; NULL when a tick is due, or at the end with nothing left. */
static struct vrx_task *take(
    struct vrx_worker *worker, const struct timespec *tick_at, bool *ret_end) {
    pthread_mutex_lock(&worker->lock);
    int error = 0;
    while (!worker->first && !worker->ending && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&worker->wake, &worker->lock, tick_at);
    struct vrx_task *task = worker->first;
    if (task) {
        worker->first = task->next;
        if (!worker->first)
            worker->last = &worker->first;
    }
    *ret_end = !task && worker->ending;
    pthread_mutex_unlock(&worker->lock);
    return task;
}

static void *work(void *argument) {
    struct vrx_worker *worker = argument;
    struct timespec tick_at = in_one_second();
    for (bool end = false; !end;) {
        struct vrx_task *task = take(worker, &tick_at, &end);
        if (task)
            task->run(task);
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (!end && (now.tv_sec > tick_at.tv_sec ||
                        (now.tv_sec == tick_at.tv_sec && now.tv_nsec >= tick_at.tv_nsec))) {
            worker->tick(worker->context);
            tick_at = in_one_second();
        }
    }
    return NULL;
}

struct vrx_result vrx_worker_new(
    void (*tick)(void *context), void *context, struct vrx_worker **ret_worker) {
    struct vrx_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    worker->tick = tick;
    worker->context = context;
    worker->last = &worker->first;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        pthread_cond_destroy(&worker->wake);
        pthread_mutex_destroy(&worker->lock);
        free(worker);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_worker = worker;
    return vrx_ok();
}

void vrx_worker_free(struct vrx_worker **worker) {
    if (!worker || !*worker)
        return;
    pthread_mutex_lock(&(*worker)->lock);
    (*worker)->ending = true;
    pthread_cond_signal(&(*worker)->wake);
    pthread_mutex_unlock(&(*worker)->lock);
    pthread_join((*worker)->thread, NULL);
    pthread_cond_destroy(&(*worker)->wake);
    pthread_mutex_destroy(&(*worker)->lock);
    free(*worker);
    *worker = NULL;
}

void vrx_worker_post(struct vrx_worker *worker, struct vrx_task *task) {
    task->next = NULL;
    pthread_mutex_lock(&worker->lock);
    *worker->last = task;
    worker->last = &task->next;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
}
