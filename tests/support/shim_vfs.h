/* SPDX-License-Identifier: Apache-2.0
 *
 * An SQLite VFS that asks before it hands a call to the default VFS. fault_vfs.h and crash_vfs.h
 * are made of it; the vault is put on top with vrx_vault_open_over.
 */
#ifndef VRX_SUPPORT_SHIM_VFS_H
#define VRX_SUPPORT_SHIM_VFS_H

#include <sqlite3.h>
#include <stdint.h>

enum shim_operation {
    SHIM_OPEN,
    SHIM_DELETE,
    SHIM_READ,
    SHIM_WRITE,
    SHIM_TRUNCATE,
    SHIM_SYNC,
    SHIM_SIZE,
};

struct shim_call {
    enum shim_operation operation;
    const char *path;
    sqlite3_int64 offset; /* of a read or write; the new size of a truncation */
    int amount;           /* bytes of a read or write */
    const uint8_t *bytes; /* of a write */
};

struct shim_vfs {
    /* SQLITE_OK lets the call pass. Another code is its answer; a write first stores call->amount
     * bytes, so a hook that refuses sets that to 0 or to the part that reaches the disk. */
    int (*before)(void *context, struct shim_call *call);
    void *context;
    sqlite3_vfs vfs;
    sqlite3_vfs *under;
};

/* Returns SQLite's code. name must be unique and outlive the registration. */
int shim_vfs_register(struct shim_vfs *shim, const char *name);
void shim_vfs_unregister(struct shim_vfs *shim);

#endif
