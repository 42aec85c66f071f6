/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/subject.c against a MAC made with Python's hmac.
 */
#include "support/check.h"

#include "objects/subject.h"

static void is_the_hmac_of_the_number_under_the_salt(void **state) {
    (void)state;
    uint8_t salt[VRX_DIGEST];
    uint8_t subject[VRX_DIGEST];
    for (uint8_t i = 0; i < VRX_DIGEST; i++)
        salt[i] = i;
    assert_ok(vrx_subject_make(vrx_view_text("123456789018"), salt, subject));
    assert_hex(subject, sizeof subject,
        "40a2b38548f0fffa7190d03eb07a03c5a9d8835092af28ed14948b3eaa0049ae");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_hmac_of_the_number_under_the_salt),
    };
    return cmocka_run_group_tests_name("objects/subject", tests, NULL, NULL);
}
