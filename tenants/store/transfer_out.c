/* SPDX-License-Identifier: Apache-2.0
 *
 * See transfer_out.h. Every step goes through take_step: it looks at the table of transfer.h, then
 * writes the state with what the step brings.
 */
#include "store/transfer_out.h"

#include "crypto/hash.h"
#include "objects/answer.h"
#include "objects/consent.h"
#include "store/check.h"
#include "store/consent_record.h"
#include "store/evidence_record.h"
#include "store/sql.h"

#define COLUMNS \
    "query_id, origin, resident, consent, evidence, query, query_digest, state, reason, clause, " \
    "created_at, deadline, next_attempt_at, attempts, answer, answer_digest, receipt, " \
    "doses_imported, doses_known, changed_at, without_consent, items"

static bool take_optional_id(struct vrx_statement *row, uint8_t id[VRX_ID]) {
    static const uint8_t none[VRX_ID];
    vrx_take_fixed(row, id, VRX_ID);
    return memcmp(id, none, VRX_ID) != 0;
}

static struct vrx_transfer_out take_transfer(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_transfer_out transfer = {0};
    vrx_take_fixed(row, transfer.query_id, VRX_ID);
    transfer.origin = vrx_take_code(row);
    transfer.resident = vrx_take_int(row);
    transfer.has_consent = take_optional_id(row, transfer.consent_id);
    transfer.has_evidence = take_optional_id(row, transfer.evidence_id);
    transfer.query = vrx_take_bytes(row, arena);
    vrx_take_fixed(row, transfer.query_digest, VRX_DIGEST);
    transfer.state = (enum vrx_transfer_state)vrx_take_int(row);
    transfer.reason = (enum vrx_reason)vrx_take_int(row);
    transfer.clause = vrx_take_text(row, arena);
    transfer.created_at = vrx_take_int(row);
    transfer.deadline = vrx_take_int(row);
    transfer.next_attempt_at = vrx_take_int(row);
    transfer.attempts = (uint64_t)vrx_take_int(row);
    transfer.answer = vrx_take_bytes(row, arena);
    vrx_take_fixed(row, transfer.answer_digest, VRX_DIGEST);
    transfer.receipt = vrx_take_bytes(row, arena);
    transfer.doses_imported = (uint64_t)vrx_take_int(row);
    transfer.doses_known = (uint64_t)vrx_take_int(row);
    transfer.changed_at = vrx_take_int(row);
    transfer.without_consent = vrx_take_bool(row);
    transfer.items = (unsigned)vrx_take_int(row);
    return transfer;
}

/* The consent and the evidence that the query carries are this resident's. */
static struct vrx_result check_case(
    struct vrx_tenant *tenant, const struct vrx_transfer_out *transfer) {
    if (transfer->has_evidence)
        VRX_TRY(vrx_evidence_record_about(tenant, transfer->evidence_id, transfer->resident));
    if (!transfer->has_consent)
        return vrx_ok();
    return vrx_consent_record_about(tenant, transfer->consent_id, transfer->resident);
}

static struct vrx_view optional_id(bool has, const uint8_t id[VRX_ID]) {
    return has ? vrx_view_of(id, VRX_ID) : (struct vrx_view){0};
}

struct vrx_result vrx_transfer_out_put(
    struct vrx_tenant *tenant, const struct vrx_transfer_out *transfer) {
    VRX_TRY(vrx_check_object(transfer->query, VRX_LIMIT_TRANSFER));
    if (transfer->deadline <= transfer->created_at)
        return vrx_refuse(VRX_INPUT_RANGE, "deadline");
    VRX_TRY(check_case(tenant, transfer));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO transfer_out (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 0, '', ?8, "
        "?9, ?10, 0, NULL, NULL, NULL, 0, 0, ?8, ?11, ?12)");
    vrx_bind_bytes(&insert, vrx_view_of(transfer->query_id, VRX_ID));
    vrx_bind_code(&insert, &transfer->origin);
    vrx_bind_int(&insert, transfer->resident);
    vrx_bind_bytes_or_null(&insert, optional_id(transfer->has_consent, transfer->consent_id));
    vrx_bind_bytes_or_null(&insert, optional_id(transfer->has_evidence, transfer->evidence_id));
    vrx_bind_bytes(&insert, transfer->query);
    vrx_bind_bytes(&insert, vrx_view_of(transfer->query_digest, VRX_DIGEST));
    vrx_bind_int(&insert, transfer->created_at);
    vrx_bind_int(&insert, transfer->deadline);
    vrx_bind_time(&insert, transfer->next_attempt_at);
    vrx_bind_int(&insert, transfer->without_consent);
    vrx_bind_int(&insert, transfer->items);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_transfer_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_transfer_out *ret_transfer) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM transfer_out WHERE query_id = ?");
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_transfer_out transfer = take_transfer(&find, arena);
    VRX_TRY(find.error);
    *ret_transfer = transfer;
    return vrx_ok();
}

