/* SPDX-License-Identifier: Apache-2.0
 *
 * Randomness as an argument: every rule can be tested with a known sequence. The system's own
 * source is vrx_random_system() in crypto/random.h.
 */
#ifndef VRX_BASE_RANDOM_H
#define VRX_BASE_RANDOM_H

#include "base/bytes.h"

struct vrx_random {
    /* Fills all len bytes or fails with VRX_RANDOM_FAILED. */
    struct vrx_result (*fill)(void *context, uint8_t *out, size_t len);
    void *context;
};

static inline struct vrx_result vrx_random_fill(
    const struct vrx_random *random, uint8_t *out, size_t len) {
    return random->fill(random->context, out, len);
}

#endif
