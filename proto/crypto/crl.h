/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate revocation lists (RFC 5280 §5): whole ones of a CA, with a number and a time by which
 * the next one comes. Partial lists (delta, indirect, of a distribution point) are refused: to take
 * one for the whole list would let in what the rest of it shuts out.
 */
#ifndef VRX_CRYPTO_CRL_H
#define VRX_CRYPTO_CRL_H

#include "crypto/x509.h"

struct vrx_crl; /* immutable; may be shared by threads */

#define VRX_CRL_MAX \
    ((size_t)4 << 20)   /* bytes: 100,000 revoked certificates; 17 years of a country */
#define VRX_CRLS_MAX 16 /* lists in one file: CAs that follow each other */

/* One list in DER. Errors: VRX_CERTIFICATE_INVALID with the clause, VRX_INPUT_TRAILING,
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_crl_from_der(struct vrx_view der, struct vrx_crl **ret_crl);
void vrx_crl_free(struct vrx_crl **crl);

/* The lists of a file: one in DER, or PEM blocks "X509 CRL" and nothing else between the blocks but
 * text. Errors: as above, VRX_INPUT_TOO_LARGE, VRX_CAP_REACHED. */
struct vrx_crls {
    struct vrx_crl *list[VRX_CRLS_MAX];
    size_t count; /* at least 1 */
};
struct vrx_result vrx_crls_read(struct vrx_view file, struct vrx_crls *ret_crls);
/* Accepts one of all zero. */
void vrx_crls_done(struct vrx_crls *crls);

struct vrx_view vrx_crl_der(const struct vrx_crl *crl);
int64_t vrx_crl_this_update(const struct vrx_crl *crl); /* seconds */
int64_t vrx_crl_next_update(const struct vrx_crl *crl); /* seconds */
size_t vrx_crl_count(const struct vrx_crl *crl);        /* of revoked certificates */
/* Whether it names this certificate: the same issuer, and its serial number. */
bool vrx_crl_names(const struct vrx_crl *crl, const struct vrx_certificate *cert);
/* A is older than b, by the same issuer: its number is smaller (RFC 5280 §5.2.3). */
bool vrx_crl_is_older(const struct vrx_crl *a, const struct vrx_crl *b);

/* OK when issuer's key verifies the list's signature, issuer is a CA with cRLSign and the names and
 * key identifiers agree (RFC 5280 §6.3.3 f, g). The times are not looked at. Errors:
 * VRX_CERTIFICATE_INVALID, VRX_SIGNATURE_INVALID. */
struct vrx_result vrx_crl_issued_by(
    const struct vrx_crl *crl, const struct vrx_certificate *issuer);

/* How a certificate is known to its CA and to a list of it: SHA-256 over the issuer's name in DER
 * and the content of the serial number. Of a certificate, and of the n-th that a list names (from
 * 0). Errors: VRX_NOT_FOUND beyond the last; VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_certificate_issue_sha256(
    const struct vrx_certificate *cert, uint8_t ret_digest[32]);
struct vrx_result vrx_crl_issue_sha256(const struct vrx_crl *crl, size_t n, uint8_t ret_digest[32]);

/* ---- making one ---- */

/* RFC 5280 §5.3.1; 0: not said. */
enum vrx_revocation_reason {
    VRX_REVOCATION_UNSPECIFIED = 0,
    VRX_REVOCATION_KEY_COMPROMISE = 1,
    VRX_REVOCATION_SUPERSEDED = 4,
    VRX_REVOCATION_CESSATION = 5,
};

#define VRX_SERIAL_MAX 20 /* bytes, RFC 5280 §4.1.2.2 */

struct vrx_serial {
    uint8_t bytes[VRX_SERIAL_MAX]; /* big-endian, without leading zeros */
    size_t len;
};

/* Errors: VRX_CERTIFICATE_INVALID when it is negative or longer. */
struct vrx_result vrx_certificate_serial(
    const struct vrx_certificate *cert, struct vrx_serial *ret_serial);

struct vrx_revocation {
    struct vrx_serial serial;
    int64_t time; /* seconds */
    enum vrx_revocation_reason reason;
};

struct vrx_crl_request {
    uint64_t number; /* ascends with every list */
    int64_t this_update, next_update;
    const struct vrx_revocation *revoked;
    size_t revoked_count;
};

/* Signed with ECDSA-SHA256. Errors: VRX_INPUT_RANGE (times), VRX_KEY_INVALID (not the issuer's),
 * VRX_CERTIFICATE_INVALID (the issuer may not), VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_crl_make(const struct vrx_crl_request *request,
    const struct vrx_certificate *issuer, const struct vrx_private_key *issuer_key,
    struct vrx_crl **ret_crl);

/* Appends PEM. */
struct vrx_result vrx_crl_to_pem(const struct vrx_crl *crl, struct vrx_buffer *out);

#endif
