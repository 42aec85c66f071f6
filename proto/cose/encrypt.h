/* SPDX-License-Identifier: Apache-2.0
 *
 * COSE_Encrypt (RFC 9052 §5.1) to one or several P-256 recipients: content A256GCM (RFC 9053 §4.1)
 * under a fresh key and nonce, the key wrapped by ECDH-ES + A256KW (RFC 9053 §6.4) with a fresh
 * ephemeral key for each recipient. Tag 96, deterministic CBOR, kid in each recipient's unprotected
 * header.
 */
#ifndef VRX_COSE_ENCRYPT_H
#define VRX_COSE_ENCRYPT_H

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/key.h"

#define VRX_LIMIT_RECIPIENTS 16 /* custodians of one municipality, with room */

struct vrx_recipient {
    struct vrx_view kid; /* 1 to 64 bytes */
    const struct vrx_public_key *key;
};

/* external is authenticated and not sent (RFC 9052 §5.3). Appends. random gives the content key and
 * nonce. Errors: VRX_INPUT_RANGE when count is 0 or over VRX_LIMIT_RECIPIENTS, or a kid has not 1
 * to 64 bytes; VRX_KEY_INVALID when a key is not P-256; VRX_RANDOM_FAILED; VRX_CRYPTO_FAILED;
 * VRX_OUT_OF_MEMORY; VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_encrypt_make(struct vrx_view plaintext, struct vrx_view external,
    const struct vrx_recipient *recipients, size_t count, const struct vrx_random *random,
    struct vrx_buffer *out);

/* A private key that need not be in this process: agree gives what vrx_ecdh gives, with its errors
 * and those of whoever holds the key. */
struct vrx_ecdh_key {
    struct vrx_result (*agree)(
        void *context, const struct vrx_public_key *other, uint8_t ret_shared[VRX_P256_SHARED]);
    void *context;
};

/* As vrx_encrypt_open below, and agree's errors. */
struct vrx_result vrx_encrypt_open_by(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_ecdh_key *key, struct vrx_buffer *out);

/* Opens with the recipient entry that has this kid. Appends the plaintext. Errors: VRX_KEY_UNKNOWN
 * when no entry has it; VRX_DECRYPT_FAILED ("RFC 9052 §5.3: …"); VRX_ALGORITHM_REFUSED; the CBOR
 * reader's; VRX_INPUT_MALFORMED when the message is not of this profile; VRX_KEY_INVALID when the
 * ephemeral key is not a point of the curve or key is not P-256. */
struct vrx_result vrx_encrypt_open(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_private_key *key, struct vrx_buffer *out);

#endif
