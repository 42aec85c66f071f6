/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/outside.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "files/files.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"

/* The ledger's entries behind the notes of an unseal that a crash cut off: one for each custodian.
 */
#define BEHIND 64

struct vrx_result vrx_outside_add(struct vrx_buffer *notes, struct vrx_view entry) {
    if (!entry.len || entry.len > VRX_LIMIT_LEDGER_ENTRY)
        return vrx_fail(VRX_INPUT_RANGE);
    if (notes->len + 2 + entry.len > VRX_LIMIT_OUTSIDE)
        return vrx_refuse(VRX_CAP_REACHED, "notes beside a sealed vault");
    VRX_TRY(vrx_buffer_reserve(notes, 2 + entry.len));
    VRX_TRY(vrx_buffer_append_byte(notes, (uint8_t)(entry.len >> 8)));
    VRX_TRY(vrx_buffer_append_byte(notes, (uint8_t)(entry.len & 0xff)));
    return vrx_buffer_append(notes, entry);
}

static struct vrx_result path_of(const char *folder, char path[PATH_MAX]) {
    return (size_t)snprintf(path, PATH_MAX, "%s/" VRX_OUTSIDE_FILE, folder) < PATH_MAX
               ? vrx_ok()
               : vrx_fail(VRX_INPUT_TOO_LARGE);
}

struct vrx_result vrx_outside_read(const char *folder, struct vrx_buffer *out) {
    char path[PATH_MAX];
    VRX_TRY(path_of(folder, path));
    struct vrx_result result = vrx_file_read(path, VRX_LIMIT_OUTSIDE, out);
    return result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}

struct vrx_result vrx_outside_write(const char *folder, struct vrx_view notes) {
    char path[PATH_MAX];
    VRX_TRY(path_of(folder, path));
    return vrx_file_replace(path, 0600, notes);
}

struct vrx_result vrx_outside_forget(const char *folder) {
    char path[PATH_MAX];
    VRX_TRY(path_of(folder, path));
    if (unlink(path) != 0)
        return errno == ENOENT ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
    return vrx_folder_sync(folder);
}

struct vrx_result vrx_outside_each(struct vrx_view notes,
    struct vrx_result (*visit)(void *context, struct vrx_view entry), void *context) {
    while (notes.len) {
        if (notes.len < 2)
            return vrx_fail(VRX_INPUT_TRUNCATED);
        const size_t len = ((size_t)notes.ptr[0] << 8) | notes.ptr[1];
        if (!len || len > VRX_LIMIT_LEDGER_ENTRY)
            return vrx_fail(VRX_INPUT_RANGE);
        if (notes.len < 2 + len)
            return vrx_fail(VRX_INPUT_TRUNCATED);
        VRX_TRY(visit(context, vrx_view_slice(notes, 2, len)));
        notes = vrx_view_slice(notes, 2 + len, SIZE_MAX);
    }
    return vrx_ok();
}

struct entering {
    struct vrx_ledger *ledger;
    uint64_t size; /* of the ledger before */
    uint64_t tail; /* where entries of a cut-off unseal may begin */
    bool unread;
};

struct looking {
    struct vrx_view entry;
    bool found;
};

static struct vrx_result compare(void *context, uint64_t seq, struct vrx_view entry) {
    struct looking *looking = context;
    (void)seq;
    looking->found = looking->found || vrx_view_equal(entry, looking->entry);
    return vrx_ok();
}

/* Only what handlers of this house note: nobody's note may pass for another's act. */
static bool is_note(struct vrx_view bytes) {
    static const char service[] = "/vrx.v1.Backups/";
    static const char *const others[] = {"/vrx.v1.Tenancy/CreateTenant",
        "/vrx.v1.Tenancy/RetireTenant", "/vrx.v1.Tenancy/Seal", "/vrx.v1.Tenancy/Unseal"};
    struct vrx_audit_entry entry;
    if (!vrx_is_ok(vrx_audit_entry_decode(bytes, &entry)) ||
        !vrx_view_equal(entry.purpose, vrx_view_text(VRX_OUTSIDE_PURPOSE)))
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vrx_view_equal(entry.method, vrx_view_text(others[i])))
            return true;
    return vrx_view_equal(vrx_view_slice(entry.method, 0, strlen(service)), vrx_view_text(service));
}

static struct vrx_result enter(void *context, struct vrx_view entry) {
    struct entering *entering = context;
    struct looking looking = {.entry = entry};
    uint64_t index = 0;
    if (!is_note(entry)) {
        entering->unread = true;
        return vrx_ok();
    }
    VRX_TRY(vrx_ledger_each(
        entering->ledger, entering->tail, entering->size - entering->tail, compare, &looking));
    return looking.found ? vrx_ok() : vrx_ledger_append(entering->ledger, entry, &index);
}

static struct vrx_result count(void *context, struct vrx_view entry) {
    (void)entry;
    *(uint64_t *)context += 1;
    return vrx_ok();
}

struct vrx_result vrx_outside_enter(
    struct vrx_ledger *ledger, struct vrx_view notes, bool *ret_unread) {
    uint64_t notes_count = BEHIND;
    VRX_IGNORE(vrx_outside_each(notes, count, &notes_count));
    const uint64_t size = vrx_ledger_size(ledger);
    struct entering entering = {
        .ledger = ledger, .size = size, .tail = size > notes_count ? size - notes_count : 0};
    struct vrx_result result = vrx_outside_each(notes, enter, &entering);
    if (result.reason == VRX_INPUT_TRUNCATED || result.reason == VRX_INPUT_RANGE)
        entering.unread = true;
    else
        VRX_TRY(result);
    *ret_unread = entering.unread;
    return vrx_ok();
}
