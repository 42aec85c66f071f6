/* SPDX-License-Identifier: Apache-2.0
 *
 * When a municipality begins to sign with the key that its keyring holds ready.
 */
#ifndef VRX_ADMIN_KEY_CHANGE_H
#define VRX_ADMIN_KEY_CHANGE_H

#include "dispatch/daemon.h"

/* Once a second, for an open vault. Where a new signing key waits (slot->key_due) and others can
 * verify with it, because the directory that this daemon holds names it in force, it signs from now
 * on: an entry of the ledger, in one transaction with what says so. Without the directory the key
 * before signs on, to the end of its time; then the new one does, for nothing may be signed that is
 * worthless later. Does not wait. */
void vrx_key_change_tick(struct vrx_slot *slot);

#endif
