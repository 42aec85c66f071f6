/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keyring_make.c: keys made anew in the keyring that follows, and which keyring
 * follows which.
 */
#include "fixture.h"

/* ---- what is made anew ---- */

struct renewed {
    struct custodian custodian;
    struct vrx_buffer bytes[2];
    struct vrx_keyring keyring[2]; /* before, after */
    struct vrx_secret *root[2];
    struct vrx_tenant_keys *keys[2];
};

static struct renewed renewed_by(const struct vrx_keyring_renewal *renewal) {
    struct renewed renewed = {.custodian = published_custodian(0)};
    renewed.bytes[0] = keyring_for("011002", &renewed.custodian, 1);
    renewed.keyring[0] = parsed(&renewed.bytes[0]);
    renewed.root[0] = root_of(&renewed.keyring[0], &renewed.custodian);
    assert_ok(vrx_keyring_remake(&renewed.keyring[0], renewed.root[0], NULL, renewal,
        vrx_random_system(), &renewed.bytes[1]));
    renewed.keyring[1] = parsed(&renewed.bytes[1]);
    renewed.root[1] = root_of(&renewed.keyring[1], &renewed.custodian);
    for (size_t i = 0; i < 2; i++)
        assert_ok(vrx_keyring_unlock(&renewed.keyring[i], renewed.root[i], &renewed.keys[i]));
    assert_int_equal(renewed.keyring[1].serial, 2);
    assert_string_equal(renewed.keyring[1].municipality.digits, "011002");
    assert_true(vrx_view_equal(
        vrx_tenant_ledger_key(renewed.keys[0]), vrx_tenant_ledger_key(renewed.keys[1])));
    return renewed;
}

static void renewed_done(struct renewed *renewed) {
    custodian_done(&renewed->custodian);
    for (size_t i = 0; i < 2; i++) {
        vrx_tenant_keys_free(&renewed->keys[i]);
        vrx_secret_free(&renewed->root[i]);
        vrx_buffer_done(&renewed->bytes[i]);
    }
}

static struct vrx_result follow(const struct renewed *renewed, struct vrx_view in_use) {
    return vrx_tenant_keys_follow(renewed->keys[0], in_use, renewed->keys[1]);
}

static void a_new_data_key_beside_the_old_one(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {.data = true};
    struct renewed renewed = renewed_by(&renewal);
    const struct vrx_view before = vrx_tenant_data_key(renewed.keys[0]);
    const struct vrx_view after = vrx_tenant_data_key(renewed.keys[1]);
    assert_int_equal(renewed.keyring[1].data_number, 2);
    assert_int_equal(renewed.keys[1]->data_number, 2);
    assert_false(vrx_view_equal(before, after));
    assert_true(vrx_view_equal(before, vrx_tenant_previous_data_key(renewed.keys[1])));
    assert_memory_equal(renewed.root[0]->ptr, renewed.root[1]->ptr, VRX_ROOT_KEY);
    assert_memory_equal(renewed.keys[0]->signing_kid, renewed.keys[1]->signing_kid, VRX_KID);
    assert_int_equal(renewed.keyring[1].signing.count, 1);
    assert_ok(follow(&renewed, before));
    assert_reason(follow(&renewed, vrx_tenant_index_key(renewed.keys[0])), VRX_WRONG_STATE);
    renewed_done(&renewed);
}

/* The third drops the first; nobody may put it in force while the vault is under the first. */
static void wrong_state_for_a_data_key_ahead_of_a_rotation(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {.data = true};
    struct renewed renewed = renewed_by(&renewal);
    struct vrx_buffer bytes = {0};
    struct vrx_tenant_keys *third = NULL;
    assert_ok(vrx_keyring_remake(
        &renewed.keyring[1], renewed.root[1], NULL, &renewal, vrx_random_system(), &bytes));
    struct vrx_keyring keyring = parsed(&bytes);
    assert_int_equal(keyring.serial, 3);
    assert_ok(vrx_keyring_unlock(&keyring, renewed.root[1], &third));
    assert_int_equal(third->data_number, 3);
    const struct vrx_view first = vrx_tenant_data_key(renewed.keys[0]);
    const struct vrx_view second = vrx_tenant_data_key(renewed.keys[1]);
    assert_true(vrx_view_equal(second, vrx_tenant_previous_data_key(third)));
    assert_reason(vrx_tenant_keys_follow(renewed.keys[1], first, third), VRX_WRONG_STATE);
    assert_ok(vrx_tenant_keys_follow(renewed.keys[1], second, third));
    /* leaving one out */
    assert_reason(vrx_tenant_keys_follow(renewed.keys[0], first, third), VRX_CUSTODIAN_REFUSED);
    /* and back */
    assert_reason(
        vrx_tenant_keys_follow(renewed.keys[1], second, renewed.keys[0]), VRX_CUSTODIAN_REFUSED);
    vrx_tenant_keys_free(&third);
    vrx_buffer_done(&bytes);
    renewed_done(&renewed);
}

