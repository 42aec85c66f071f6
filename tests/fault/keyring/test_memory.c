/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocations fail in turn, once or from then on, while a keyring is made, opened and renewed: one
 * in 101, every one with VRX_FAULT_STRIDE=1. Each call says so and leaves nothing behind, and the
 * next one goes well.
 */
#include "unit/keyring/fixture.h"

#include "support/fault_malloc.h"
#include "support/vault_files.h"

static struct custodian custodians[2];

static bool starved(struct vrx_result result, unsigned long at) {
    /* OpenSSL does not always say why it gave up: a key that was not read passes for none. */
    static const enum vrx_reason allowed[] = {VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED,
        VRX_RANDOM_FAILED, VRX_KEY_INVALID, VRX_DECRYPT_FAILED, VRX_VAULT_DAMAGED};
    if (vrx_is_ok(result))
        return false;
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (result.reason == allowed[i])
            return true;
    fault_malloc_arm(0, false);
    fail_msg("allocation %lu: %s", at, vrx_reason_name(result.reason));
    return true;
}

static struct vrx_result both_custodians_root(
    const struct vrx_keyring *keyring, struct vrx_secret **ret_root) {
    struct vrx_share shares[2] = {{0}};
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; i < 2 && vrx_is_ok(result); i++) {
        struct vrx_custodian_key key;
        result = vrx_custodian_key_here(custodians[i].key, &key);
        if (vrx_is_ok(result))
            result = vrx_keyring_open_share(keyring, &key, &shares[i]);
    }
    if (vrx_is_ok(result))
        result = vrx_keyring_join(keyring, shares, 2, ret_root);
    vrx_share_done(&shares[0]);
    vrx_share_done(&shares[1]);
    return result;
}

static struct vrx_result renew(
    struct vrx_view bytes, const struct vrx_keyring_renewal *renewal, struct vrx_buffer *out) {
    struct vrx_keyring keyring;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    VRX_TRY(vrx_keyring_parse(bytes, &keyring));
    VRX_TRY(both_custodians_root(&keyring, &root));
    VRX_TRY(vrx_keyring_unlock(&keyring, root, &keys));
    return vrx_keyring_remake(&keyring, root, NULL, renewal, vrx_random_system(), out);
}

/* What was made before the failure is a keyring; what failed has appended nothing. */
static unsigned long work(unsigned long at) {
    static const struct vrx_keyring_renewal all = {
        .root = true, .data = true, .signing = true, .exchange = true, .now = MADE_AT + 1};
    const struct vrx_public_key *keys[] = {custodians[0].public, custodians[1].public};
    const struct vrx_custodians people = {keys, 2, 2};
    const struct vrx_municipality_code code = {"011002"};
    struct vrx_buffer made = {0};
    struct vrx_buffer next = {0};
    struct vrx_result result =
        vrx_keyring_make(&code, &people, MADE_AT, vrx_random_system(), &made);
    const bool is_made = !starved(result, at);
    if (is_made)
        result = renew(vrx_buffer_view(&made), &all, &next);
    const bool renewed = !starved(result, at);
    const unsigned long failures = fault_malloc_met();
    fault_malloc_arm(0, false);
    assert_int_equal(made.len != 0, is_made);
    struct vrx_buffer again = {0};
    if (made.len)
        assert_ok(renew(vrx_buffer_view(&made), &all, &again));
    if (renewed) {
        vrx_buffer_clear(&again);
        assert_ok(renew(vrx_buffer_view(&next), &all, &again));
    } else {
        assert_int_equal(next.len, 0);
    }
    vrx_buffer_done(&made);
    vrx_buffer_done(&next);
    vrx_buffer_done(&again);
    return failures;
}

static void fail_each_allocation(bool lasting) {
    const unsigned long stride = environment_number("VRX_FAULT_STRIDE", 101);
    unsigned long at = 1;
    unsigned long rounds = 0;
    unsigned long failures = work(0); /* what OpenSSL looks up once is not looked up in vain */
    do {
        fault_malloc_arm(at, lasting);
        failures = work(at);
        at += stride;
        rounds++;
    } while (failures > 0);
    print_message("%lu allocations failed in turn\n", rounds - 1);
    assert_true(rounds > 20);
}

static void any_allocation_fails_once(void **state) {
    (void)state;
    fail_each_allocation(false);
}

static void any_allocation_fails_and_all_after_it(void **state) {
    (void)state;
    fail_each_allocation(true);
}

static int set_up(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++)
        custodians[i] = published_custodian(i);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++)
        custodian_done(&custodians[i]);
    return 0;
}

int main(void) {
    if (!fault_malloc_install())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_allocation_fails_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_allocation_fails_and_all_after_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
