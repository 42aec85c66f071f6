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

#endif