static void a_new_root_key_opens_what_the_old_one_does_not(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {.root = true, .data = true};
    struct renewed renewed = renewed_by(&renewal);
    struct vrx_tenant_keys *none = NULL;
    assert_memory_not_equal(renewed.root[0]->ptr, renewed.root[1]->ptr, VRX_ROOT_KEY);
    assert_reason(
        vrx_keyring_unlock(&renewed.keyring[1], renewed.root[0], &none), VRX_CUSTODIAN_REFUSED);
    assert_reason(
        vrx_keyring_unlock(&renewed.keyring[0], renewed.root[1], &none), VRX_CUSTODIAN_REFUSED);
    assert_null(none);
    assert_ok(follow(&renewed, vrx_tenant_data_key(renewed.keys[0])));
    renewed_done(&renewed);
}

static void assert_pair(const struct vrx_private_key *key, struct vrx_view spki) {
    struct vrx_public_key *public = NULL;
    struct vrx_buffer own = {0};
    assert_ok(vrx_private_key_public(key, &public));
    assert_ok(vrx_public_key_to_spki(public, &own));
    assert_true(vrx_view_equal(vrx_buffer_view(&own), spki));
    vrx_buffer_done(&own);
    vrx_public_key_free(&public);
}

static void a_new_signing_key_after_the_old_one(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {
        .signing = true, .exchange = true, .now = MADE_AT + 1000, .overlap = 60};
    struct renewed renewed = renewed_by(&renewal);
    const struct vrx_published_keys *lists[] = {
        &renewed.keyring[1].signing, &renewed.keyring[1].exchange};
    const struct vrx_published_keys *old[] = {
        &renewed.keyring[0].signing, &renewed.keyring[0].exchange};
    const struct vrx_previous_keys *previous[] = {
        &renewed.keys[1]->previous_signing, &renewed.keys[1]->previous_exchange};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lists[i]->count, 2);
        assert_int_equal(lists[i]->key[0].from, MADE_AT + 1000);
        assert_int_equal(lists[i]->key[0].until, 0);
        assert_int_equal(lists[i]->key[1].from, MADE_AT);
        assert_int_equal(lists[i]->key[1].until, MADE_AT + 1060);
        assert_true(vrx_view_equal(lists[i]->key[1].spki, old[i]->key[0].spki));
        assert_int_equal(previous[i]->count, 1);
        assert_memory_equal(previous[i]->key[0].kid, old[i]->key[0].kid, VRX_KID);
        assert_int_equal(previous[i]->key[0].until, MADE_AT + 1060);
        assert_pair(previous[i]->key[0].private, old[i]->key[0].spki);
    }
    assert_pair(renewed.keys[1]->signing, lists[0]->key[0].spki);
    assert_memory_equal(renewed.keys[1]->signing_kid, lists[0]->key[0].kid, VRX_KID);
    assert_pair(renewed.keys[1]->exchange, lists[1]->key[0].spki);
    assert_int_equal(renewed.keyring[1].data_number, 1);
    assert_ok(follow(&renewed, vrx_tenant_data_key(renewed.keys[0])));
    renewed_done(&renewed);
}

