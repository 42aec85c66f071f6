/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/daemon/kill_backups.h"

#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "files/files.h"
#include "vrx/v1/backups.pb-c.h"

#define NAME 24
#define PATH 128
#define FILE_LIMIT ((size_t)1 << 30)
#define FOLDER "state/backups/" MUNICIPALITY

static struct {
    pthread_mutex_t lock; /* of newest */
    char newest[NAME];    /* that was acknowledged */
    atomic_ulong put_back;
} t = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct vrx_result take_step(void *name, struct vrx_view message) {
    Vrx__V1__TakeBackupResponse *step =
        vrx__v1__take_backup_response__unpack(NULL, message.len, message.ptr);
    if (step && step->backup)
        (void)snprintf(name, NAME, "%s", step->backup->name);
    vrx__v1__take_backup_response__free_unpacked(step, NULL);
    return vrx_ok();
}

static enum fate take(struct vrx_client *client, char name[NAME]) {
    static const char path[] = "/vrx.v1.Backups/TakeBackup";
    Vrx__V1__TakeBackupRequest request = VRX__V1__TAKE_BACKUP_REQUEST__INIT;
    memset(name, 0, NAME);
    enum fate fate = unless_busy(path, call_stream(client, path, &request.base, take_step, name));
    if (fate != DONE)
        return fate;
    if (!*name)
        give_up(path, "ended without a backup");
    pthread_mutex_lock(&t.lock);
    memcpy(t.newest, name, NAME);
    pthread_mutex_unlock(&t.lock);
    return DONE;
}

enum fate take_backup(struct vrx_client *client) {
    char name[NAME];
    enum fate fate = take(client, name);
    take_a_breath(10);
    return fate;
}

static struct vrx_result restore_step(void *restored, struct vrx_view message) {
    Vrx__V1__RestoreBackupResponse *step =
        vrx__v1__restore_backup_response__unpack(NULL, message.len, message.ptr);
    if (step && step->restored)
        *(bool *)restored = true;
    vrx__v1__restore_backup_response__free_unpacked(step, NULL);
    return vrx_ok();
}

enum fate change_for_backup(struct vrx_client *client) {
    static const char path[] = "/vrx.v1.Backups/RestoreBackup";
    Vrx__V1__RestoreBackupRequest request = VRX__V1__RESTORE_BACKUP_REQUEST__INIT;
    char name[NAME];
    bool restored = false;
    enum fate fate = SEALED;
    /* This very one: another that is acknowledged now may have been begun before the seal. */
    while (fate == SEALED)
        fate = take(client, name);
    request.municipality = (char *)(uintptr_t)MUNICIPALITY;
    request.name = name;
    while (fate == DONE && !restored) {
        fate = unless_busy(path, call_stream(client, path, &request.base, restore_step, &restored));
        if (fate == DONE && !restored)
            give_up(path, "ended without a vault");
        if (fate == SEALED)
            fate = DONE;
    }
    if (fate == DONE)
        atomic_fetch_add(&t.put_back, 1);
    return fate;
}

unsigned long backups_put_back(void) {
    return atomic_load(&t.put_back);
}

/* Looking after */

static int remove_one(const char *path, const struct stat *state, int type, struct FTW *walk) {
    (void)state;
    (void)type;
    (void)walk;
    return remove(path);
}

static enum fate inspect(struct vrx_client *console, char *name) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__InspectBackupRequest request = VRX__V1__INSPECT_BACKUP_REQUEST__INIT;
    request.name = name;
    return ask(console, "/vrx.v1.Backups/InspectBackup", &request.base, &reply);
}

static enum fate discard(struct vrx_client *console, char *name) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__DiscardReplacedRequest request = VRX__V1__DISCARD_REPLACED_REQUEST__INIT;
    request.name = name;
    return ask(console, "/vrx.v1.Backups/DiscardReplaced", &request.base, &reply);
}

/* The newest stays, and is whole; others go: a backup by the hand of whoever has the disk. */
static enum fate look_at(struct vrx_client *console, const Vrx__V1__Backup *backup, bool *found) {
    char path[PATH];
    if (backup->replaced)
        return discard(console, backup->name);
    if (strcmp(backup->name, t.newest) == 0) {
        *found = true;
        return inspect(console, backup->name);
    }
    (void)snprintf(path, sizeof path, FOLDER "/%s", backup->name);
    if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
        give_up(path, "cannot be removed");
    return DONE;
}

enum fate check_backups(struct vrx_client *console) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__ListBackupsRequest request = VRX__V1__LIST_BACKUPS_REQUEST__INIT;
    enum fate fate = ask(console, "/vrx.v1.Backups/ListBackups", &request.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__ListBackupsResponse *list =
        vrx__v1__list_backups_response__unpack(NULL, reply.len, reply.ptr);
    bool found = !*t.newest;
    for (size_t i = 0; list && fate == DONE && i < list->n_backups; i++)
        fate = look_at(console, list->backups[i], &found);
    if (fate == DONE && !found)
        give_up(t.newest, "an acknowledged backup is missing");
    vrx__v1__list_backups_response__free_unpacked(list, NULL);
    return fate;
}

/* Of a file that may not be there. */
static void copy_file(const char *from, const char *to) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {.limit = FILE_LIMIT};
    struct vrx_result result = vrx_file_read(from, FILE_LIMIT, &bytes);
    (void)unlink(to);
    if (result.reason == VRX_NOT_FOUND)
        return;
    must(from, result);
    must(to, vrx_file_replace(to, 0600, vrx_buffer_view(&bytes)));
}

/* In a copy: opening a vault writes to it. */
void open_newest_backup(void) {
    static const char *const files[] = {"vault.db", "vault.db-wal", "keyring.cbor"};
    char from[PATH], to[PATH];
    if (!*t.newest)
        return;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(from, sizeof from, FOLDER "/%s/%s", t.newest, files[i]);
        (void)snprintf(to, sizeof to, "backup.%s", files[i]);
        copy_file(from, to);
    }
    check_files("backup.vault.db", "backup.keyring.cbor");
}
