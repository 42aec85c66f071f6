/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue is a stack that producers push with compare-and-swap and the loop takes whole and turns
 * round: no node is ever popped singly, so there is no ABA. `awake` is true from the eventfd write
 * until the loop is about to take the stack; a producer that finds it true writes nothing. Push and
 * take are sequentially consistent with it: otherwise a producer might find it true of old while
 * the loop takes the stack without the new task.
 */
#include "net/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define RANDOM_POOL 512 /* request ids of 32 calls */

struct vrx_loop {
    struct event_base *base;
    struct event wakeup;
    int wakeup_fd;
    _Atomic(struct vrx_loop_task *) posted; /* newest first */
    atomic_bool awake;
    struct vrx_loop_task *deferred;
    struct vrx_loop_task **deferred_last;
    int64_t now;
    pthread_t thread;
    atomic_bool started;
    atomic_bool stopping;
    const struct vrx_random *random;
    size_t random_left;
    uint8_t random_pool[RANDOM_POOL];
};

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void run_posted(struct vrx_loop *loop) {
    struct vrx_loop_task *stack = atomic_exchange(&loop->posted, NULL);
    struct vrx_loop_task *oldest = NULL;
    while (stack) {
        struct vrx_loop_task *next = stack->next;
        stack->next = oldest;
        oldest = stack;
        stack = next;
    }
    while (oldest) {
        struct vrx_loop_task *task = oldest;
        oldest = task->next;
        task->run(task);
    }
}

void vrx_loop_enter(struct vrx_loop *loop) {
    loop->now = monotonic_ms();
}

void vrx_loop_leave(struct vrx_loop *loop) {
    /* What was posted quietly meanwhile comes along for nothing. */
    if (atomic_load_explicit(&loop->posted, memory_order_relaxed))
        run_posted(loop);
    while (loop->deferred) {
        struct vrx_loop_task *task = loop->deferred;
        loop->deferred = task->next;
        if (!loop->deferred)
            loop->deferred_last = &loop->deferred;
        task->run(task);
    }
}

void vrx_loop_defer(struct vrx_loop *loop, struct vrx_loop_task *task) {
    task->next = NULL;
    *loop->deferred_last = task;
    loop->deferred_last = &task->next;
}

/* Edge-triggered: each write is one event, and nobody needs to read the counter. */
static void on_wakeup(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct vrx_loop *loop = context;
    vrx_loop_enter(loop);
    atomic_store(&loop->awake, false);
    run_posted(loop);
    vrx_loop_leave(loop);
    if (atomic_load(&loop->stopping))
        event_base_loopbreak(loop->base);
}

struct vrx_result vrx_loop_new(const struct vrx_random *random, struct vrx_loop **ret_loop) {
    struct vrx_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    loop->random = random;
    loop->deferred_last = &loop->deferred;
    loop->now = monotonic_ms();
    loop->wakeup_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct event_config *config = event_config_new();
    if (config) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        event_config_require_features(config, EV_FEATURE_ET);
        loop->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (loop->wakeup_fd < 0 || !loop->base ||
        event_assign(&loop->wakeup, loop->base, loop->wakeup_fd, EV_READ | EV_PERSIST | EV_ET,
            on_wakeup, loop) ||
        event_add(&loop->wakeup, NULL)) {
        vrx_loop_free(&loop);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_loop = loop;
    return vrx_ok();
}

static void *thread_main(void *context) {
    struct vrx_loop *loop = context;
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

struct vrx_result vrx_loop_start(struct vrx_loop *loop) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    /* The new thread may ask vrx_loop_is_current before pthread_create has returned. */
    loop->started = true;
    int error = pthread_create(&loop->thread, NULL, thread_main, loop);
    if (error)
        loop->started = false;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? vrx_fail(VRX_OUT_OF_MEMORY) : vrx_ok();
}

static void wake(struct vrx_loop *loop) {
    if (atomic_exchange(&loop->awake, true))
        return;
    uint64_t one = 1;
    /* Fails only when the counter would overflow, and then it is readable already. */
    ssize_t written = write(loop->wakeup_fd, &one, sizeof one);
    (void)written;
}

void vrx_loop_stop(struct vrx_loop *loop) {
    if (!loop->started)
        return;
    atomic_store(&loop->stopping, true);
    wake(loop);
    pthread_join(loop->thread, NULL);
    loop->started = false;
}

void vrx_loop_free(struct vrx_loop **loop) {
    struct vrx_loop *own = *loop;
    *loop = NULL;
    if (!own)
        return;
    vrx_loop_stop(own);
    vrx_loop_leave(own);
    if (own->base) {
        if (event_initialized(&own->wakeup))
            event_del(&own->wakeup);
        event_base_free(own->base);
    }
    if (own->wakeup_fd >= 0)
        close(own->wakeup_fd);
    vrx_wipe(own->random_pool, sizeof own->random_pool);
    free(own);
}

void vrx_loop_post_quietly(struct vrx_loop *loop, struct vrx_loop_task *task) {
    struct vrx_loop_task *head = atomic_load_explicit(&loop->posted, memory_order_relaxed);
    do {
        task->next = head;
    } while (!atomic_compare_exchange_weak(&loop->posted, &head, task));
}

void vrx_loop_flush(struct vrx_loop *loop) {
    if (atomic_load_explicit(&loop->posted, memory_order_relaxed))
        wake(loop);
}

void vrx_loop_post(struct vrx_loop *loop, struct vrx_loop_task *task) {
    vrx_loop_post_quietly(loop, task);
    wake(loop);
}

bool vrx_loop_is_current(const struct vrx_loop *loop) {
    return !loop->started || pthread_equal(loop->thread, pthread_self());
}

struct event_base *vrx_loop_base(struct vrx_loop *loop) {
    return loop->base;
}

int64_t vrx_loop_now(const struct vrx_loop *loop) {
    return loop->now;
}

struct vrx_result vrx_loop_random(struct vrx_loop *loop, uint8_t *out, size_t len) {
    if (len > RANDOM_POOL)
        return vrx_random_fill(loop->random, out, len);
    if (len > loop->random_left) {
        VRX_TRY(vrx_random_fill(loop->random, loop->random_pool, RANDOM_POOL));
        loop->random_left = RANDOM_POOL;
    }
    uint8_t *from = loop->random_pool + (RANDOM_POOL - loop->random_left);
    memcpy(out, from, len);
    vrx_wipe(from, len);
    loop->random_left -= len;
    return vrx_ok();
}
