/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/threads.h"

#include <pthread.h>
#include <stdlib.h>

/* As an actor's: what is touched of it takes memory. */
#define STACK ((size_t)1 << 20)

struct vrx_threads {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    size_t limit;
    size_t running;
};

struct errand {
    struct vrx_threads *threads;
    struct vrx_task *task;
};

struct vrx_result vrx_threads_new(size_t limit, struct vrx_threads **ret_threads) {
    struct vrx_threads *threads = calloc(1, sizeof *threads);
    if (!threads)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    threads->limit = limit;
    (void)pthread_mutex_init(&threads->lock, NULL); /* neither can fail on Linux */
    (void)pthread_cond_init(&threads->ended, NULL);
    *ret_threads = threads;
    return vrx_ok();
}

static void count_out(struct vrx_threads *threads) {
    (void)pthread_mutex_lock(&threads->lock);
    threads->running--;
    (void)pthread_cond_broadcast(&threads->ended);
    (void)pthread_mutex_unlock(&threads->lock);
}

void vrx_threads_free(struct vrx_threads **threads) {
    if (!threads || !*threads)
        return;
    (void)pthread_mutex_lock(&(*threads)->lock);
    while ((*threads)->running)
        (void)pthread_cond_wait(&(*threads)->ended, &(*threads)->lock);
    (void)pthread_mutex_unlock(&(*threads)->lock);
    (void)pthread_cond_destroy(&(*threads)->ended);
    (void)pthread_mutex_destroy(&(*threads)->lock);
    free(*threads);
    *threads = NULL;
}

static void *work(void *argument) {
    struct errand errand = *(struct errand *)argument;
    free(argument);
    errand.task->run(errand.task);
    count_out(errand.threads);
    return NULL;
}

static int start(struct errand *errand) {
    pthread_t thread;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return error;
    (void)pthread_attr_setstacksize(&attributes, STACK); /* far above the least */
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &attributes, work, errand);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

struct vrx_result vrx_threads_run(struct vrx_threads *threads, struct vrx_task *task) {
    struct errand *errand = calloc(1, sizeof *errand);
    if (!errand)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *errand = (struct errand){threads, task};
    (void)pthread_mutex_lock(&threads->lock);
    const bool full = threads->running == threads->limit;
    threads->running += !full;
    (void)pthread_mutex_unlock(&threads->lock);
    struct vrx_result result =
        full ? vrx_refuse(VRX_CAP_REACHED, "backups and restores at a time") : vrx_ok();
    if (vrx_is_ok(result) && start(errand) != 0) {
        count_out(threads);
        result = vrx_fail(VRX_OUT_OF_MEMORY);
    }
    if (!vrx_is_ok(result))
        free(errand);
    return result;
}
