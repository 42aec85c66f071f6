/* SPDX-License-Identifier: Apache-2.0
 *
 * COSE_Sign1 (RFC 9052 §4.2). What VRX signs itself: tag 18, protected {1: ES256, 4: kid}, empty
 * unprotected header, attached payload, deterministic CBOR throughout.
 */
#ifndef VRX_COSE_SIGN1_H
#define VRX_COSE_SIGN1_H

#include "base/bytes.h"
#include "crypto/key.h"

/* The parts of a message; views into the input. */
struct vrx_sign1 {
    struct vrx_view protected_bytes; /* what is signed over; empty for an empty map (§4.4) */
    int64_t algorithm;               /* 0 when neither header names one */
    struct vrx_view kid;             /* empty when neither header names one */
    bool has_content_type;
    uint64_t content_type; /* protected header 3, when it is an integer */
    bool detached;         /* the payload is nil */
    struct vrx_view payload;
    struct vrx_view signature;
};

/* VRX's own objects: STRICT, tag 18 required, protected exactly {1: ES256, 4: kid of 1 to 64
 * bytes}, the unprotected one empty, the payload attached. Nothing is verified. Errors: the CBOR
 * reader's; VRX_INPUT_MALFORMED ("RFC 9052 §…"); VRX_ALGORITHM_REFUSED when alg is not ES256. */
struct vrx_result vrx_sign1_parse(struct vrx_view input, struct vrx_sign1 *ret_message);

/* Other issuers' messages: FOREIGN; untagged, 18(…) or 61(18(…)); alg and kid in either header, the
 * protected one wins (RFC 9052 §3). crit is refused (§3.1). Errors: the CBOR reader's;
 * VRX_INPUT_MALFORMED; VRX_ALGORITHM_REFUSED when alg is a text. */
struct vrx_result vrx_sign1_parse_foreign(struct vrx_view input, struct vrx_sign1 *ret_message);

/* For a detached message the caller sets payload first. Verifies over the Sig_structure (RFC 9052
 * §4.4) with the message's own algorithm. external is the externally supplied data, empty in all
 * our objects. Errors: VRX_SIGNATURE_INVALID
 * ("RFC 9052 §4.4: …"), VRX_ALGORITHM_REFUSED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_sign1_verify(
    const struct vrx_sign1 *message, struct vrx_view external, const struct vrx_public_key *key);

/* Appends a complete tagged message. kid: 1 to 64 bytes (VRX_INPUT_RANGE otherwise). Errors:
 * VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_sign1_make(struct vrx_view payload, struct vrx_view external,
    const struct vrx_private_key *key, struct vrx_view kid, struct vrx_buffer *out);

/* Appends the Sig_structure: what a signer of its own process or a PKCS#11 token signs. */
struct vrx_result vrx_sign1_to_be_signed(struct vrx_view protected_bytes, struct vrx_view external,
    struct vrx_view payload, struct vrx_buffer *out);

#endif
