/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/gate.h"

#include <stdatomic.h>
#include <time.h>

#include "support/check.h"

static struct vrx_gate gate;

static int set_up(void **state) {
    (void)state;
    vrx_gate_init(&gate);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vrx_gate_done(&gate);
    return 0;
}

struct opener {
    pthread_t thread;
    struct vrx_result result;
    atomic_bool over;
};

static void *open_one(void *argument) {
    struct opener *opener = argument;
    opener->result = vrx_gate_open_begin(&gate);
    atomic_store(&opener->over, true);
    return NULL;
}

static void pause_a_moment(void) {
    const struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
}

static void test_a_copy_makes_way_for_an_unseal(void **state) {
    (void)state;
    struct opener opener = {.over = false};
    vrx_gate_copy_begin(&gate);
    assert_false(vrx_gate_copy_unwanted(&gate));
    assert_int_equal(pthread_create(&opener.thread, NULL, open_one, &opener), 0);
    while (!vrx_gate_copy_unwanted(&gate))
        pause_a_moment();
    assert_false(atomic_load(&opener.over));
    vrx_gate_copy_end(&gate);
    assert_int_equal(pthread_join(opener.thread, NULL), 0);
    assert_ok(opener.result);
    vrx_gate_open_end(&gate);
    vrx_gate_copy_begin(&gate); /* and comes back */
    assert_false(vrx_gate_copy_unwanted(&gate));
    vrx_gate_copy_end(&gate);
}

static atomic_bool copied;

static void *copy_one(void *argument) {
    (void)argument;
    vrx_gate_copy_begin(&gate);
    atomic_store(&copied, true);
    vrx_gate_copy_end(&gate);
    return NULL;
}

static void *note_one(void *argument) {
    (void)argument;
    vrx_gate_note_begin(&gate);
    atomic_store(&copied, true);
    vrx_gate_note_end(&gate);
    return NULL;
}

static void waits_for_an_unseal(void *(*work)(void *argument)) {
    pthread_t thread;
    atomic_store(&copied, false);
    assert_ok(vrx_gate_open_begin(&gate));
    assert_int_equal(pthread_create(&thread, NULL, work, NULL), 0);
    for (unsigned i = 0; i < 20; i++)
        pause_a_moment();
    assert_false(atomic_load(&copied));
    vrx_gate_open_end(&gate);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(atomic_load(&copied));
}

static void test_copies_and_notes_wait_for_an_unseal(void **state) {
    (void)state;
    waits_for_an_unseal(copy_one);
    waits_for_an_unseal(note_one);
}

static void test_cap_reached_while_a_restore_is_under_way(void **state) {
    (void)state;
    vrx_gate_replace_begin(&gate);
    assert_reason(vrx_gate_open_begin(&gate), VRX_CAP_REACHED);
    vrx_gate_replace_end(&gate);
    assert_ok(vrx_gate_open_begin(&gate));
    vrx_gate_open_end(&gate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_copy_makes_way_for_an_unseal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_copies_and_notes_wait_for_an_unseal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_cap_reached_while_a_restore_is_under_way, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
