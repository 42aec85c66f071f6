/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/law_version.h"

#include "objects/dated_key.h"
#include "objects/directory.h"
#include "objects/permit.h"

struct vrx_result vrx_law_version_read(enum vrx_law_kind kind, struct vrx_view message,
    const struct vrx_public_key *authority, struct vrx_arena *arena,
    struct vrx_law_version *ret_version) {
    struct vrx_directory directory;
    struct vrx_permit_table table;
    if (kind == VRX_LAW_DIRECTORY) {
        VRX_TRY(
            vrx_object_verify_pinned(&vrx_directory_schema, message, authority, arena, &directory));
        *ret_version =
            (struct vrx_law_version){directory.version, directory.issued, directory.expires};
        return vrx_ok();
    }
    VRX_TRY(vrx_object_verify_pinned(&vrx_permit_table_schema, message, authority, arena, &table));
    *ret_version = (struct vrx_law_version){table.version, table.issued, table.expires};
    return vrx_ok();
}

struct vrx_result vrx_law_version_follows(enum vrx_law_kind kind,
    const struct vrx_law_version *held, const struct vrx_law_version *fresh, int64_t now,
    bool *ret_newer) {
    const bool directory = kind == VRX_LAW_DIRECTORY;
    if (held && fresh->version < held->version)
        return vrx_refuse(VRX_DIRECTORY_STALE,
            directory ? "directory.version ascends" : "permit_table.version ascends");
    if (held && fresh->version == held->version) {
        *ret_newer = false;
        return vrx_ok();
    }
    if (fresh->expires < now)
        return vrx_refuse(
            VRX_DIRECTORY_EXPIRED, directory ? "directory.expires" : "permit_table.expires");
    *ret_newer = true;
    return vrx_ok();
}
