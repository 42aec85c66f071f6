/* SPDX-License-Identifier: Apache-2.0
 *
 * How JOSE names a key: the SHA-256 of its JWK in one fixed form (RFC 7638).
 */
#ifndef VRX_FORMATS_THUMBPRINT_H
#define VRX_FORMATS_THUMBPRINT_H

#include "base/bytes.h"
#include "crypto/key.h"

#define VRX_THUMBPRINT 32 /* bytes; 43 characters of base64url as a "kid" */

/* Of a P-256 key by its uncompressed point, which is not looked at. Errors: VRX_CRYPTO_FAILED,
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_thumbprint(
    const uint8_t point[VRX_P256_POINT], uint8_t ret_thumbprint[VRX_THUMBPRINT]);

#endif
