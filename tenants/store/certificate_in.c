/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_in.h.
 */
#include "store/certificate_in.h"

#include "base/limits.h"
#include "store/check.h"
#include "store/sql.h"
#include "store/transfer.h"

#define COLUMNS \
    "sender, query_id, nonce, application, resident, may_issue, consent, query, state, reason, " \
    "received_at, deadline, tell_at, due_at, changed_at"

static struct vrx_certificate_in take_asked(struct vrx_statement *row, struct vrx_arena *arena) {
    static const uint8_t none[VRX_ID];
    struct vrx_certificate_in asked = {0};
    asked.sender = vrx_take_code(row);
    vrx_take_fixed(row, asked.query_id, VRX_ID);
    vrx_take_fixed(row, asked.nonce, VRX_ID);
    vrx_take_fixed(row, asked.application_id, VRX_ID);
    asked.resident = vrx_take_int(row);
    asked.may_issue = vrx_take_bool(row);
    vrx_take_fixed(row, asked.consent_id, VRX_ID);
    asked.has_consent = memcmp(asked.consent_id, none, VRX_ID) != 0;
    asked.query = vrx_take_bytes(row, arena);
    asked.state = (enum vrx_elsewhere_state)vrx_take_int(row);
    asked.reason = (enum vrx_reason)vrx_take_int(row);
    asked.received_at = vrx_take_int(row);
    asked.deadline = vrx_take_int(row);
    asked.tell_at = vrx_take_int(row);
    asked.due_at = vrx_take_int(row);
    asked.changed_at = vrx_take_int(row);
    return asked;
}

struct vrx_result vrx_certificate_in_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_in *asked) {
    VRX_TRY(vrx_check_object(asked->query, VRX_LIMIT_TRANSFER));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate_in (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0, "
        "?9, ?10, ?11, ?12, ?9)");
    vrx_bind_code(&insert, &asked->sender);
    vrx_bind_bytes(&insert, vrx_view_of(asked->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(asked->nonce, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(asked->application_id, VRX_ID));
    if (asked->resident)
        vrx_bind_int(&insert, asked->resident);
    else
        vrx_bind_null(&insert);
    vrx_bind_int(&insert, asked->may_issue);
    vrx_bind_bytes_or_null(
        &insert, vrx_view_of(asked->consent_id, asked->has_consent ? VRX_ID : 0));
    vrx_bind_bytes(&insert, asked->query);
    vrx_bind_int(&insert, asked->received_at);
    vrx_bind_int(&insert, asked->deadline);
    vrx_bind_int(&insert, asked->tell_at);
    vrx_bind_int(&insert, asked->due_at);
    struct vrx_result result = vrx_statement_run(&insert);
    return result.reason == VRX_ALREADY_EXISTS
               ? vrx_refuse(VRX_QUERY_REPLAYED, "query: one id, one nonce, one application")
               : result;
}

struct vrx_result vrx_certificate_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_certificate_in *ret_asked) {
    VRX_STATEMENT(
        find, tenant, "SELECT " COLUMNS " FROM certificate_in WHERE sender = ? AND query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_certificate_in asked = take_asked(&find, arena);
    VRX_TRY(find.error);
    *ret_asked = asked;
    return vrx_ok();
}

/* Why a step that changed no row did not. */
static struct vrx_result check_changed(struct vrx_tenant *tenant,
    const struct vrx_statement *update, const struct vrx_municipality_code *sender,
    const uint8_t query_id[VRX_ID]) {
    if (vrx_statement_changes(update) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM certificate_in WHERE sender = ? AND query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_certificate_in_postpone(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t due_at) {
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate_in SET due_at = ? WHERE sender = ? AND query_id = ? AND state = 1");
    vrx_bind_int(&update, due_at);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, sender, query_id);
}

struct vrx_result vrx_certificate_in_end(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    enum vrx_elsewhere_state state, enum vrx_reason reason, int64_t now) {
    if (state <= VRX_ELSEWHERE_WAITING || state > VRX_ELSEWHERE_EXPIRED)
        return vrx_refuse(VRX_INPUT_RANGE, "state");
    if ((state == VRX_ELSEWHERE_REFUSED) != (reason != VRX_OK))
        return vrx_refuse(VRX_INPUT_RANGE, "reason");
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate_in SET state = ?, reason = ?, due_at = NULL, changed_at = ? "
        "WHERE sender = ? AND query_id = ? AND state = 1");
    vrx_bind_int(&update, state);
    vrx_bind_int(&update, reason);
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, sender, query_id);
}

struct vrx_result vrx_certificate_in_hasten(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t consent_id[VRX_ID], int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate_in SET due_at = min(due_at, ?1) "
        "WHERE sender = ?2 AND consent = ?3 AND due_at IS NOT NULL");
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(consent_id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_certificate_in_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_certificate_in **ret_asked, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    struct vrx_certificate_in *asked = vrx_arena_alloc_array(arena, limit, sizeof *asked);
    if (!asked)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM certificate_in WHERE due_at <= ? ORDER BY due_at, id LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < limit) {
        asked[count++] = take_asked(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_asked = asked;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_certificate_in_next_due(struct vrx_tenant *tenant, int64_t *ret_at) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(min(due_at), 0) FROM certificate_in WHERE due_at IS NOT NULL");
    VRX_TRY(vrx_statement_one(&find));
    int64_t at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_at = at;
    return vrx_ok();
}
