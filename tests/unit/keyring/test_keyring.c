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
#define SAMPLE_2 "tests/fuzz/seeds/keyring/two_of_two.cbor"

static struct vrx_secret *root_of(const struct vrx_keyring *keyring, const struct custodian *by) {
    struct vrx_secret *root = NULL;
    assert_ok(open_root(keyring, by, &root));
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

static struct vrx_keyring sample(const char *path, uint8_t bytes[4096]) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, 4096, file);
    fclose(file);
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_view_of(bytes, len), &keyring));
    assert_string_equal(keyring.municipality.digits, "011002");
    assert_int_equal(keyring.custodian_count, 2);
    return keyring;
}

/* A file of version 1, written once: it must open for ever. */
static void a_keyring_that_was_made_long_ago(void **state) {
    (void)state;
    uint8_t bytes[4096];
    struct vrx_keyring keyring = sample(SAMPLE, bytes);
    assert_int_equal(keyring.version, 1);
    assert_int_equal(keyring.threshold, 1);
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

/* The same of version 2: two of two. */
static void a_shared_keyring_that_was_made_long_ago(void **state) {
    (void)state;
    uint8_t bytes[4096];
    struct vrx_keyring keyring = sample(SAMPLE_2, bytes);
    struct vrx_share shares[2] = {0};
    struct vrx_secret *root = NULL;
    struct vrx_tenant_keys *keys = NULL;
    assert_int_equal(keyring.version, 2);
    assert_int_equal(keyring.threshold, 2);
    for (size_t i = 0; i < 2; i++) {
        struct custodian custodian = published_custodian(i);
        const struct vrx_custodian_key key = key_of(&custodian);
        assert_ok(vrx_keyring_open_share(&keyring, &key, &shares[i]));
        custodian_done(&custodian);
    }
    assert_ok(vrx_keyring_join(&keyring, shares, 2, &root));
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    vrx_tenant_keys_free(&keys);
    vrx_secret_free(&root);
    vrx_share_done(&shares[0]);
    vrx_share_done(&shares[1]);
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
    assert_reason(open_root(&keyring, &stranger, &root), VRX_CUSTODIAN_REFUSED);
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
    VRX_TRY(open_root(&keyring, custodian, &root));
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
    const struct vrx_view parts[] = {
        keyring->signing, keyring->exchange, keyring->signing_spki, keyring->exchange_spki};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 9);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_array(&writer, keyring->custodian_count);
    for (size_t i = 0; i < keyring->custodian_count; i++)
        vrx_cbor_put_bytes(&writer, keyring->custodians[i].share);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        vrx_cbor_put_uint(&writer, 4 + i);
        vrx_cbor_put_bytes(&writer, parts[i]);
    }
    vrx_cbor_put_uint(&writer, 8);
    vrx_cbor_put_item(&writer, keyring->custodian_list);
    vrx_cbor_put_uint(&writer, 9);
    vrx_cbor_put_uint(&writer, keyring->threshold);
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
    changed.custodian_count = other.custodian_count;
    memcpy(changed.custodians, other.custodians, sizeof changed.custodians);
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
    assert_reason(open_root(&keyring, &custodian, &root), VRX_DECRYPT_FAILED);
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
    assert_reason(vrx_keyring_make(&code, keys, 0, 1, random, &out), VRX_INPUT_RANGE);
    assert_reason(
        vrx_keyring_make(&code, keys, VRX_LIMIT_RECIPIENTS + 1, 1, random, &out), VRX_INPUT_RANGE);
    assert_reason(vrx_keyring_make(&code, keys, 2, 1, random, &out), VRX_INPUT_DUPLICATE_KEY);

    uint8_t der[44];
    size_t len = test_hex(
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        der, sizeof der);
    struct vrx_public_key *ed25519 = NULL;
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, len), &ed25519));
    assert_reason(vrx_keyring_make(&code, keys, 1, 0, random, &out), VRX_INPUT_RANGE);
    assert_reason(vrx_keyring_make(&code, keys, 1, 2, random, &out), VRX_INPUT_RANGE);
    keys[1] = ed25519;
    assert_reason(vrx_keyring_make(&code, keys, 2, 1, random, &out), VRX_KEY_INVALID);
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
    struct custodian custodians[2] = {published_custodian(0), published_custodian(1)};
    const struct vrx_municipality_code code = code_of("011002");
    const struct vrx_public_key *keys[] = {custodians[0].public, custodians[1].public};
    struct vrx_buffer out = {0};
    size_t draws = 0;
    struct vrx_result result;
    do {
        size_t left = draws;
        const struct vrx_random random = {no_random, &left};
        result = vrx_keyring_make(&code, keys, 2, 2, &random, &out);
        if (!vrx_is_ok(result)) {
            assert_reason(result, VRX_RANDOM_FAILED);
            assert_int_equal(out.len, 0);
        }
    } while (!vrx_is_ok(result) && draws++ < 20);
    assert_ok(result);
    assert_true(draws >= 7); /* root key, its split, two messages, two wrapping nonces */
    custodian_done(&custodians[0]);
    custodian_done(&custodians[1]);
    vrx_buffer_done(&out);
}

