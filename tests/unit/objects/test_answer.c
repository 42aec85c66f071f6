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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_without_reason_and_doses_are_of_one_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
