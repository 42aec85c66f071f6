/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS #11 URIs: what is taken is within its bounds and names files without NUL.
 */
#include <stdlib.h>

#include "pkcs11/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct vrx_pkcs11_uri uri;
    if (!vrx_is_ok(vrx_pkcs11_uri_parse(vrx_view_of(data, size), &uri)))
        return 0;
    require(uri.token.len <= VRX_PKCS11_TEXT && uri.id.len <= VRX_PKCS11_TEXT);
    require(memchr(uri.module_path, '\0', sizeof uri.module_path) != NULL);
    require(!uri.pin_source[0] || uri.pin_source[0] == '/');
    return 0;
}
