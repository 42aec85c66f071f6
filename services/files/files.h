/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files, as every program of VRX reads and writes them: reading is bounded, writing is atomic
 * and durable. A reader sees the old content or the new one, also after a power cut.
 *
 * Errors of all: VRX_NOT_FOUND when there is no such file or folder; VRX_FILE_REFUSED when it may
 * not be opened, is no regular file or has the wrong owner or mode; VRX_DISK_FULL; VRX_DISK_FAILED;
 * VRX_OUT_OF_MEMORY.
 */
#ifndef VRX_FILES_FILES_H
#define VRX_FILES_FILES_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/secret.h"

/* Appends the content of a regular file. VRX_INPUT_TOO_LARGE over limit bytes; VRX_DISK_FAILED also
 * when the file changes its size meanwhile. */
struct vrx_result vrx_file_read(const char *path, size_t limit, struct vrx_buffer *out);

/* A private key or another secret, straight into locked memory. The file must belong to the caller
 * or to root and be closed to group and others (mode 0600, 0400), VRX_FILE_REFUSED otherwise.
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_SECRET bytes; VRX_INPUT_TRUNCATED when it is empty. */
struct vrx_result vrx_file_read_secret(const char *path, struct vrx_secret **ret_secret);

/* Writes path anew, in place of what was there. The file has this mode whatever the umask; it is
 * written beside, synced, renamed, and the folder is synced. */
struct vrx_result vrx_file_replace(const char *path, mode_t mode, struct vrx_view content);

/* The same where nothing is there yet. VRX_ALREADY_EXISTS otherwise, and what is there stays. */
struct vrx_result vrx_file_create(const char *path, mode_t mode, struct vrx_view content);

/* Makes names in this folder durable: what was renamed or removed in it. */
struct vrx_result vrx_folder_sync(const char *folder);

/* Removes a folder and the files in it, durably; it has no folders in it. VRX_NOT_FOUND when it is
 * not there. Of one that is left over by a failure some files may be gone. */
struct vrx_result vrx_folder_remove(const char *folder);

#endif
