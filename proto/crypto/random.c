/* SPDX-License-Identifier: Apache-2.0
 *
 * The system's random source: OpenSSL's private DRBG, seeded by getrandom(2), one a thread.
 */
#include "crypto/random.h"

#include <limits.h>
#include <openssl/rand.h>

#include "crypto/algorithms.h"

static struct vrx_result fill(void *context, uint8_t *out, size_t len) {
    (void)context;
    while (len > 0) {
        int part = len > INT_MAX ? INT_MAX : (int)len;
        if (RAND_priv_bytes(out, part) != 1)
            return vrx_crypto_refuse(VRX_RANDOM_FAILED, NULL);
        out += part;
        len -= (size_t)part;
    }
    return vrx_ok();
}

const struct vrx_random *vrx_random_system(void) {
    static const struct vrx_random system_source = {fill, NULL};
    return &system_source;
}
