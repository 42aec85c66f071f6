/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs; callers read vault.h. Pages move to another data key in place, a few
 * hundred at a time. SQLite's own log cannot carry them (nothing in the database changes), so each
 * lot is first written and synced behind the last page of the database, then named in the header,
 * then copied to its place: power may fail anywhere, and the copying is done again at the next
 * open.
 */
#ifndef VRX_VAULTFS_REKEY_H
#define VRX_VAULTFS_REKEY_H

#include "vaultfs/epochs.h"

#define VRX_REKEY_LOT 128 /* pages copied at once: 512 KiB */

/* Finishes the copying that the header names, if any. The file is locked. Errors: VRX_DISK_FAILED,
 * VRX_DISK_FULL, VRX_OUT_OF_MEMORY, vrx_epochs_count's. */
struct vrx_result vrx_rekey_recover(struct vrx_epochs *epochs);

#endif
