/* SPDX-License-Identifier: Apache-2.0
 *
 * X.509 certificates (RFC 5280): what VRX reads from them, and the six profiles that `vrx pki`
 * makes. Names in a certificate are shown to people and never decide anything, but for the country
 * of a VDS-NC's signer.
 */
#ifndef VRX_CRYPTO_X509_H
#define VRX_CRYPTO_X509_H

#include "base/arena.h"
#include "base/bytes.h"
#include "crypto/key.h"

struct vrx_certificate; /* immutable; may be shared by threads */

#define VRX_CERTIFICATE_MAX ((size_t)16384) /* bytes of DER */

/* Exactly one certificate in DER, at most VRX_CERTIFICATE_MAX. Refused, each with its clause: a key
 * of no vrx_key_type, extensions that do not parse or stand twice, critical ones that nobody knows.
 * Errors: VRX_CERTIFICATE_INVALID, VRX_INPUT_TRAILING, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_certificate_from_der(struct vrx_view der, struct vrx_certificate **ret_cert);
/* The first CERTIFICATE block (RFC 7468 §5). Errors: VRX_CERTIFICATE_INVALID. */
struct vrx_result vrx_certificate_from_pem(struct vrx_view pem, struct vrx_certificate **ret_cert);
void vrx_certificate_free(struct vrx_certificate **cert);

/* Views live as long as the certificate. */
struct vrx_view vrx_certificate_der(const struct vrx_certificate *cert);
const struct vrx_public_key *vrx_certificate_key(const struct vrx_certificate *cert);
int64_t vrx_certificate_not_before(const struct vrx_certificate *cert); /* seconds */
int64_t vrx_certificate_not_after(const struct vrx_certificate *cert);  /* seconds, inclusive */
bool vrx_certificate_is_ca(const struct vrx_certificate *cert);
/* keyUsage digitalSignature present, or no keyUsage extension at all. */
bool vrx_certificate_may_sign(const struct vrx_certificate *cert);
/* An extendedKeyUsage extension exists. */
bool vrx_certificate_has_eku(const struct vrx_certificate *cert);
/* It names this purpose, dotted ("1.3.6.1.5.5.7.3.2"). */
bool vrx_certificate_eku(const struct vrx_certificate *cert, const char *oid);
/* Empty views where the extension is absent. */
struct vrx_view vrx_certificate_subject_key_id(const struct vrx_certificate *cert);
struct vrx_view vrx_certificate_authority_key_id(const struct vrx_certificate *cert);
/* The subject's common name, empty when there is none. */
struct vrx_view vrx_certificate_common_name(const struct vrx_certificate *cert);
/* The subject's country (RFC 5280 §4.1.2.4), two letters by its definition and not looked at here.
 * Empty when there is none or more than one. */
struct vrx_view vrx_certificate_country(const struct vrx_certificate *cert);

enum vrx_document_types {
    VRX_DOCUMENT_TYPES_ABSENT, /* no such extension */
    VRX_DOCUMENT_TYPES_OTHERS, /* others only, or no list that can be read */
    VRX_DOCUMENT_TYPES_NAMED,  /* the one that was asked for is among them */
};
/* What the list of document types (ICAO Doc 9303-12 §7.1.1.6, 2.23.136.1.1.6.2) says of this one.
 * Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_certificate_document_type(
    const struct vrx_certificate *cert, const char *type, enum vrx_document_types *ret_types);
/* SHA-256 of the DER. */
struct vrx_result vrx_certificate_sha256(
    const struct vrx_certificate *cert, uint8_t ret_digest[32]);

/* OK when issuer's key verifies cert's signature over SHA-256 or better, issuer is a CA with
 * keyCertSign, its subject is cert's issuer, key identifiers agree where both have one, and neither
 * pathlen nor name constraints stand against it (RFC 5280 §6.1.3 a.1, a.4; §6.1.4 k, l, n).
 * Validity is not looked at. Errors: VRX_CERTIFICATE_INVALID; VRX_SIGNATURE_INVALID. */
struct vrx_result vrx_certificate_issued_by(
    const struct vrx_certificate *cert, const struct vrx_certificate *issuer);

enum vrx_certificate_profile {
    VRX_PROFILE_PLATFORM_CA,     /* CA, pathlen 0, keyCertSign cRLSign */
    VRX_PROFILE_SERVER,          /* digitalSignature, EKU serverAuth, subjectAltName */
    VRX_PROFILE_TERMINAL,        /* digitalSignature, EKU clientAuth */
    VRX_PROFILE_CSCA,            /* as ICAO 9303-12 §7.1: CA, pathlen 0 */
    VRX_PROFILE_DSC_VACCINATION, /* digitalSignature, EKU 1.3.6.1.4.1.1847.2021.1.2 */
    /* VDS-NC: digitalSignature, critical EKU 2.23.136.1.1.14.2, document type "NV" */
    VRX_PROFILE_VDS_SIGNER,
};

struct vrx_certificate_request {
    enum vrx_certificate_profile profile;
    const struct vrx_public_key *subject_key;
    struct vrx_view country;      /* two letters, may be empty */
    struct vrx_view organization; /* UTF-8, may be empty */
    struct vrx_view common_name;  /* UTF-8 */
    /* SERVER only: comma-separated OpenSSL form, "DNS:localhost,IP:127.0.0.1". */
    struct vrx_view alternative_names;
    uint8_t serial[16];            /* random; made positive */
    int64_t not_before, not_after; /* seconds */
};

/* Signed with ECDSA-SHA256. issuer NULL: self-signed, and key is the subject's own. With an issuer:
 * AKI = its SKI (RFC 5280 §4.2.1.1). Errors: VRX_CRYPTO_FAILED, VRX_INPUT_RANGE. */
struct vrx_result vrx_certificate_make(const struct vrx_certificate_request *request,
    const struct vrx_certificate *issuer, const struct vrx_private_key *issuer_key,
    struct vrx_certificate **ret_cert);

/* Appends PEM. */
struct vrx_result vrx_certificate_to_pem(
    const struct vrx_certificate *cert, struct vrx_buffer *out);

#endif
