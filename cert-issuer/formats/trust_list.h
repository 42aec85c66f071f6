/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose certificates a verifier believes: of HCERT signer certificates by key identifier, several a
 * key identifier; of SMART Health Cards issuers with their keys (trust_issuers.h); of VDS-NC, which
 * bring their signers' certificates along, the authorities (CSCA) that issued those. The list
 * travels as a COSE_Sign1 by the platform authority (trust_list.cddl); every signer in it must be
 * issued by one of the authorities that stand in it.
 */
#ifndef VRX_FORMATS_TRUST_LIST_H
#define VRX_FORMATS_TRUST_LIST_H

#include "base/bytes.h"
#include "crypto/x509.h"
#include "formats/trust_issuers.h"

#define VRX_KID 8                     /* bytes of an HCERT key identifier */
#define VRX_LIMIT_TRUST_SIGNERS 65536 /* the DCC gateway's list held about 2,500 */
#define VRX_LIMIT_TRUST_CSCAS 1024    /* about 60 countries took part, some with several */

struct vrx_trust_list;

/* An empty list without a signature, version 0: for callers that bring their own trust. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_trust_list_new(struct vrx_trust_list **ret_list);
void vrx_trust_list_free(struct vrx_trust_list **list);

/* Adds a signer certificate in DER as it is, without a look at who issued it. Errors:
 * vrx_certificate_from_der's; VRX_INPUT_TOO_LARGE over VRX_LIMIT_TRUST_SIGNERS. */
struct vrx_result vrx_trust_list_add(struct vrx_trust_list *list, struct vrx_view der);

/* Adds an authority's certificate in DER: signers that it issued count for VDS-NC. Errors:
 * vrx_certificate_from_der's; VRX_INPUT_TOO_LARGE over VRX_LIMIT_TRUST_CSCAS. */
struct vrx_result vrx_trust_list_add_csca(struct vrx_trust_list *list, struct vrx_view der);

/* Adds a key of an issuer of SMART Health Cards. Errors: vrx_trust_issuers_add's. */
struct vrx_result vrx_trust_list_add_issuer(
    struct vrx_trust_list *list, struct vrx_view url, struct vrx_view point);

/* Verifies and reads a signed list. now in seconds. Errors: those of vrx_sign1_parse and
 * vrx_sign1_verify; the CBOR reader's; VRX_INPUT_FIELD_MISSING; VRX_CERTIFICATE_INVALID when a
 * signer is issued by no CSCA of the list; vrx_trust_issuers_read's; VRX_TRUST_LIST_EXPIRED;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_trust_list_parse(struct vrx_view message,
    const struct vrx_public_key *authority, int64_t now, struct vrx_trust_list **ret_list);

/* What a signed list says. */
struct vrx_trust_list_content {
    uint64_t version;               /* ascends with every list that the authority signs */
    int64_t issued, expires;        /* seconds; expires is inclusive */
    const struct vrx_view *signers; /* DER */
    size_t signer_count;            /* at least 1 */
    const struct vrx_view *cscas;   /* DER */
    size_t csca_count;              /* at least 1 */
    const struct vrx_trust_issuer *issuers;
    size_t issuer_count; /* 0: the list is as it was before there were any */
};

/* Signs a list and appends it. kid: the authority's key identifier. What vrx_trust_list_parse would
 * refuse of the chains is not looked at here. Errors: VRX_INPUT_FIELD_MISSING without signer, CSCA
 * or an issuer's key; vrx_trust_issuer_check's; vrx_sign1_make's; the CBOR writer's. */
struct vrx_result vrx_trust_list_sign(const struct vrx_trust_list_content *content,
    const struct vrx_private_key *authority, struct vrx_view kid, struct vrx_buffer *out);

uint64_t vrx_trust_list_version(const struct vrx_trust_list *list);
int64_t vrx_trust_list_issued(const struct vrx_trust_list *list);
int64_t vrx_trust_list_expires(const struct vrx_trust_list *list);
size_t vrx_trust_list_count(const struct vrx_trust_list *list);

/* The n-th signer of all (from 0), in the order of their key identifiers; NULL beyond the last.
 * Lives as long as the list. */
const struct vrx_certificate *vrx_trust_list_at(const struct vrx_trust_list *list, size_t n);

/* The n-th signer (from 0) with this key identifier, NULL beyond the last. Lives as long as the
 * list. */
const struct vrx_certificate *vrx_trust_list_signer(
    const struct vrx_trust_list *list, struct vrx_view kid, size_t n);

/* The n-th authority (from 0), NULL beyond the last. Lives as long as the list. */
const struct vrx_certificate *vrx_trust_list_csca(const struct vrx_trust_list *list, size_t n);

/* The issuers of SMART Health Cards; empty where the list names none. Lives as long as the list. */
const struct vrx_trust_issuers *vrx_trust_list_issuers(const struct vrx_trust_list *list);

/* The first VRX_KID bytes of SHA-256 over the certificate's DER (HCERT specification §3.2.2).
 * Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_signer_kid(const struct vrx_certificate *cert, uint8_t ret_kid[VRX_KID]);

#endif
