/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the keyring: custodians whose keys are published, and a random source that counts.
 */
#ifndef VRX_TEST_KEYRING_FIXTURE_H
#define VRX_TEST_KEYRING_FIXTURE_H

#include "crypto/random.h"
#include "keyring/keyring.h"
#include "keyring/wrap.h"
#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define MADE_AT 1640995200 /* 2022-01-01T00:00:00Z */
#define PKCS8_HEAD "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"

struct custodian {
    struct vrx_private_key *key;
    struct vrx_public_key *public;
};

static inline struct custodian custodian_of(struct vrx_private_key *key) {
    struct custodian custodian = {key, NULL};
    assert_ok(vrx_private_key_public(key, &custodian.public));
    return custodian;
}

/* The keys of RFC 5903 §8.1: 0 the initiator's, 1 the responder's. */
static inline struct custodian published_custodian(size_t which) {
    static const char *const scalars[] = {PKCS8_HEAD
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        PKCS8_HEAD "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"};
    uint8_t der[80];
    size_t len = test_hex(scalars[which], der, sizeof der);
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_from_pkcs8(vrx_view_of(der, len), &key));
    return custodian_of(key);
}

static inline struct custodian fresh_custodian(void) {
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    return custodian_of(key);
}

static inline void custodian_done(struct custodian *custodian) {
    vrx_private_key_free(&custodian->key);
    vrx_public_key_free(&custodian->public);
}

static inline struct vrx_municipality_code code_of(const char *digits) {
    struct vrx_municipality_code code = {0};
    assert_ok(vrx_municipality_code_parse(vrx_view_text(digits), &code));
    return code;
}

/* A keyring of this municipality for threshold of these custodians; the caller ends the buffer. */
static inline struct vrx_buffer keyring_of(
    const char *municipality, const struct custodian *custodians, size_t count, size_t threshold) {
    const struct vrx_municipality_code code = code_of(municipality);
    const struct vrx_public_key *keys[VRX_LIMIT_RECIPIENTS];
    struct vrx_buffer bytes = {0};
    for (size_t i = 0; i < count; i++)
        keys[i] = custodians[i].public;
    const struct vrx_custodians people = {keys, count, threshold};
    assert_ok(vrx_keyring_make(&code, &people, MADE_AT, vrx_random_system(), &bytes));
    return bytes;
}

/* Each of the custodians alone. */
static inline struct vrx_buffer keyring_for(
    const char *municipality, const struct custodian *custodians, size_t count) {
    return keyring_of(municipality, custodians, count, 1);
}

static inline struct vrx_keyring parsed(const struct vrx_buffer *bytes) {
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(bytes), &keyring));
    return keyring;
}

static inline struct vrx_custodian_key key_of(const struct custodian *custodian) {
    struct vrx_custodian_key key;
    assert_ok(vrx_custodian_key_here(custodian->key, &key));
    return key;
}

/* The root key by one custodian alone. */
static inline struct vrx_result open_root(const struct vrx_keyring *keyring,
    const struct custodian *custodian, struct vrx_secret **ret_root) {
    const struct vrx_custodian_key key = key_of(custodian);
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    VRX_TRY(vrx_keyring_open_share(keyring, &key, &share));
    return vrx_keyring_join(keyring, &share, 1, ret_root);
}

static inline struct vrx_secret *root_of(
    const struct vrx_keyring *keyring, const struct custodian *by) {
    struct vrx_secret *root = NULL;
    assert_ok(open_root(keyring, by, &root));
    assert_int_equal(root->len, VRX_ROOT_KEY);
    return root;
}

/* A keyring put together from parts. */
static inline void put_keyring(const struct vrx_keyring *keyring, struct vrx_buffer *out) {
    struct vrx_buffer head = {0};
    assert_ok(vrx_wrap_put_head(keyring, &head));
    assert_ok(vrx_wrap_put_file(vrx_buffer_view(&head), keyring->wrapped, out));
    vrx_buffer_done(&head);
}

#endif
