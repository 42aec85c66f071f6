/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that an issuer of SMART Health Cards publishes at ISS/.well-known/jwks.json (RFC 7517),
 * for who puts them on a trust list.
 */
#ifndef VRX_FORMATS_SHC_JWKS_H
#define VRX_FORMATS_SHC_JWKS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "crypto/key.h"

#define VRX_LIMIT_JWKS ((size_t)1 << 20) /* bytes; with certificates a key takes 4 KiB */
#define VRX_LIMIT_JWKS_KEYS 256          /* one a year, or one a municipality of a large state */

/* The signing keys of a set as uncompressed points, one view a key; they live in the arena. Keys
 * for another use or of another type are passed over. Errors: VRX_INPUT_TOO_LARGE over either
 * limit; vrx_foreign_json_read's; VRX_INPUT_TYPE, VRX_INPUT_MALFORMED; VRX_KEY_INVALID for a point
 * off the curve, a "kid" that is not the key's thumbprint (RFC 7638), a certificate of another key
 * (RFC 7517 §4.7) and a private key, which nobody must publish; VRX_NOT_FOUND without any signing
 * key. */
struct vrx_result vrx_jwks_read(struct vrx_view text, struct vrx_arena *arena,
    const struct vrx_view **ret_points, size_t *ret_count);

/* ---- our own ---- */

struct vrx_jwk {
    const struct vrx_public_key *key; /* EC or RSA */
    struct vrx_view certificate;      /* DER, of this key; empty: none */
    struct vrx_view issuer;           /* whose cards it signs, a URL; empty: not said */
};

#define VRX_JWK_KID 43 /* characters */

/* The key's thumbprint (RFC 7638) in base64url, and a NUL. Errors: vrx_public_key_numbers's,
 * vrx_sha256's, the buffer's. */
struct vrx_result vrx_jwk_kid(const struct vrx_public_key *key, char ret_kid[VRX_JWK_KID + 1]);

/* Appends a set: kid, use, alg, the key, x5c and x5t#S256 where it has a certificate, "iss" where
 * it has an issuer (RFC 7517 §4: who does not know a member ignores it). A certificate that is
 * given twice for one issuer is written once. The same keys in the same order are the same text.
 * Errors: the same. */
struct vrx_result vrx_jwks_write(const struct vrx_jwk *keys, size_t count, struct vrx_buffer *out);

#endif
