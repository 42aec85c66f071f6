/* SPDX-License-Identifier: Apache-2.0
 *
 * An open-addressing table under a read-write lock. The digest is its own hash: an attacker who
 * wants collisions must register terminals first.
 */
#include "auth/registry.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
    bool used;
    uint8_t digest[VRX_SPKI_DIGEST];
    struct vrx_registered value;
};

struct vrx_registry {
    pthread_rwlock_t lock;
    struct entry *table;
    size_t capacity; /* a power of two */
    size_t count;
};

#define FIRST_CAPACITY 64

static size_t first_place(const struct vrx_registry *registry, const uint8_t *digest) {
    uint64_t hash;
    memcpy(&hash, digest, sizeof hash);
    return (size_t)hash & (registry->capacity - 1);
}

/* The entry of this digest, or the free one where it would stand. */
static struct entry *place(struct vrx_registry *registry, const uint8_t *digest) {
    size_t at = first_place(registry, digest);
    while (registry->table[at].used &&
           memcmp(registry->table[at].digest, digest, VRX_SPKI_DIGEST) != 0)
        at = (at + 1) & (registry->capacity - 1);
    return &registry->table[at];
}

/* Moves every entry that keep (NULL: all) lets through into a table of the given capacity. */
static struct vrx_result rebuild(
    struct vrx_registry *registry, size_t capacity, const void *without_owner) {
    struct entry *old = registry->table;
    size_t old_capacity = registry->capacity;
    struct entry *table = calloc(capacity, sizeof *table);
    if (!table)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    registry->table = table;
    registry->capacity = capacity;
    registry->count = 0;
    for (size_t i = 0; i < old_capacity; i++) {
        if (!old[i].used || (without_owner && old[i].value.owner == without_owner))
            continue;
        *place(registry, old[i].digest) = old[i];
        registry->count++;
    }
    free(old);
    return vrx_ok();
}

struct vrx_result vrx_registry_new(struct vrx_registry **ret_registry) {
    struct vrx_registry *registry = calloc(1, sizeof *registry);
    if (!registry)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = rebuild(registry, FIRST_CAPACITY, NULL);
    if (vrx_is_ok(result) && pthread_rwlock_init(&registry->lock, NULL) != 0)
        result = vrx_fail(VRX_OUT_OF_MEMORY);
    if (!vrx_is_ok(result)) {
        free(registry->table);
        free(registry);
        return result;
    }
    *ret_registry = registry;
    return vrx_ok();
}

void vrx_registry_free(struct vrx_registry **registry) {
    if (!registry || !*registry)
        return;
    pthread_rwlock_destroy(&(*registry)->lock);
    free((*registry)->table);
    free(*registry);
    *registry = NULL;
}

static struct vrx_result put_locked(
    struct vrx_registry *registry, const uint8_t *digest, const struct vrx_registered *value) {
    struct entry *entry = place(registry, digest);
    /* Only what is new needs room: a suspension never fails for lack of it. */
    if (!entry->used && 2 * (registry->count + 1) > registry->capacity) {
        VRX_TRY(rebuild(registry, 2 * registry->capacity, NULL));
        entry = place(registry, digest);
    }
    if (entry->used &&
        (entry->value.owner != value->owner || entry->value.platform != value->platform))
        return vrx_fail(VRX_ALREADY_EXISTS);
    if (!entry->used)
        registry->count++;
    entry->used = true;
    memcpy(entry->digest, digest, VRX_SPKI_DIGEST);
    entry->value = *value;
    return vrx_ok();
}

struct vrx_result vrx_registry_put(struct vrx_registry *registry,
    const uint8_t spki_sha256[VRX_SPKI_DIGEST], const struct vrx_registered *entry) {
    pthread_rwlock_wrlock(&registry->lock);
    struct vrx_result result = put_locked(registry, spki_sha256, entry);
    pthread_rwlock_unlock(&registry->lock);
    return result;
}

