/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/stage.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "dispatch/outside.h"
#include "dispatch/swap.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "vaultfs/backup.h"

#define HEX ((size_t)2 * VRX_SPKI_DIGEST)

static struct vrx_result below(const char *folder, const char *name, char path[PATH_MAX]) {
    return (size_t)snprintf(path, PATH_MAX, "%s%s", folder, name) < PATH_MAX
               ? vrx_ok()
               : vrx_fail(VRX_INPUT_TOO_LARGE);
}

static struct vrx_result read_of(
    const struct vrx_backup_work *work, const char *name, size_t limit, struct vrx_buffer *out) {
    char path[PATH_MAX];
    VRX_TRY(vrx_backup_path(work->call->daemon, &work->place, name, path));
    return vrx_file_read(path, limit, out);
}

/* What lies in the folder in use; nothing where that is lost. */
static struct vrx_result read_today(
    const struct vrx_backup_work *work, const char *name, size_t limit, struct vrx_buffer *out) {
    char path[PATH_MAX];
    if (!work->slot)
        return vrx_ok();
    VRX_TRY(below(work->slot->folder, name, path));
    struct vrx_result result = vrx_file_read(path, limit, out);
    return result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}

/* ---- routes ---- */

static bool next_line(struct vrx_view *text, struct vrx_view *ret_line) {
    if (!text->len)
        return false;
    const uint8_t *end = memchr(text->ptr, '\n', text->len);
    const size_t len = end ? (size_t)(end - text->ptr) : text->len;
    *ret_line = vrx_view_slice(*text, 0, len);
    *text = vrx_view_slice(*text, len + 1, SIZE_MAX);
    return true;
}

static bool has_route(struct vrx_view text, struct vrx_view line) {
    for (struct vrx_view other; next_line(&text, &other);)
        if (vrx_view_equal(vrx_view_slice(other, 0, HEX), vrx_view_slice(line, 0, HEX)))
            return true;
    return false;
}

struct vrx_result vrx_backup_merge_routes(
    struct vrx_view today, struct vrx_view backup, struct vrx_buffer *out) {
    VRX_TRY(vrx_buffer_append(out, today));
    for (struct vrx_view line; next_line(&backup, &line);) {
        if (line.len < HEX)
            return vrx_refuse(VRX_VAULT_DAMAGED, "backup: its routes are none");
        if (has_route(today, line))
            continue;
        VRX_TRY(vrx_buffer_append(out, line));
        VRX_TRY(vrx_buffer_append_byte(out, '\n'));
    }
    return vrx_ok();
}

/* Terminals of since the backup must reach the daemon, and so must those of then: the restored
 * vault knows only these. */
static struct vrx_result stage_routes(const struct vrx_backup_work *work, const char *folder) {
    struct vrx_buffer today VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer backup VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer merged VRX_CLEANUP(vrx_buffer_done) = {0};
    char path[PATH_MAX];
    VRX_TRY(read_today(work, VRX_BACKUP_ROUTES, VRX_LIMIT_ROUTES, &today));
    VRX_TRY(read_of(work, VRX_BACKUP_ROUTES, VRX_LIMIT_ROUTES, &backup));
    VRX_TRY(vrx_backup_merge_routes(vrx_buffer_view(&today), vrx_buffer_view(&backup), &merged));
    VRX_TRY(below(folder, VRX_BACKUP_ROUTES, path));
    return vrx_file_replace(path, 0600, vrx_buffer_view(&merged));
}

/* ---- keyring, notes, mark ---- */

static bool has_signed_with(const struct vrx_keyring *keyring, const uint8_t kid[VRX_KID]) {
    for (size_t i = 0; i < keyring->signing.count; i++)
        if (memcmp(keyring->signing.key[i].kid, kid, VRX_KID) == 0)
            return true;
    return false;
}

struct vrx_result vrx_backup_keeps_keyring(
    struct vrx_view today, struct vrx_view backup, bool *ret_keeps) {
    struct vrx_keyring now;
    struct vrx_keyring then;
    VRX_TRY(vrx_keyring_parse(backup, &then));
    *ret_keeps = vrx_is_ok(vrx_keyring_parse(today, &now)) && now.serial >= then.serial &&
                 now.data_number >= then.data_number && now.data_number - then.data_number <= 1 &&
                 has_signed_with(&now, then.signing.key[0].kid);
    return vrx_ok();
}

static struct vrx_result read_keyring(const struct vrx_backup_work *work, struct vrx_buffer *out) {
    struct vrx_keyring keyring;
    VRX_TRY(read_of(work, VRX_BACKUP_KEYRING, VRX_LIMIT_KEYRING, out));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(out), &keyring));
    return vrx_municipality_code_equal(&keyring.municipality, &work->place.code)
               ? vrx_ok()
               : vrx_refuse(VRX_TENANT_UNKNOWN, "backup: its keyring is another municipality's");
}

