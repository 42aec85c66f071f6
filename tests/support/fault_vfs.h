/* SPDX-License-Identifier: Apache-2.0
 *
 * A VFS whose n-th call fails. Arm it, run the work, look whether the fault was met: a loop over n
 * until it was not has failed every call of the work in turn.
 */
#ifndef VRX_SUPPORT_FAULT_VFS_H
#define VRX_SUPPORT_FAULT_VFS_H

#include <stdbool.h>

#include "support/shim_vfs.h"

enum fault_kind {
    FAULT_NONE,
    FAULT_EIO,         /* any call: SQLITE_IOERR_… or, on opening, SQLITE_CANTOPEN */
    FAULT_ENOSPC,      /* a write: SQLITE_FULL, nothing is stored */
    FAULT_SHORT_WRITE, /* a write: half of it is stored, then SQLITE_FULL */
    FAULT_TORN_WRITE,  /* a write: half of it is stored, then SQLITE_IOERR_WRITE */
    FAULT_FSYNC,       /* a sync: SQLITE_IOERR_FSYNC */
};

struct fault_vfs {
    struct shim_vfs shim;
    enum fault_kind kind;
    unsigned long at;    /* the call that fails, from 1 */
    bool lasting;        /* and all after it */
    unsigned long calls; /* so far, of those that kind is about */
    unsigned long met;   /* faults so far */
};

/* Returns its name; "fault". */
const char *fault_vfs_register(struct fault_vfs *fault);
void fault_vfs_unregister(struct fault_vfs *fault);
void fault_vfs_arm(struct fault_vfs *fault, enum fault_kind kind, unsigned long at, bool lasting);

#endif