/* The table with this owner's entries exchanged for the list, as another one. */
static struct vrx_result exchanged(const struct vrx_registry *registry, const void *owner,
    const struct vrx_registration *list, size_t count, struct vrx_registry *fresh,
    size_t *ret_left_out) {
    size_t left_out = 0;
    fresh->capacity = registry->capacity;
    fresh->table = calloc(fresh->capacity, sizeof *fresh->table);
    if (!fresh->table)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < registry->capacity; i++) {
        const struct entry *entry = &registry->table[i];
        if (entry->used && entry->value.owner != owner)
            VRX_TRY(put_locked(fresh, entry->digest, &entry->value));
    }
    for (size_t i = 0; i < count; i++) {
        struct vrx_result result = put_locked(fresh, list[i].spki_sha256, &list[i].entry);
        if (result.reason != VRX_ALREADY_EXISTS)
            VRX_TRY(result);
        left_out += !vrx_is_ok(result);
    }
    *ret_left_out = left_out;
    return vrx_ok();
}

struct vrx_result vrx_registry_replace(struct vrx_registry *registry, const void *owner,
    const struct vrx_registration *list, size_t count, size_t *ret_left_out) {
    pthread_rwlock_wrlock(&registry->lock);
    struct vrx_registry fresh = {0}; /* its lock is not used */
    struct vrx_result result = exchanged(registry, owner, list, count, &fresh, ret_left_out);
    if (vrx_is_ok(result)) {
        struct entry *old = registry->table;
        registry->table = fresh.table;
        registry->capacity = fresh.capacity;
        registry->count = fresh.count;
        fresh.table = old;
    }
    free(fresh.table);
    pthread_rwlock_unlock(&registry->lock);
    return result;
}

void vrx_registry_remove_owner(struct vrx_registry *registry, const void *owner) {
    pthread_rwlock_wrlock(&registry->lock);
    struct vrx_result result = rebuild(registry, registry->capacity, owner);
    if (!vrx_is_ok(result)) {
        /* No memory for a fresh table: deny these terminals where they stand. */
        for (size_t i = 0; i < registry->capacity; i++)
            if (registry->table[i].used && registry->table[i].value.owner == owner)
                registry->table[i].value.suspended = true;
    }
    pthread_rwlock_unlock(&registry->lock);
}

void vrx_registry_forget_kinds(struct vrx_registry *registry, const void *owner) {
    pthread_rwlock_wrlock(&registry->lock);
    for (size_t i = 0; i < registry->capacity; i++) {
        struct vrx_registered *value = &registry->table[i].value;
        if (!registry->table[i].used || value->owner != owner)
            continue;
        if (value->kind)
            value->was_console = value->kind == VRX_TERMINAL_CONSOLE;
        value->kind = 0;
    }
    pthread_rwlock_unlock(&registry->lock);
}

struct vrx_result vrx_registry_find(struct vrx_registry *registry,
    const uint8_t spki_sha256[VRX_SPKI_DIGEST], struct vrx_registered *ret_entry) {
    struct vrx_result result = vrx_fail(VRX_TERMINAL_UNKNOWN);
    pthread_rwlock_rdlock(&registry->lock);
    const struct entry *entry = place(registry, spki_sha256);
    if (entry->used) {
        *ret_entry = entry->value;
        result = vrx_ok();
    }
    pthread_rwlock_unlock(&registry->lock);
    return result;
}

struct vrx_result vrx_registry_list(struct vrx_registry *registry, const void *owner,
    struct vrx_registration **ret_list, size_t *ret_count) {
    struct vrx_result result = vrx_fail(VRX_OUT_OF_MEMORY);
    pthread_rwlock_rdlock(&registry->lock);
    struct vrx_registration *list = calloc(registry->count + 1, sizeof *list);
    if (list) {
        size_t count = 0;
        for (size_t i = 0; i < registry->capacity; i++) {
            const struct entry *entry = &registry->table[i];
            if (!entry->used || entry->value.owner != owner)
                continue;
            memcpy(list[count].spki_sha256, entry->digest, VRX_SPKI_DIGEST);
            list[count++].entry = entry->value;
        }
        *ret_list = list;
        *ret_count = count;
        result = vrx_ok();
    }
    pthread_rwlock_unlock(&registry->lock);
    return result;
}
