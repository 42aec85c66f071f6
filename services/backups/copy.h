/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of one municipality's vault, open or sealed, while others, and its own calls, go on. An
 * open vault is copied by its actor, some pages at a time between the calls; a sealed one by the
 * caller's thread, which makes way for an unseal and begins again.
 *
 * While an open vault is copied its WAL only grows (vaultfs/backup.h). From half of the limit on
 * the copy takes larger steps; at the limit it is given up.
 */
#ifndef VRX_BACKUPS_COPY_H
#define VRX_BACKUPS_COPY_H

#include "backups/work.h"

/* The vault of work->slot to path, durable there; on failure nothing is there. tell (may be NULL)
 * hears of bytes. Errors: VRX_CANCELLED, VRX_SHUTTING_DOWN; VRX_TENANT_SEALED, it was sealed
 * meanwhile; VRX_CAP_REACHED, the WAL; VRX_NOT_FOUND, there is no vault; VRX_WRONG_STATE;
 * vrx_backup_begin's and vrx_backup_copy's. */
struct vrx_result vrx_backup_vault(struct vrx_backup_work *work, const char *path,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total));

#endif
