/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/id_set.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "crypto/random.h"

struct vrx_result vrx_id_set_init(struct vrx_id_set *set) {
    uint8_t seed[16];
    *set = (struct vrx_id_set){0};
    VRX_TRY(vrx_random_fill(vrx_random_system(), seed, sizeof seed));
    set->seed[0] = vrx_get_u64(seed);
    set->seed[1] = vrx_get_u64(seed + 8) | 1;
    return vrx_ok();
}

void vrx_id_set_done(struct vrx_id_set *set) {
    free(set->slots);
    free(set->taken);
    *set = (struct vrx_id_set){0};
}

/* The slot where id stands or would stand. capacity is not 0. */
static size_t find_slot(const struct vrx_id_set *set, const uint8_t id[VRX_ID]) {
    uint64_t hash = (vrx_get_u64(id) ^ set->seed[0]) * set->seed[1];
    hash = (hash ^ hash >> 32 ^ vrx_get_u64(id + 8)) * set->seed[1];
    size_t at = (size_t)(hash >> 20) & (set->capacity - 1);
    while (set->taken[at] && memcmp(set->slots[at], id, VRX_ID) != 0)
        at = (at + 1) & (set->capacity - 1);
    return at;
}

bool vrx_id_set_has(const struct vrx_id_set *set, const uint8_t id[VRX_ID]) {
    return set->capacity && set->taken[find_slot(set, id)];
}

void vrx_id_set_add(struct vrx_id_set *set, const uint8_t id[VRX_ID]) {
    size_t at = find_slot(set, id);
    if (set->taken[at])
        return;
    set->taken[at] = true;
    memcpy(set->slots[at], id, VRX_ID);
    set->count++;
}

struct vrx_result vrx_id_set_reserve(struct vrx_id_set *set) {
    if ((set->count + 1) * 4 <= set->capacity * 3)
        return vrx_ok();
    struct vrx_id_set larger = *set;
    larger.count = 0;
    larger.capacity = set->capacity ? set->capacity * 2 : 1024;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    larger.taken = calloc(larger.capacity, sizeof *larger.taken);
    if (!larger.slots || !larger.taken) {
        vrx_id_set_done(&larger);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < set->capacity; i++)
        if (set->taken[i])
            vrx_id_set_add(&larger, set->slots[i]);
    vrx_id_set_done(set);
    *set = larger;
    return vrx_ok();
}