/* ---- k of n ---- */

#define PEOPLE 4

struct people {
    struct custodian custodian[PEOPLE];
    struct vrx_buffer bytes;
    struct vrx_keyring keyring;
    struct vrx_share share[PEOPLE];
};

static struct people people_with(const char *municipality, size_t threshold) {
    struct people people = {0};
    for (size_t i = 0; i < PEOPLE; i++)
        people.custodian[i] = fresh_custodian();
    people.bytes = keyring_of(municipality, people.custodian, PEOPLE, threshold);
    people.keyring = parsed(&people.bytes);
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct vrx_custodian_key key = key_of(&people.custodian[i]);
        assert_ok(vrx_keyring_open_share(&people.keyring, &key, &people.share[i]));
        assert_int_equal(people.share[i].index, i + 1);
    }
    return people;
}

static void people_done(struct people *people) {
    for (size_t i = 0; i < PEOPLE; i++) {
        custodian_done(&people->custodian[i]);
        vrx_share_done(&people->share[i]);
    }
    vrx_buffer_done(&people->bytes);
}

/* The shares of this set of people, last first; the values stay theirs. */
static size_t choose(const struct people *people, unsigned set, struct vrx_share *chosen) {
    size_t count = 0;
    for (size_t i = PEOPLE; i-- > 0;)
        if (set >> i & 1U)
            chosen[count++] = people->share[i];
    return count;
}

static void any_threshold_of_the_custodians_open_and_fewer_do_not(void **state) {
    (void)state;
    for (unsigned threshold = 1; threshold <= PEOPLE; threshold++) {
        struct people people = people_with("011002", threshold);
        assert_int_equal(people.keyring.threshold, threshold);
        for (unsigned set = 1; set < 1U << PEOPLE; set++) {
            struct vrx_share chosen[PEOPLE];
            const size_t count = choose(&people, set, chosen);
            struct vrx_secret *root = NULL;
            struct vrx_tenant_keys *keys = NULL;
            if (count != threshold) {
                assert_reason(
                    vrx_keyring_join(&people.keyring, chosen, count, &root), VRX_INPUT_RANGE);
                continue;
            }
            assert_ok(vrx_keyring_join(&people.keyring, chosen, count, &root));
            assert_ok(vrx_keyring_unlock(&people.keyring, root, &keys));
            vrx_tenant_keys_free(&keys);
            vrx_secret_free(&root);
        }
        people_done(&people);
    }
}

/* Whoever lowers the threshold in the file gets a root key that opens nothing. */
static void custodian_refused_for_a_lowered_threshold(void **state) {
    (void)state;
    struct people people = people_with("011002", 3);
    struct vrx_share chosen[PEOPLE];
    struct vrx_secret *root = NULL;
    struct vrx_secret *genuine = NULL;
    struct vrx_tenant_keys *keys = NULL;
    struct vrx_keyring lowered = people.keyring;
    lowered.threshold = 2;
    size_t count = choose(&people, 3, chosen);
    assert_ok(vrx_keyring_join(&lowered, chosen, count, &root));
    assert_reason(vrx_keyring_unlock(&lowered, root, &keys), VRX_CUSTODIAN_REFUSED);
    count = choose(&people, 7, chosen); /* nor does the genuine one open such a file */
    assert_ok(vrx_keyring_join(&people.keyring, chosen, count, &genuine));
    assert_reason(vrx_keyring_unlock(&lowered, genuine, &keys), VRX_CUSTODIAN_REFUSED);
    assert_null(keys);
    const struct vrx_custodian_key key = key_of(&people.custodian[0]);
    struct vrx_share share = {0};
    assert_reason(vrx_keyring_open_share(&lowered, &key, &share), VRX_DECRYPT_FAILED);
    vrx_secret_free(&root);
    vrx_secret_free(&genuine);
    people_done(&people);
}

