/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: what is done with files beside SQLite's own work.
 */
#ifndef VRX_VAULTFS_FILE_H
#define VRX_VAULTFS_FILE_H

#include <sqlite3.h>

#include "base/result.h"

/* A copy on its way has this behind its name. */
#define VRX_FILE_PART ".part"

bool vrx_file_exists(const char *path);
/* A new, empty file that only its owner can read. Errors: VRX_ALREADY_EXISTS, VRX_DISK_FULL,
 * VRX_DISK_FAILED, VRX_OUT_OF_MEMORY, VRX_FILE_REFUSED. */
struct vrx_result vrx_file_make(const char *path);
/* Makes the names in the folder of path durable. Errors: as for make. */
struct vrx_result vrx_file_sync_folder(const char *path);
/* out has PATH_MAX bytes and gets a then b. Errors: VRX_FILE_REFUSED when that is too long. */
struct vrx_result vrx_file_name(const char *a, const char *b, char *out);
/* path with VRX_FILE_PART gets the name path. Errors: as for make. */
struct vrx_result vrx_file_take_name(const char *path);

/* An open file of an SQLite VFS. Errors: VRX_FILE_REFUSED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_file_open(sqlite3_vfs *vfs, const char *path, sqlite3_file **ret_file);
/* Accepts NULL. */
void vrx_file_close(sqlite3_file **file);
/* What a code of such a file means: VRX_OK, VRX_DISK_FULL, VRX_DISK_FAILED. */
struct vrx_result vrx_file_result(int rc);

#endif
