/* SPDX-License-Identifier: Apache-2.0
 *
 * See law_text.h.
 */
#include "store/law_text.h"

#include "store/check.h"
#include "store/sql.h"

static struct vrx_result is_there(
    struct vrx_tenant *tenant, const uint8_t digest[VRX_DIGEST], bool *ret_there) {
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM law_text WHERE digest = ?");
    vrx_bind_bytes(&find, vrx_view_of(digest, VRX_DIGEST));
    return vrx_statement_row(&find, ret_there);
}

struct vrx_result vrx_law_text_note(struct vrx_tenant *tenant, const struct vrx_law_text *law) {
    bool there = false;
    VRX_TRY(is_there(tenant, law->digest, &there));
    if (there)
        return vrx_ok();
    if (law->kind == VRX_LAW_PERMITS)
        VRX_TRY(vrx_check_object(law->text, VRX_LIMIT_LAW_TEXT));
    if (law->version > INT64_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "version");
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO law_text (digest, kind, version, used_from, text) VALUES (?, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(law->digest, VRX_DIGEST));
    vrx_bind_int(&insert, law->kind);
    vrx_bind_int(&insert, (int64_t)law->version);
    vrx_bind_int(&insert, law->used_from);
    vrx_bind_bytes_or_null(&insert, law->text);
    return vrx_statement_run(&insert);
}

static struct vrx_result take_law(
    struct vrx_statement *row, struct vrx_arena *arena, struct vrx_law_text *ret_law) {
    struct vrx_law_text law = {0};
    vrx_take_fixed(row, law.digest, VRX_DIGEST);
    law.kind = (enum vrx_law_kind)vrx_take_int(row);
    law.version = (uint64_t)vrx_take_int(row);
    law.used_from = vrx_take_int(row);
    law.text = vrx_take_bytes(row, arena);
    VRX_TRY(row->error);
    *ret_law = law;
    return vrx_ok();
}

struct vrx_result vrx_law_text_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t digest[VRX_DIGEST], struct vrx_law_text *ret_law) {
    VRX_STATEMENT(find, tenant,
        "SELECT digest, kind, version, used_from, text FROM law_text WHERE digest = ?");
    vrx_bind_bytes(&find, vrx_view_of(digest, VRX_DIGEST));
    VRX_TRY(vrx_statement_one(&find));
    return take_law(&find, arena, ret_law);
}

struct vrx_result vrx_law_text_at(struct vrx_tenant *tenant, struct vrx_arena *arena,
    enum vrx_law_kind kind, int64_t time, struct vrx_law_text *ret_law) {
    VRX_STATEMENT(find, tenant,
        "SELECT digest, kind, version, used_from, text FROM law_text "
        "WHERE kind = ? AND used_from <= ? ORDER BY used_from DESC, version DESC LIMIT 1");
    vrx_bind_int(&find, kind);
    vrx_bind_int(&find, time);
    VRX_TRY(vrx_statement_one(&find));
    return take_law(&find, arena, ret_law);
}
