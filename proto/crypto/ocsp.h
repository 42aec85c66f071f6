/* SPDX-License-Identifier: Apache-2.0
 *
 * The Online Certificate Status Protocol (RFC 6960): the question about one certificate and the
 * answer to it, as bytes. Who carries them is services/revocation's.
 *
 * Nothing but a clear "good" lets a certificate through: an answer that is old, that is about
 * something else, that repeats an earlier one or that nobody may sign is an error here.
 */
#ifndef VRX_CRYPTO_OCSP_H
#define VRX_CRYPTO_OCSP_H

#include "crypto/x509.h"

#define VRX_OCSP_NONCE 32                 /* bytes (RFC 8954 §2.1) */
#define VRX_OCSP_MAX ((size_t)16384)      /* bytes of an answer, with its signer's certificate */
#define VRX_OCSP_SKEW 300                 /* seconds that the responder's clock may be off by */
#define VRX_OCSP_AGE ((int64_t)8 * 86400) /* seconds; an older one is stale whatever it says */

/* Appends the question whether issuer has revoked cert. The certificate is named by SHA-1, as
 * responders know it (RFC 5019 §2.1.1): a name, on which no security rests. Errors:
 * VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_ocsp_ask(const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE],
    struct vrx_buffer *out);

/* OK when the answer says that cert is good: signed over SHA-256 or better by issuer or by a
 * responder to whom issuer gave id-kp-OCSPSigning (RFC 6960 §4.2.2.2), with this nonce (§4.4.1),
 * about this certificate, its times around now; without nextUpdate it must be VRX_OCSP_SKEW young.
 * Errors: VRX_CARD_REVOKED; VRX_CARD_STATUS_UNKNOWN with the clause for everything else that is not
 * a good answer; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_ocsp_check(struct vrx_view answer, const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE], int64_t now);

#endif
