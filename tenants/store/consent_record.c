/* SPDX-License-Identifier: Apache-2.0
 *
 * See consent_record.h.
 */
#include "store/consent_record.h"

#include "objects/query.h"
#include "store/check.h"
#include "store/evidence_record.h"
#include "store/sql.h"

struct vrx_result vrx_consent_record_put(
    struct vrx_tenant *tenant, const struct vrx_consent_record *consent) {
    VRX_TRY(vrx_check_object(consent->object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_TRY(vrx_evidence_record_about(tenant, consent->evidence_id, consent->resident));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO consent (id, resident, evidence, object, state, recorded_at) "
        "VALUES (?, ?, ?, ?, 1, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(consent->id, VRX_ID));
    vrx_bind_int(&insert, consent->resident);
    vrx_bind_bytes(&insert, vrx_view_of(consent->evidence_id, VRX_ID));
    vrx_bind_bytes(&insert, consent->object);
    vrx_bind_int(&insert, consent->recorded_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_consent_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_consent_record *ret_consent) {
    struct vrx_consent_record consent = {0};
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "SELECT id, resident, evidence, object, recorded_at, state, coalesce(revocation, "
        "(SELECT n.object FROM consent_narrowing AS n WHERE n.consent = c.id "
        "ORDER BY n.number DESC LIMIT 1), object), revocation, revoked_at "
        "FROM consent AS c WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_CONSENT_MISSING);
    vrx_take_fixed(&find, consent.id, VRX_ID);
    consent.resident = vrx_take_int(&find);
    vrx_take_fixed(&find, consent.evidence_id, VRX_ID);
    consent.object = vrx_take_bytes(&find, arena);
    consent.recorded_at = vrx_take_int(&find);
    consent.state = (enum vrx_consent_record_state)vrx_take_int(&find);
    consent.present = vrx_take_bytes(&find, arena);
    consent.revocation = vrx_take_bytes(&find, arena);
    consent.revoked_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_consent = consent;
    return vrx_ok();
}

/* Why nothing was changed. */
static struct vrx_result refusal(struct vrx_tenant *tenant, const uint8_t id[VRX_ID]) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM consent WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    return vrx_fail(found ? VRX_CONSENT_REVOKED : VRX_CONSENT_MISSING);
}

struct vrx_result vrx_consent_record_narrow(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view object, int64_t now) {
    VRX_TRY(vrx_check_object(object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO consent_narrowing (consent, number, object, recorded_at) "
        "SELECT id, 1 + (SELECT count(*) FROM consent_narrowing WHERE consent = ?1), ?2, ?3 "
        "FROM consent WHERE id = ?1 AND state = 1");
    vrx_bind_bytes(&insert, vrx_view_of(id, VRX_ID));
    vrx_bind_bytes(&insert, object);
    vrx_bind_int(&insert, now);
    VRX_TRY(vrx_statement_run(&insert));
    return vrx_statement_changes(&insert) == 1 ? vrx_ok() : refusal(tenant, id);
}

struct vrx_result vrx_consent_record_revoke(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view revocation, int64_t now) {
    VRX_TRY(vrx_check_object(revocation, VRX_LIMIT_SIGNED_OBJECT));
    VRX_STATEMENT(update, tenant,
        "UPDATE consent SET state = 2, revocation = ?, revoked_at = ? WHERE id = ? AND state = 1");
    vrx_bind_bytes(&update, revocation);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) == 1 ? vrx_ok() : refusal(tenant, id);
}

struct vrx_result vrx_consent_record_about(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t resident) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT resident FROM consent WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_CONSENT_MISSING);
    bool same = vrx_take_int(&find) == resident;
    VRX_TRY(find.error);
    return same ? vrx_ok() : vrx_fail(VRX_CONSENT_SCOPE);
}

struct vrx_result vrx_consent_record_revoked_behind(struct vrx_tenant *tenant, int64_t resident,
    const uint8_t digest[VRX_DIGEST], int64_t *ret_revoked_at) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(max(c.revoked_at), 0) FROM transfer_out AS t JOIN consent AS c "
        "ON c.id = t.consent WHERE t.resident = ? AND t.answer_digest = ?");
    vrx_bind_int(&find, resident);
    vrx_bind_bytes(&find, vrx_view_of(digest, VRX_DIGEST));
    VRX_TRY(vrx_statement_one(&find));
    int64_t revoked_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_revoked_at = revoked_at;
    return vrx_ok();
}
