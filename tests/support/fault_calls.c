/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fault_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

#include "support/shim_vfs.h"

/* The linker's --wrap gives these names to the callers' functions and to the system's. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c) */
int __real_open(const char *path, int flags, ...);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_unlinkat(int folder, const char *name, int flags);
int __real_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
ssize_t __real_write(int fd, const void *bytes, size_t len);
DIR *__real_opendir(const char *path);
int __wrap_open(const char *path, int flags, ...);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __wrap_fsync(int fd);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
DIR *__wrap_opendir(const char *path);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */

static struct {
    unsigned long at;
    bool lasting;
    unsigned long calls;
    bool met;
    struct shim_vfs shim;
    sqlite3_vfs *usual;
} fault;

static bool fails(void) {
    if (fault.at == 0)
        return false;
    fault.calls++;
    const bool now = fault.lasting ? fault.calls >= fault.at : fault.calls == fault.at;
    fault.met = fault.met || now;
    if (now)
        errno = EIO;
    return now;
}

int __wrap_open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return fails() ? -1 : __real_open(path, flags, mode);
}

int __wrap_rename(const char *from, const char *to) {
    return fails() ? -1 : __real_rename(from, to);
}

int __wrap_unlink(const char *path) {
    return fails() ? -1 : __real_unlink(path);
}

int __wrap_unlinkat(int folder, const char *name, int flags) {
    return fails() ? -1 : __real_unlinkat(folder, name, flags);
}

int __wrap_fsync(int fd) {
    return fails() ? -1 : __real_fsync(fd);
}

int __wrap_mkdir(const char *path, mode_t mode) {
    return fails() ? -1 : __real_mkdir(path, mode);
}

int __wrap_rmdir(const char *path) {
    return fails() ? -1 : __real_rmdir(path);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len) {
    return fails() ? -1 : __real_write(fd, bytes, len);
}

DIR *__wrap_opendir(const char *path) {
    return fails() ? NULL : __real_opendir(path);
}

/* What the unix VFS answers when the system call fails. */
static int before(void *context, struct shim_call *call) {
    static const int codes[] = {
        [SHIM_OPEN] = SQLITE_CANTOPEN,
        [SHIM_DELETE] = SQLITE_IOERR_DELETE,
        [SHIM_READ] = SQLITE_IOERR_READ,
        [SHIM_WRITE] = SQLITE_IOERR_WRITE,
        [SHIM_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
        [SHIM_SYNC] = SQLITE_IOERR_FSYNC,
        [SHIM_SIZE] = SQLITE_IOERR_FSTAT,
    };
    (void)context;
    if (!fails())
        return SQLITE_OK;
    call->amount = call->operation == SHIM_WRITE ? call->amount / 2 : 0;
    return codes[call->operation];
}

void fault_calls_begin(void) {
    fault.usual = sqlite3_vfs_find(NULL);
    fault.shim = (struct shim_vfs){.before = before};
    (void)shim_vfs_register(&fault.shim, "fault_calls");
    (void)sqlite3_vfs_register(&fault.shim.vfs, 1);
}

void fault_calls_end(void) {
    shim_vfs_unregister(&fault.shim);
    (void)sqlite3_vfs_register(fault.usual, 1);
}

void fault_calls_arm(unsigned long at, bool lasting) {
    fault.at = at;
    fault.lasting = lasting;
    fault.calls = 0;
    fault.met = false;
}

bool fault_calls_disarm(void) {
    fault.at = 0;
    return fault.met;
}
