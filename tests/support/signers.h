/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate authority and signers under it, made for one test.
 */
#ifndef VRX_TEST_SIGNERS_H
#define VRX_TEST_SIGNERS_H

#include "crypto/x509.h"
#include "support/check.h"

/* A key and its certificate. */
struct test_signer {
    struct vrx_private_key *key;
    struct vrx_certificate *cert;
};

#define TEST_FROM 1600000000  /* 2020-09-13, when test certificates begin */
#define TEST_UNTIL 1900000000 /* 2030-03-17, their last second */

/* issuer NULL: self-signed. serial tells certificates of one key apart. */
static inline void test_certificate(enum vrx_certificate_profile profile,
    const struct test_signer *issuer, uint8_t serial, int64_t from, int64_t until,
    struct test_signer *signer) {
    struct vrx_public_key *public_key = NULL;
    if (!signer->key)
        assert_ok(vrx_private_key_new_p256(&signer->key));
    assert_ok(vrx_private_key_public(signer->key, &public_key));
    struct vrx_certificate_request request = {.profile = profile,
        .subject_key = public_key,
        .country = vrx_view_text("JP"),
        .organization = vrx_view_text("VRX test"),
        .common_name = vrx_view_text("VRX test"),
        .serial = {serial, 1},
        .not_before = from,
        .not_after = until};
    assert_ok(vrx_certificate_make(
        &request, issuer ? issuer->cert : NULL, issuer ? issuer->key : signer->key, &signer->cert));
    vrx_public_key_free(&public_key);
}

static inline void test_signer_done(struct test_signer *signer) {
    vrx_certificate_free(&signer->cert);
    vrx_private_key_free(&signer->key);
}

#endif
