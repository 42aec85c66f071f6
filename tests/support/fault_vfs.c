/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fault_vfs.h"

#include <stddef.h>

static bool concerns(enum fault_kind kind, enum shim_operation operation) {
    switch (kind) {
    case FAULT_EIO:
        return true;
    case FAULT_ENOSPC:
    case FAULT_SHORT_WRITE:
    case FAULT_TORN_WRITE:
        return operation == SHIM_WRITE;
    case FAULT_FSYNC:
        return operation == SHIM_SYNC;
    case FAULT_NONE:
        return false;
    }
    return false;
}

/* What the unix VFS answers when the system call fails. */
static int code_of(enum fault_kind kind, enum shim_operation operation) {
    static const int io_errors[] = {
        [SHIM_OPEN] = SQLITE_CANTOPEN,
        [SHIM_DELETE] = SQLITE_IOERR_DELETE,
        [SHIM_READ] = SQLITE_IOERR_READ,
        [SHIM_WRITE] = SQLITE_IOERR_WRITE,
        [SHIM_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
        [SHIM_SYNC] = SQLITE_IOERR_FSYNC,
        [SHIM_SIZE] = SQLITE_IOERR_FSTAT,
    };
    bool full = kind == FAULT_ENOSPC || kind == FAULT_SHORT_WRITE;
    return full ? SQLITE_FULL : io_errors[operation];
}

static int before(void *context, struct shim_call *call) {
    struct fault_vfs *fault = context;
    if (!concerns(fault->kind, call->operation))
        return SQLITE_OK;
    fault->calls++;
    if (fault->lasting ? fault->calls < fault->at : fault->calls != fault->at)
        return SQLITE_OK;
    fault->met++;
    bool half = fault->kind == FAULT_SHORT_WRITE || fault->kind == FAULT_TORN_WRITE;
    call->amount = half ? call->amount / 2 : 0;
    return code_of(fault->kind, call->operation);
}

const char *fault_vfs_register(struct fault_vfs *fault) {
    *fault = (struct fault_vfs){.shim = {.before = before, .context = fault}};
    return shim_vfs_register(&fault->shim, "fault") == SQLITE_OK ? "fault" : NULL;
}

void fault_vfs_unregister(struct fault_vfs *fault) {
    shim_vfs_unregister(&fault->shim);
}

void fault_vfs_arm(struct fault_vfs *fault, enum fault_kind kind, unsigned long at, bool lasting) {
    fault->kind = kind;
    fault->at = at;
    fault->lasting = lasting;
    fault->calls = 0;
    fault->met = 0;
}
