/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keyring.c and keyring_make.c: what opens a keyring, and that nothing else does.
 */
#include <stdio.h>

#include "cbor/writer.h"
#include "crypto/hash.h"
#include "fixture.h"
#include "keyring/wrap.h"

#define SAMPLE "tests/fuzz/seeds/keyring/two_custodians.cbor"

static struct vrx_secret *root_of(const struct vrx_keyring *keyring, const struct custodian *by) {
    struct vrx_secret *root = NULL;
    assert_ok(vrx_keyring_open_root(keyring, by->key, &root));
    assert_int_equal(root->len, VRX_ROOT_KEY);
    return root;
}

static void every_custodian_opens_the_same_keys(void **state) {
    (void)state;
    struct custodian custodians[3] = {
        published_custodian(0), published_custodian(1), fresh_custodian()};
    struct vrx_buffer bytes = keyring_for("011002", custodians, 3);
    struct vrx_keyring keyring = parsed(&bytes);
    assert_string_equal(keyring.municipality.digits, "011002");
    assert_int_equal(keyring.custodian_count, 3);
    struct vrx_secret *first = root_of(&keyring, &custodians[0]);
    for (size_t i = 0; i < 3; i++) {
        struct vrx_buffer spki = {0};
        uint8_t kid[VRX_KID];
        assert_ok(vrx_public_key_to_spki(custodians[i].public, &spki));
        assert_ok(vrx_public_key_kid(custodians[i].public, kid));
        assert_true(vrx_view_equal(keyring.custodians[i].spki, vrx_buffer_view(&spki)));
        assert_true(vrx_view_equal(keyring.custodians[i].kid, vrx_view_of(kid, sizeof kid)));
        vrx_buffer_done(&spki);
        struct vrx_secret *root = root_of(&keyring, &custodians[i]);
        assert_memory_equal(root->ptr, first->ptr, VRX_ROOT_KEY);
        vrx_secret_free(&root);
        custodian_done(&custodians[i]);
    }
    vrx_secret_free(&first);
    vrx_buffer_done(&bytes);
}

