/* SPDX-License-Identifier: Apache-2.0 */
#include "objects/answer.h"

#include "base/limits.h"
#include "objects/permit.h"
#include "support/check.h"

static size_t length_of(const char *permit_id, size_t len, uint64_t outcome) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_answer answer = {
        .origin = {"011002"},
        .destination = {"122173"},
        .outcome = outcome,
        .permit_id = vrx_view_of((const uint8_t *)permit_id, len),
        .answered_at = INT64_C(1770000000),
    };
    answer.padding = vrx_answer_padding(answer.permit_id);
    for (size_t i = 0; i < answer.padding.len; i++)
        assert_int_equal(answer.padding.ptr[i], 0);
    assert_ok(vrx_object_encode(&vrx_answer_schema, &answer, &out));
    return out.len;
}

static void answers_without_reason_and_doses_are_of_one_length(void **state) {
    (void)state;
    char permit_id[VRX_LIMIT_PERMIT_ID];
    memset(permit_id, 'p', sizeof permit_id);
    const size_t expected = length_of(permit_id, 10, VRX_ANSWER_PENDING);
    for (size_t len = 0; len <= VRX_LIMIT_PERMIT_ID; len++) {
        assert_int_equal(length_of(permit_id, len, VRX_ANSWER_PENDING), expected);
        assert_int_equal(length_of(permit_id, len, VRX_ANSWER_NO_RECORD), expected);
    }
}

/* ---- what contradicts itself ---- */

static const struct vrx_answer doses = {
    .outcome = VRX_ANSWER_DOSES, .permit_id = {(const uint8_t *)"p", 1}, .dose_count = 1};
static const struct vrx_answer denial = {.outcome = VRX_ANSWER_DENIED,
    .reason = VRX_CONSENT_REVOKED,
    .clause = {(const uint8_t *)"c", 1}};
static const struct vrx_answer pending = {.outcome = VRX_ANSWER_PENDING};
static const struct vrx_answer no_record = {
    .outcome = VRX_ANSWER_NO_RECORD, .permit_id = {(const uint8_t *)"p", 1}};

static void an_answer_that_agrees_with_itself(void **state) {
    (void)state;
    struct vrx_answer other = doses;
    other.dose_count = 0; /* somebody who was found, and given nothing there */
    assert_ok(vrx_answer_check(&other));
    other.linkage_code = vrx_view_text("a linkage code, ");
    assert_ok(vrx_answer_check(&other));
    other = denial;
    other.clause.len = 0;
    other.permit_id = doses.permit_id;
    assert_ok(vrx_answer_check(&other));
    assert_ok(vrx_answer_check(&doses));
    assert_ok(vrx_answer_check(&denial));
    assert_ok(vrx_answer_check(&pending));
    assert_ok(vrx_answer_check(&no_record));
}

static void assert_contradicts(struct vrx_answer answer, const char *field) {
    struct vrx_result result = vrx_answer_check(&answer);
    assert_reason(result, VRX_INPUT_RANGE);
    assert_memory_equal(result.clause, field, strlen(field));
}

static void what_does_not_go_with_the_outcome(void **state) {
    (void)state;
    const struct vrx_answer *const bare[] = {&denial, &pending, &no_record};
    for (size_t i = 0; i < 3; i++) {
        struct vrx_answer answer = *bare[i];
        answer.dose_count = 1;
        assert_contradicts(answer, "answer.doses");
        answer = *bare[i];
        answer.linkage_code = vrx_view_text("a linkage code, ");
        assert_contradicts(answer, "answer.linkage_code");
    }
    const struct vrx_answer *const granted[] = {&doses, &pending, &no_record};
    for (size_t i = 0; i < 3; i++) {
        struct vrx_answer answer = *granted[i];
        answer.reason = VRX_CONSENT_REVOKED;
        assert_contradicts(answer, "answer.reason");
        answer = *granted[i];
        answer.clause = denial.clause;
        assert_contradicts(answer, "answer.clause");
    }
    struct vrx_answer answer = denial;
    answer.reason = VRX_OK;
    assert_contradicts(answer, "answer.reason");
    answer = doses;
    answer.permit_id.len = 0;
    assert_contradicts(answer, "answer.permit_id");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_without_reason_and_doses_are_of_one_length),
        cmocka_unit_test(an_answer_that_agrees_with_itself),
        cmocka_unit_test(what_does_not_go_with_the_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
