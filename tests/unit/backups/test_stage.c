/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/stage.h"

#include "unit/keyring/fixture.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static void merges(const char *today, const char *backup, const char *expected) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_backup_merge_routes(vrx_view_text(today), vrx_view_text(backup), &out));
    assert_ok(vrx_buffer_append_byte(&out, '\0'));
    assert_string_equal((const char *)out.ptr, expected);
}

static void test_routes_of_both_once_each(void **state) {
    (void)state;
    merges("", "", "");
    merges("", A " console\n" B "\n", A " console\n" B "\n");
    merges(A "\n", "", A "\n");
    merges(A "\n" B "\n", B " console\n" C "\n", A "\n" B "\n" C "\n"); /* today's word counts */
    merges(A " console\n", A "\n", A " console\n");
    merges("", A, A "\n"); /* the last line feed was lost */
}

static void test_vault_damaged_where_a_route_is_none(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(vrx_backup_merge_routes(vrx_view_text(""), vrx_view_text("abc\n"), &out),
        VRX_VAULT_DAMAGED);
}

/* ---- keyrings ---- */

/* What comes after old, for its own custodian. */
static struct vrx_buffer next_of(const struct vrx_buffer *old, const struct custodian *custodian,
    const struct vrx_keyring_renewal *renewal) {
    const struct vrx_keyring keyring = parsed(old);
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer next = {0};
    assert_ok(open_root(&keyring, custodian, &root));
    assert_ok(vrx_keyring_remake(&keyring, root, NULL, renewal, vrx_random_system(), &next));
    return next;
}

static bool keeps(const struct vrx_buffer *today, const struct vrx_buffer *backup) {
    bool kept = false;
    assert_ok(vrx_backup_keeps_keyring(vrx_buffer_view(today), vrx_buffer_view(backup), &kept));
    return kept;
}

static void test_a_later_keyring_with_the_data_key_is_kept(void **state) {
    (void)state;
    struct custodian custodian VRX_CLEANUP(custodian_done) = fresh_custodian();
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = keyring_for("011002", &custodian, 1);
    const struct vrx_keyring_renewal root = {.root = true};
    const struct vrx_keyring_renewal signing = {.signing = true, .now = MADE_AT + 10};
    const struct vrx_keyring_renewal data = {.data = true};
    struct vrx_buffer shares VRX_CLEANUP(vrx_buffer_done) = next_of(&first, &custodian, &root);
    struct vrx_buffer signs VRX_CLEANUP(vrx_buffer_done) = next_of(&shares, &custodian, &signing);
    struct vrx_buffer once VRX_CLEANUP(vrx_buffer_done) = next_of(&signs, &custodian, &data);
    struct vrx_buffer twice VRX_CLEANUP(vrx_buffer_done) = next_of(&once, &custodian, &data);
    assert_true(keeps(&first, &first));
    assert_true(keeps(&shares, &first));
    assert_true(keeps(&signs, &first)); /* another key signs now, the old one is listed */
    assert_true(keeps(&once, &first));  /* the data key before is there */
    assert_false(keeps(&twice, &first));
    assert_true(keeps(&twice, &once));
    assert_false(keeps(&first, &shares)); /* the backup is of a later time */
}

static void test_a_keyring_of_other_keys_is_not_kept(void **state) {
    (void)state;
    struct custodian custodian VRX_CLEANUP(custodian_done) = fresh_custodian();
    struct vrx_buffer one VRX_CLEANUP(vrx_buffer_done) = keyring_for("011002", &custodian, 1);
    struct vrx_buffer other VRX_CLEANUP(vrx_buffer_done) = keyring_for("011002", &custodian, 1);
    struct vrx_buffer none VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_false(keeps(&other, &one));
    assert_false(keeps(&none, &one)); /* what is in force cannot be read */
    bool kept = true;
    assert_false(
        vrx_is_ok(vrx_backup_keeps_keyring(vrx_buffer_view(&one), vrx_buffer_view(&none), &kept)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_of_both_once_each),
        cmocka_unit_test(test_vault_damaged_where_a_route_is_none),
        cmocka_unit_test(test_a_later_keyring_with_the_data_key_is_kept),
        cmocka_unit_test(test_a_keyring_of_other_keys_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