static struct vrx_result stage_keyring(
    const struct vrx_backup_work *work, const char *folder, const struct vrx_buffer *keyring) {
    char path[PATH_MAX];
    struct vrx_buffer today VRX_CLEANUP(vrx_buffer_done) = {0};
    bool keeps = false;
    VRX_TRY(read_today(work, VRX_BACKUP_KEYRING, VRX_LIMIT_KEYRING, &today));
    VRX_TRY(vrx_backup_keeps_keyring(vrx_buffer_view(&today), vrx_buffer_view(keyring), &keeps));
    VRX_TRY(below(folder, VRX_BACKUP_KEYRING, path));
    return vrx_file_replace(path, 0600, vrx_buffer_view(keeps ? &today : keyring));
}

/* The restore is on record when, and only when, its folder takes the place. */
static struct vrx_result stage_notes(const struct vrx_backup_work *work, const char *folder) {
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    if (work->slot)
        VRX_TRY(vrx_outside_read(work->slot->folder, &notes));
    VRX_TRY(vrx_backup_note(work, VRX_OK, &notes));
    return vrx_outside_write(folder, vrx_buffer_view(&notes));
}

static struct vrx_result stage_mark(const struct vrx_backup_work *work, const char *folder) {
    char path[PATH_MAX];
    VRX_TRY(below(folder, "/" VRX_RESTORED_FILE, path));
    return vrx_file_replace(path, 0600, vrx_view_text(work->basis));
}

/* ---- the whole ---- */

struct watched {
    struct vrx_backup_work *work;
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total);
    struct vrx_result ended;
};

static bool go_on(void *context, uint64_t done, uint64_t total) {
    struct watched *watched = context;
    watched->ended = vrx_dispatch_go_on(watched->work->call);
    if (vrx_is_ok(watched->ended))
        watched->tell(watched->work, done, total);
    return vrx_is_ok(watched->ended);
}

static struct vrx_result stage_vault(struct vrx_backup_work *work, const char *folder,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    char from[PATH_MAX];
    char to[PATH_MAX];
    enum vrx_restored restored;
    struct watched watched = {.work = work, .tell = tell};
    const struct vrx_backup_watch watch = {go_on, &watched};
    VRX_TRY(vrx_backup_path(work->call->daemon, &work->place, VRX_BACKUP_VAULT, from));
    VRX_TRY(below(folder, VRX_BACKUP_VAULT, to));
    struct vrx_result result =
        vrx_backup_restore(from, to, vrx_view_of(NULL, 0), work->call->random, &watch, &restored);
    return result.reason == VRX_CANCELLED ? watched.ended : result;
}

static struct vrx_result fill(struct vrx_backup_work *work, const char *folder,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(read_keyring(work, &keyring));
    VRX_TRY(stage_vault(work, folder, tell));
    VRX_TRY(stage_keyring(work, folder, &keyring));
    VRX_TRY(stage_routes(work, folder));
    VRX_TRY(stage_notes(work, folder));
    return stage_mark(work, folder);
}

struct vrx_result vrx_backup_stage(struct vrx_backup_work *work,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    char tenants[PATH_MAX];
    char making[PATH_MAX];
    char ready[PATH_MAX];
    const char *code = work->place.code.digits;
    VRX_TRY(vrx_backup_tenants(work->call->daemon, tenants));
    VRX_TRY(vrx_swap_path(tenants, code, VRX_SWAP_MAKING, "", making));
    VRX_TRY(vrx_swap_path(tenants, code, VRX_SWAP_READY, "", ready));
    vrx_backup_unstage(work);
    VRX_TRY(vrx_backup_make_folder(making));
    struct vrx_result result = fill(work, making, tell);
    if (vrx_is_ok(result) && rename(making, ready) != 0)
        result = vrx_fail(VRX_DISK_FAILED);
    if (vrx_is_ok(result))
        result = vrx_folder_sync(tenants);
    if (!vrx_is_ok(result))
        vrx_backup_unstage(work);
    return result;
}

void vrx_backup_unstage(const struct vrx_backup_work *work) {
    static const char *const suffixes[] = {VRX_SWAP_MAKING, VRX_SWAP_READY};
    char tenants[PATH_MAX];
    char path[PATH_MAX];
    for (size_t i = 0; i < 2; i++)
        if (vrx_is_ok(vrx_backup_tenants(work->call->daemon, tenants)) &&
            vrx_is_ok(vrx_swap_path(tenants, work->place.code.digits, suffixes[i], "", path)))
            VRX_IGNORE(vrx_folder_remove(path));
}
