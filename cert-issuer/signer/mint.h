/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the signing key lives and the only thing it is used for: content in, certificate out. In
 * the order that Boulder gave certificate authorities: the payload is built and signed with a
 * throwaway key, that certificate is verified and read as a border guard would, the payload is
 * built again and must be the same bytes, and only then the real key signs them. The result is
 * verified once more before it leaves.
 */
#ifndef VRX_SIGNER_MINT_H
#define VRX_SIGNER_MINT_H

#include "formats/hcert.h"

struct vrx_mint;

/* From the signer's certificate in PEM and its key, which is taken over (*key is NULL afterwards,
 * on failure too). Makes the throwaway key. Errors: vrx_certificate_from_pem's; VRX_KEY_INVALID
 * when the key is not the certificate's; VRX_CERTIFICATE_INVALID when it may not sign vaccination
 * certificates (CA, key usage); VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_mint_new(
    struct vrx_view certificate_pem, struct vrx_private_key **key, struct vrx_mint **ret_mint);
void vrx_mint_free(struct vrx_mint **mint);

/* The signer's last second: no certificate may outlive it. */
int64_t vrx_mint_not_after(const struct vrx_mint *mint);

/* Whether this content can be signed at all: to be asked before an application is used up. Errors:
 * vrx_hcert_payload's; VRX_CERTIFICATE_INVALID when the certificate would begin before or outlive
 * the signer (HCERT specification §3.3). */
struct vrx_result vrx_mint_check(const struct vrx_mint *mint, const struct vrx_hcert *content);

/* Appends the certificate. Errors: vrx_mint_check's; VRX_INTERNAL_ERROR ("mint.h: …") when a check
 * of our own work fails: nothing was signed with the real key then, or it is not handed out. */
struct vrx_result vrx_mint_make(
    const struct vrx_mint *mint, const struct vrx_hcert *content, struct vrx_buffer *out);

#endif
