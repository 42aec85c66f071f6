/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transfer.h"

#include "fixture.h"

/* Row: from. Column: to. Order: REQUESTED DENIED PENDING ANSWERED NO_RECORD EXPIRED RECEIVED
 * IMPORTED. */
static const char table[9][9] = {
    "",
    ".xx..x..",
    "........",
    ".x.xxx..",
    ".x....x.",
    "........",
    "........",
    ".......x",
    "........",
};

static void exactly_the_documented_steps_are_allowed(void **state) {
    (void)state;
    for (unsigned from = 0; from <= 9; from++) {
        for (unsigned to = 0; to <= 9; to++) {
            bool inside = from >= 1 && from <= 8 && to >= 1 && to <= 8;
            bool expected = inside && table[from][to - 1] == 'x';
            assert_int_equal(vrx_transfer_step_allowed(
                                 (enum vrx_transfer_state)from, (enum vrx_transfer_state)to),
                expected);
        }
    }
}

static void what_waits_or_was_sent_is_denied_for_its_consent_only(void **state) {
    (void)state;
    for (unsigned value = 1; value < 10000; value++) {
        enum vrx_reason reason = vrx_reason_from_value(value);
        bool consent = reason == VRX_CONSENT_REVOKED || reason == VRX_CONSENT_EXPIRED ||
                       reason == VRX_CONSENT_SCOPE;
        assert_true(vrx_transfer_denial_allowed(VRX_TRANSFER_REQUESTED, reason));
        assert_int_equal(vrx_transfer_denial_allowed(VRX_TRANSFER_PENDING, reason), consent);
        assert_int_equal(vrx_transfer_denial_allowed(VRX_TRANSFER_ANSWERED, reason), consent);
        assert_false(vrx_transfer_denial_allowed(VRX_TRANSFER_NO_RECORD, reason));
    }
}

static void a_final_state_is_one_without_a_step(void **state) {
    (void)state;
    for (unsigned from = 0; from <= 9; from++) {
        bool final = from == VRX_TRANSFER_DENIED || from == VRX_TRANSFER_NO_RECORD ||
                     from == VRX_TRANSFER_EXPIRED || from == VRX_TRANSFER_IMPORTED;
        assert_int_equal(vrx_transfer_state_final((enum vrx_transfer_state)from), final);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_documented_steps_are_allowed),
        cmocka_unit_test(what_waits_or_was_sent_is_denied_for_its_consent_only),
        cmocka_unit_test(a_final_state_is_one_without_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
