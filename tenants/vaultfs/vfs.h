/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs; callers read vault.h. One vault has one VFS instance, and that instance
 * serves one database and its WAL.
 */
#ifndef VRX_VAULTFS_VFS_H
#define VRX_VAULTFS_VFS_H

#include <sqlite3.h>

#include "vaultfs/page.h"
#include "vaultfs/wal.h"

struct vrx_vault {
    sqlite3 *db;
    sqlite3_vfs vfs; /* registered under name while the vault is open */
    char name[40];
    sqlite3_vfs *under; /* where the stored bytes go */
    const struct vrx_random *random;
    struct vrx_page_keys keys;

    /* While vrx_vault_open runs: what the database file is opened with. */
    struct vrx_view data_key;
    bool creating;

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
/* An access of a shape that the format does not know. */
int vrx_vfs_refuse(struct vrx_vault *vault);
bool vrx_vfs_damaged(const struct vrx_vault *vault);

#endif
