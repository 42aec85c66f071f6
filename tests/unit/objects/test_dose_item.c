/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/dose_item.c: commitment and digest, against digests made with Python's hashlib. Its
 * encoding is tested with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static void count_up(uint8_t salt[VRX_DIGEST]) {
    for (uint8_t i = 0; i < VRX_DIGEST; i++)
        salt[i] = i;
}

static void commits_to_salt_and_item(void **state) {
    (void)state;
    uint8_t salt[VRX_DIGEST];
    uint8_t commitment[VRX_DIGEST];
    count_up(salt);
    assert_ok(vrx_dose_item_commitment(&sample_doses[0], salt, commitment));
    assert_hex(commitment, sizeof commitment,
        "85030d0cef9af7f3e3f6cae60d405358526774d41a3c1f11fb0174d74993d702");
}

static void another_salt_another_commitment(void **state) {
    (void)state;
    uint8_t salt[VRX_DIGEST];
    uint8_t first[VRX_DIGEST];
    uint8_t second[VRX_DIGEST];
    count_up(salt);
    assert_ok(vrx_dose_item_commitment(&sample_doses[1], salt, first));
    salt[VRX_DIGEST - 1] ^= 1;
    assert_ok(vrx_dose_item_commitment(&sample_doses[1], salt, second));
    assert_memory_not_equal(first, second, VRX_DIGEST);
}

static void an_invalid_item_has_none(void **state) {
    (void)state;
    uint8_t salt[VRX_DIGEST] = {0};
    uint8_t commitment[VRX_DIGEST] = {0x5a};
    struct vrx_dose_item item = sample_doses[0];
    item.dose_number = 0;
    assert_reason(vrx_dose_item_commitment(&item, salt, commitment), VRX_INPUT_RANGE);
    assert_int_equal(commitment[0], 0x5a);
}

static void its_digest_is_that_of_its_encoding(void **state) {
    (void)state;
    uint8_t digest[VRX_DIGEST];
    assert_ok(vrx_dose_item_digest(&sample_doses[0], digest));
    assert_hex(
        digest, sizeof digest, "ae8a7fbec787edf1b8c038a304cd21bec1d9eab793ff9f53d4754985a5d86d24");
    struct vrx_dose_item item = sample_doses[0];
    item.lot = (struct vrx_view){0};
    assert_ok(vrx_dose_item_digest(&item, digest));
    assert_true(digest[0] != 0xae || digest[1] != 0x8a);
    item.product = 0;
    assert_reason(vrx_dose_item_digest(&item, digest), VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_to_salt_and_item),
        cmocka_unit_test(another_salt_another_commitment),
        cmocka_unit_test(an_invalid_item_has_none),
        cmocka_unit_test(its_digest_is_that_of_its_encoding),
    };
    return cmocka_run_group_tests_name("objects/dose_item", tests, NULL, NULL);
}
