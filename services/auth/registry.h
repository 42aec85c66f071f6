/* SPDX-License-Identifier: Apache-2.0
 *
 * Which terminal belongs to whom: the SHA-256 of a client certificate's SubjectPublicKeyInfo leads
 * to exactly one owner, a municipality's slot or the platform operator. While a municipality is
 * sealed its terminals are known by this route only, without their kind; unsealing replaces them by
 * the list in its vault, which is the one that counts.
 *
 * Thread-safe. Look-ups by many I/O threads, changes by few.
 */
#ifndef VRX_AUTH_REGISTRY_H
#define VRX_AUTH_REGISTRY_H

#include "base/bytes.h"
#include "store/terminal.h"

#define VRX_SPKI_DIGEST 32

/* Bits for the "who may call" column of the method table. */
#define VRX_CALLER(kind) (1u << (unsigned)(kind))
#define VRX_CALLER_PLATFORM (1u << 30)
#define VRX_CALLER_ANYONE (1u << 29) /* who shows no certificate */
#define VRX_CALLER_PEER (1u << 28)   /* another municipality's daemon, by the directory */

struct vrx_registered {
    bool platform; /* the platform operator's own terminal; owner is NULL */
    void *owner;   /* the slot */
    unsigned kind; /* enum vrx_terminal_kind; 0 while known by route only */
    bool suspended;
    bool was_console;          /* when its owner was unsealed last */
    int64_t certificate_from;  /* validity of its certificate, seconds; 0: not known */
    int64_t certificate_until; /* inclusive */
};

struct vrx_registry;

/* One terminal and what is known of it. */
struct vrx_registration {
    uint8_t spki_sha256[VRX_SPKI_DIGEST];
    struct vrx_registered entry;
};

/* Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_registry_new(struct vrx_registry **ret_registry);
void vrx_registry_free(struct vrx_registry **registry);

/* Adds or, for the same owner, replaces. Errors: VRX_ALREADY_EXISTS when another owner has it;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_registry_put(struct vrx_registry *registry,
    const uint8_t spki_sha256[VRX_SPKI_DIGEST], const struct vrx_registered *entry);

/* Puts these in the place of all that this owner had, in one step: a look-up meanwhile finds the
 * old or the new, never nothing. What another owner has stays with that one; *ret_left_out counts
 * it. On failure the old stay. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_registry_replace(struct vrx_registry *registry, const void *owner,
    const struct vrx_registration *list, size_t count, size_t *ret_left_out);

/* Forgets every terminal of this owner. */
void vrx_registry_remove_owner(struct vrx_registry *registry, const void *owner);

/* Makes every terminal of this owner known by route only, as at sealing; was_console keeps which
 * were consoles. */
void vrx_registry_forget_kinds(struct vrx_registry *registry, const void *owner);

/* Errors: VRX_TERMINAL_UNKNOWN. */
struct vrx_result vrx_registry_find(struct vrx_registry *registry,
    const uint8_t spki_sha256[VRX_SPKI_DIGEST], struct vrx_registered *ret_entry);

/* Every terminal of this owner, in no order; the caller frees the array. Errors: VRX_OUT_OF_MEMORY.
 */
struct vrx_result vrx_registry_list(struct vrx_registry *registry, const void *owner,
    struct vrx_registration **ret_list, size_t *ret_count);

#endif
