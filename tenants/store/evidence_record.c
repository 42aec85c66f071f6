/* SPDX-License-Identifier: Apache-2.0
 *
 * See evidence_record.h.
 */
#include "store/evidence_record.h"

#include "objects/query.h"
#include "store/check.h"
#include "store/sql.h"

struct vrx_result vrx_evidence_record_put(
    struct vrx_tenant *tenant, const struct vrx_evidence_record *evidence) {
    VRX_TRY(vrx_check_object(evidence->object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO evidence (id, resident, subject_salt, object, recorded_at) "
        "VALUES (?, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(evidence->id, VRX_ID));
    vrx_bind_int(&insert, evidence->resident);
    vrx_bind_bytes(&insert, vrx_view_of(evidence->subject_salt, VRX_DIGEST));
    vrx_bind_bytes(&insert, evidence->object);
    vrx_bind_int(&insert, evidence->recorded_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_evidence_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_evidence_record *ret_evidence) {
    struct vrx_evidence_record evidence = {0};
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "SELECT id, resident, subject_salt, object, recorded_at FROM evidence WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_EVIDENCE_MISSING);
    vrx_take_fixed(&find, evidence.id, VRX_ID);
    evidence.resident = vrx_take_int(&find);
    vrx_take_fixed(&find, evidence.subject_salt, VRX_DIGEST);
    evidence.object = vrx_take_bytes(&find, arena);
    evidence.recorded_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_evidence = evidence;
    return vrx_ok();
}

struct vrx_result vrx_evidence_record_about(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t resident) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT resident FROM evidence WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_EVIDENCE_MISSING);
    bool same = vrx_take_int(&find) == resident;
    VRX_TRY(find.error);
    return same ? vrx_ok() : vrx_fail(VRX_EVIDENCE_SUBJECT);
}
