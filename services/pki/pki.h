/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and certificates as PEM files: what stands behind `vrx pki`. Two tiers, six kinds of
 * certificate (crypto/x509.h), P-256 throughout. Nothing that exists is overwritten.
 *
 * A key file has mode 0600, a certificate 0644. Errors of all: those of files/files.h,
 * VRX_KEY_INVALID for a file that holds no P-256 private key, VRX_CERTIFICATE_INVALID for one that
 * holds no certificate.
 */
#ifndef VRX_PKI_PKI_H
#define VRX_PKI_PKI_H

#include "base/random.h"
#include "crypto/key.h"
#include "crypto/x509.h"

#define VRX_PKI_DAYS_MAX 10000 /* 27 years; a CSCA lives for 4 to 15 */

/* A file that others may read must not be a key: VRX_FILE_REFUSED when its mode opens it to group
 * or others, or it belongs to another user. */
struct vrx_result vrx_pki_read_key(const char *path, struct vrx_private_key **ret_key);
struct vrx_result vrx_pki_read_certificate(const char *path, struct vrx_certificate **ret_cert);

/* A fresh key in a file of its own, such as a custodian's. VRX_ALREADY_EXISTS when there is one. */
struct vrx_result vrx_pki_make_key(const char *path, struct vrx_private_key **ret_key);

/* One certificate with a fresh key. */
struct vrx_pki_order {
    enum vrx_certificate_profile profile;
    struct vrx_view country, organization, common_name, alternative_names; /* crypto/x509.h */
    uint32_t days;                  /* of validity, from now; 1 to VRX_PKI_DAYS_MAX */
    uint32_t hours;                 /* where not 0, in the place of days */
    const char *certificate;        /* where to write */
    const char *key;                /* where to write */
    const char *issuer_certificate; /* where to read; both NULL for a CA, which signs itself */
    const char *issuer_key;
};

/* Writes the key, then the certificate; when the second fails the first is removed again. now:
 * seconds since 1970. Errors also: VRX_INPUT_RANGE when the order does not fit its profile or would
 * outlive its issuer; VRX_ALREADY_EXISTS when one of the two files is there; VRX_KEY_INVALID when
 * issuer_key is not the issuer's; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_pki_make(
    const struct vrx_pki_order *order, int64_t now, const struct vrx_random *random);

#endif
