/* SPDX-License-Identifier: Apache-2.0
 *
 * The two things of a resident that point outside the record: the individual number, which goes
 * into a sealed query and nowhere else, and the token under which the ledger speaks of the person.
 */
#include "crypto/hash.h"
#include "keyring/keys.h"
#include "store/resident.h"
#include "store/sql.h"

/* For whom there is no number: a resident who has none, or nobody. */
static struct vrx_result check_there(struct vrx_tenant *tenant, int64_t id) {
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM resident WHERE id = ?");
    vrx_bind_int(&find, id);
    return vrx_statement_one(&find);
}

struct vrx_result vrx_resident_number(
    struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id, struct vrx_view *ret_number) {
    bool has_one = false;
    struct vrx_view number = {0};
    VRX_STATEMENT(find, tenant, "SELECT number FROM individual_number WHERE resident = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_row(&find, &has_one));
    if (has_one)
        number = vrx_take_text(&find, arena);
    else
        VRX_TRY(check_there(tenant, id));
    VRX_TRY(find.error);
    *ret_number = number;
    return vrx_ok();
}

struct vrx_result vrx_resident_person_token(
    struct vrx_tenant *tenant, int64_t id, uint8_t ret_token[VRX_DIGEST]) {
    uint8_t salt[VRX_DIGEST];
    VRX_STATEMENT(find, tenant, "SELECT salt FROM audit_salt WHERE resident = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    vrx_take_fixed(&find, salt, sizeof salt);
    VRX_TRY(find.error);
    struct vrx_result result = vrx_hmac_sha256(
        vrx_tenant_ledger_key(vrx_tenant_keys(tenant)), vrx_view_of(salt, sizeof salt), ret_token);
    vrx_wipe(salt, sizeof salt);
    return result;
}
