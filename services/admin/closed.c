/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/closed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "dispatch/log.h"
#include "dispatch/outside.h"
#include "files/files.h"
#include "store/integrity.h"

#define METHOD "/vrx.v1.Tenancy/Unseal"

static struct vrx_result mark_path(const struct vrx_slot *slot, char path[PATH_MAX]) {
    return (size_t)snprintf(path, PATH_MAX, "%s/" VRX_RESTORED_FILE, slot->folder) < PATH_MAX
               ? vrx_ok()
               : vrx_fail(VRX_INPUT_TOO_LARGE);
}

static struct vrx_result note(const struct vrx_context *context, enum vrx_reason outcome) {
    static const struct vrx_audit_facts facts = {
        .basis = {(const uint8_t *)"restored vault", sizeof "restored vault" - 1}};
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_context_entry(context, METHOD, VRX_OUTSIDE_PURPOSE, &facts, outcome, &entry));
    VRX_TRY(vrx_outside_read(context->slot->folder, &notes));
    VRX_TRY(vrx_outside_add(&notes, vrx_buffer_view(&entry)));
    return vrx_outside_write(context->slot->folder, vrx_buffer_view(&notes));
}

static bool was_restored(const struct vrx_slot *slot) {
    char path[PATH_MAX];
    return vrx_is_ok(mark_path(slot, path)) && access(path, F_OK) == 0;
}

/* Pages first, those too that no query reads. */
struct vrx_result vrx_closed_verify(const struct vrx_slot *slot, struct vrx_tenant *tenant) {
    struct vrx_integrity check = {0};
    if (!was_restored(slot))
        return vrx_ok();
    while (check.phase == VRX_INTEGRITY_PAGES)
        VRX_TRY(vrx_integrity_part(tenant, &check));
    return vrx_tenant_check(tenant);
}

void vrx_closed_refused(const struct vrx_context *context, enum vrx_reason outcome) {
    if (!was_restored(context->slot))
        return;
    struct vrx_result result = note(context, outcome);
    if (!vrx_is_ok(result))
        vrx_log_event("a refusal is not on record", context->slot->code.digits, result);
}

struct vrx_result vrx_closed_enter(struct vrx_context *context) {
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_audit_facts facts = {
        .basis = vrx_view_text("notes beside the vault that cannot be read")};
    bool unread = false;
    struct vrx_result result = vrx_outside_read(context->slot->folder, &notes);
    if (result.reason == VRX_INPUT_TOO_LARGE || result.reason == VRX_FILE_REFUSED)
        unread = true; /* not our doing: nobody is kept out of their vault by it */
    else
        VRX_TRY(result);
    if (!unread)
        VRX_TRY(vrx_outside_enter(
            vrx_tenant_ledger(context->tenant), vrx_buffer_view(&notes), &unread));
    return unread ? vrx_context_record(
                        context, METHOD, VRX_OUTSIDE_PURPOSE, &facts, VRX_INPUT_MALFORMED, NULL)
                  : vrx_ok();
}

struct vrx_result vrx_closed_forget(struct vrx_slot *slot) {
    char path[PATH_MAX];
    VRX_TRY(mark_path(slot, path));
    if (unlink(path) != 0 && errno != ENOENT)
        return vrx_fail(VRX_DISK_FAILED);
    return vrx_outside_forget(slot->folder);
}
