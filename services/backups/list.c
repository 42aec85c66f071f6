/* SPDX-License-Identifier: Apache-2.0
 *
 * What backups there are, what can be said of one without a key, and the end of what a restore has
 * set aside.
 */
#include <stdlib.h>

#include "backups/handlers.h"
#include "backups/work.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "vaultfs/backup.h"

struct vrx_result vrx_backup_message(
    struct vrx_context *call, const struct vrx_backup_place *place, Vrx__V1__Backup *ret_message) {
    char path[PATH_MAX];
    Vrx__V1__Backup message;
    vrx__v1__backup__init(&message);
    VRX_TRY(vrx_backup_path(call->daemon, place, "", path));
    VRX_TRY(vrx_backup_bytes(path, &message.bytes));
    VRX_TRY(vrx_backup_name_time(vrx_view_text(place->name), &message.begun_at));
    VRX_TRY(vrx_arena_string(
        &call->arena, vrx_municipality_code_view(&place->code), &message.municipality));
    VRX_TRY(vrx_arena_string(&call->arena, vrx_view_text(place->name), &message.name));
    message.replaced = place->replaced;
    *ret_message = message;
    return vrx_ok();
}

static struct vrx_result put_list(struct vrx_context *call, const struct vrx_backup_place *places,
    size_t count, Vrx__V1__ListBackupsResponse *out) {
    Vrx__V1__Backup *messages = vrx_arena_alloc_array(&call->arena, count, sizeof *messages);
    out->backups = vrx_arena_alloc_array(&call->arena, count, sizeof *out->backups);
    if (!messages || !out->backups)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        Vrx__V1__Backup *message = &messages[out->n_backups];
        struct vrx_result result = vrx_backup_message(call, &places[i], message);
        if (result.reason == VRX_NOT_FOUND)
            continue; /* removed since */
        VRX_TRY(result);
        out->backups[out->n_backups++] = message;
    }
    return vrx_ok();
}

static struct vrx_result list(struct vrx_context *call, const struct vrx_municipality_code *code,
    Vrx__V1__ListBackupsResponse *out) {
    struct vrx_backup_place *places = NULL;
    size_t count = 0;
    VRX_TRY(vrx_backup_places(call->daemon, code, &places, &count));
    struct vrx_result result = put_list(call, places, count, out);
    free(places);
    return result;
}

/* Names and sizes: of a sealed municipality, or of all, that leaves no note. */
struct vrx_result vrx_backups_list(struct vrx_context *call, const void *request, void *reply) {
    const Vrx__V1__ListBackupsRequest *in = request;
    struct vrx_backup_work work;
    if (!call->slot && !in->municipality[0])
        return list(call, NULL, reply);
    struct vrx_result result =
        vrx_backup_begin_work(call, VRX_BACKUPS_PATH "ListBackups", in->municipality, &work);
    if (vrx_is_ok(result))
        result = list(call, &work.place.code, reply);
    if (vrx_is_ok(result) && work.slot && vrx_slot_is_open(work.slot))
        result = vrx_backup_record(&work, VRX_OK);
    return vrx_backup_end_work(&work, result);
}

/* ---- inspect ---- */

static struct vrx_result read_keyring(struct vrx_context *call,
    const struct vrx_backup_place *place, Vrx__V1__InspectBackupResponse *out) {
    char path[PATH_MAX];
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_keyring keyring;
    VRX_TRY(vrx_backup_path(call->daemon, place, VRX_BACKUP_KEYRING, path));
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_KEYRING, &bytes));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring));
    if (!vrx_municipality_code_equal(&keyring.municipality, &place->code))
        return vrx_refuse(VRX_TENANT_UNKNOWN, "keyring: it is another municipality's");
    out->custodians = (uint32_t)keyring.custodian_count;
    out->threshold = keyring.threshold;
    return vrx_ok();
}

static struct vrx_result inspect(struct vrx_backup_work *work, const char *name, bool replaced,
    Vrx__V1__InspectBackupResponse *out) {
    char path[PATH_MAX];
    struct vrx_context *call = work->call;
    VRX_TRY(vrx_backup_work_name(work, name, replaced));
    out->backup = vrx_arena_alloc(&call->arena, sizeof *out->backup);
    if (!out->backup)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_backup_message(call, &work->place, out->backup));
    VRX_TRY(vrx_backup_path(call->daemon, &work->place, VRX_BACKUP_VAULT, path));
    VRX_TRY(vrx_backup_inspect(path));
    return read_keyring(call, &work->place, out);
}

struct vrx_result vrx_backups_inspect(struct vrx_context *call, const void *request, void *reply) {
    const Vrx__V1__InspectBackupRequest *in = request;
    struct vrx_backup_work work;
    struct vrx_result result =
        vrx_backup_begin_work(call, VRX_BACKUPS_PATH "InspectBackup", in->municipality, &work);
    if (vrx_is_ok(result))
        result = vrx_backup_take_turn(&work);
    if (vrx_is_ok(result))
        result = inspect(&work, in->name, in->replaced, reply);
    if (vrx_is_ok(result))
        result = vrx_backup_record(&work, VRX_OK);
    return vrx_backup_end_work(&work, result);
}

/* ---- discard ---- */

/* On record before it is done. */
static struct vrx_result discard(struct vrx_backup_work *work, const char *name) {
    char path[PATH_MAX];
    uint64_t bytes = 0;
    VRX_TRY(vrx_backup_work_name(work, name, true));
    if (!work->slot)
        return vrx_fail(VRX_TENANT_UNKNOWN);
    if (!vrx_slot_is_open(work->slot))
        return vrx_refuse(VRX_TENANT_SEALED, "what was put in its place must have been unsealed");
    VRX_TRY(vrx_backup_path(work->call->daemon, &work->place, "", path));
    VRX_TRY(vrx_backup_bytes(path, &bytes));
    VRX_TRY(vrx_backup_record(work, VRX_OK));
    return vrx_folder_remove(path);
}

struct vrx_result vrx_backups_discard(struct vrx_context *call, const void *request, void *reply) {
    const Vrx__V1__DiscardReplacedRequest *in = request;
    struct vrx_backup_work work;
    (void)reply;
    struct vrx_result result =
        vrx_backup_begin_work(call, VRX_BACKUPS_PATH "DiscardReplaced", in->municipality, &work);
    if (vrx_is_ok(result))
        result = vrx_backup_take_turn(&work);
    if (vrx_is_ok(result))
        result = discard(&work, in->name);
    return vrx_backup_end_work(&work, result);
}
