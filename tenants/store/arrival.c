/* SPDX-License-Identifier: Apache-2.0
 *
 * See arrival.h.
 */
#include "store/arrival.h"

#include "store/check.h"
#include "store/sql.h"

#define COLUMNS "sender, kind, message_id, digest, acknowledgement, arrived_at"

struct vrx_result vrx_arrival_put(
    struct vrx_tenant *tenant, const struct vrx_arrival_record *arrival) {
    VRX_TRY(vrx_check_object(arrival->acknowledgement, VRX_LIMIT_TRANSFER));
    VRX_STATEMENT(insert, tenant, "INSERT INTO arrival (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)");
    vrx_bind_code(&insert, &arrival->sender);
    vrx_bind_int(&insert, arrival->kind);
    vrx_bind_bytes(&insert, vrx_view_of(arrival->id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(arrival->digest, VRX_DIGEST));
    vrx_bind_bytes(&insert, arrival->acknowledgement);
    vrx_bind_int(&insert, arrival->arrived_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_arrival_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, enum vrx_envelope_kind kind,
    const uint8_t id[VRX_ID], struct vrx_arrival_record *ret_arrival) {
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS " FROM arrival WHERE sender = ? AND kind = ? AND message_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_int(&find, kind);
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_arrival_record arrival = {0};
    arrival.sender = vrx_take_code(&find);
    arrival.kind = (enum vrx_envelope_kind)vrx_take_int(&find);
    vrx_take_fixed(&find, arrival.id, VRX_ID);
    vrx_take_fixed(&find, arrival.digest, VRX_DIGEST);
    arrival.acknowledgement = vrx_take_bytes(&find, arena);
    arrival.arrived_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_arrival = arrival;
    return vrx_ok();
}