static void custodian_refused_for_altered_foreign_and_doubled_shares(void **state) {
    (void)state;
    struct people people = people_with("011002", 2);
    struct people others = people_with("011002", 2); /* the same municipality's, of another day */
    for (size_t bit = 0; bit < 256; bit++) {
        struct vrx_share *share = &people.share[bit % PEOPLE];
        share->value->ptr[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_reason(vrx_keyring_check_share(&people.keyring, share), VRX_CUSTODIAN_REFUSED);
        share->value->ptr[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_ok(vrx_keyring_check_share(&people.keyring, share));
    }
    for (unsigned index = 0; index <= 256; index++) {
        const struct vrx_share moved = {index, people.share[0].value};
        assert_reason(vrx_keyring_check_share(&people.keyring, &moved),
            index == 1 ? VRX_OK : VRX_CUSTODIAN_REFUSED);
    }
    for (size_t i = 0; i < PEOPLE; i++)
        assert_reason(
            vrx_keyring_check_share(&people.keyring, &others.share[i]), VRX_CUSTODIAN_REFUSED);
    const struct vrx_share twice[2] = {people.share[1], people.share[1]};
    struct vrx_secret *root = NULL;
    assert_reason(vrx_keyring_join(&people.keyring, twice, 2, &root), VRX_CUSTODIAN_REFUSED);
    assert_null(root);
    people_done(&people);
    people_done(&others);
}

/* Each message opens for its own custodian and in its own place. */
static void a_share_is_for_its_custodian_alone(void **state) {
    (void)state;
    struct people people = people_with("011002", 2);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct vrx_keyring swapped = people.keyring;
        const size_t other = (i + 1) % PEOPLE;
        const struct vrx_custodian_key key = key_of(&people.custodian[i]);
        struct vrx_share share = {0};
        swapped.custodians[i].share = people.keyring.custodians[other].share;
        assert_reason(vrx_keyring_open_share(&swapped, &key, &share), VRX_CUSTODIAN_REFUSED);
        struct vrx_custodian_key stolen = key; /* the other's key under this custodian's name */
        const struct vrx_custodian_key others = key_of(&people.custodian[other]);
        stolen.ecdh = others.ecdh;
        assert_reason(vrx_keyring_open_share(&people.keyring, &stolen, &share), VRX_DECRYPT_FAILED);
        assert_null(share.value);
    }
    people_done(&people);
}

/* ---- other custodians for the same keys ---- */

static void remade_for_other_custodians(void **state) {
    (void)state;
    struct people old = people_with("011002", 2);
    struct custodian fresh[2] = {fresh_custodian(), fresh_custodian()};
    const struct vrx_public_key *keys[] = {
        fresh[0].public, fresh[1].public, old.custodian[0].public};
    struct vrx_share chosen[PEOPLE];
    struct vrx_secret *root = NULL;
    struct vrx_buffer bytes = {0};
    const struct vrx_random *random = vrx_random_system();
    assert_ok(vrx_keyring_join(&old.keyring, chosen, choose(&old, 6, chosen), &root));
    assert_ok(vrx_keyring_remake(&old.keyring, root, keys, 3, 1, random, &bytes));
    struct vrx_keyring again = parsed(&bytes);
    assert_int_equal(again.threshold, 1);
    assert_true(vrx_view_equal(again.signing_spki, old.keyring.signing_spki));
    assert_true(vrx_view_equal(again.exchange_spki, old.keyring.exchange_spki));
    for (size_t i = 0; i < 2; i++) {
        struct vrx_secret *opened = root_of(&again, &fresh[i]);
        struct vrx_tenant_keys *unlocked = NULL;
        assert_memory_equal(opened->ptr, root->ptr, VRX_ROOT_KEY);
        assert_ok(vrx_keyring_unlock(&again, opened, &unlocked));
        vrx_tenant_keys_free(&unlocked);
        vrx_secret_free(&opened);
    }
    struct vrx_secret *none = NULL;
    assert_reason(open_root(&again, &old.custodian[1], &none), VRX_CUSTODIAN_REFUSED);
    assert_reason(vrx_keyring_check_share(&again, &old.share[0]), VRX_CUSTODIAN_REFUSED);
    vrx_buffer_clear(&bytes);
    root->ptr[0] ^= 1; /* not the keyring's root key */
    assert_reason(
        vrx_keyring_remake(&old.keyring, root, keys, 3, 1, random, &bytes), VRX_CUSTODIAN_REFUSED);
    assert_reason(
        vrx_keyring_remake(&old.keyring, root, keys, 3, 4, random, &bytes), VRX_INPUT_RANGE);
    assert_int_equal(bytes.len, 0);
    vrx_buffer_done(&bytes);
    vrx_secret_free(&root);
    custodian_done(&fresh[0]);
    custodian_done(&fresh[1]);
    people_done(&old);
}

/* What the written form below varies in; one sound value each. */
enum vary {
    MEMBERS, /* 0: as many as the version has */
    VERSION,
    CODE,   /* which of codes */
    SHARES, /* how many messages; version 1 has one for all */
    SHARE,  /* bytes, as the next four */
    WRAPPED,
    SPKI,
    KID,
    CHECK,
    CUSTODIANS,
    CUSTODIAN_MEMBERS, /* fewer than the version has */
    LAST_MEMBER,
    THRESHOLD,
    KID_CHANGED,
    BYTES_BEHIND,
    VARIES
};
static const uint64_t sound[VARIES] = {[VERSION] = 2,
    [SHARES] = 1,
    [SHARE] = 1,
    [WRAPPED] = 29,
    [SPKI] = 91,
    [KID] = 8,
    [CHECK] = 32,
    [CUSTODIANS] = 1,
    [THRESHOLD] = 1};
static const char *const codes[] = {"011002", "011003", "Sapporo"};
static const uint8_t zero[100];

static void put_custodian(const uint64_t *form, uint64_t index, struct vrx_cbor_writer *writer) {
    const uint64_t members = (form[VERSION] == 1 ? 2 : 3) - form[CUSTODIAN_MEMBERS];
    uint8_t kid[32];
    uint8_t spki[100] = {(uint8_t)index};
    assert_ok(vrx_sha256(vrx_view_of(spki, form[SPKI]), kid));
    kid[0] ^= (uint8_t)form[KID_CHANGED];
    const struct vrx_view parts[] = {
        vrx_view_of(kid, form[KID]), vrx_view_of(spki, form[SPKI]), vrx_view_of(zero, form[CHECK])};
    vrx_cbor_put_map(writer, members);
    for (uint64_t i = 0; i < members; i++) {
        vrx_cbor_put_uint(writer, i + 1);
        vrx_cbor_put_bytes(writer, parts[i]);
    }
}

static void put_shares(const uint64_t *form, struct vrx_cbor_writer *writer) {
    vrx_cbor_put_uint(writer, 3);
    if (form[VERSION] != 1)
        vrx_cbor_put_array(writer, form[SHARES]);
    for (uint64_t i = 0; i < form[SHARES]; i++)
        vrx_cbor_put_bytes(writer, vrx_view_of(zero, form[SHARE]));
}

static void put_form(const uint64_t *form, struct vrx_buffer *out) {
    const uint64_t lengths[] = {form[WRAPPED], form[WRAPPED], form[SPKI], form[SPKI]};
    const uint64_t all = form[VERSION] == 1 ? 8 : 9;
    const uint64_t members = form[MEMBERS] ? form[MEMBERS] : all;
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, members);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, form[VERSION]);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_view_text(codes[form[CODE]]));
    put_shares(form, &writer);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        vrx_cbor_put_uint(&writer, 4 + i);
        vrx_cbor_put_bytes(&writer, vrx_view_of(zero, lengths[i]));
    }
    if (members >= 8) {
        vrx_cbor_put_uint(&writer, members == 8 && form[LAST_MEMBER] ? form[LAST_MEMBER] : 8);
        vrx_cbor_put_array(&writer, form[CUSTODIANS]);
        for (uint64_t i = 0; i < form[CUSTODIANS]; i++)
            put_custodian(form, i, &writer);
    }
    if (members >= 9) {
        vrx_cbor_put_uint(&writer, form[LAST_MEMBER] ? form[LAST_MEMBER] : 9);
        vrx_cbor_put_uint(&writer, form[THRESHOLD]);
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    for (uint64_t i = 0; i < form[BYTES_BEHIND]; i++)
        assert_ok(vrx_buffer_append_byte(out, 0));
}

