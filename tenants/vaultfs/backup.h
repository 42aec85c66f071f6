/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups of a vault, from ciphertext to ciphertext: nothing is decrypted and no key is needed but
 * to verify. A backup is a vault file of the same municipality, with the same file id and keys; its
 * pages are bit for bit those of the vault. Whoever has one learns what whoever has the vault's
 * disk does.
 *
 * A backup that is put back and used writes under the same keys as the vault that went on: each
 * epoch's nonces are random, and the two together stay within twice VRX_EPOCH_WRITES. That it is
 * not the newest state is for the ledger's checkpoint to say; that all its pages are of one state
 * is verified when it is opened (fresh.h).
 */
#ifndef VRX_VAULTFS_BACKUP_H
#define VRX_VAULTFS_BACKUP_H

#include "vaultfs/vault.h"

struct vrx_backup;

/* Of an open vault. From begin to finish or free the database file stands still at the last commit
 * before begin: new commits gather in the WAL, which grows, and no checkpoint, VACUUM or step of a
 * rekey is possible (VRX_WRONG_STATE). One at a time. Its end comes before the vault is closed.
 *
 * The copy is made at path with ".part" (an older one is removed) and gets its name when it is
 * whole and durable. begin: outside of a transaction and with no statement running
 * (VRX_WRONG_STATE). Errors: VRX_ALREADY_EXISTS, there is a file at path or a WAL beside it;
 * VRX_FILE_REFUSED; VRX_DISK_FAILED, VRX_DISK_FULL, VRX_OUT_OF_MEMORY, VRX_VAULT_DAMAGED. */
struct vrx_result vrx_backup_begin(
    struct vrx_vault *vault, const char *path, struct vrx_backup **ret_backup);
/* Copies at most so many pages. After a failure it can be repeated. */
struct vrx_result vrx_backup_step(struct vrx_backup *backup, uint32_t pages);
void vrx_backup_progress(const struct vrx_backup *backup, struct vrx_vault_progress *ret_progress);
/* Makes it durable under its name. VRX_WRONG_STATE while pages are left, *backup stays then; it is
 * freed otherwise, and after a failure there is no backup. */
struct vrx_result vrx_backup_finish(struct vrx_backup **backup);
/* Gives up: removes what was copied. Accepts NULL. */
void vrx_backup_free(struct vrx_backup **backup);

/* Is told of bytes copied or checked; false ends the work with VRX_CANCELLED. NULL is accepted. */
struct vrx_backup_watch {
    bool (*go_on)(void *context, uint64_t done, uint64_t total);
    void *context;
};

/* Of a sealed vault: database and WAL as they stand, under SQLite's lock; both get their names
 * (path, and path with "-wal") when both are durable. Not for a vault that this process has open.
 * Errors: VRX_NOT_FOUND; VRX_FILE_REFUSED, somebody has it open; VRX_VAULT_DAMAGED as
 * vrx_backup_inspect says; and those of begin. */
struct vrx_result vrx_backup_copy(
    const char *from, const char *path, const struct vrx_backup_watch *watch);

/* Looks at a backup without any key: the vault's header in both slots, the same file id in page 1,
 * whole pages and frames. That the content is genuine, or there, is not shown by this. Errors:
 * VRX_NOT_FOUND, VRX_VAULT_DAMAGED, VRX_DISK_FAILED. */
struct vrx_result vrx_backup_inspect(const char *path);

/* How a restored vault was looked at. */
enum vrx_restored {
    VRX_RESTORED_STRUCTURE = 1, /* vrx_backup_inspect only: nothing vouches for the content */
    VRX_RESTORED_VERIFIED = 2,  /* every page authenticated, and SQLite's integrity_check passed */
};

/* Copies a backup to path, where no vault may be (VRX_ALREADY_EXISTS), and verifies the copy before
 * it gets its name. data_key may be empty: then only its structure is looked at. random is for
 * opening it with the key. Errors: vrx_backup_copy's, vrx_vault_open's; VRX_VAULT_DAMAGED when a
 * page does not authenticate: nothing is at path then. */
struct vrx_result vrx_backup_restore(const char *backup, const char *path, struct vrx_view data_key,
    const struct vrx_random *random, const struct vrx_backup_watch *watch,
    enum vrx_restored *ret_restored);

#endif
