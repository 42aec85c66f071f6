/* SPDX-License-Identifier: Apache-2.0
 *
 * See reissue.h.
 */
#include "store/reissue.h"

#include "store/sql.h"

struct vrx_result vrx_reissue_put(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], struct vrx_view uvci) {
    VRX_STATEMENT(
        put, tenant, "INSERT INTO application_replaces (application, uvci) VALUES (?, ?)");
    vrx_bind_bytes(&put, vrx_view_of(application, VRX_ID));
    vrx_bind_text(&put, uvci);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_reissue_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t application[VRX_ID], struct vrx_view *ret_uvci) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT uvci FROM application_replaces WHERE application = ?");
    vrx_bind_bytes(&find, vrx_view_of(application, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    const struct vrx_view uvci = found ? vrx_take_text(&find, arena) : (struct vrx_view){0};
    VRX_TRY(find.error);
    *ret_uvci = uvci;
    return vrx_ok();
}
