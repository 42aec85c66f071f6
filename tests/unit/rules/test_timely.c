/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 2 at its edges: the last instant that passes and the first that does not.
 */
#include "rules/timely.h"

#include "support/check.h"

#define NOW INT64_C(1700000000)

static struct vrx_query query(int64_t asked_at, int64_t deadline) {
    return (struct vrx_query){.asked_at = asked_at,
        .deadline = deadline,
        .individual_number = vrx_view_text("123456789018")};
}

static void test_timely(void **state) {
    (void)state;
    const struct vrx_query timely[] = {
        query(NOW, NOW),
        query(NOW + VRX_CLOCK_SKEW, NOW + VRX_CLOCK_SKEW),
        query(NOW - VRX_LIMIT_QUERY_SECONDS, NOW),
        query(NOW, NOW + VRX_LIMIT_QUERY_SECONDS),
    };
    for (size_t i = 0; i < sizeof timely / sizeof *timely; i++)
        assert_ok(vrx_timely_check(&timely[i], NOW));
}

static void refused(struct vrx_query stale, const char *clause) {
    struct vrx_result result = vrx_timely_check(&stale, NOW);
    assert_reason(result, VRX_QUERY_EXPIRED);
    assert_string_equal(result.clause, clause);
}

static void test_refused(void **state) {
    (void)state;
    refused(query(NOW + VRX_CLOCK_SKEW + 1, NOW + 600), "query.asked_at: not in the future");
    refused(query(NOW - 10, NOW - 1), "query.deadline: not passed");
    refused(query(NOW - 1, NOW + VRX_LIMIT_QUERY_SECONDS),
        "query.deadline: at most 14 days after query.asked_at");
}

static void test_about_nobody(void **state) {
    (void)state;
    struct vrx_query nobody = query(NOW, NOW);
    nobody.individual_number = (struct vrx_view){0};
    assert_reason(vrx_timely_check(&nobody, NOW), VRX_INPUT_FIELD_MISSING);
}

/* ---- the instants that others name of themselves ---- */

static struct vrx_result answered(int64_t at, uint64_t outcome) {
    const struct vrx_answer answer = {.outcome = outcome, .answered_at = at};
    return vrx_timely_answer(&answer, NOW, NOW + 600);
}

static void test_doses_between_query_and_deadline(void **state) {
    (void)state;
    assert_ok(answered(NOW - VRX_CLOCK_SKEW, VRX_ANSWER_DOSES));
    assert_ok(answered(NOW + 600, VRX_ANSWER_DOSES));
    assert_reason(answered(NOW - VRX_CLOCK_SKEW - 1, VRX_ANSWER_DOSES), VRX_INPUT_RANGE);
    assert_reason(answered(NOW + 601, VRX_ANSWER_DOSES), VRX_INPUT_RANGE);
    for (uint64_t outcome = VRX_ANSWER_DENIED; outcome <= VRX_ANSWER_LAST; outcome++) {
        if (outcome == VRX_ANSWER_DOSES)
            continue;
        assert_ok(answered(0, outcome));
        assert_ok(answered(NOW + 601, outcome));
    }
}

static void test_a_consent_is_not_of_the_future(void **state) {
    (void)state;
    struct vrx_consent consent = {.status_since = NOW + VRX_CLOCK_WRONG};
    assert_ok(vrx_timely_consent(&consent, NOW));
    consent.status_since++;
    assert_reason(vrx_timely_consent(&consent, NOW), VRX_CONSENT_EXPIRED);
}

static void test_a_receipt_is_of_the_present(void **state) {
    (void)state;
    const int64_t begun_at = NOW - 5 * 86400;
    struct vrx_receipt receipt = {.signed_at = begun_at - VRX_CLOCK_WRONG};
    assert_ok(vrx_timely_receipt(&receipt, begun_at, NOW));
    receipt.signed_at--;
    assert_reason(vrx_timely_receipt(&receipt, begun_at, NOW), VRX_INPUT_RANGE);
    receipt.signed_at = NOW + VRX_CLOCK_WRONG;
    assert_ok(vrx_timely_receipt(&receipt, begun_at, NOW));
    receipt.signed_at++;
    assert_reason(vrx_timely_receipt(&receipt, begun_at, NOW), VRX_INPUT_RANGE);
}

static void test_a_correction_is_of_the_time_after_its_query(void **state) {
    (void)state;
    const int64_t asked_at = NOW - 5 * 86400;
    struct vrx_correction_notice notice = {.corrected_at = asked_at - VRX_CLOCK_WRONG};
    assert_ok(vrx_timely_correction(&notice, asked_at, NOW));
    notice.corrected_at--;
    assert_reason(vrx_timely_correction(&notice, asked_at, NOW), VRX_INPUT_RANGE);
    notice.corrected_at = NOW + VRX_CLOCK_WRONG;
    assert_ok(vrx_timely_correction(&notice, asked_at, NOW));
    notice.corrected_at++;
    assert_reason(vrx_timely_correction(&notice, asked_at, NOW), VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timely),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_about_nobody),
        cmocka_unit_test(test_doses_between_query_and_deadline),
        cmocka_unit_test(test_a_consent_is_not_of_the_future),
        cmocka_unit_test(test_a_receipt_is_of_the_present),
        cmocka_unit_test(test_a_correction_is_of_the_time_after_its_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
