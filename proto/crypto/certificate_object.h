/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_CRYPTO_CERTIFICATE_OBJECT_H
#define VRX_CRYPTO_CERTIFICATE_OBJECT_H

#include <openssl/x509.h>

#include "crypto/x509.h"

#define VRX_DOCUMENT_TYPE_LIST "2.23.136.1.1.6.2" /* ICAO Doc 9303-12 §7.1.1.6 */

/* Inside this room only. The library's object has its extensions parsed already and is not changed
 * any more. */
struct vrx_certificate {
    X509 *x509;
    struct vrx_public_key *key;
    struct vrx_buffer der; /* as it arrived: fingerprints are taken of these bytes */
    struct vrx_buffer common_name;
    struct vrx_buffer purposes; /* extendedKeyUsage: dotted identifiers, each with a NUL */
    int64_t not_before;
    int64_t not_after;
};

#endif
