/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/tally.h"

#include "dispatch/method.h"
#include "support/check.h"

static const struct vrx_method methods[] = {
    {.path = "/t.T/A"}, {.path = "/t.T/B"}, {.path = "/t.T/C"}};
static const struct vrx_method stranger = {.path = "/t.T/Stranger"};

static struct vrx_tally *tally_new(void) {
    /* B stands on two listeners. */
    const struct vrx_method *const list[] = {&methods[2], &methods[1], &methods[0], &methods[1]};
    struct vrx_tally *tally = NULL;
    assert_ok(vrx_tally_new(list, 4, &tally));
    return tally;
}

static size_t row_named(const struct vrx_tally *tally, const char *path) {
    for (size_t row = 0; row < vrx_tally_rows(tally); row++) {
        const char *own = vrx_tally_path(tally, row);
        if (path && own ? strcmp(path, own) == 0 : path == own)
            return row;
    }
    fail_msg("no row");
    return 0;
}

static uint64_t count(const struct vrx_tally *tally, const char *path, enum vrx_reason outcome) {
    return vrx_tally_count(tally, row_named(tally, path), outcome);
}

static void outcomes_are_counted_by_method_and_reason(void **state) {
    (void)state;
    struct vrx_tally *tally = tally_new();
    assert_int_equal(vrx_tally_rows(tally), 4);
    for (int i = 0; i < 3; i++)
        vrx_tally_outcome(tally, &methods[i], &methods[1], VRX_OK);
    vrx_tally_outcome(tally, NULL, &methods[1], VRX_TENANT_SEALED);
    vrx_tally_outcome(tally, NULL, &methods[2], VRX_INTERNAL_ERROR);
    assert_int_equal(count(tally, "/t.T/B", VRX_OK), 3);
    assert_int_equal(count(tally, "/t.T/B", VRX_TENANT_SEALED), 1);
    assert_int_equal(count(tally, "/t.T/C", VRX_INTERNAL_ERROR), 1);
    assert_int_equal(count(tally, "/t.T/A", VRX_OK), 0);
    vrx_tally_free(&tally);
    assert_null(tally);
}

static void what_has_no_row_is_in_the_last(void **state) {
    (void)state;
    struct vrx_tally *tally = tally_new();
    vrx_tally_outcome(tally, NULL, NULL, VRX_METHOD_UNKNOWN);
    vrx_tally_outcome(tally, NULL, &stranger, VRX_OK);
    assert_int_equal(count(tally, NULL, VRX_METHOD_UNKNOWN), 1);
    assert_int_equal(count(tally, NULL, VRX_OK), 1);
    vrx_tally_free(&tally);
}

/* Every reason has a counter, and none has another's. */
static void every_reason_is_its_own(void **state) {
    (void)state;
    static const enum vrx_reason reasons[] = {
        VRX_OK,
#define VRX_REASON(name, value, category, retry, en, ja) VRX_##name,
#include "base/reasons.def"
#undef VRX_REASON
    };
    const size_t all = sizeof reasons / sizeof *reasons;
    struct vrx_tally *tally = tally_new();
    for (size_t i = 0; i < all; i++)
        for (size_t j = 0; j <= i; j++)
            vrx_tally_outcome(tally, NULL, &methods[0], reasons[i]);
    for (size_t i = 0; i < all; i++)
        assert_int_equal(count(tally, "/t.T/A", reasons[i]), i + 1);
    vrx_tally_free(&tally);
}

static void times_of_all_threads_add_up(void **state) {
    (void)state;
    struct vrx_tally *tally = tally_new();
    char slots[4096];
    for (size_t i = 0; i < sizeof slots; i += 16)
        vrx_tally_time(tally, &slots[i], &methods[0], 100000);
    const struct vrx_histogram_sums sums = vrx_tally_times(tally, row_named(tally, "/t.T/A"));
    assert_int_equal(sums.counts[1], 256); /* up to 100 µs */
    assert_int_equal(sums.sum, 256 * 100000);
    vrx_tally_free(&tally);
}

static void no_tally_counts_nothing(void **state) {
    (void)state;
    vrx_tally_outcome(NULL, NULL, &methods[0], VRX_OK);
    vrx_tally_time(NULL, NULL, &methods[0], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_are_counted_by_method_and_reason),
        cmocka_unit_test(what_has_no_row_is_in_the_last),
        cmocka_unit_test(every_reason_is_its_own),
        cmocka_unit_test(times_of_all_threads_add_up),
        cmocka_unit_test(no_tally_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
