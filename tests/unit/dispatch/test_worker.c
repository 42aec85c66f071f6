/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "support/check.h"

/* A task that says that it runs and waits until it may end. */
struct step {
    struct vrx_task task;
    sem_t begun;
    sem_t go;
    atomic_uint *order; /* how many have run */
    unsigned place;     /* which of them this one was */
};

static void run_step(struct vrx_task *task) {
    struct step *step = (struct step *)(void *)task;
    step->place = ++*step->order;
    sem_post(&step->begun);
    sem_wait(&step->go);
}

static void step_init(struct step *step, atomic_uint *order) {
    *step = (struct step){.task.run = run_step, .order = order};
    sem_init(&step->begun, 0, 0);
    sem_init(&step->go, 0, 0);
}

static bool has_begun(struct step *step) {
    return sem_trywait(&step->begun) == 0;
}

static atomic_uint ticks;

static void tick(void *context) {
    (void)context;
    ticks++;
}

static void lanes_do_not_wait_for_each_other(void **state) {
    (void)state;
    struct vrx_worker *worker = NULL;
    struct vrx_lane lanes[3] = {0};
    struct step steps[3];
    atomic_uint order = 0;
    assert_ok(vrx_worker_new(3, tick, NULL, &worker));
    for (size_t i = 0; i < 3; i++) {
        step_init(&steps[i], &order);
        vrx_worker_post(worker, &lanes[i], &steps[i].task);
    }
    for (size_t i = 0; i < 3; i++)
        sem_wait(&steps[i].begun); /* all at once: none has been let go */
    for (size_t i = 0; i < 3; i++)
        sem_post(&steps[i].go);
    vrx_worker_free(&worker);
    assert_null(worker);
}

static void a_lane_is_one_after_the_other_and_in_order(void **state) {
    (void)state;
    struct vrx_worker *worker = NULL;
    struct vrx_lane lane = {0};
    struct vrx_lane other = {0};
    struct step steps[4];
    struct step last;
    atomic_uint order = 0;
    atomic_uint other_order = 0;
    assert_ok(vrx_worker_new(4, tick, NULL, &worker));
    for (size_t i = 0; i < 4; i++) {
        step_init(&steps[i], &order);
        vrx_worker_post(worker, &lane, &steps[i].task);
    }
    step_init(&last, &other_order);
    vrx_worker_post(worker, &other, &last.task);
    sem_wait(&last.begun); /* it passes those who wait in the other lane */
    sem_post(&last.go);
    for (size_t i = 0; i < 4; i++) {
        sem_wait(&steps[i].begun);
        for (size_t later = i + 1; later < 4; later++)
            assert_false(has_begun(&steps[later]));
        assert_false(vrx_worker_enter(worker, &lane));
        sem_post(&steps[i].go);
    }
    vrx_worker_free(&worker);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(steps[i].place, i + 1);
}

static void who_enters_a_lane_keeps_its_tasks_waiting(void **state) {
    (void)state;
    struct vrx_worker *worker = NULL;
    struct vrx_lane lane = {0};
    struct vrx_lane other = {0};
    struct step step;
    struct step beside;
    atomic_uint order = 0;
    assert_ok(vrx_worker_new(2, tick, NULL, &worker));
    step_init(&step, &order);
    step_init(&beside, &order);
    assert_true(vrx_worker_enter(worker, &lane));
    assert_false(vrx_worker_enter(worker, &lane));
    vrx_worker_post(worker, &lane, &step.task);
    vrx_worker_post(worker, &other, &beside.task);
    sem_wait(&beside.begun);
    assert_false(has_begun(&step));
    vrx_worker_leave(worker, &lane);
    sem_wait(&step.begun);
    sem_post(&step.go);
    sem_post(&beside.go);
    vrx_worker_free(&worker);
}

static void the_end_waits_for_what_is_queued(void **state) {
    (void)state;
    struct vrx_worker *worker = NULL;
    struct vrx_lane lane = {0};
    struct step steps[8];
    atomic_uint order = 0;
    assert_ok(vrx_worker_new(2, tick, NULL, &worker));
    for (size_t i = 0; i < 8; i++) {
        step_init(&steps[i], &order);
        sem_post(&steps[i].go);
        vrx_worker_post(worker, &lane, &steps[i].task);
    }
    vrx_worker_free(&worker);
    assert_int_equal(order, 8);
}

static void ticks_go_on_while_all_threads_are_busy(void **state) {
    (void)state;
    struct vrx_worker *worker = NULL;
    struct vrx_lane lane = {0};
    struct step step;
    struct step behind;
    atomic_uint order = 0;
    assert_ok(vrx_worker_new(1, tick, NULL, &worker));
    step_init(&step, &order);
    step_init(&behind, &order);
    vrx_worker_post(worker, &lane, &step.task);
    sem_wait(&step.begun);
    vrx_worker_post(worker, &lane, &behind.task);
    for (const unsigned before = ticks; ticks == before;)
        sched_yield();
    struct vrx_worker_statistics now = vrx_worker_statistics(worker);
    assert_int_equal(now.running, 1);
    assert_int_equal(now.waiting, 1);
    while (vrx_worker_statistics(worker).ticks == now.ticks)
        sched_yield();
    sem_post(&step.go);
    sem_wait(&behind.begun);
    assert_int_equal(vrx_worker_statistics(worker).waiting, 0);
    sem_post(&behind.go);
    vrx_worker_free(&worker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_do_not_wait_for_each_other),
        cmocka_unit_test(a_lane_is_one_after_the_other_and_in_order),
        cmocka_unit_test(who_enters_a_lane_keeps_its_tasks_waiting),
        cmocka_unit_test(the_end_waits_for_what_is_queued),
        cmocka_unit_test(ticks_go_on_while_all_threads_are_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
