/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keyring.c and keyring_make.c: what opens a keyring, and that nothing else does.
 */
#include <stdio.h>

#include "cbor/writer.h"
#include "crypto/hash.h"
#include "fixture.h"
#include "keyring/wrap.h"

#define SAMPLE "tests/fuzz/seeds/keyring/two_of_two.cbor"

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
    assert_ok(vrx_public_key_from_spki(keyring.signing.key[0].spki, &signing));
    assert_ok(vrx_public_key_from_spki(keyring.exchange.key[0].spki, &exchange));
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

    const struct vrx_view symmetric[] = {vrx_secret_view(root), vrx_tenant_data_key(keys),
        vrx_tenant_index_key(keys), vrx_tenant_linkage_key(keys), vrx_tenant_ledger_key(keys)};
    for (size_t i = 0; i < COUNT_OF(symmetric); i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(symmetric[i].ptr, symmetric[j].ptr, VRX_ROOT_KEY);
    assert_int_equal(keys->data_number, 1);
    assert_int_equal(vrx_tenant_previous_data_key(keys).len, 0);
    assert_int_equal(keys->previous_signing.count, 0);
    assert_int_equal(keyring.serial, 1);
    assert_int_equal(keyring.signing.key[0].from, MADE_AT);
    assert_int_equal(keyring.signing.key[0].until, 0);

    vrx_tenant_keys_free(&keys);
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

/* A file written once, two of two: it must open as long as version 3 is read. */
static void a_keyring_that_was_made_long_ago(void **state) {
    (void)state;
    uint8_t bytes[4096];
    struct vrx_keyring keyring = sample(SAMPLE, bytes);
    struct vrx_share shares[2] = {0};
    struct vrx_secret *root = NULL;
    struct vrx_tenant_keys *keys = NULL;
    assert_int_equal(keyring.threshold, 2);
    for (size_t i = 0; i < 2; i++) {
        struct custodian custodian = published_custodian(i);
        const struct vrx_custodian_key key = key_of(&custodian);
        assert_ok(vrx_keyring_open_share(&keyring, &key, &shares[i]));
        custodian_done(&custodian);
    }
    assert_ok(vrx_keyring_join(&keyring, shares, 2, &root));
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    assert_int_equal(keyring.serial, 2);
    assert_int_equal(keys->data_number, 2);
    assert_int_equal(keys->data_count, 2);
    assert_int_equal(keys->previous_signing.count, 1);
    assert_int_equal(keys->previous_exchange.count, 1);
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
    assert_false(vrx_view_equal(first.signing.key[0].spki, second.signing.key[0].spki));
    assert_false(vrx_view_equal(first.exchange.key[0].spki, second.exchange.key[0].spki));
    assert_false(vrx_view_equal(first.signing.key[0].spki, first.exchange.key[0].spki));
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
    changed.custodian_count = other.custodian_count; /* one custodian more */
    memcpy(changed.custodians, other.custodians, sizeof changed.custodians);
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.custodians[0].share = other.custodians[0].share;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.municipality = code_of("122173");
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.serial++;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.data_number++;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.signing = other.signing;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.exchange = other.exchange;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.signing.key[0].from--;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring; /* a previous key that never was */
    changed.signing.key[1] = other.signing.key[0];
    changed.signing.key[1].until = MADE_AT;
    changed.signing.count = 2;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring;
    changed.wrapped = other.wrapped;
    assert_unlock(&changed, root, VRX_CUSTODIAN_REFUSED);
    changed = keyring; /* each key in the other's place */
    changed.signing = keyring.exchange;
    changed.exchange = keyring.signing;
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

/* The genuine head around other secrets, as only who holds the root key can make it. */
static struct vrx_result unlock_with(
    const struct vrx_keyring *keyring, const struct vrx_secret *root, struct vrx_view secrets) {
    struct vrx_buffer wrapped VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_keyring changed = *keyring;
    assert_ok(vrx_wrap_put(root, keyring->head, secrets, vrx_random_system(), &wrapped));
    changed.wrapped = vrx_buffer_view(&wrapped);
    return vrx_keyring_unlock(&changed, root, &keys);
}

static void vault_damaged_when_the_wrapped_key_is_not_the_published_one(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = root_of(&keyring, &custodian);
    struct vrx_tenant_keys *keys = NULL;
    struct vrx_buffer secrets = {0};
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    assert_ok(vrx_secrets_put(keys, &secrets));
    assert_ok(unlock_with(&keyring, root, vrx_buffer_view(&secrets)));
    struct vrx_private_key **const pairs[] = {&keys->signing, &keys->exchange};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct vrx_private_key *genuine = *pairs[i];
        *pairs[i] = custodian.key;
        vrx_buffer_clear(&secrets);
        assert_ok(vrx_secrets_put(keys, &secrets));
        assert_reason(unlock_with(&keyring, root, vrx_buffer_view(&secrets)), VRX_VAULT_DAMAGED);
        *pairs[i] = genuine;
    }
    keys->previous_signing.count = 1; /* of a key that is not published */
    keys->previous_signing.key[0].private = custodian.key;
    vrx_buffer_clear(&secrets);
    assert_ok(vrx_secrets_put(keys, &secrets));
    assert_reason(unlock_with(&keyring, root, vrx_buffer_view(&secrets)), VRX_VAULT_DAMAGED);
    keys->previous_signing.count = 0;
    vrx_tenant_keys_free(&keys);
    vrx_buffer_done(&secrets);
    vrx_secret_free(&root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

/* Every truncation and every flipped byte of the plaintext, authenticated anew. */
static void vault_damaged_when_the_secrets_have_another_form(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_secret *root = root_of(&keyring, &custodian);
    struct vrx_tenant_keys *keys = NULL;
    struct vrx_buffer secrets = {0};
    size_t refused = 0;
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    assert_ok(vrx_secrets_put(keys, &secrets));
    for (size_t len = 1; len < secrets.len; len++)
        assert_reason(
            unlock_with(&keyring, root, vrx_view_of(secrets.ptr, len)), VRX_VAULT_DAMAGED);
    for (size_t i = 0; i < secrets.len; i++) {
        secrets.ptr[i] ^= 0x40;
        struct vrx_result result = unlock_with(&keyring, root, vrx_buffer_view(&secrets));
        if (!vrx_is_ok(result)) {
            assert_reason(result, VRX_VAULT_DAMAGED);
            refused++;
        }
        secrets.ptr[i] ^= 0x40;
    }
    /* Random keys are any bytes; and OpenSSL passes over two bytes of each PKCS #8. */
    assert_true(refused >= secrets.len - (size_t)4 * VRX_ROOT_KEY - (size_t)2 * 2);
    vrx_tenant_keys_free(&keys);
    vrx_buffer_done(&secrets);
    vrx_secret_free(&root);
    custodian_done(&custodian);
    vrx_buffer_done(&bytes);
}

static struct vrx_result make_for(const struct vrx_municipality_code *code,
    const struct vrx_public_key *const *keys, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out) {
    const struct vrx_custodians custodians = {keys, count, threshold};
    return vrx_keyring_make(code, &custodians, MADE_AT, random, out);
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
    assert_reason(make_for(&code, keys, 0, 1, random, &out), VRX_INPUT_RANGE);
    assert_reason(
        make_for(&code, keys, VRX_LIMIT_RECIPIENTS + 1, 1, random, &out), VRX_INPUT_RANGE);
    assert_reason(make_for(&code, keys, 2, 1, random, &out), VRX_INPUT_DUPLICATE_KEY);

    uint8_t der[44];
    size_t len = test_hex(
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        der, sizeof der);
    struct vrx_public_key *ed25519 = NULL;
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, len), &ed25519));
    assert_reason(make_for(&code, keys, 1, 0, random, &out), VRX_INPUT_RANGE);
    assert_reason(make_for(&code, keys, 1, 2, random, &out), VRX_INPUT_RANGE);
    const struct vrx_custodians one = {keys, 1, 1};
    assert_reason(vrx_keyring_make(&code, &one, -1, random, &out), VRX_INPUT_RANGE);
    keys[1] = ed25519;
    assert_reason(make_for(&code, keys, 2, 1, random, &out), VRX_KEY_INVALID);
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
        result = make_for(&code, keys, 2, 2, &random, &out);
        if (!vrx_is_ok(result)) {
            assert_reason(result, VRX_RANDOM_FAILED);
            assert_int_equal(out.len, 0);
        }
    } while (!vrx_is_ok(result) && draws++ < 20);
    assert_ok(result);
    assert_true(draws >= 7); /* root key, keys, its split, two messages, the wrapping nonce */
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
    struct vrx_buffer bytes = {0};
    lowered.threshold = 2;
    put_keyring(&lowered, &bytes);
    lowered = parsed(&bytes);
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
    vrx_buffer_done(&bytes);
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
    const struct vrx_custodians people = {keys, 3, 1};
    const struct vrx_custodians too_few = {keys, 3, 4};
    const struct vrx_keyring_renewal nothing = {0};
    struct vrx_share chosen[PEOPLE];
    struct vrx_secret *root = NULL;
    struct vrx_buffer bytes = {0};
    const struct vrx_random *random = vrx_random_system();
    assert_ok(vrx_keyring_join(&old.keyring, chosen, choose(&old, 6, chosen), &root));
    assert_ok(vrx_keyring_remake(&old.keyring, root, &people, &nothing, random, &bytes));
    struct vrx_keyring again = parsed(&bytes);
    assert_int_equal(again.threshold, 1);
    assert_true(vrx_view_equal(again.signing.key[0].spki, old.keyring.signing.key[0].spki));
    assert_true(vrx_view_equal(again.exchange.key[0].spki, old.keyring.exchange.key[0].spki));
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
    assert_reason(vrx_keyring_remake(&old.keyring, root, &people, &nothing, random, &bytes),
        VRX_CUSTODIAN_REFUSED);
    assert_reason(vrx_keyring_remake(&old.keyring, root, &too_few, &nothing, random, &bytes),
        VRX_INPUT_RANGE);
    assert_int_equal(bytes.len, 0);
    vrx_buffer_done(&bytes);
    vrx_secret_free(&root);
    custodian_done(&fresh[0]);
    custodian_done(&fresh[1]);
    people_done(&old);
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
        cmocka_unit_test(vault_damaged_when_the_secrets_have_another_form),
        cmocka_unit_test(make_refuses_unfit_custodians),
        cmocka_unit_test(random_failed_at_every_draw),
        cmocka_unit_test(any_threshold_of_the_custodians_open_and_fewer_do_not),
        cmocka_unit_test(custodian_refused_for_a_lowered_threshold),
        cmocka_unit_test(custodian_refused_for_altered_foreign_and_doubled_shares),
        cmocka_unit_test(a_share_is_for_its_custodian_alone),
        cmocka_unit_test(remade_for_other_custodians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
