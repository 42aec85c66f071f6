/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_out.h.
 */
#include "store/certificate_out.h"

#include "base/limits.h"
#include "objects/consent.h"
#include "store/check.h"
#include "store/sql.h"
#include "store/transfer.h"

#define COLUMNS \
    "query_id, application, resident, origin, consent, query_digest, state, reason, clause, " \
    "created_at, deadline, reply, expires_at, changed_at"

static struct vrx_certificate_out take_asked(struct vrx_statement *row, struct vrx_arena *arena) {
    static const uint8_t none[VRX_ID];
    struct vrx_certificate_out asked = {0};
    vrx_take_fixed(row, asked.query_id, VRX_ID);
    vrx_take_fixed(row, asked.application_id, VRX_ID);
    asked.resident = vrx_take_int(row);
    asked.origin = vrx_take_code(row);
    vrx_take_fixed(row, asked.consent_id, VRX_ID);
    asked.has_consent = memcmp(asked.consent_id, none, VRX_ID) != 0;
    vrx_take_fixed(row, asked.query_digest, VRX_DIGEST);
    asked.state = (enum vrx_elsewhere_state)vrx_take_int(row);
    asked.reason = (enum vrx_reason)vrx_take_int(row);
    asked.clause = vrx_take_text(row, arena);
    asked.created_at = vrx_take_int(row);
    asked.deadline = vrx_take_int(row);
    asked.reply = vrx_take_bytes(row, arena);
    asked.expires_at = vrx_take_int(row);
    asked.changed_at = vrx_take_int(row);
    return asked;
}

struct vrx_result vrx_certificate_out_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_out *asked) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate_out (" COLUMNS ") "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0, '', ?7, ?8, NULL, NULL, ?7)");
    vrx_bind_bytes(&insert, vrx_view_of(asked->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(asked->application_id, VRX_ID));
    vrx_bind_int(&insert, asked->resident);
    vrx_bind_code(&insert, &asked->origin);
    vrx_bind_bytes_or_null(
        &insert, vrx_view_of(asked->consent_id, asked->has_consent ? VRX_ID : 0));
    vrx_bind_bytes(&insert, vrx_view_of(asked->query_digest, VRX_DIGEST));
    vrx_bind_int(&insert, asked->created_at);
    vrx_bind_int(&insert, asked->deadline);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_certificate_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_certificate_out *ret_asked) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM certificate_out WHERE query_id = ?");
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_certificate_out asked = take_asked(&find, arena);
    VRX_TRY(find.error);
    *ret_asked = asked;
    return vrx_ok();
}

static struct vrx_result check_end(const struct vrx_certificate_end *end) {
    const bool issued = end->state == VRX_ELSEWHERE_ISSUED;
    const bool refused = end->state == VRX_ELSEWHERE_REFUSED;
    if (end->state <= VRX_ELSEWHERE_WAITING || end->state > VRX_ELSEWHERE_EXPIRED)
        return vrx_refuse(VRX_INPUT_RANGE, "state");
    if (issued != (end->expires_at > 0) || (issued && !end->reply.len))
        return vrx_refuse(VRX_INPUT_RANGE, "reply");
    if (refused != (end->reason != VRX_OK) || (!refused && end->clause.len))
        return vrx_refuse(VRX_INPUT_RANGE, "reason");
    return end->reply.len ? vrx_check_object(end->reply, VRX_LIMIT_TRANSFER) : vrx_ok();
}

struct vrx_result vrx_certificate_out_end(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    const struct vrx_certificate_end *end, int64_t now) {
    VRX_TRY(check_end(end));
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate_out SET state = ?1, reason = ?2, clause = ?3, reply = ?4, "
        "expires_at = ?5, changed_at = ?6 "
        "WHERE query_id = ?7 AND (state = 1 OR (state = 5 AND ?1 = 2))");
    vrx_bind_int(&update, end->state);
    vrx_bind_int(&update, end->reason);
    vrx_bind_text(&update, end->clause);
    vrx_bind_bytes_or_null(&update, end->reply);
    vrx_bind_time(&update, end->expires_at);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    if (vrx_statement_changes(&update) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM certificate_out WHERE query_id = ?");
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_WRONG_STATE);
}

/* ---- lists ---- */

static struct vrx_result take_all(struct vrx_statement *rows, struct vrx_arena *arena, size_t limit,
    struct vrx_certificate_out **ret_asked, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_certificate_out *asked = vrx_arena_alloc_array(arena, limit, sizeof *asked);
    if (!asked)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more && count < limit) {
        asked[count++] = take_asked(rows, arena);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    *ret_asked = asked;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_certificate_out_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t application_id[VRX_ID], struct vrx_certificate_out **ret_asked,
    size_t *ret_count) {
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM certificate_out WHERE application = ? ORDER BY origin");
    vrx_bind_bytes(&rows, vrx_view_of(application_id, VRX_ID));
    return take_all(&rows, arena, VRX_LIMIT_ORIGINS, ret_asked, ret_count);
}

struct vrx_result vrx_certificate_out_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_certificate_out **ret_asked, size_t *ret_count) {
    VRX_STATEMENT(
        rows, tenant, "SELECT " COLUMNS " FROM certificate_out WHERE consent = ? ORDER BY id");
    vrx_bind_bytes(&rows, vrx_view_of(consent_id, VRX_ID));
    return take_all(&rows, arena, VRX_LIMIT_PAGE, ret_asked, ret_count);
}

struct vrx_result vrx_certificate_out_list_overdue(struct vrx_tenant *tenant,
    struct vrx_arena *arena, int64_t now, size_t limit, struct vrx_certificate_out **ret_asked,
    size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM certificate_out WHERE state = 1 AND deadline < ?1 "
        "ORDER BY deadline, id LIMIT ?2");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    return take_all(&rows, arena, limit, ret_asked, ret_count);
}

struct vrx_result vrx_certificate_out_next_due(struct vrx_tenant *tenant, int64_t *ret_at) {
    VRX_STATEMENT(
        find, tenant, "SELECT coalesce(min(deadline) + 1, 0) FROM certificate_out WHERE state = 1");
    VRX_TRY(vrx_statement_one(&find));
    int64_t at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_at = at;
    return vrx_ok();
}
