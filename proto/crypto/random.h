/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_CRYPTO_RANDOM_H
#define VRX_CRYPTO_RANDOM_H

#include "base/random.h"

/* OpenSSL's private DRBG (RAND_priv_bytes), for keys and nonces alike. Thread-safe; static. */
const struct vrx_random *vrx_random_system(void);

#endif
