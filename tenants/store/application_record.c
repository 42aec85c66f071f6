/* SPDX-License-Identifier: Apache-2.0
 *
 * See application_record.h. The steps are a table; ISSUED is reached with its certificate in hand
 * (certificate_record.c), through a function that only this folder knows.
 */
#include "store/application_record.h"

#include "objects/query.h"
#include "store/application_step.h"
#include "store/check.h"
#include "store/evidence_record.h"
#include "store/sql.h"

struct vrx_result vrx_application_record_put(
    struct vrx_tenant *tenant, const struct vrx_application_record *application) {
    VRX_TRY(vrx_check_object(application->object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_TRY(vrx_evidence_record_about(tenant, application->evidence_id, application->resident));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO application (id, resident, evidence, object, state, recorded_at, changed_at) "
        "VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)");
    vrx_bind_bytes(&insert, vrx_view_of(application->id, VRX_ID));
    vrx_bind_int(&insert, application->resident);
    vrx_bind_bytes(&insert, vrx_view_of(application->evidence_id, VRX_ID));
    vrx_bind_bytes(&insert, application->object);
    vrx_bind_int(&insert, application->recorded_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_application_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_application_record *ret_application) {
    struct vrx_application_record application = {0};
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "SELECT id, resident, evidence, object, state, recorded_at, changed_at "
        "FROM application WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_APPLICATION_MISSING);
    vrx_take_fixed(&find, application.id, VRX_ID);
    application.resident = vrx_take_int(&find);
    vrx_take_fixed(&find, application.evidence_id, VRX_ID);
    application.object = vrx_take_bytes(&find, arena);
    application.state = (enum vrx_application_record_state)vrx_take_int(&find);
    application.recorded_at = vrx_take_int(&find);
    application.changed_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_application = application;
    return vrx_ok();
}

#define STEP(state) (1u << VRX_APPLICATION_RECORD_##state)
static const unsigned steps[] = {
    [VRX_APPLICATION_RECORD_OPEN] = STEP(ISSUING) | STEP(CLOSED),
    [VRX_APPLICATION_RECORD_ISSUING] = STEP(OPEN) | STEP(ISSUED) | STEP(CLOSED),
    [VRX_APPLICATION_RECORD_ISSUED] = 0,
    [VRX_APPLICATION_RECORD_CLOSED] = 0,
};

static struct vrx_result check_step(int64_t from, unsigned to) {
    if (from == VRX_APPLICATION_RECORD_ISSUED)
        return vrx_fail(VRX_APPLICATION_USED);
    if (from < VRX_APPLICATION_RECORD_OPEN || from > VRX_APPLICATION_RECORD_CLOSED)
        return vrx_fail(VRX_VAULT_DAMAGED);
    if (to > VRX_APPLICATION_RECORD_CLOSED || !(steps[from] & 1u << to))
        return vrx_fail(VRX_WRONG_STATE);
    return vrx_ok();
}

struct vrx_result vrx_application_check_step(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    enum vrx_application_record_state to, int64_t *ret_resident) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT state, resident FROM application WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_APPLICATION_MISSING);
    int64_t state = vrx_take_int(&find);
    int64_t resident = vrx_take_int(&find);
    VRX_TRY(find.error);
    VRX_TRY(check_step(state, to));
    *ret_resident = resident;
    return vrx_ok();
}

struct vrx_result vrx_application_take_step(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    enum vrx_application_record_state to, int64_t now) {
    VRX_STATEMENT(update, tenant, "UPDATE application SET state = ?, changed_at = ? WHERE id = ?");
    vrx_bind_int(&update, to);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_application_record_advance(struct vrx_tenant *tenant,
    const uint8_t id[VRX_ID], enum vrx_application_record_state state, int64_t now) {
    int64_t resident = 0;
    VRX_TRY(vrx_application_check_step(tenant, id, state, &resident));
    if (state == VRX_APPLICATION_RECORD_ISSUED)
        return vrx_fail(VRX_WRONG_STATE);
    return vrx_application_take_step(tenant, id, state, now);
}
