/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/thumbprint.h"

#include "base/encode.h"
#include "crypto/hash.h"

/* RFC 7638 §3.2: the required members in the order of their names, without white space. */
struct vrx_result vrx_thumbprint(
    const uint8_t point[VRX_P256_POINT], uint8_t ret_thumbprint[VRX_THUMBPRINT]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer jwk = {0};
    const struct vrx_view x = vrx_view_of(point + 1, VRX_P256_SCALAR);
    const struct vrx_view y = vrx_view_of(point + 1 + VRX_P256_SCALAR, VRX_P256_SCALAR);
    VRX_TRY(vrx_buffer_append(&jwk, vrx_view_text("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"")));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, x, &jwk));
    VRX_TRY(vrx_buffer_append(&jwk, vrx_view_text("\",\"y\":\"")));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, y, &jwk));
    VRX_TRY(vrx_buffer_append(&jwk, vrx_view_text("\"}")));
    return vrx_sha256(vrx_buffer_view(&jwk), ret_thumbprint);
}
