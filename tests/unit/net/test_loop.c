/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <pthread.h>
#include <stdlib.h>

#include "support/check.h"

#define THREADS 4
#define TASKS 20000

struct item {
    struct vrx_loop_task task; /* first: run gets its address */
    struct producer *producer;
    unsigned number;
};

struct producer {
    pthread_t thread;
    struct vrx_loop *loop;
    bool quiet;
    unsigned seen; /* on the loop's thread */
    bool out_of_order;
    bool elsewhere;
    struct item items[TASKS];
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned done;
    unsigned drawn;
} t = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static void run(struct vrx_loop_task *task) {
    struct item *item = (struct item *)(void *)task;
    struct producer *producer = item->producer;
    if (item->number != producer->seen++)
        producer->out_of_order = true;
    if (!vrx_loop_is_current(producer->loop))
        producer->elsewhere = true;
    if (producer->seen < TASKS)
        return;
    pthread_mutex_lock(&t.lock);
    t.done++;
    pthread_cond_signal(&t.changed);
    pthread_mutex_unlock(&t.lock);
}

static void *produce(void *context) {
    struct producer *producer = context;
    for (unsigned i = 0; i < TASKS; i++) {
        struct item *item = &producer->items[i];
        *item = (struct item){{NULL, run}, producer, i};
        if (producer->quiet)
            vrx_loop_post_quietly(producer->loop, &item->task);
        else
            vrx_loop_post(producer->loop, &item->task);
    }
    vrx_loop_flush(producer->loop);
    return NULL;
}

static void every_task_runs_in_its_producers_order(void **state) {
    (void)state;
    struct vrx_loop *loop = NULL;
    struct producer *producers = calloc(THREADS, sizeof *producers);
    assert_non_null(producers);
    assert_ok(vrx_loop_new(NULL, &loop));
    assert_ok(vrx_loop_start(loop));
    assert_false(vrx_loop_is_current(loop));
    t.done = 0;
    for (int i = 0; i < THREADS; i++) {
        producers[i].loop = loop;
        producers[i].quiet = i % 2;
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    pthread_mutex_lock(&t.lock);
    while (t.done < THREADS)
        pthread_cond_wait(&t.changed, &t.lock);
    pthread_mutex_unlock(&t.lock);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(producers[i].thread, NULL);
        assert_false(producers[i].out_of_order);
        assert_false(producers[i].elsewhere);
    }
    vrx_loop_free(&loop);
    assert_null(loop);
    free(producers);
}

static unsigned ran;

static void count(struct vrx_loop_task *task) {
    (void)task;
    ran++;
}

static void deferred_tasks_run_at_the_end_of_the_turn(void **state) {
    (void)state;
    struct vrx_loop *loop = NULL;
    struct vrx_loop_task tasks[2] = {{NULL, count}, {NULL, count}};
    ran = 0;
    assert_ok(vrx_loop_new(NULL, &loop));
    assert_true(vrx_loop_is_current(loop)); /* not started */
    vrx_loop_enter(loop);
    vrx_loop_defer(loop, &tasks[0]);
    vrx_loop_post_quietly(loop, &tasks[1]);
    assert_int_equal(ran, 0);
    vrx_loop_leave(loop);
    assert_int_equal(ran, 2);
    vrx_loop_free(&loop);
}

static void what_is_queued_when_the_loop_ends_is_run(void **state) {
    (void)state;
    struct vrx_loop *loop = NULL;
    struct vrx_loop_task task = {NULL, count};
    ran = 0;
    assert_ok(vrx_loop_new(NULL, &loop));
    assert_ok(vrx_loop_start(loop));
    vrx_loop_stop(loop);
    vrx_loop_post(loop, &task);
    vrx_loop_free(&loop);
    assert_int_equal(ran, 1);
}

static struct vrx_result draw(void *context, uint8_t *out, size_t len) {
    (void)context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(t.drawn++ * 167 >> 3);
    return vrx_ok();
}

static struct vrx_result draw_nothing(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void random_bytes_are_each_used_once(void **state) {
    (void)state;
    struct vrx_loop *loop = NULL;
    struct vrx_random random = {draw, NULL};
    uint8_t got[700];
    uint8_t expected[1024];
    t.drawn = 0;
    assert_ok(draw(NULL, expected, sizeof expected));
    t.drawn = 0;
    assert_ok(vrx_loop_new(&random, &loop));
    for (size_t i = 0; i < 64; i++) {
        assert_ok(vrx_loop_random(loop, got, 16));
        assert_memory_equal(got, expected + 16 * i, 16);
    }
    assert_ok(vrx_loop_random(loop, got, sizeof got)); /* more than the store holds */
    vrx_loop_free(&loop);
    struct vrx_random failing = {draw_nothing, NULL};
    assert_ok(vrx_loop_new(&failing, &loop));
    assert_reason(vrx_loop_random(loop, got, 16), VRX_RANDOM_FAILED);
    vrx_loop_free(&loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_in_its_producers_order),
        cmocka_unit_test(deferred_tasks_run_at_the_end_of_the_turn),
        cmocka_unit_test(what_is_queued_when_the_loop_ends_is_run),
        cmocka_unit_test(random_bytes_are_each_used_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