static struct vrx_result state_of(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], enum vrx_transfer_state *ret_state) {
    VRX_STATEMENT(find, tenant, "SELECT state FROM transfer_out WHERE query_id = ?");
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    enum vrx_transfer_state state = (enum vrx_transfer_state)vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_state = state;
    return vrx_ok();
}

/* Only in these two states is there something to be sent again. */
static bool still_asks(enum vrx_transfer_state state) {
    return state == VRX_TRANSFER_REQUESTED || state == VRX_TRANSFER_PENDING;
}

struct vrx_result vrx_transfer_out_attempted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t next_attempt_at) {
    enum vrx_transfer_state state = VRX_TRANSFER_REQUESTED;
    VRX_TRY(state_of(tenant, query_id, &state));
    if (!still_asks(state))
        return vrx_fail(VRX_WRONG_STATE);
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_out SET attempts = attempts + 1, next_attempt_at = ? "
        "WHERE query_id = ?");
    vrx_bind_time(&update, next_attempt_at);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_transfer_out_postpone(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t not_before) {
    enum vrx_transfer_state state = VRX_TRANSFER_REQUESTED;
    VRX_TRY(state_of(tenant, query_id, &state));
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_out SET next_attempt_at = max(next_attempt_at, ?) "
        "WHERE query_id = ? AND next_attempt_at IS NOT NULL");
    vrx_bind_int(&update, not_before);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) == 1 ? vrx_ok() : vrx_fail(VRX_WRONG_STATE);
}

/* What a step brings; what is empty or zero stays as it was. */
struct step {
    enum vrx_transfer_state state;
    enum vrx_reason reason;
    struct vrx_view clause;
    struct vrx_view answer;
    struct vrx_view answer_digest;
    uint64_t doses_imported;
    uint64_t doses_known;
};

static struct vrx_result take_step(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    const struct step *step, int64_t now) {
    enum vrx_transfer_state from = VRX_TRANSFER_REQUESTED;
    VRX_TRY(state_of(tenant, query_id, &from));
    if (!vrx_transfer_step_allowed(from, step->state) ||
        (step->state == VRX_TRANSFER_DENIED && !vrx_transfer_denial_allowed(from, step->reason)))
        return vrx_fail(VRX_WRONG_STATE);
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_out SET state = ?, reason = ?, clause = ?, answer = coalesce(?, answer), "
        "answer_digest = coalesce(?, answer_digest), "
        "doses_imported = ?, doses_known = ?, changed_at = ?, "
        "next_attempt_at = iif(?, NULL, next_attempt_at) WHERE query_id = ?");
    vrx_bind_int(&update, step->state);
    vrx_bind_int(&update, step->reason);
    vrx_bind_text(&update, step->clause);
    vrx_bind_bytes_or_null(&update, step->answer);
    vrx_bind_bytes_or_null(&update, step->answer_digest);
    vrx_bind_int(&update, (int64_t)step->doses_imported);
    vrx_bind_int(&update, (int64_t)step->doses_known);
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, !still_asks(step->state));
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_transfer_out_advance(struct vrx_tenant *tenant,
    const uint8_t query_id[VRX_ID], enum vrx_transfer_state state, int64_t now) {
    bool bare = state == VRX_TRANSFER_PENDING || state == VRX_TRANSFER_NO_RECORD ||
                state == VRX_TRANSFER_EXPIRED;
    struct step step = {.state = state};
    return bare ? take_step(tenant, query_id, &step, now) : vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_transfer_out_deny(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    enum vrx_reason reason, struct vrx_view clause, int64_t now) {
    static const struct vrx_text_rule rule = {
        offsetof(struct step, clause), 0, VRX_LIMIT_CLAUSE, "clause"};
    struct step step = {.state = VRX_TRANSFER_DENIED, .reason = reason, .clause = clause};
    if (reason == VRX_OK)
        return vrx_refuse(VRX_INPUT_RANGE, "reason");
    VRX_TRY(vrx_check_texts(&step, &rule, 1));
    return take_step(tenant, query_id, &step, now);
}

struct vrx_result vrx_transfer_out_answer(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    struct vrx_view answer, int64_t now) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_check_object(answer, VRX_LIMIT_TRANSFER));
    VRX_TRY(vrx_sha256(answer, digest));
    struct step step = {
        .state = VRX_TRANSFER_ANSWERED,
        .answer = answer,
        .answer_digest = vrx_view_of(digest, sizeof digest),
    };
    return take_step(tenant, query_id, &step, now);
}

