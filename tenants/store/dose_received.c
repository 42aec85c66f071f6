/* SPDX-License-Identifier: Apache-2.0
 *
 * See dose_received.h.
 */
#include "store/dose_received.h"

#include "base/limits.h"
#include "objects/query.h"
#include "store/check.h"
#include "store/sql.h"

static void bind_dose(struct vrx_statement *statement, const struct vrx_dose_received *received) {
    if (received->dose)
        vrx_bind_int(statement, received->dose);
    else
        vrx_bind_null(statement);
    vrx_bind_bytes_or_null(
        statement, vrx_view_of(received->review, received->has_review ? VRX_ID : 0));
}

struct vrx_result vrx_dose_received_put(
    struct vrx_tenant *tenant, const struct vrx_dose_received *received) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO dose_received (query_id, as_sent, resident, outcome, dose, review, sequence) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (query_id, as_sent) DO NOTHING");
    vrx_bind_bytes(&insert, vrx_view_of(received->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(received->as_sent, VRX_DIGEST));
    vrx_bind_int(&insert, received->resident);
    vrx_bind_int(&insert, received->outcome);
    bind_dose(&insert, received);
    vrx_bind_int(&insert, (int64_t)received->sequence);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_dose_received_get(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    const uint8_t as_sent[VRX_DIGEST], struct vrx_dose_received *ret_received) {
    VRX_STATEMENT(find, tenant,
        "SELECT resident, outcome, dose, review IS NOT NULL, review, sequence FROM dose_received "
        "WHERE query_id = ? AND as_sent = ?");
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    vrx_bind_bytes(&find, vrx_view_of(as_sent, VRX_DIGEST));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_dose_received received = {0};
    memcpy(received.query_id, query_id, VRX_ID);
    memcpy(received.as_sent, as_sent, VRX_DIGEST);
    received.resident = vrx_take_int(&find);
    received.outcome = (enum vrx_received_outcome)vrx_take_int(&find);
    received.dose = vrx_take_int(&find);
    received.has_review = vrx_take_bool(&find);
    vrx_take_fixed(&find, received.review, VRX_ID);
    received.sequence = (uint64_t)vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_received = received;
    return vrx_ok();
}

struct vrx_result vrx_dose_received_change(
    struct vrx_tenant *tenant, const struct vrx_dose_received *received) {
    VRX_STATEMENT(update, tenant,
        "UPDATE dose_received SET outcome = ?, dose = ?, review = ?, sequence = ? "
        "WHERE query_id = ? AND as_sent = ?");
    vrx_bind_int(&update, received->outcome);
    bind_dose(&update, received);
    vrx_bind_int(&update, (int64_t)received->sequence);
    vrx_bind_bytes(&update, vrx_view_of(received->query_id, VRX_ID));
    vrx_bind_bytes(&update, vrx_view_of(received->as_sent, VRX_DIGEST));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_dose_received_follow(struct vrx_tenant *tenant, int64_t from, int64_t to) {
    VRX_STATEMENT(follow, tenant, "UPDATE dose_received SET dose = ? WHERE dose = ?");
    vrx_bind_int(&follow, to);
    vrx_bind_int(&follow, from);
    return vrx_statement_run(&follow);
}

/* ---- notices ---- */

#define COLUMNS \
    "origin, notice_id, query_id, as_sent, sequence, resident, object, state, received_at, " \
    "changed_at"

static struct vrx_result check_room(
    struct vrx_tenant *tenant, const struct vrx_correction *correction) {
    if (correction->state != VRX_CORRECTION_WAITING)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT count(*) FROM correction WHERE query_id = ? AND state = 1");
    vrx_bind_bytes(&find, vrx_view_of(correction->query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    const int64_t waiting = vrx_take_int(&find);
    VRX_TRY(find.error);
    return waiting < VRX_LIMIT_DOSES ? vrx_ok() : vrx_fail(VRX_CAP_REACHED);
}

struct vrx_result vrx_correction_put(
    struct vrx_tenant *tenant, const struct vrx_correction *correction) {
    VRX_TRY(vrx_check_object(correction->object, VRX_LIMIT_SIGNED_OBJECT));
    VRX_TRY(check_room(tenant, correction));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO correction (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)");
    vrx_bind_code(&insert, &correction->origin);
    vrx_bind_bytes(&insert, vrx_view_of(correction->notice_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(correction->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(correction->as_sent, VRX_DIGEST));
    vrx_bind_int(&insert, (int64_t)correction->sequence);
    vrx_bind_int(&insert, correction->resident);
    vrx_bind_bytes(&insert, correction->object);
    vrx_bind_int(&insert, correction->state);
    vrx_bind_int(&insert, correction->received_at);
    return vrx_statement_run(&insert);
}

static struct vrx_correction take_correction(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_correction correction = {0};
    correction.origin = vrx_take_code(row);
    vrx_take_fixed(row, correction.notice_id, VRX_ID);
    vrx_take_fixed(row, correction.query_id, VRX_ID);
    vrx_take_fixed(row, correction.as_sent, VRX_DIGEST);
    correction.sequence = (uint64_t)vrx_take_int(row);
    correction.resident = vrx_take_int(row);
    correction.object = vrx_take_bytes(row, arena);
    correction.state = (enum vrx_correction_state)vrx_take_int(row);
    correction.received_at = vrx_take_int(row);
    correction.changed_at = vrx_take_int(row);
    return correction;
}

struct vrx_result vrx_correction_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *origin, const uint8_t notice_id[VRX_ID],
    struct vrx_correction *ret_correction) {
    VRX_STATEMENT(
        find, tenant, "SELECT " COLUMNS " FROM correction WHERE origin = ? AND notice_id = ?");
    vrx_bind_code(&find, origin);
    vrx_bind_bytes(&find, vrx_view_of(notice_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_correction correction = take_correction(&find, arena);
    VRX_TRY(find.error);
    *ret_correction = correction;
    return vrx_ok();
}

struct vrx_result vrx_correction_step(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *origin, const uint8_t notice_id[VRX_ID],
    enum vrx_correction_state state, int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE correction SET state = ?, changed_at = ? WHERE origin = ? AND notice_id = ?");
    vrx_bind_int(&update, state);
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, origin);
    vrx_bind_bytes(&update, vrx_view_of(notice_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_correction_waiting(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_correction **ret_corrections, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM correction WHERE query_id = ? AND state = 1 "
        "ORDER BY as_sent, sequence LIMIT ?");
    struct vrx_correction *corrections = NULL;
    vrx_bind_bytes(&rows, vrx_view_of(query_id, VRX_ID));
    vrx_bind_int(&rows, VRX_LIMIT_DOSES);
    VRX_TRY(vrx_statement_row(&rows, &more));
    if (more)
        corrections = vrx_arena_alloc_array(arena, VRX_LIMIT_DOSES, sizeof *corrections);
    if (more && !corrections)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    while (more && count < VRX_LIMIT_DOSES) {
        corrections[count++] = take_correction(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_corrections = corrections;
    *ret_count = count;
    return vrx_ok();
}
