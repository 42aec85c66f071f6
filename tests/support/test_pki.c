/* SPDX-License-Identifier: Apache-2.0 */
#include "support/test_pki.h"

#include <time.h>

#include "crypto/random.h"
#include "support/check.h"

#define DAY 86400

static void make(const struct test_pki *pki, const struct vrx_private_key *key,
    enum vrx_certificate_profile profile, struct vrx_certificate **ret_certificate) {
    struct vrx_public_key *public_key = NULL;
    assert_ok(vrx_private_key_public(key, &public_key));
    struct vrx_certificate_request request = {
        .profile = profile,
        .subject_key = public_key,
        .common_name = vrx_view_text("test"),
        .not_before = (int64_t)time(NULL) - DAY,
        .not_after = (int64_t)time(NULL) + DAY,
    };
    if (profile == VRX_PROFILE_PLATFORM_CA)
        request.not_after += DAY; /* nothing outlives its issuer */
    if (profile == VRX_PROFILE_SERVER)
        request.alternative_names = vrx_view_text("DNS:localhost,IP:127.0.0.1");
    assert_ok(vrx_random_fill(vrx_random_system(), request.serial, sizeof request.serial));
    assert_ok(vrx_certificate_make(&request, pki->authority, pki->key, ret_certificate));
    vrx_public_key_free(&public_key);
}

void test_pki_init(struct test_pki *pki) {
    *pki = (struct test_pki){0};
    assert_ok(vrx_private_key_new_p256(&pki->key));
    make(pki, pki->key, VRX_PROFILE_PLATFORM_CA, &pki->authority);
    assert_ok(vrx_certificate_to_pem(pki->authority, &pki->authority_pem));
}

void test_pki_done(struct test_pki *pki) {
    vrx_private_key_free(&pki->key);
    vrx_certificate_free(&pki->authority);
    vrx_buffer_done(&pki->authority_pem);
}

void test_identity_init(struct test_identity *identity, const struct test_pki *pki,
    enum vrx_certificate_profile profile) {
    struct vrx_private_key *key = NULL;
    struct vrx_certificate *certificate = NULL;
    *identity = (struct test_identity){0};
    assert_ok(vrx_private_key_new_p256(&key));
    make(pki, key, profile, &certificate);
    assert_ok(vrx_certificate_to_pem(certificate, &identity->certificate_pem));
    assert_ok(vrx_private_key_to_pem(key, &identity->key_pem));
    assert_ok(vrx_public_key_spki_sha256(vrx_certificate_key(certificate), identity->spki_sha256));
    vrx_certificate_free(&certificate);
    vrx_private_key_free(&key);
}

void test_identity_done(struct test_identity *identity) {
    vrx_buffer_done(&identity->certificate_pem);
    vrx_secret_free(&identity->key_pem);
}

struct vrx_tls_identity test_identity_tls(const struct test_identity *identity) {
    return (struct vrx_tls_identity){
        vrx_buffer_view(&identity->certificate_pem), identity->key_pem};
}
