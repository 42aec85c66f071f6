/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/threads.h"

#include <pthread.h>

#include "support/check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned running;
static unsigned ended;
static bool gate_open;

static void run(struct vrx_task *task) {
    (void)task;
    pthread_mutex_lock(&lock);
    running++;
    pthread_cond_broadcast(&changed);
    while (!gate_open)
        pthread_cond_wait(&changed, &lock);
    ended++;
    pthread_mutex_unlock(&lock);
}

static void test_all_at_once_up_to_the_limit_and_the_end_waits_for_them(void **state) {
    (void)state;
    struct vrx_threads *threads = NULL;
    struct vrx_task tasks[4] = {{.run = run}, {.run = run}, {.run = run}, {.run = run}};
    assert_ok(vrx_threads_new(3, &threads));
    for (size_t i = 0; i < 3; i++)
        assert_ok(vrx_threads_run(threads, &tasks[i]));
    pthread_mutex_lock(&lock);
    while (running < 3)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    assert_reason(vrx_threads_run(threads, &tasks[3]), VRX_CAP_REACHED);
    pthread_mutex_lock(&lock);
    gate_open = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    vrx_threads_free(&threads);
    assert_null(threads);
    assert_int_equal(ended, 3);
    vrx_threads_free(&threads);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_once_up_to_the_limit_and_the_end_waits_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
