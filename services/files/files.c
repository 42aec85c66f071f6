/* SPDX-License-Identifier: Apache-2.0
 *
 * Files are written beside their place and linked or renamed into it: a link refuses to overwrite,
 * a rename overwrites at once. Both need the folder synced, or a power cut forgets the name.
 */
#include "files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

#define SUFFIX ".XXXXXX"

static struct vrx_result failure(int error) {
    static const struct {
        int error;
        enum vrx_reason reason;
    } reasons[] = {
        {ENOENT, VRX_NOT_FOUND},
        {ENOTDIR, VRX_NOT_FOUND},
        {EEXIST, VRX_ALREADY_EXISTS},
        {EACCES, VRX_FILE_REFUSED},
        {EPERM, VRX_FILE_REFUSED},
        {EROFS, VRX_FILE_REFUSED},
        {EISDIR, VRX_FILE_REFUSED},
        {ELOOP, VRX_FILE_REFUSED},
        {ENAMETOOLONG, VRX_FILE_REFUSED},
        {ENXIO, VRX_FILE_REFUSED},
        {ENOSPC, VRX_DISK_FULL},
        {EDQUOT, VRX_DISK_FULL},
        {EFBIG, VRX_DISK_FULL},
        {ENOMEM, VRX_OUT_OF_MEMORY},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].error == error)
            return vrx_fail(reasons[i].reason);
    return vrx_fail(VRX_DISK_FAILED);
}

static void close_file(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

/* A regular file and its state. Without O_NONBLOCK a FIFO would hold up whoever opens it. */
static struct vrx_result open_regular(const char *path, int *ret_fd, struct stat *ret_state) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return failure(errno);
    struct vrx_result result = vrx_ok();
    if (fstat(fd, ret_state) != 0)
        result = failure(errno);
    else if (!S_ISREG(ret_state->st_mode))
        result = vrx_fail(VRX_FILE_REFUSED);
    if (vrx_is_ok(result))
        *ret_fd = fd;
    else
        close(fd);
    return result;
}

/* Exactly len bytes and then the end. */
static struct vrx_result read_all(int fd, uint8_t *at, size_t len) {
    uint8_t beyond;
    for (;;) {
        ssize_t got = read(fd, len > 0 ? at : &beyond, len > 0 ? len : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure(errno);
        if (got == 0 || len == 0)
            return got == 0 && len == 0 ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
        at += got;
        len -= (size_t)got;
    }
}

struct vrx_result vrx_file_read(const char *path, size_t limit, struct vrx_buffer *out) {
    int fd VRX_CLEANUP(close_file) = -1;
    struct stat state = {0};
    uint8_t *at = NULL;
    const size_t before = out->len;
    VRX_TRY(open_regular(path, &fd, &state));
    if ((uintmax_t)state.st_size > limit)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_buffer_extend(out, (size_t)state.st_size, &at));
    struct vrx_result result = read_all(fd, at, (size_t)state.st_size);
    if (!vrx_is_ok(result))
        out->len = before;
    return result;
}

struct vrx_result vrx_file_read_secret(const char *path, struct vrx_secret **ret_secret) {
    int fd VRX_CLEANUP(close_file) = -1;
    struct vrx_secret *secret VRX_CLEANUP(vrx_secret_free) = NULL;
    struct stat state = {0};
    VRX_TRY(open_regular(path, &fd, &state));
    if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0 ||
        (state.st_uid != geteuid() && state.st_uid != 0))
        return vrx_fail(VRX_FILE_REFUSED);
    if (state.st_size == 0)
        return vrx_fail(VRX_INPUT_TRUNCATED);
    if ((uintmax_t)state.st_size > VRX_LIMIT_SECRET)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_secret_new((size_t)state.st_size, &secret));
    VRX_TRY(read_all(fd, secret->ptr, secret->len));
    *ret_secret = secret;
    secret = NULL;
    return vrx_ok();
}

static struct vrx_result write_all(int fd, struct vrx_view content) {
    while (content.len > 0) {
        ssize_t done = write(fd, content.ptr, content.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return failure(errno);
        content = vrx_view_slice(content, (size_t)done, content.len);
    }
    return vrx_ok();
}

/* A synced file beside path; its name stands in name, to be linked or removed. */
static struct vrx_result write_beside(
    const char *path, mode_t mode, struct vrx_view content, char name[PATH_MAX]) {
    if (snprintf(name, PATH_MAX, "%s" SUFFIX, path) >= PATH_MAX)
        return vrx_fail(VRX_FILE_REFUSED);
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0)
        return failure(errno);
    struct vrx_result result = write_all(fd, content);
    if (vrx_is_ok(result) && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
        result = failure(errno);
    if (close(fd) != 0 && vrx_is_ok(result))
        result = failure(errno);
    if (!vrx_is_ok(result))
        unlink(name);
    return result;
}

static struct vrx_result sync_folder_of(const char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash)
        return vrx_folder_sync(".");
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    memcpy(folder, path, len); /* shorter than the name beside, which fitted */
    folder[len] = '\0';
    return vrx_folder_sync(folder);
}

struct vrx_result vrx_file_replace(const char *path, mode_t mode, struct vrx_view content) {
    char name[PATH_MAX];
    VRX_TRY(write_beside(path, mode, content, name));
    if (rename(name, path) != 0) {
        struct vrx_result result = failure(errno);
        unlink(name);
        return result;
    }
    return sync_folder_of(path);
}

struct vrx_result vrx_file_create(const char *path, mode_t mode, struct vrx_view content) {
    char name[PATH_MAX];
    VRX_TRY(write_beside(path, mode, content, name));
    struct vrx_result result = link(name, path) == 0 ? vrx_ok() : failure(errno);
    unlink(name);
    return vrx_is_ok(result) ? sync_folder_of(path) : result;
}

struct vrx_result vrx_folder_sync(const char *folder) {
    int fd VRX_CLEANUP(close_file) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return failure(errno);
    return vrx_ok();
}

static struct vrx_result remove_files(DIR *folder) {
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT)
            return failure(errno); /* gone already: by whoever had it open */
    }
    return vrx_ok();
}

struct vrx_result vrx_folder_remove(const char *folder) {
    DIR *open_folder = opendir(folder);
    if (!open_folder)
        return failure(errno);
    struct vrx_result result = remove_files(open_folder);
    closedir(open_folder);
    VRX_TRY(result);
    return rmdir(folder) == 0 ? sync_folder_of(folder) : failure(errno);
}
