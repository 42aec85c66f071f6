/* SPDX-License-Identifier: Apache-2.0
 *
 * Who says which card certificates are revoked. OK means that this one is not, as of now; whoever
 * cannot say so refuses.
 */
#ifndef VRX_CARDS_PROVIDER_H
#define VRX_CARDS_PROVIDER_H

#include "base/random.h"
#include "crypto/x509.h"

struct vrx_revocation_question {
    const struct vrx_certificate *certificate;
    const struct vrx_certificate *issuer;
    const struct vrx_random *random;
    int64_t now;
};

struct vrx_revocation_provider {
    /* May block, no longer than its time-out. Errors: VRX_CARD_REVOKED; VRX_CARD_STATUS_UNKNOWN
     * with what is wanting; VRX_OUT_OF_MEMORY, VRX_RANDOM_FAILED. */
    struct vrx_result (*ask)(void *context, const struct vrx_revocation_question *question);
    void (*free)(void *context);
    void *context;
};

/* Revocation lists in a file (PEM or DER), read for each question: whoever puts a newer one there
 * needs tell nobody. The list must be the issuer's, signed and in time. Errors: VRX_OUT_OF_MEMORY.
 */
struct vrx_result vrx_crl_provider_new(
    const char *path, struct vrx_revocation_provider *ret_provider);

/* A responder at "http://HOST:PORT/PATH" (RFC 6960 appendix A.1), asked by POST with a nonce, for
 * so many seconds at most. What it answers is signed: TLS would hide the question only, and
 * responders have none. Errors: VRX_INPUT_MALFORMED (the URL), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_ocsp_provider_new(
    const char *url, int64_t seconds, struct vrx_revocation_provider *ret_provider);

#endif
