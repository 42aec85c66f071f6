/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: a growing set of random identifiers, by open addressing under a seed of
 * this process, so that who chooses identifiers cannot choose collisions.
 */
#ifndef VRX_SIGNER_ID_SET_H
#define VRX_SIGNER_ID_SET_H

#include "base/bytes.h"
#include "objects/terms.h"

struct vrx_id_set {
    uint8_t (*slots)[VRX_ID];
    bool *taken;
    size_t capacity; /* a power of two */
    size_t count;
    uint64_t seed[2];
};

/* Errors: VRX_RANDOM_FAILED. */
struct vrx_result vrx_id_set_init(struct vrx_id_set *set);
void vrx_id_set_done(struct vrx_id_set *set);
bool vrx_id_set_has(const struct vrx_id_set *set, const uint8_t id[VRX_ID]);
/* So that the next vrx_id_set_add cannot fail. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_id_set_reserve(struct vrx_id_set *set);
/* After a successful reserve. Adding twice changes nothing. */
void vrx_id_set_add(struct vrx_id_set *set, const uint8_t id[VRX_ID]);

#endif
