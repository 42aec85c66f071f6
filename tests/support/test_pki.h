/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKI in memory for tests of the transport: one authority, whose certificates are PEM buffers.
 */
#ifndef VRX_TEST_PKI_H
#define VRX_TEST_PKI_H

#include "crypto/x509.h"
#include "net/tls.h"

struct test_identity {
    struct vrx_buffer certificate_pem;
    struct vrx_secret *key_pem;
    uint8_t spki_sha256[32];
};

struct test_pki {
    struct vrx_private_key *key;
    struct vrx_certificate *authority;
    struct vrx_buffer authority_pem;
};

/* All assert success. */
void test_pki_init(struct test_pki *pki);
void test_pki_done(struct test_pki *pki);
/* VRX_PROFILE_SERVER for "localhost" and 127.0.0.1, or VRX_PROFILE_TERMINAL. */
void test_identity_init(struct test_identity *identity, const struct test_pki *pki,
    enum vrx_certificate_profile profile);
void test_identity_done(struct test_identity *identity);

struct vrx_tls_identity test_identity_tls(const struct test_identity *identity);

#endif
