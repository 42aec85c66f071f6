/* SPDX-License-Identifier: Apache-2.0
 *
 * With which of its keys the municipality signs, and with which it signed before.
 *
 * The keyring lists signing keys, the present one and those before. A new one is there before
 * others know it; so the vault remembers which key is in use, and the change to the present one is
 * an event of its own (vrx_signer_change), with an entry in the ledger. Until then the key before
 * signs. Once its time is over it signs nothing any more, in use or not.
 *
 * Errors beside those named: tenant.h's.
 */
#ifndef VRX_STORE_SIGNER_H
#define VRX_STORE_SIGNER_H

#include "base/arena.h"
#include "objects/dated_key.h"
#include "store/tenant.h"

/* Borrowed from the tenant's keys. */
struct vrx_signer {
    const struct vrx_private_key *key;
    uint8_t kid[VRX_DATED_KID];
    int64_t until; /* of its time, inclusive; VRX_KEY_NO_END */
};

/* Who signs what states this time. Errors: VRX_VAULT_DAMAGED when the keyring does not have the key
 * in use: it is an older one than the vault. */
struct vrx_result vrx_signer_at(
    struct vrx_tenant *tenant, int64_t time, struct vrx_signer *ret_signer);

/* Signs with the key for the time that the object states, and appends the message. Errors:
 * vrx_object_sign's, vrx_signer_at's. */
struct vrx_result vrx_signer_sign(struct vrx_tenant *tenant, const struct vrx_object_schema *schema,
    const void *object, struct vrx_buffer *out);

/* Verifies what this municipality signed, with the key of that time. Errors:
 * vrx_object_verify_by's. */
struct vrx_result vrx_signer_verify(struct vrx_tenant *tenant,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object);

/* A change that waits: the keyring's present key is not the one in use. */
struct vrx_signer_change {
    uint8_t old_kid[VRX_DATED_KID];
    uint8_t new_kid[VRX_DATED_KID];
    int64_t old_until; /* the last second of the key in use */
};
/* *ret_waits false: there is none, and *ret_change is untouched. */
struct vrx_result vrx_signer_waiting(
    struct vrx_tenant *tenant, bool *ret_waits, struct vrx_signer_change *ret_change);

/* Signs with the present key from here on. entry: that of the ledger which says so. Errors:
 * VRX_ALREADY_EXISTS when either key was changed before. */
struct vrx_result vrx_signer_change(
    struct vrx_tenant *tenant, const struct vrx_signer_change *change, uint64_t entry, int64_t now);

/* Appends a checkpoint of the ledger at this size, signed now. Errors: vrx_ledger_checkpoint's,
 * vrx_signer_at's. */
struct vrx_result vrx_signer_note(
    struct vrx_tenant *tenant, uint64_t size, int64_t now, struct vrx_buffer *out);

/* A checkpoint of this municipality's, by any of its keys. Errors: vrx_checkpoint_verify_by's. */
struct vrx_result vrx_signer_read_note(struct vrx_tenant *tenant, struct vrx_view note,
    struct vrx_checkpoint *ret_checkpoint, uint8_t ret_kid[VRX_DATED_KID]);

/* Whether that key signed checkpoints of so many entries: not once the ledger had the entry of its
 * change. Errors: VRX_KEY_NOT_IN_FORCE. */
struct vrx_result vrx_signer_check_size(
    struct vrx_tenant *tenant, const uint8_t kid[VRX_DATED_KID], uint64_t size);

#endif
