/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs; callers read vault.h. One vault has one VFS instance, and that instance
 * serves one database and its WAL.
 */
#ifndef VRX_VAULTFS_VFS_H
#define VRX_VAULTFS_VFS_H

#include <sqlite3.h>

#include "vaultfs/epochs.h"
#include "vaultfs/fresh.h"
#include "vaultfs/nonces.h"
#include "vaultfs/page.h"
#include "vaultfs/wal.h"

/* SQLite file format §1.6: the page at 1 GiB is never written. */
#define VRX_LOCK_PAGE (0x40000000 / VRX_PAGE + 1)

struct vrx_vault {
    sqlite3 *db;
    sqlite3_vfs vfs; /* registered under name while the vault is open */
    char name[40];
    sqlite3_vfs *under; /* where the stored bytes go */
    struct vrx_nonces nonces;
    struct vrx_epochs epochs;
    struct vrx_fresh fresh;

    /* While vrx_vault_open runs: what the database file is opened with. */
    struct vrx_view data_key;
    bool creating;

    bool frozen;          /* a backup copies the database file: SQLite may not write it */
    bool locked;          /* nobody else has the file open */
    const char *database; /* SQLite's name of the open database file, else NULL */
    struct vrx_wal wal;
    /* The first reason that did not come from the file system below, VRX_OK until then. With
     * VRX_VAULT_DAMAGED nothing more is written or deleted. */
    enum vrx_reason failure;
    uint8_t scratch[VRX_WAL_FRAME]; /* stored form of the page on its way */
};

/* An open file: the database or the WAL. SQLite allocates it with the file below right behind. */
struct vrx_vault_file {
    sqlite3_file base; /* first: what SQLite sees */
    struct vrx_vault *vault;
    sqlite3_file *under;
};

/* Fills vault->vfs and registers it. under_name NULL: SQLite's default VFS. Errors:
 * VRX_NOT_FOUND when there is no VFS under_name, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_vfs_register(struct vrx_vault *vault, const char *under_name);
void vrx_vfs_unregister(struct vrx_vault *vault);

/* The vault whose file this connection has open, NULL when it is none. */
struct vrx_vault *vrx_vfs_vault(sqlite3 *db);

/* SQLite's code for result; remembers the failure in the vault. */
int vrx_vfs_settle(struct vrx_vault *vault, struct vrx_result result);
/* Opens a stored page with the key of its epoch; plain may be stored. Errors: vrx_epochs_find's,
 * vrx_page_open's. */
struct vrx_result vrx_vfs_open_page(struct vrx_vault *vault, const struct vrx_page_place *place,
    const uint8_t stored[VRX_PAGE], uint8_t plain[VRX_PAGE]);
/* Counts the write and seals the page into scratch. Errors: vrx_epochs_count's, vrx_page_seal's. */
struct vrx_result vrx_vfs_seal_page(
    struct vrx_vault *vault, const struct vrx_page_place *place, const uint8_t plain[VRX_PAGE]);
/* The oldest epoch that one of the database's first pages names; what its WAL holds is not looked
 * at. Errors: VRX_DISK_FAILED. */
struct vrx_result vrx_vfs_oldest_epoch(
    struct vrx_vault *vault, uint32_t pages, uint32_t *ret_epoch);

/* Copies all of the WAL into the database and empties it; a rekey's lot is in its place. Errors:
 * VRX_VAULT_DAMAGED once damage was seen; VRX_WRONG_STATE inside a transaction, while a statement
 * runs or a backup is made; vrx_sqlite_result's. */
struct vrx_result vrx_vault_quiet(struct vrx_vault *vault);
/* How many pages the database has. Errors: vrx_sqlite_result's. */
struct vrx_result vrx_vault_pages(struct vrx_vault *vault, uint32_t *ret_pages);
/* An access of a shape that the format does not know. */
int vrx_vfs_refuse(struct vrx_vault *vault);
bool vrx_vfs_damaged(const struct vrx_vault *vault);

#endif