struct vrx_result vrx_transfer_out_receive(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t now) {
    struct step step = {.state = VRX_TRANSFER_RECEIVED};
    return take_step(tenant, query_id, &step, now);
}

struct vrx_result vrx_transfer_out_keep(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view answer) {
    uint8_t digest[VRX_SHA256];
    enum vrx_transfer_state state = VRX_TRANSFER_REQUESTED;
    VRX_TRY(vrx_check_object(answer, VRX_LIMIT_TRANSFER));
    VRX_TRY(vrx_sha256(answer, digest));
    VRX_TRY(state_of(tenant, query_id, &state));
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_out SET answer = ?, answer_digest = ? "
        "WHERE query_id = ? AND state IN (2, 5) AND answer IS NULL");
    vrx_bind_bytes(&update, answer);
    vrx_bind_bytes(&update, vrx_view_of(digest, sizeof digest));
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) == 1 ? vrx_ok() : vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_transfer_out_receipted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view receipt) {
    VRX_TRY(vrx_check_object(receipt, VRX_LIMIT_TRANSFER));
    VRX_STATEMENT(update, tenant, "UPDATE transfer_out SET receipt = ? WHERE query_id = ?");
    vrx_bind_bytes(&update, receipt);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return vrx_statement_changes(&update) == 1 ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_transfer_out_import(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    uint64_t doses_imported, uint64_t doses_known, int64_t now) {
    struct step step = {
        .state = VRX_TRANSFER_IMPORTED,
        .doses_imported = doses_imported,
        .doses_known = doses_known,
    };
    return take_step(tenant, query_id, &step, now);
}

static struct vrx_result take_many(struct vrx_statement *rows, struct vrx_arena *arena,
    size_t limit, struct vrx_transfer_out **ret_transfers, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_transfer_out *transfers = vrx_arena_alloc_array(arena, limit, sizeof *transfers);
    if (!transfers)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more && count < limit) {
        transfers[count++] = take_transfer(rows, arena);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    *ret_transfers = transfers;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_transfer_out_next_due(struct vrx_tenant *tenant, int64_t *ret_at) {
    /* The condition is that of the index transfer_out_due: without it the table would be read. */
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(min(next_attempt_at), 0) FROM transfer_out "
        "WHERE next_attempt_at IS NOT NULL");
    VRX_TRY(vrx_statement_one(&find));
    int64_t at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_at = at;
    return vrx_ok();
}

struct vrx_result vrx_transfer_out_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_out **ret_transfers, size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM transfer_out WHERE next_attempt_at <= ? "
        "ORDER BY next_attempt_at, id LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    return take_many(&rows, arena, limit, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_out_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t skip, size_t limit, struct vrx_transfer_out **ret_transfers, size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(
        rows, tenant, "SELECT " COLUMNS " FROM transfer_out ORDER BY id DESC LIMIT ? OFFSET ?");
    vrx_bind_int(&rows, (int64_t)limit);
    vrx_bind_int(&rows, (int64_t)skip);
    return take_many(&rows, arena, limit, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_out_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_transfer_out **ret_transfers, size_t *ret_count) {
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM transfer_out WHERE consent = ? AND state IN (1, 3) "
        "ORDER BY id LIMIT ?");
    vrx_bind_bytes(&rows, vrx_view_of(consent_id, VRX_ID));
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    return take_many(&rows, arena, VRX_LIMIT_PAGE, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_out_asked_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_municipality_code **ret_origins,
    size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_municipality_code *origins =
        vrx_arena_alloc_array(arena, VRX_LIMIT_ORIGINS, sizeof *origins);
    if (!origins)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT DISTINCT origin FROM transfer_out WHERE consent = ? AND attempts > 0 "
        "ORDER BY origin");
    vrx_bind_bytes(&rows, vrx_view_of(consent_id, VRX_ID));
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_ORIGINS) {
        origins[count++] = vrx_take_code(&rows);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    VRX_TRY(rows.error);
    *ret_origins = origins;
    *ret_count = count;
    return more ? vrx_fail(VRX_INTERNAL_ERROR) : vrx_ok(); /* a consent names no more of them */
}
