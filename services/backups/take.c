/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup: made under another name, the entry in the ledger durable before it gets its own, so
 * that there is none without an entry. A crash in between leaves the entry, and no backup.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backups/copy.h"
#include "backups/handlers.h"
#include "dispatch/dispatch.h"
#include "files/files.h"
#include "keyring/keyring.h"

#define METHOD VRX_BACKUPS_PATH "TakeBackup"

static void tell(struct vrx_backup_work *work, uint64_t done, uint64_t total) {
    Vrx__V1__TakeBackupResponse message;
    if (!vrx_backup_is_due(work))
        return;
    vrx__v1__take_backup_response__init(&message);
    message.done = done;
    message.total = total;
    VRX_IGNORE(vrx_dispatch_send(work->call, &message.base)); /* the next one says more */
}

/* A folder for it under the first name that is free. */
static struct vrx_result make_part(struct vrx_backup_work *work, char part[PATH_MAX]) {
    char path[PATH_MAX];
    char name[VRX_BACKUP_NAME + 1];
    const struct vrx_daemon *daemon = work->call->daemon;
    VRX_TRY(vrx_backup_parent(daemon, NULL, path));
    VRX_TRY(vrx_backup_make_folder(path));
    VRX_TRY(vrx_backup_parent(daemon, &work->place.code, path));
    VRX_TRY(vrx_backup_make_folder(path));
    for (unsigned nth = 1; nth <= 9; nth++) {
        struct stat state;
        vrx_backup_name(work->call->now, nth, name);
        VRX_TRY(vrx_backup_work_name(work, name, false));
        VRX_TRY(vrx_backup_path(daemon, &work->place, "", path));
        if (stat(path, &state) == 0)
            continue;
        VRX_TRY(vrx_backup_path(daemon, &work->place, VRX_BACKUP_PART, part));
        VRX_IGNORE(vrx_folder_remove(part));
        return mkdir(part, 0700) == 0
                   ? vrx_ok()
                   : vrx_fail(errno == ENOSPC ? VRX_DISK_FULL : VRX_FILE_REFUSED);
    }
    return vrx_refuse(VRX_CAP_REACHED, "nine backups a second");
}

static struct vrx_result copy_file(
    const struct vrx_slot *slot, const char *part, const char *name, size_t limit) {
    char from[PATH_MAX];
    char to[PATH_MAX];
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    if ((size_t)snprintf(from, sizeof from, "%s%s", slot->folder, name) >= sizeof from ||
        (size_t)snprintf(to, sizeof to, "%s%s", part, name) >= sizeof to)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_file_read(from, limit, &bytes));
    return vrx_file_replace(to, 0600, vrx_buffer_view(&bytes));
}

/* The keyring after the vault: keys are in it before the vault uses them. */
static struct vrx_result fill(struct vrx_backup_work *work, const char *part) {
    char vault[PATH_MAX];
    if ((size_t)snprintf(vault, sizeof vault, "%s" VRX_BACKUP_VAULT, part) >= sizeof vault)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_backup_vault(work, vault, tell));
    VRX_TRY(copy_file(work->slot, part, VRX_BACKUP_KEYRING, VRX_LIMIT_KEYRING));
    return copy_file(work->slot, part, VRX_BACKUP_ROUTES, VRX_LIMIT_ROUTES);
}

/* From here on it is there, or the record says what became of it. */
static struct vrx_result publish(struct vrx_backup_work *work, const char *part) {
    char path[PATH_MAX];
    char parent[PATH_MAX];
    VRX_TRY(vrx_backup_path(work->call->daemon, &work->place, "", path));
    VRX_TRY(vrx_backup_parent(work->call->daemon, &work->place.code, parent));
    VRX_TRY(vrx_dispatch_go_on(work->call));
    VRX_TRY(vrx_backup_record(work, VRX_OK));
    if (rename(part, path) != 0)
        return vrx_fail(VRX_DISK_FAILED);
    return vrx_folder_sync(parent);
}

static struct vrx_result take(struct vrx_backup_work *work) {
    char part[PATH_MAX];
    if (!work->slot)
        return vrx_fail(VRX_TENANT_UNKNOWN);
    VRX_TRY(make_part(work, part));
    struct vrx_result result = fill(work, part);
    if (vrx_is_ok(result))
        result = publish(work, part);
    if (!vrx_is_ok(result))
        VRX_IGNORE(vrx_folder_remove(part));
    return result;
}

static struct vrx_result send_last(struct vrx_backup_work *work) {
    Vrx__V1__TakeBackupResponse message;
    Vrx__V1__Backup backup;
    vrx__v1__take_backup_response__init(&message);
    VRX_TRY(vrx_backup_message(work->call, &work->place, &backup));
    message.done = backup.bytes;
    message.total = backup.bytes;
    message.backup = &backup;
    return vrx_dispatch_send(work->call, &message.base);
}

struct vrx_result vrx_backups_take(struct vrx_context *call, const void *request, void *reply) {
    const Vrx__V1__TakeBackupRequest *in = request;
    struct vrx_backup_work work;
    (void)reply;
    struct vrx_result result = vrx_backup_begin_work(call, METHOD, in->municipality, &work);
    if (vrx_is_ok(result))
        result = vrx_backup_take_turn(&work);
    if (vrx_is_ok(result))
        result = take(&work);
    if (vrx_is_ok(result))
        result = send_last(&work);
    return vrx_backup_end_work(&work, result);
}
