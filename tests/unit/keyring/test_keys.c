/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keys.c: each key is the one that was given under its name.
 */
#include "keyring/keys.h"
#include "support/check.h"

static uint8_t bytes[5][VRX_ROOT_KEY + 1];

static struct vrx_symmetric_keys five_keys(void) {
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        memset(bytes[i], (int)i + 1, sizeof bytes[i]);
    return (struct vrx_symmetric_keys){
        .data = {vrx_view_of(bytes[0], VRX_ROOT_KEY), vrx_view_of(bytes[1], VRX_ROOT_KEY)},
        .data_count = 2,
        .data_number = 7,
        .index = vrx_view_of(bytes[2], VRX_ROOT_KEY),
        .linkage = vrx_view_of(bytes[3], VRX_ROOT_KEY),
        .ledger = vrx_view_of(bytes[4], VRX_ROOT_KEY)};
}

static void each_key_under_its_name(void **state) {
    (void)state;
    struct vrx_symmetric_keys symmetric = five_keys();
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_tenant_keys_new(&symmetric, &keys));
    memset(bytes, 0, sizeof bytes); /* they were copied */
    const struct vrx_view views[] = {vrx_tenant_data_key(keys), vrx_tenant_previous_data_key(keys),
        vrx_tenant_index_key(keys), vrx_tenant_linkage_key(keys), vrx_tenant_ledger_key(keys)};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        uint8_t expected[VRX_ROOT_KEY];
        memset(expected, (int)i + 1, sizeof expected);
        assert_int_equal(views[i].len, VRX_ROOT_KEY);
        assert_memory_equal(views[i].ptr, expected, VRX_ROOT_KEY);
    }
    assert_int_equal(keys->data_number, 7);
    assert_null(keys->signing);
    assert_null(keys->exchange);
    vrx_tenant_keys_free(&keys);
    assert_null(keys);
    vrx_tenant_keys_free(&keys);
    vrx_tenant_keys_free(NULL);
}

static void no_data_key_before_the_only_one(void **state) {
    (void)state;
    struct vrx_symmetric_keys symmetric = five_keys();
    struct vrx_tenant_keys *keys = NULL;
    symmetric.data_count = 1;
    assert_ok(vrx_tenant_keys_new(&symmetric, &keys));
    assert_int_equal(vrx_tenant_previous_data_key(keys).len, 0);
    vrx_tenant_keys_free(&keys);
}

static void input_range_for_another_length_or_number(void **state) {
    (void)state;
    struct vrx_symmetric_keys base = five_keys();
    struct vrx_tenant_keys *keys = NULL;
    struct vrx_view *const views[] = {
        &base.data[0], &base.data[1], &base.index, &base.linkage, &base.ledger};
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        views[i]->len--;
        assert_reason(vrx_tenant_keys_new(&base, &keys), VRX_INPUT_RANGE);
        views[i]->len += 2;
        assert_reason(vrx_tenant_keys_new(&base, &keys), VRX_INPUT_RANGE);
        views[i]->len--;
    }
    const struct {
        size_t count;
        uint32_t number;
    } rows[] = {{0, 1}, {3, 7}, {1, 0}, {2, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        base.data_count = rows[i].count;
        base.data_number = rows[i].number;
        assert_reason(vrx_tenant_keys_new(&base, &keys), VRX_INPUT_RANGE);
    }
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
        cmocka_unit_test(each_key_under_its_name),
        cmocka_unit_test(no_data_key_before_the_only_one),
        cmocka_unit_test(input_range_for_another_length_or_number),
        cmocka_unit_test(kid_is_the_start_of_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
