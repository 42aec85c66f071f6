/* SPDX-License-Identifier: Apache-2.0 */
#include "base/histogram.h"

#include <pthread.h>

#include "support/check.h"

static void a_bound_is_included_and_the_next_value_is_not(void **state) {
    (void)state;
    for (size_t i = 0; i < vrx_scale_time.count; i++) {
        struct vrx_histogram histogram = {0};
        struct vrx_histogram_sums sums = {0};
        const uint64_t bound = vrx_scale_time.bounds[i];
        vrx_histogram_add(&histogram, &vrx_scale_time, bound);
        vrx_histogram_add(&histogram, &vrx_scale_time, bound + 1);
        vrx_histogram_collect(&histogram, &sums);
        const size_t next = i + 1 < vrx_scale_time.count ? i + 1 : VRX_HISTOGRAM_BOUNDS;
        assert_int_equal(sums.counts[i], 1);
        assert_int_equal(sums.counts[next], 1);
        assert_int_equal(sums.sum, 2 * bound + 1);
    }
}

static void bounds_ascend(void **state) {
    (void)state;
    const struct vrx_scale *const scales[] = {&vrx_scale_time, &vrx_scale_jobs};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 1; j < scales[i]->count; j++)
            assert_true(scales[i]->bounds[j - 1] < scales[i]->bounds[j]);
}

#define THREADS 4
#define VALUES 20000

static void *add_many(void *argument) {
    struct vrx_histogram *histogram = argument;
    for (uint64_t i = 0; i < VALUES; i++)
        vrx_histogram_add(histogram, &vrx_scale_jobs, i % 300);
    return NULL;
}

static void threads_lose_nothing(void **state) {
    (void)state;
    struct vrx_histogram histogram = {0};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &histogram), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct vrx_histogram_sums sums = {0};
    vrx_histogram_collect(&histogram, &sums);
    uint64_t count = 0;
    for (size_t i = 0; i <= VRX_HISTOGRAM_BOUNDS; i++)
        count += sums.counts[i];
    uint64_t sum = 0;
    for (uint64_t i = 0; i < VALUES; i++)
        sum += i % 300;
    assert_int_equal(count, THREADS * VALUES);
    assert_int_equal(sums.sum, THREADS * sum);
}

static void collecting_adds_up(void **state) {
    (void)state;
    struct vrx_histogram one = {0};
    struct vrx_histogram other = {0};
    struct vrx_histogram_sums sums = {0};
    vrx_histogram_add(&one, &vrx_scale_jobs, 1);
    vrx_histogram_add(&other, &vrx_scale_jobs, 1);
    vrx_histogram_add(&other, &vrx_scale_jobs, 1000);
    vrx_histogram_collect(&one, &sums);
    vrx_histogram_collect(&other, &sums);
    assert_int_equal(sums.counts[0], 2);
    assert_int_equal(sums.counts[VRX_HISTOGRAM_BOUNDS], 1);
    assert_int_equal(sums.sum, 1002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_is_included_and_the_next_value_is_not),
        cmocka_unit_test(bounds_ascend),
        cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(collecting_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