struct row {
    enum vary vary;
    uint64_t value;
    enum vrx_reason reason;
};

static void check_rows(const uint64_t base[VARIES], const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t form[VARIES];
        struct vrx_buffer bytes = {0};
        struct vrx_keyring keyring;
        memcpy(form, base, sizeof form);
        form[rows[i].vary] = rows[i].value;
        put_form(form, &bytes);
        struct vrx_result result = vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s", i, vrx_reason_name(result.reason));
        vrx_buffer_done(&bytes);
    }
}

/* What both versions have. */
static const struct row common_rows[] = {
    {BYTES_BEHIND, 0, VRX_OK},
    {MEMBERS, 7, VRX_INPUT_FIELD_MISSING},
    {VERSION, 0, VRX_INPUT_VERSION},
    {VERSION, 3, VRX_INPUT_VERSION},
    {CODE, 1, VRX_CHECK_DIGIT_WRONG},
    {CODE, 2, VRX_INPUT_MALFORMED},
    {SHARE, 0, VRX_INPUT_RANGE},
    {WRAPPED, 28, VRX_INPUT_RANGE},
    {SPKI, 90, VRX_INPUT_RANGE},
    {SPKI, 92, VRX_INPUT_RANGE},
    {KID, 7, VRX_INPUT_RANGE},
    {KID, 9, VRX_INPUT_RANGE},
    {KID_CHANGED, 1, VRX_INPUT_RANGE},
    {CUSTODIANS, 0, VRX_INPUT_RANGE},
    {CUSTODIANS, 17, VRX_INPUT_RANGE},
    {CUSTODIAN_MEMBERS, 1, VRX_INPUT_FIELD_MISSING},
    {LAST_MEMBER, 10, VRX_INPUT_FIELD_UNKNOWN},
    {BYTES_BEHIND, 1, VRX_INPUT_TRAILING},
};

