/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct vrx_result from_errno(int error) {
    switch (error) {
    case EEXIST:
        return vrx_fail(VRX_ALREADY_EXISTS);
    case ENOSPC:
    case EDQUOT:
        return vrx_fail(VRX_DISK_FULL);
    case EIO:
        return vrx_fail(VRX_DISK_FAILED);
    case ENOMEM:
        return vrx_fail(VRX_OUT_OF_MEMORY);
    default:
        return vrx_fail(VRX_FILE_REFUSED);
    }
}

bool vrx_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

struct vrx_result vrx_file_make(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return from_errno(errno);
    close(fd);
    return vrx_ok();
}

struct vrx_result vrx_file_sync_folder(const char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    if (len >= sizeof folder)
        return vrx_fail(VRX_FILE_REFUSED);
    memcpy(folder, path, len);
    folder[len] = '\0';
    int fd = open(len ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return from_errno(errno);
    struct vrx_result result = fsync(fd) == 0 ? vrx_ok() : from_errno(errno);
    close(fd);
    return result;
}

struct vrx_result vrx_file_name(const char *a, const char *b, char *out) {
    int len = snprintf(out, PATH_MAX, "%s%s", a, b);
    return len > 0 && len < PATH_MAX ? vrx_ok() : vrx_fail(VRX_FILE_REFUSED);
}

struct vrx_result vrx_file_take_name(const char *path) {
    char part[PATH_MAX];
    VRX_TRY(vrx_file_name(path, VRX_FILE_PART, part));
    return rename(part, path) == 0 ? vrx_ok() : from_errno(errno);
}

/* The kind of file of which SQLite's own VFS assumes least. */
struct vrx_result vrx_file_open(sqlite3_vfs *vfs, const char *path, sqlite3_file **ret_file) {
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    if (!file)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    int flags = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_READWRITE;
    int rc = vfs->xOpen(vfs, path, file, flags, NULL);
    if (rc != SQLITE_OK) {
        vrx_file_close(&file);
        return vrx_fail((rc & 0xff) == SQLITE_NOMEM ? VRX_OUT_OF_MEMORY : VRX_FILE_REFUSED);
    }
    *ret_file = file;
    return vrx_ok();
}

void vrx_file_close(sqlite3_file **file) {
    if (*file && (*file)->pMethods)
        (*file)->pMethods->xClose(*file);
    free(*file);
    *file = NULL;
}

struct vrx_result vrx_file_result(int rc) {
    if (rc == SQLITE_OK)
        return vrx_ok();
    return vrx_fail(rc == SQLITE_FULL ? VRX_DISK_FULL : VRX_DISK_FAILED);
}
