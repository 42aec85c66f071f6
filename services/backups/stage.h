/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's folder made from a backup, ready to take its place (dispatch/swap.h): the vault, its
 * structure looked at; its keyring; the routes of the backup and those of today; what was
 * noted beside the vault, the restore itself among it; and the mark that has the next unseal verify
 * every page.
 */
#ifndef VRX_BACKUPS_STAGE_H
#define VRX_BACKUPS_STAGE_H

#include "backups/work.h"

/* Of work->place. On failure nothing is left of it. tell hears of bytes. Errors: VRX_NOT_FOUND;
 * VRX_VAULT_DAMAGED; VRX_TENANT_UNKNOWN, it is another municipality's; VRX_CANCELLED,
 * VRX_SHUTTING_DOWN; vrx_backup_restore's and vrx_file_replace's. */
struct vrx_result vrx_backup_stage(struct vrx_backup_work *work,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total));
/* Takes back what was staged and did not take the place. */
void vrx_backup_unstage(const struct vrx_backup_work *work);

/* Whether the keyring of today opens what the backup's does: it is a later one of the same
 * municipality's keys, and has the backup's data key, as the present one or the one before. It is
 * to be kept then: custodians who have left since stay out. Errors: vrx_keyring_parse's, of the
 * backup's. */
struct vrx_result vrx_backup_keeps_keyring(
    struct vrx_view today, struct vrx_view backup, bool *ret_keeps);

/* Appends the lines of today, then those of the backup whose digests are not there yet. */
struct vrx_result vrx_backup_merge_routes(
    struct vrx_view today, struct vrx_view backup, struct vrx_buffer *out);

#endif