static void parse_keyring_cddl(void **state) {
    (void)state;
    static const struct row rows[] = {
        {MEMBERS, 8, VRX_INPUT_FIELD_MISSING},
        {CHECK, 31, VRX_INPUT_RANGE},
        {CHECK, 33, VRX_INPUT_RANGE},
        {SHARES, 0, VRX_INPUT_RANGE},
        {SHARES, 2, VRX_INPUT_RANGE},
        {SHARES, 17, VRX_INPUT_RANGE},
        {CUSTODIANS, 2, VRX_INPUT_RANGE},
        {THRESHOLD, 0, VRX_INPUT_RANGE},
        {THRESHOLD, 2, VRX_INPUT_RANGE},
        {THRESHOLD, 1ULL << 32 | 1, VRX_INPUT_RANGE},
    };
    check_rows(sound, common_rows, COUNT_OF(common_rows));
    check_rows(sound, rows, COUNT_OF(rows));
    uint64_t full[VARIES];
    memcpy(full, sound, sizeof full);
    full[SHARES] = full[CUSTODIANS] = 16;
    static const struct row most[] = {
        {THRESHOLD, 16, VRX_OK}, {THRESHOLD, 17, VRX_INPUT_RANGE}, {SHARES, 15, VRX_INPUT_RANGE}};
    check_rows(full, most, COUNT_OF(most));
}

static void parse_keyring_cddl_version_1(void **state) {
    (void)state;
    static const struct row rows[] = {
        {CUSTODIANS, 16, VRX_OK}, {MEMBERS, 9, VRX_INPUT_FIELD_MISSING}};
    uint64_t first[VARIES];
    memcpy(first, sound, sizeof first);
    first[VERSION] = 1;
    check_rows(first, common_rows, COUNT_OF(common_rows));
    check_rows(first, rows, COUNT_OF(rows));
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
    keyring.custodian_count = 2;
    keyring.custodians[1].share = keyring.custodians[0].share;
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
        cmocka_unit_test(a_shared_keyring_that_was_made_long_ago),
        cmocka_unit_test(two_keyrings_share_nothing),
        cmocka_unit_test(custodian_refused_who_is_none),
        cmocka_unit_test(custodian_refused_for_every_other_root),
        cmocka_unit_test(every_byte_of_the_file_counts),
        cmocka_unit_test(custodian_refused_when_a_public_part_was_exchanged),
        cmocka_unit_test(decrypt_failed_under_another_municipality),
        cmocka_unit_test(vault_damaged_when_the_wrapped_key_is_not_the_published_one),
        cmocka_unit_test(make_refuses_unfit_custodians),
        cmocka_unit_test(random_failed_at_every_draw),
        cmocka_unit_test(any_threshold_of_the_custodians_open_and_fewer_do_not),
        cmocka_unit_test(custodian_refused_for_a_lowered_threshold),
        cmocka_unit_test(custodian_refused_for_altered_foreign_and_doubled_shares),
        cmocka_unit_test(a_share_is_for_its_custodian_alone),
        cmocka_unit_test(remade_for_other_custodians),
        cmocka_unit_test(parse_keyring_cddl),
        cmocka_unit_test(parse_keyring_cddl_version_1),
        cmocka_unit_test(parse_refuses_one_custodian_twice),
        cmocka_unit_test(parse_refuses_what_is_no_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