/* The public half of every key stays, the private half of the last; and the list has an end. */
static void as_many_signing_keys_as_a_keyring_holds(void **state) {
    (void)state;
    struct vrx_keyring_renewal renewal = {.signing = true, .now = MADE_AT, .overlap = 1};
    struct renewed renewed = renewed_by(&renewal);
    struct vrx_buffer bytes = {0};
    struct vrx_keyring last = renewed.keyring[1];
    struct vrx_buffer held = renewed.bytes[1];
    renewed.bytes[1] = (struct vrx_buffer){0};
    while (last.signing.count < VRX_LIMIT_KEYRING_KEYS) {
        renewal.now++;
        assert_ok(vrx_keyring_remake(
            &last, renewed.root[1], NULL, &renewal, vrx_random_system(), &bytes));
        vrx_buffer_done(&held);
        held = bytes;
        bytes = (struct vrx_buffer){0};
        last = parsed(&held);
    }
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_keyring_unlock(&last, renewed.root[1], &keys));
    assert_int_equal(keys->previous_signing.count, VRX_LIMIT_KEYRING_KEYS - 1);
    assert_non_null(keys->previous_signing.key[0].private);
    for (size_t i = 1; i < keys->previous_signing.count; i++) {
        assert_null(keys->previous_signing.key[i].private);
        assert_non_null(keys->previous_signing.key[i].public);
    }
    const struct vrx_previous_key *first = &keys->previous_signing.key[VRX_LIMIT_KEYRING_KEYS - 2];
    assert_memory_equal(first->kid, renewed.keyring[0].signing.key[0].kid, VRX_KID);
    assert_reason(
        vrx_keyring_remake(&last, renewed.root[1], NULL, &renewal, vrx_random_system(), &bytes),
        VRX_INPUT_RANGE);
    vrx_tenant_keys_free(&keys);
    vrx_buffer_done(&held);
    renewed_done(&renewed);
}

static void input_range_for_times_that_do_not_follow(void **state) {
    (void)state;
    const struct vrx_keyring_renewal sound_one = {0};
    struct renewed renewed = renewed_by(&sound_one);
    const struct vrx_keyring_renewal rows[] = {
        {.signing = true, .now = MADE_AT - 1},
        {.exchange = true, .now = MADE_AT - 1},
        {.signing = true, .now = MADE_AT, .overlap = -1},
        {.signing = true, .now = INT64_MAX, .overlap = 1},
        {.exchange = true, .now = MADE_AT, .overlap = INT64_MAX},
    };
    struct vrx_buffer bytes = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_reason(vrx_keyring_remake(&renewed.keyring[1], renewed.root[1], NULL, &rows[i],
                          vrx_random_system(), &bytes),
            VRX_INPUT_RANGE);
    renewed.keyring[1].serial = UINT32_MAX;
    assert_reason(vrx_keyring_remake(&renewed.keyring[1], renewed.root[1], NULL, &sound_one,
                      vrx_random_system(), &bytes),
        VRX_INPUT_RANGE);
    assert_int_equal(bytes.len, 0);
    renewed_done(&renewed);
}

static void custodian_refused_for_keys_of_another_keyring(void **state) {
    (void)state;
    const struct vrx_keyring_renewal nothing = {0};
    struct renewed one = renewed_by(&nothing);
    struct renewed other = renewed_by(&nothing);
    const struct vrx_view in_use = vrx_tenant_data_key(one.keys[0]);
    assert_ok(follow(&one, in_use));
    assert_reason(
        vrx_tenant_keys_follow(one.keys[0], in_use, other.keys[0]), VRX_CUSTODIAN_REFUSED);
    one.keys[1]->signing_kid[0] ^= 1; /* another signing key that does not follow the one in use */
    assert_reason(follow(&one, in_use), VRX_CUSTODIAN_REFUSED);
    one.keys[1]->signing_kid[0] ^= 1;
    one.keys[1]->exchange_kid[0] ^= 1;
    assert_reason(follow(&one, in_use), VRX_CUSTODIAN_REFUSED);
    renewed_done(&one);
    renewed_done(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_data_key_beside_the_old_one),
        cmocka_unit_test(wrong_state_for_a_data_key_ahead_of_a_rotation),
        cmocka_unit_test(a_new_root_key_opens_what_the_old_one_does_not),
        cmocka_unit_test(a_new_signing_key_after_the_old_one),
        cmocka_unit_test(as_many_signing_keys_as_a_keyring_holds),
        cmocka_unit_test(input_range_for_times_that_do_not_follow),
        cmocka_unit_test(custodian_refused_for_keys_of_another_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
