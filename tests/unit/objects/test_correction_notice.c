/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/correction_notice.c: the rule that its table cannot say. Its encoding is tested
 * with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static void a_correction_says_what_is_right(void **state) {
    (void)state;
    struct vrx_correction_notice notice = sample_notice;
    assert_ok(vrx_correction_notice_check(&notice));
    notice.now_count = 0;
    struct vrx_result result = vrx_correction_notice_check(&notice);
    assert_reason(result, VRX_INPUT_FIELD_MISSING);
    assert_string_equal(result.clause, "correction_notice.now");
}

static void a_withdrawal_says_no_more(void **state) {
    (void)state;
    static const uint64_t reasons[] = {VRX_CORRECTION_ENTERED_IN_ERROR, VRX_CORRECTION_NOT_OURS};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct vrx_correction_notice notice = sample_notice;
        notice.reason = reasons[i];
        struct vrx_result result = vrx_correction_notice_check(&notice);
        assert_reason(result, VRX_INPUT_FIELD_UNKNOWN);
        assert_string_equal(result.clause, "correction_notice.now");
        notice.now_count = 0;
        assert_ok(vrx_correction_notice_check(&notice));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_correction_says_what_is_right),
        cmocka_unit_test(a_withdrawal_says_no_more),
    };
    return cmocka_run_group_tests_name("objects/correction_notice", tests, NULL, NULL);
}
