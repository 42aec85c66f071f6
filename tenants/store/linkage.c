/* SPDX-License-Identifier: Apache-2.0
 *
 * See linkage.h. The person token is random for a resident and says nothing outside of this vault;
 * so neither the code nor two codes of one person for two municipalities say anything of them.
 */
#include "store/linkage.h"

#include "crypto/hash.h"
#include "keyring/keys.h"
#include "store/resident.h"
#include "store/sql.h"

static const char label[] = "vrx.linkage.1";

struct vrx_result vrx_linkage_code(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, int64_t resident,
    uint8_t ret_code[VRX_LINKAGE_CODE]) {
    struct vrx_view code = vrx_municipality_code_view(destination);
    uint8_t input[sizeof label + VRX_MUNICIPALITY_CODE_DIGITS + VRX_DIGEST];
    uint8_t whole[VRX_DIGEST];
    uint8_t *at = input;
    memcpy(at, label, sizeof label);
    at += sizeof label;
    memcpy(at, code.ptr, VRX_MUNICIPALITY_CODE_DIGITS);
    at += VRX_MUNICIPALITY_CODE_DIGITS;
    VRX_TRY(vrx_resident_person_token(tenant, resident, at));
    VRX_TRY(vrx_hmac_sha256(
        vrx_tenant_linkage_key(vrx_tenant_keys(tenant)), vrx_view_of(input, sizeof input), whole));
    memcpy(ret_code, whole, VRX_LINKAGE_CODE);
    return vrx_ok();
}

struct vrx_result vrx_linkage_give(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, int64_t resident,
    const uint8_t code[VRX_LINKAGE_CODE], int64_t now) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO linkage_given (destination, code, resident, given_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING");
    vrx_bind_code(&insert, destination);
    vrx_bind_bytes(&insert, vrx_view_of(code, VRX_LINKAGE_CODE));
    vrx_bind_int(&insert, resident);
    vrx_bind_int(&insert, now);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_linkage_near(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *asker, struct vrx_view code, int64_t *ret_resident,
    bool *ret_exact) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce((SELECT resident FROM linkage_given WHERE destination = ? AND code = ?), "
        "0), coalesce((SELECT min(resident) FROM individual_number), 0)");
    vrx_bind_code(&find, asker);
    vrx_bind_bytes(&find, code);
    VRX_TRY(vrx_statement_one(&find));
    int64_t meant = vrx_take_int(&find);
    int64_t other = vrx_take_int(&find);
    VRX_TRY(find.error);
    if (!meant && !other)
        return vrx_fail(VRX_NOT_FOUND);
    *ret_resident = meant ? meant : other;
    *ret_exact = meant != 0;
    return vrx_ok();
}

struct vrx_result vrx_linkage_keep(struct vrx_tenant *tenant, int64_t resident,
    const struct vrx_municipality_code *origin, struct vrx_view code, int64_t now) {
    if (code.len != VRX_LINKAGE_CODE)
        return vrx_refuse(VRX_INPUT_RANGE, "linkage code");
    VRX_STATEMENT(put, tenant,
        "INSERT INTO linkage_held (resident, origin, code, received_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (resident, origin) DO UPDATE SET code = excluded.code, "
        "received_at = excluded.received_at WHERE code <> excluded.code");
    vrx_bind_int(&put, resident);
    vrx_bind_code(&put, origin);
    vrx_bind_bytes(&put, code);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_linkage_kept(struct vrx_tenant *tenant, int64_t resident,
    const struct vrx_municipality_code *origin, uint8_t ret_code[VRX_LINKAGE_CODE]) {
    uint8_t code[VRX_LINKAGE_CODE];
    VRX_STATEMENT(find, tenant, "SELECT code FROM linkage_held WHERE resident = ? AND origin = ?");
    vrx_bind_int(&find, resident);
    vrx_bind_code(&find, origin);
    VRX_TRY(vrx_statement_one(&find));
    vrx_take_fixed(&find, code, sizeof code);
    VRX_TRY(find.error);
    memcpy(ret_code, code, sizeof code);
    return vrx_ok();
}

struct vrx_result vrx_linkage_forget(
    struct vrx_tenant *tenant, int64_t resident, const struct vrx_municipality_code *origin) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM linkage_held WHERE resident = ? AND origin = ?");
    vrx_bind_int(&forget, resident);
    vrx_bind_code(&forget, origin);
    return vrx_statement_run(&forget);
}