static void unlocked_keys_are_the_published_ones(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("122173", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = root_of(&keyring, &custodian);
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));

    struct vrx_public_key *signing = NULL;
    struct vrx_public_key *exchange = NULL;
    uint8_t kid[VRX_KID];
    uint8_t signature[VRX_P256_SIGNATURE];
    const struct vrx_view message = vrx_view_text("a message");
    assert_ok(vrx_public_key_from_spki(keyring.signing_spki, &signing));
    assert_ok(vrx_public_key_from_spki(keyring.exchange_spki, &exchange));
    assert_ok(vrx_sign_es256(keys->signing, message, signature));
    assert_ok(vrx_verify(VRX_ES256, signing, message, vrx_view_of(signature, sizeof signature)));
    assert_ok(vrx_public_key_kid(signing, kid));
    assert_memory_equal(keys->signing_kid, kid, VRX_KID);
    assert_ok(vrx_public_key_kid(exchange, kid));
    assert_memory_equal(keys->exchange_kid, kid, VRX_KID);

    uint8_t ours[VRX_P256_SHARED];
    uint8_t theirs[VRX_P256_SHARED];
    assert_ok(vrx_ecdh(keys->exchange, custodian.public, ours));
    assert_ok(vrx_ecdh(custodian.key, exchange, theirs));
    assert_memory_equal(ours, theirs, sizeof ours);

    struct vrx_tenant_keys *derived = NULL;
    assert_ok(vrx_tenant_keys_derive(vrx_secret_view(root), &derived));
    assert_true(vrx_view_equal(vrx_tenant_data_key(keys), vrx_tenant_data_key(derived)));
    assert_true(vrx_view_equal(vrx_tenant_ledger_key(keys), vrx_tenant_ledger_key(derived)));

    vrx_tenant_keys_free(&keys);
    vrx_tenant_keys_free(&derived);
    vrx_public_key_free(&signing);
    vrx_public_key_free(&exchange);
    vrx_secret_free(&root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

/* A file of version 1, written once: it must open for ever. */
static void a_keyring_that_was_made_long_ago(void **state) {
    (void)state;
    uint8_t bytes[4096];
    FILE *file = fopen(SAMPLE, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_view_of(bytes, len), &keyring));
    assert_string_equal(keyring.municipality.digits, "011002");
    assert_int_equal(keyring.custodian_count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct custodian custodian = published_custodian(i);
        struct vrx_secret *root = root_of(&keyring, &custodian);
        /* The sample's random source counted from 0. */
        assert_hex(root->ptr, root->len,
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        struct vrx_tenant_keys *keys = NULL;
        assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
        vrx_tenant_keys_free(&keys);
        vrx_secret_free(&root);
        custodian_done(&custodian);
    }
}

static void two_keyrings_share_nothing(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes[2] = {
        keyring_for("011002", &custodian, 1), keyring_for("011002", &custodian, 1)};
    struct vrx_keyring first = parsed(&bytes[0]);
    struct vrx_keyring second = parsed(&bytes[1]);
    struct vrx_secret *roots[2] = {root_of(&first, &custodian), root_of(&second, &custodian)};
    assert_memory_not_equal(roots[0]->ptr, roots[1]->ptr, VRX_ROOT_KEY);
    assert_false(vrx_view_equal(first.signing_spki, second.signing_spki));
    assert_false(vrx_view_equal(first.exchange_spki, second.exchange_spki));
    assert_false(vrx_view_equal(first.signing_spki, first.exchange_spki));
    struct vrx_tenant_keys *keys = NULL;
    assert_reason(vrx_keyring_unlock(&first, roots[1], &keys), VRX_CUSTODIAN_REFUSED);
    assert_null(keys);
    for (size_t i = 0; i < 2; i++) {
        vrx_secret_free(&roots[i]);
        vrx_buffer_done(&bytes[i]);
    }
    custodian_done(&custodian);
}

static void custodian_refused_who_is_none(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct custodian stranger = fresh_custodian();
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = NULL;
    assert_reason(vrx_keyring_open_root(&keyring, stranger.key, &root), VRX_CUSTODIAN_REFUSED);
    assert_null(root);
    custodian_done(&custodian);
    custodian_done(&stranger);
    vrx_buffer_done(&bytes);
}

static void custodian_refused_for_every_other_root(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = root_of(&keyring, &custodian);
    for (size_t bit = 0; bit < 256; bit++) {
        struct vrx_tenant_keys *keys = NULL;
        root->ptr[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_reason(vrx_keyring_unlock(&keyring, root, &keys), VRX_CUSTODIAN_REFUSED);
        assert_null(keys);
        root->ptr[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    vrx_secret_free(&root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

/* All the way from the file to the keys, as the daemon and the custodian go it together. */
static struct vrx_result open_all(struct vrx_view bytes, const struct custodian *custodian) {
    struct vrx_keyring keyring;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    VRX_TRY(vrx_keyring_parse(bytes, &keyring));
    VRX_TRY(vrx_keyring_open_root(&keyring, custodian->key, &root));
    return vrx_keyring_unlock(&keyring, root, &keys);
}

static void every_byte_of_the_file_counts(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    assert_ok(open_all(vrx_buffer_view(&bytes), &custodian));
    for (size_t i = 0; i < bytes.len; i++) {
        const uint8_t flip = (uint8_t)(1U << (i % 8));
        bytes.ptr[i] ^= flip;
        if (vrx_is_ok(open_all(vrx_buffer_view(&bytes), &custodian)))
            fail_msg("byte %zu of %zu does not count", i, bytes.len);
        bytes.ptr[i] ^= flip;
    }
    assert_ok(open_all(vrx_buffer_view(&bytes), &custodian));
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

/* A keyring put together from parts. */
static void put_keyring(const struct vrx_keyring *keyring, struct vrx_buffer *out) {
    const struct vrx_view parts[] = {keyring->root, keyring->signing, keyring->exchange,
        keyring->signing_spki, keyring->exchange_spki};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 8);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        vrx_cbor_put_uint(&writer, 3 + i);
        vrx_cbor_put_bytes(&writer, parts[i]);
    }
    vrx_cbor_put_uint(&writer, 8);
    vrx_cbor_put_item(&writer, keyring->custodian_list);
    assert_ok(vrx_cbor_writer_finish(&writer));
}

/* Put together again, parsed, and unlocked with the genuine root key. */
static void assert_unlock(
    const struct vrx_keyring *keyring, const struct vrx_secret *root, enum vrx_reason expected) {
    struct vrx_buffer bytes = {0};
    struct vrx_tenant_keys *keys = NULL;
    put_keyring(keyring, &bytes);
    struct vrx_keyring again = parsed(&bytes);
    assert_reason(vrx_keyring_unlock(&again, root, &keys), expected);
    vrx_tenant_keys_free(&keys);
    vrx_buffer_done(&bytes);
}

static void custodian_refused_when_a_public_part_was_exchanged(void **state) {
    (void)state;
    struct custodian custodians[2] = {published_custodian(0), published_custodian(1)};
    struct vrx_buffer bytes = keyring_for("011002", custodians, 1);
    struct vrx_buffer other_bytes = keyring_for("011002", custodians, 2);
    const struct vrx_keyring keyring = parsed(&bytes);
    const struct vrx_keyring other = parsed(&other_bytes);
    struct vrx_secret *root = root_of(&keyring, &custodians[0]);
    assert_unlock(&keyring, root, VRX_OK);

    struct vrx_keyring changed = keyring;
    changed.custodian_list = other.custodian_list; /* one custodian more */
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.municipality = code_of("122173");
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.signing_spki = other.signing_spki;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.exchange_spki = other.exchange_spki;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.exchange = other.exchange;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring; /* each key in the other's place */
    changed.signing = keyring.exchange;
    changed.exchange = keyring.signing;
    changed.signing_spki = keyring.exchange_spki;
    changed.exchange_spki = keyring.signing_spki;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);

    vrx_secret_free(&root);
    custodian_done(&custodians[0]);
    custodian_done(&custodians[1]);
    vrx_buffer_done(&bytes);
    vrx_buffer_done(&other_bytes);
}

static void decrypt_failed_under_another_municipality(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = NULL;
    keyring.municipality = code_of("122173");
    assert_reason(vrx_keyring_open_root(&keyring, custodian.key, &root), VRX_DECRYPT_FAILED);
    assert_null(root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

/* Only who holds the root key can make such a file; it is not believed either. */
static void vault_damaged_when_the_wrapped_key_is_not_the_published_one(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = root_of(&keyring, &custodian);
    struct vrx_aead aead = {0};
    struct vrx_buffer wrapped = {0};
    assert_ok(vrx_wrap_init(&aead, vrx_secret_view(root)));
    assert_ok(vrx_wrap_put(
        &aead, &keyring, VRX_WRAP_SIGNING, custodian.key, vrx_random_system(), &wrapped));
    keyring.signing = vrx_buffer_view(&wrapped);
    assert_unlock(&keyring, root, VRX_VAULT_DAMAGED);
    vrx_aead_done(&aead);
    vrx_buffer_done(&wrapped);
    vrx_secret_free(&root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

static void make_refuses_unfit_custodians(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    const struct vrx_municipality_code code = code_of("011002");
    const struct vrx_public_key *keys[VRX_LIMIT_RECIPIENTS + 1];
    struct vrx_buffer out = {0};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        keys[i] = custodian.public;
    const struct vrx_random *random = vrx_random_system();
    assert_reason(vrx_keyring_make(&code, keys, 0, random, &out), VRX_INPUT_RANGE);
    assert_reason(
        vrx_keyring_make(&code, keys, VRX_LIMIT_RECIPIENTS + 1, random, &out), VRX_INPUT_RANGE);
    assert_reason(vrx_keyring_make(&code, keys, 2, random, &out), VRX_INPUT_DUPLICATE_KEY);

    uint8_t der[44];
    size_t len = test_hex(
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        der, sizeof der);
    struct vrx_public_key *ed25519 = NULL;
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, len), &ed25519));
    keys[1] = ed25519;
    assert_reason(vrx_keyring_make(&code, keys, 2, random, &out), VRX_KEY_INVALID);
    assert_int_equal(out.len, 0);
    vrx_public_key_free(&ed25519);
    custodian_done(&custodian);
}

static struct vrx_result no_random(void *context, uint8_t *out, size_t len) {
    size_t *left = context;
    if (*left == 0)
        return vrx_fail(VRX_RANDOM_FAILED);
    (*left)--;
    memset(out, 7, len);
    return vrx_ok();
}

static void random_failed_at_every_draw(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    const struct vrx_municipality_code code = code_of("011002");
    const struct vrx_public_key *keys[] = {custodian.public};
    struct vrx_buffer out = {0};
    size_t draws = 0;
    struct vrx_result result;
    do {
        size_t left = draws;
        const struct vrx_random random = {no_random, &left};
        result = vrx_keyring_make(&code, keys, 1, &random, &out);
        if (!vrx_is_ok(result)) {
            assert_reason(result, VRX_RANDOM_FAILED);
            assert_int_equal(out.len, 0);
        }
    } while (!vrx_is_ok(result) && draws++ < 20);
    assert_ok(result);
    assert_true(draws >= 4); /* root key, content key or nonce, two wrapping nonces */
    custodian_done(&custodian);
    vrx_buffer_done(&out);
}

/* What the written form below varies in; one sound value each. */
enum vary {
    MEMBERS,
    VERSION,
    CODE, /* which of codes */
    ROOT, /* bytes, as the next three */
    WRAPPED,
    SPKI,
    KID,
    CUSTODIANS,
    CUSTODIAN_MEMBERS,
    LAST_MEMBER,
    KID_CHANGED,
    BYTES_BEHIND,
    VARIES
};
static const uint64_t sound[VARIES] = {[MEMBERS] = 8,
    [VERSION] = 1,
    [ROOT] = 1,
    [WRAPPED] = 29,
    [SPKI] = 91,
    [KID] = 8,
    [CUSTODIANS] = 1,
    [CUSTODIAN_MEMBERS] = 2,
    [LAST_MEMBER] = 8};
static const char *const codes[] = {"011002", "011003", "Sapporo"};

static void put_custodian(const uint64_t *form, uint64_t index, struct vrx_cbor_writer *writer) {
    uint8_t kid[32];
    uint8_t spki[100] = {(uint8_t)index};
    assert_ok(vrx_sha256(vrx_view_of(spki, form[SPKI]), kid));
    kid[0] ^= (uint8_t)form[KID_CHANGED];
    vrx_cbor_put_map(writer, form[CUSTODIAN_MEMBERS]);
    vrx_cbor_put_uint(writer, 1);
    vrx_cbor_put_bytes(writer, vrx_view_of(kid, form[KID]));
    if (form[CUSTODIAN_MEMBERS] < 2)
        return;
    vrx_cbor_put_uint(writer, 2);
    vrx_cbor_put_bytes(writer, vrx_view_of(spki, form[SPKI]));
}

static void put_form(const uint64_t *form, struct vrx_buffer *out) {
    static const uint8_t zero[100];
    const uint64_t lengths[] = {form[ROOT], form[WRAPPED], form[WRAPPED], form[SPKI], form[SPKI]};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, form[MEMBERS]);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, form[VERSION]);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_view_text(codes[form[CODE]]));
    for (size_t i = 0; i < COUNT_OF(lengths) && 3 + i < form[MEMBERS]; i++) {
        vrx_cbor_put_uint(&writer, 3 + i);
        vrx_cbor_put_bytes(&writer, vrx_view_of(zero, lengths[i]));
    }
    vrx_cbor_put_uint(&writer, form[LAST_MEMBER]);
    vrx_cbor_put_array(&writer, form[CUSTODIANS]);
    for (uint64_t i = 0; i < form[CUSTODIANS]; i++)
        put_custodian(form, i, &writer);
    assert_ok(vrx_cbor_writer_finish(&writer));
    for (uint64_t i = 0; i < form[BYTES_BEHIND]; i++)
        assert_ok(vrx_buffer_append_byte(out, 0));
}

static void parse_keyring_cddl(void **state) {
    (void)state;
    static const struct {
        enum vary vary;
        uint64_t value;
        enum vrx_reason reason;
    } rows[] = {
        {MEMBERS, 8, VRX_OK},
        {CUSTODIANS, 16, VRX_OK},
        {MEMBERS, 7, VRX_INPUT_FIELD_MISSING},
        {VERSION, 0, VRX_INPUT_VERSION},
        {VERSION, 2, VRX_INPUT_VERSION},
        {CODE, 1, VRX_CHECK_DIGIT_WRONG},
        {CODE, 2, VRX_INPUT_MALFORMED},
        {ROOT, 0, VRX_INPUT_RANGE},
        {WRAPPED, 28, VRX_INPUT_RANGE},
        {SPKI, 90, VRX_INPUT_RANGE},
        {SPKI, 92, VRX_INPUT_RANGE},
        {KID, 7, VRX_INPUT_RANGE},
        {KID, 9, VRX_INPUT_RANGE},
        {KID_CHANGED, 1, VRX_INPUT_RANGE},
        {CUSTODIANS, 0, VRX_INPUT_RANGE},
        {CUSTODIANS, 17, VRX_INPUT_RANGE},
        {CUSTODIAN_MEMBERS, 1, VRX_INPUT_FIELD_MISSING},
        {LAST_MEMBER, 9, VRX_INPUT_FIELD_UNKNOWN},
        {BYTES_BEHIND, 1, VRX_INPUT_TRAILING},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t form[VARIES];
        struct vrx_buffer bytes = {0};
        struct vrx_keyring keyring;
        memcpy(form, sound, sizeof form);
        form[rows[i].vary] = rows[i].value;
        put_form(form, &bytes);
        struct vrx_result result = vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s", i, vrx_reason_name(result.reason));
        vrx_buffer_done(&bytes);
    }
}

static void parse_refuses_one_custodian_twice(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_buffer list = {0};
    struct vrx_buffer changed = {0};
    const struct vrx_view one = vrx_view_slice(keyring.custodian_list, 1, SIZE_MAX);
    assert_ok(vrx_buffer_append_byte(&list, 0x82));
    assert_ok(vrx_buffer_append(&list, one));
    assert_ok(vrx_buffer_append(&list, one));
    keyring.custodian_list = vrx_buffer_view(&list);
    put_keyring(&keyring, &changed);
    assert_reason(vrx_keyring_parse(vrx_buffer_view(&changed), &keyring), VRX_INPUT_DUPLICATE_KEY);
    vrx_buffer_done(&list);
    vrx_buffer_done(&changed);
    vrx_buffer_done(&bytes);
    custodian_done(&custodian);
}

static void parse_refuses_what_is_no_keyring(void **state) {
    (void)state;
    static const uint8_t large[VRX_LIMIT_KEYRING + 1];
    struct vrx_keyring keyring;
    assert_reason(
        vrx_keyring_parse(vrx_view_of(large, sizeof large), &keyring), VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_keyring_parse((struct vrx_view){NULL, 0}, &keyring), VRX_INPUT_TRUNCATED);
    assert_reason(vrx_keyring_parse(vrx_view_text("\xa0"), &keyring), VRX_INPUT_FIELD_MISSING);
    assert_reason(vrx_keyring_parse(vrx_view_text("\x80"), &keyring), VRX_INPUT_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_custodian_opens_the_same_keys),
        cmocka_unit_test(unlocked_keys_are_the_published_ones),
        cmocka_unit_test(a_keyring_that_was_made_long_ago),
        cmocka_unit_test(two_keyrings_share_nothing),
        cmocka_unit_test(custodian_refused_who_is_none),
        cmocka_unit_test(custodian_refused_for_every_other_root),
        cmocka_unit_test(every_byte_of_the_file_counts),
        cmocka_unit_test(custodian_refused_when_a_public_part_was_exchanged),
        cmocka_unit_test(decrypt_failed_under_another_municipality),
        cmocka_unit_test(vault_damaged_when_the_wrapped_key_is_not_the_published_one),
        cmocka_unit_test(make_refuses_unfit_custodians),
        cmocka_unit_test(random_failed_at_every_draw),
        cmocka_unit_test(parse_keyring_cddl),
        cmocka_unit_test(parse_refuses_one_custodian_twice),
        cmocka_unit_test(parse_refuses_what_is_no_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
