/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that loses power. Writes and truncations since the last sync of a file may be on the disk
 * or not, each sector of 512 bytes for itself, in any of the versions it had: dropped, reordered,
 * torn. A file's size follows the same rule, a removed file may be back. What was synced is there.
 *
 * The work runs on real files; at the appointed call the power goes (every call fails from then
 * on), and crash_vfs_settle replaces the files by what a disk might hold. All choices come from the
 * seed.
 */
#ifndef VRX_SUPPORT_CRASH_VFS_H
#define VRX_SUPPORT_CRASH_VFS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "support/shim_vfs.h"
#include "support/vault_files.h"

#define CRASH_FILES 3 /* a database, its WAL, a copy of it on its way */

/* A write or a truncation that no sync has covered. */
struct crash_pending {
    sqlite3_int64 offset; /* of a write; a truncation's size */
    uint32_t len;         /* 0 for a truncation */
    size_t at;            /* of the bytes in crash_file.bytes */
};

struct crash_file {
    char path[128];
    bool known;
    struct vrx_buffer durable; /* the file of this name, as it was synced last */
    bool fresh; /* the present file is another than the durable one: it starts empty */
    struct vrx_buffer pending; /* of struct crash_pending */
    struct vrx_buffer bytes;
};

struct crash_vfs {
    struct shim_vfs shim;
    struct crash_file files[CRASH_FILES];
    struct sequence sequence;
    unsigned long calls;       /* so far, of those that change something */
    unsigned long power_until; /* the call after which the power is gone */
    unsigned skipped_sync;     /* the disk forgets one sync in so many; 0: none */
    unsigned long syncs;
};

/* Returns its name, "crash". Files must not exist yet, or be opened after crash_vfs_settle. */
const char *crash_vfs_register(struct crash_vfs *crash, uint64_t seed);
void crash_vfs_unregister(struct crash_vfs *crash);
/* Power for so many more calls. */
void crash_vfs_power(struct crash_vfs *crash, unsigned long calls);
/* Now. */
void crash_vfs_cut(struct crash_vfs *crash);
bool crash_vfs_is_dark(const struct crash_vfs *crash);
/* Every connection is closed: makes the files what the disk holds, and the power is back. */
void crash_vfs_settle(struct crash_vfs *crash);

#endif
