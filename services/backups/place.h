/* SPDX-License-Identifier: Apache-2.0
 *
 * Where backups lie and how they are named:
 *
 *     BACKUPS/011002/20261121T101658Z.part/    being made; removed at the next start
 *     BACKUPS/011002/20261121T101658Z/         vault.db, vault.db-wal (of a vault that a crash
 *                                              left, sealed), keyring.cbor, terminals
 *     STATE/tenants/011002.replaced-20261121T101658Z/    set aside by a restore: a tenant's folder
 *
 * Folders have mode 0700, files 0600. A name is the second in which the work began, in UTC, with
 * "-2" to "-9" where that is taken.
 */
#ifndef VRX_BACKUPS_PLACE_H
#define VRX_BACKUPS_PLACE_H

#include <limits.h>

#include "dispatch/daemon.h"

#define VRX_BACKUP_NAME 18 /* characters, at most */
#define VRX_BACKUP_PART ".part"
#define VRX_BACKUP_VAULT "/vault.db"
#define VRX_BACKUP_KEYRING "/keyring.cbor"
#define VRX_BACKUP_ROUTES "/terminals"

/* One backup, or one vault that was set aside. */
struct vrx_backup_place {
    struct vrx_municipality_code code;
    bool replaced;
    char name[VRX_BACKUP_NAME + 1];
};

/* nth: 1 to 9, of this second. */
void vrx_backup_name(int64_t time, unsigned nth, char out[VRX_BACKUP_NAME + 1]);
/* Errors: VRX_INPUT_MALFORMED; VRX_DATE_INVALID. */
struct vrx_result vrx_backup_name_time(struct vrx_view name, int64_t *ret_time);

/* Its folder, then end ("" or a file's name with its slash). Errors: VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_backup_path(const struct vrx_daemon *daemon,
    const struct vrx_backup_place *place, const char *end, char path[PATH_MAX]);
/* The folder with a municipality's backups; or with code NULL, with those of all. */
struct vrx_result vrx_backup_parent(
    const struct vrx_daemon *daemon, const struct vrx_municipality_code *code, char path[PATH_MAX]);
/* STATE/tenants. */
struct vrx_result vrx_backup_tenants(const struct vrx_daemon *daemon, char path[PATH_MAX]);

/* Mode 0700, durable, where it is not there yet. Errors: VRX_DISK_FULL, VRX_DISK_FAILED,
 * VRX_FILE_REFUSED. */
struct vrx_result vrx_backup_make_folder(const char *path);

/* How many bytes the files of a folder have. Errors: VRX_NOT_FOUND, VRX_DISK_FAILED. */
struct vrx_result vrx_backup_bytes(const char *folder, uint64_t *ret_bytes);

/* All places, in order of code, backups before what was set aside, then of name; code NULL: of all
 * municipalities. The caller frees the array. Errors: VRX_OUT_OF_MEMORY, VRX_FILE_REFUSED. */
struct vrx_result vrx_backup_places(const struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, struct vrx_backup_place **ret_places,
    size_t *ret_count);

/* Removes what a crash left unfinished. Before the first call is served. Errors: as above. */
struct vrx_result vrx_backups_clear(const struct vrx_daemon *daemon);

#endif
