/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/exposition.h"

#include "support/check.h"

static struct vrx_buffer text;

static int setup(void **state) {
    (void)state;
    text = (struct vrx_buffer){0};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_buffer_done(&text);
    return 0;
}

static void assert_text(const char *expected) {
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void a_family_and_its_samples(void **state) {
    (void)state;
    struct vrx_metrics metrics;
    const struct vrx_metrics_label labels[] = {{"method", "A/B"}, {"outcome", "OK"}};
    vrx_metrics_init(&metrics, &text);
    vrx_metrics_family(&metrics, "x_total", "counter", "Some help.");
    vrx_metrics_sample(&metrics, NULL, 0, 0);
    vrx_metrics_sample(&metrics, labels, 2, UINT64_MAX);
    vrx_metrics_seconds(&metrics, labels, 1, 1500000000);
    assert_ok(metrics.result);
    assert_text("# HELP x_total Some help.\n# TYPE x_total counter\n"
                "x_total 0\n"
                "x_total{method=\"A/B\",outcome=\"OK\"} 18446744073709551615\n"
                "x_total{method=\"A/B\"} 1.5\n");
}

static void values_of_labels_are_escaped(void **state) {
    (void)state;
    struct vrx_metrics metrics;
    const struct vrx_metrics_label labels[] = {{"l", "a\\b\"c\nd é"}};
    vrx_metrics_init(&metrics, &text);
    metrics.name = "x";
    vrx_metrics_sample(&metrics, labels, 1, 1);
    assert_text("x{l=\"a\\\\b\\\"c\\nd é\"} 1\n");
}

static void seconds_have_no_more_digits_than_they_need(void **state) {
    (void)state;
    static const struct {
        uint64_t nanoseconds;
        const char *line;
    } cases[] = {{0, "x 0\n"}, {1, "x 0.000000001\n"}, {50000, "x 0.00005\n"},
        {10000000000, "x 10\n"}, {100000000, "x 0.1\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vrx_metrics metrics;
        vrx_metrics_init(&metrics, &text);
        metrics.name = "x";
        vrx_metrics_seconds(&metrics, NULL, 0, cases[i].nanoseconds);
        assert_text(cases[i].line);
        vrx_buffer_clear(&text);
    }
}

static void buckets_are_cumulative(void **state) {
    (void)state;
    static const uint64_t bounds[] = {1000000, 2500000000};
    const struct vrx_scale scale = {bounds, 2};
    struct vrx_histogram histogram = {0};
    struct vrx_histogram_sums sums = {0};
    struct vrx_metrics metrics;
    const struct vrx_metrics_label labels[] = {{"l", "v"}};
    vrx_histogram_add(&histogram, &scale, 1000000);
    vrx_histogram_add(&histogram, &scale, 2000000);
    vrx_histogram_add(&histogram, &scale, 3000000000);
    vrx_histogram_collect(&histogram, &sums);
    vrx_metrics_init(&metrics, &text);
    metrics.name = "h";
    vrx_metrics_histogram(&metrics, labels, 1, &scale, &sums, true);
    assert_ok(metrics.result);
    assert_text("h_bucket{l=\"v\",le=\"0.001\"} 1\n"
                "h_bucket{l=\"v\",le=\"2.5\"} 2\n"
                "h_bucket{l=\"v\",le=\"+Inf\"} 3\n"
                "h_sum{l=\"v\"} 3.003\n"
                "h_count{l=\"v\"} 3\n");
}

static void the_first_failure_stays(void **state) {
    (void)state;
    struct vrx_metrics metrics;
    text.limit = 40;
    vrx_metrics_init(&metrics, &text);
    vrx_metrics_family(&metrics, "x", "gauge", "Longer than there is room for in the buffer.");
    assert_reason(metrics.result, VRX_INPUT_TOO_LARGE);
    const size_t len = text.len;
    vrx_metrics_sample(&metrics, NULL, 0, 1);
    assert_int_equal(text.len, len);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_family_and_its_samples, setup, teardown),
        cmocka_unit_test_setup_teardown(values_of_labels_are_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(
            seconds_have_no_more_digits_than_they_need, setup, teardown),
        cmocka_unit_test_setup_teardown(buckets_are_cumulative, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_failure_stays, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
