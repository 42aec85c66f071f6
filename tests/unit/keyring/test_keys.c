/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keys.c: the derived keys are fixed for ever, or no vault opens again. The
 * expected values were computed by another implementation (Python's hmac) from RFC 5869.
 */
#include "keyring/keys.h"
#include "support/check.h"

static void keys_of_a_known_root(void **state) {
    (void)state;
    uint8_t root[VRX_ROOT_KEY];
    for (size_t i = 0; i < sizeof root; i++)
        root[i] = (uint8_t)i;
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_tenant_keys_derive(vrx_view_of(root, sizeof root), &keys));
    const struct {
        struct vrx_view key;
        const char *expected;
    } rows[] = {
        {vrx_tenant_data_key(keys),
            "9be7f4938fd4952c8494f8f4663792d9c067b302b9a17c28488af503ac00d0cb"},
        {vrx_tenant_index_key(keys),
            "ede1cfa2b46fd3fff8d6cb645616f097921fce6f81bc55ae953485c80245913e"},
        {vrx_tenant_linkage_key(keys),
            "c17cc7459b8c318b8775bbdc8389abf992f490bf25f0d6f7fab9dea0ed0709c7"},
        {vrx_tenant_ledger_key(keys),
            "c0998abb74b95920064dbad1bfc477ffccd57621fe77f35231feeb3eefaa1237"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_hex(rows[i].key.ptr, rows[i].key.len, rows[i].expected);
    assert_null(keys->signing);
    assert_null(keys->exchange);
    vrx_tenant_keys_free(&keys);
    assert_null(keys);
    vrx_tenant_keys_free(&keys);
    vrx_tenant_keys_free(NULL);
}

static void root_of_wrong_length(void **state) {
    (void)state;
    static const uint8_t root[33];
    struct vrx_tenant_keys *keys = NULL;
    assert_reason(vrx_tenant_keys_derive(vrx_view_of(root, 31), &keys), VRX_INPUT_RANGE);
    assert_reason(vrx_tenant_keys_derive(vrx_view_of(root, 33), &keys), VRX_INPUT_RANGE);
    assert_reason(vrx_tenant_keys_derive((struct vrx_view){NULL, 0}, &keys), VRX_INPUT_RANGE);
    assert_null(keys);
}

static void kid_is_the_start_of_the_digest(void **state) {
    (void)state;
    struct vrx_private_key *private = NULL;
    struct vrx_public_key *key = NULL;
    uint8_t kid[VRX_KID];
    uint8_t digest[32];
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &key));
    assert_ok(vrx_public_key_kid(key, kid));
    assert_ok(vrx_public_key_spki_sha256(key, digest));
    assert_memory_equal(kid, digest, VRX_KID);
    vrx_private_key_free(&private);
    vrx_public_key_free(&key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_known_root),
        cmocka_unit_test(root_of_wrong_length),
        cmocka_unit_test(kid_is_the_start_of_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
