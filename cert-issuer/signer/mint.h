/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the signing keys live and the only thing they are used for: content in, certificates out,
 * one in each format of its kind. In the order that Boulder gave certificate authorities: the
 * payload is built and signed with a throwaway key, that certificate is verified and read as a
 * border guard would, the payload is built again and must be the same bytes, and only then the real
 * key signs them. The result is verified once more before it leaves.
 *
 * Each format has a key of its own, so that one can be replaced or revoked without the others.
 */
#ifndef VRX_SIGNER_MINT_H
#define VRX_SIGNER_MINT_H

#include "policy/content.h"

/* Stands between the certificates, and the payloads, of one application: in no text of a
 * certificate. */
#define VRX_MINT_SEPARATOR '\n'

struct vrx_mint;

/* From the document signer's certificate in PEM and its key, for HCERT, which is taken over (*key
 * is NULL afterwards, on failure too). Makes the throwaway key. Errors: vrx_certificate_from_pem's;
 * VRX_KEY_INVALID when the key is not the certificate's; VRX_CERTIFICATE_INVALID when it may not
 * sign vaccination certificates (CA, key usage); VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_mint_new(
    struct vrx_view certificate_pem, struct vrx_private_key **key, struct vrx_mint **ret_mint);
void vrx_mint_free(struct vrx_mint **mint);

/* A key for SMART Health Cards, which has no certificate: verifiers find it by its thumbprint in
 * what issuer publishes. issuer: "iss" of the cards, copied. The key is taken over (*key is NULL
 * afterwards, on failure too). Errors: vrx_trust_issuer_check's; VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_mint_add_shc(
    struct vrx_mint *mint, struct vrx_view issuer, struct vrx_private_key **key);

/* A key for VDS-NC with its signer's certificate and that of the authority that issued it, which
 * seals are verified by. The key is taken over as above. Errors: vrx_certificate_from_pem's;
 * vrx_certificate_issued_by's; VRX_KEY_INVALID; VRX_CERTIFICATE_INVALID when a verifier would not
 * take its seals (key usage, document type, country). */
struct vrx_result vrx_mint_add_vds(struct vrx_mint *mint, struct vrx_view certificate_pem,
    struct vrx_view authority_pem, struct vrx_private_key **key);

/* Whether there is a key for each of these formats. Errors: VRX_KIND_NOT_ISSUED. */
struct vrx_result vrx_mint_ready(
    const struct vrx_mint *mint, const struct vrx_issue_formats *formats);

/* The last second of the signers of these formats: no certificate may outlive it. INT64_MAX where
 * none has a certificate. */
int64_t vrx_mint_not_after(const struct vrx_mint *mint, const struct vrx_issue_formats *formats);

/* "iss" of the SMART Health Cards; empty where none are made. Lives as long as the mint. */
struct vrx_view vrx_mint_shc_issuer(const struct vrx_mint *mint);

/* Whether this content can be signed at all: to be asked before an application is used up. Errors:
 * vrx_mint_ready's; vrx_hcert_payload's, vrx_shc_payload's, vrx_shc_sign's, vrx_vds_nc_data's and
 * vrx_vds_nc_sign's; VRX_CERTIFICATE_INVALID when a certificate would begin before or outlive its
 * signer (HCERT specification §3.3). */
struct vrx_result vrx_mint_check(
    const struct vrx_mint *mint, const struct vrx_issue_content *content);

/* Appends the payloads of all formats, with VRX_MINT_SEPARATOR between two: what is certified, and
 * nothing of any key. Errors: those of the payloads. */
struct vrx_result vrx_mint_payload(const struct vrx_issue_content *content, struct vrx_buffer *out);

/* Appends the certificates, with VRX_MINT_SEPARATOR between two. Errors: vrx_mint_check's;
 * VRX_INTERNAL_ERROR ("mint.h: …") when a check of our own work fails: nothing was signed with the
 * real key then, or it is not handed out. */
struct vrx_result vrx_mint_make(
    const struct vrx_mint *mint, const struct vrx_issue_content *content, struct vrx_buffer *out);

#endif
