/* SPDX-License-Identifier: Apache-2.0
 *
 * See foreign_consent.h.
 */
#include "store/foreign_consent.h"

#include "objects/query.h"
#include "store/check.h"
#include "store/sql.h"

struct vrx_result vrx_foreign_consent_put(
    struct vrx_tenant *tenant, const struct vrx_foreign_consent *consent) {
    VRX_TRY(vrx_check_object(consent->object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_STATEMENT(put, tenant,
        "INSERT INTO foreign_consent (sender, id, object, status, expires_at, told_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sender, id) DO UPDATE SET "
        "object = excluded.object, status = excluded.status, expires_at = excluded.expires_at, "
        "told_at = excluded.told_at WHERE excluded.status >= status");
    vrx_bind_code(&put, &consent->sender);
    vrx_bind_bytes(&put, vrx_view_of(consent->id, VRX_ID));
    vrx_bind_bytes(&put, consent->object);
    vrx_bind_int(&put, consent->status);
    vrx_bind_int(&put, consent->expires_at);
    vrx_bind_int(&put, consent->told_at);
    VRX_TRY(vrx_statement_run(&put));
    return vrx_statement_changes(&put) == 1 ? vrx_ok() : vrx_fail(VRX_CONSENT_REVOKED);
}

struct vrx_result vrx_foreign_consent_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID],
    struct vrx_foreign_consent *ret_consent) {
    struct vrx_foreign_consent consent = {.sender = *sender};
    VRX_STATEMENT(find, tenant,
        "SELECT object, status, expires_at, told_at FROM foreign_consent "
        "WHERE sender = ? AND id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    memcpy(consent.id, id, VRX_ID);
    consent.object = vrx_take_bytes(&find, arena);
    consent.status = (enum vrx_consent_status)vrx_take_int(&find);
    consent.expires_at = vrx_take_int(&find);
    consent.told_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_consent = consent;
    return vrx_ok();
}
