/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done with a municipality's files while its vault is sealed and no ledger is open, and
 * what closed a vault that could not be written to any more: noted beside the vault as encoded
 * audit entries, entered into the ledger in the first transaction of the next unseal, then removed.
 * A crash in between enters nothing twice: an entry that stands among the ledger's last ones is
 * passed over.
 *
 * The notes are as safe as the disk that they lie on: who writes to it can take one away or make
 * one up. So an entry from here always has VRX_OUTSIDE_PURPOSE as its purpose.
 *
 * The file is STATE/tenants/CODE/outside: for each entry its length in two bytes, the high one
 * first, then its bytes.
 */
#ifndef VRX_DISPATCH_OUTSIDE_H
#define VRX_DISPATCH_OUTSIDE_H

#include "base/bytes.h"

struct vrx_ledger;

#define VRX_OUTSIDE_FILE "outside"
/* Beside it, after a restore: the next unseal verifies the whole vault. */
#define VRX_RESTORED_FILE "restored"
#define VRX_OUTSIDE_PURPOSE "noted beside the sealed vault"
/* Some 1,000 entries: who floods a sealed municipality is stopped, not served without a note. */
#define VRX_LIMIT_OUTSIDE ((size_t)256 << 10)

/* Adds one entry of 1 to VRX_LIMIT_LEDGER_ENTRY bytes to notes. Errors: VRX_INPUT_RANGE;
 * VRX_CAP_REACHED over VRX_LIMIT_OUTSIDE; the buffer's. */
struct vrx_result vrx_outside_add(struct vrx_buffer *notes, struct vrx_view entry);

/* Appends the notes in this tenant's folder, which may be none. Errors: vrx_file_read's. */
struct vrx_result vrx_outside_read(const char *folder, struct vrx_buffer *out);
/* Puts these in their place, durably. Errors: vrx_file_replace's. */
struct vrx_result vrx_outside_write(const char *folder, struct vrx_view notes);
/* Removes them, durably. Errors: VRX_DISK_FAILED, vrx_folder_sync's. */
struct vrx_result vrx_outside_forget(const char *folder);

/* Shows each entry in order. Errors: VRX_INPUT_TRUNCATED, VRX_INPUT_RANGE, after what was whole;
 * visit's. */
struct vrx_result vrx_outside_each(struct vrx_view notes,
    struct vrx_result (*visit)(void *context, struct vrx_view entry), void *context);

/* Appends to the ledger what is not there yet, in the caller's transaction. ret_unread: some of the
 * notes are no entries, or not ones that are made here; those are passed over. Errors: the
 * ledger's. */
struct vrx_result vrx_outside_enter(
    struct vrx_ledger *ledger, struct vrx_view notes, bool *ret_unread);

#endif
