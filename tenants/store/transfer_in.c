/* SPDX-License-Identifier: Apache-2.0
 *
 * See transfer_in.h. A query is told from its repetition and from a replay before anything is
 * written; a step goes through the table of transfer.h.
 */
#include "store/transfer_in.h"

#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "sender, query_id, query_digest, nonce, resident, query, state, reason, received_at, " \
    "deadline, due_at, answer, receipt, changed_at, answer_digest, permit_id, " \
    "permit_table_digest, without_consent, consent"

static bool take_optional_id(struct vrx_statement *row, uint8_t id[VRX_ID]) {
    static const uint8_t none[VRX_ID];
    vrx_take_fixed(row, id, VRX_ID);
    return memcmp(id, none, VRX_ID) != 0;
}

static struct vrx_transfer_in take_transfer(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_transfer_in transfer = {0};
    transfer.sender = vrx_take_code(row);
    vrx_take_fixed(row, transfer.query_id, VRX_ID);
    vrx_take_fixed(row, transfer.query_digest, VRX_DIGEST);
    vrx_take_fixed(row, transfer.nonce, VRX_ID);
    transfer.resident = vrx_take_int(row);
    transfer.query = vrx_take_bytes(row, arena);
    transfer.state = (enum vrx_transfer_state)vrx_take_int(row);
    transfer.reason = (enum vrx_reason)vrx_take_int(row);
    transfer.received_at = vrx_take_int(row);
    transfer.deadline = vrx_take_int(row);
    transfer.due_at = vrx_take_int(row);
    transfer.answer = vrx_take_bytes(row, arena);
    transfer.receipt = vrx_take_bytes(row, arena);
    transfer.changed_at = vrx_take_int(row);
    memcpy(transfer.tie.query_digest, transfer.query_digest, VRX_DIGEST);
    vrx_take_fixed(row, transfer.tie.answer_digest, VRX_DIGEST);
    transfer.tie.permit_id = vrx_take_text(row, arena);
    vrx_take_fixed(row, transfer.tie.permit_table_digest, VRX_DIGEST);
    transfer.tie.without_consent = vrx_take_bool(row);
    transfer.has_consent = take_optional_id(row, transfer.consent_id);
    return transfer;
}

static struct vrx_result refuse_known(
    struct vrx_tenant *tenant, const struct vrx_transfer_in *transfer) {
    bool known = false;
    VRX_STATEMENT(find, tenant,
        "SELECT sender = ?1 AND query_id = ?2 AND query_digest = ?3 AND nonce = ?4 "
        "FROM transfer_in WHERE (sender = ?1 AND query_id = ?2) OR nonce = ?4 ORDER BY 1 DESC");
    vrx_bind_code(&find, &transfer->sender);
    vrx_bind_bytes(&find, vrx_view_of(transfer->query_id, VRX_ID));
    vrx_bind_bytes(&find, vrx_view_of(transfer->query_digest, VRX_DIGEST));
    vrx_bind_bytes(&find, vrx_view_of(transfer->nonce, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &known));
    if (!known)
        return vrx_ok();
    bool same = vrx_take_bool(&find);
    VRX_TRY(find.error);
    return same ? vrx_fail(VRX_ALREADY_EXISTS)
                : vrx_refuse(VRX_QUERY_REPLAYED, "query: one id, one nonce, one content");
}

struct vrx_result vrx_transfer_in_put(
    struct vrx_tenant *tenant, const struct vrx_transfer_in *transfer) {
    VRX_TRY(vrx_check_object(transfer->query, VRX_LIMIT_TRANSFER));
    VRX_TRY(refuse_known(tenant, transfer));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO transfer_in (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0, ?7, ?8, ?9, "
        "NULL, NULL, ?7, NULL, '', NULL, 0, ?10)");
    vrx_bind_code(&insert, &transfer->sender);
    vrx_bind_bytes(&insert, vrx_view_of(transfer->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(transfer->query_digest, VRX_DIGEST));
    vrx_bind_bytes(&insert, vrx_view_of(transfer->nonce, VRX_ID));
    if (transfer->resident)
        vrx_bind_int(&insert, transfer->resident);
    else
        vrx_bind_null(&insert);
    vrx_bind_bytes(&insert, transfer->query);
    vrx_bind_int(&insert, transfer->received_at);
    vrx_bind_int(&insert, transfer->deadline);
    vrx_bind_time(&insert, transfer->due_at);
    vrx_bind_bytes_or_null(
        &insert, vrx_view_of(transfer->consent_id, transfer->has_consent ? VRX_ID : 0));
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_transfer_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_in *ret_transfer) {
    VRX_STATEMENT(
        find, tenant, "SELECT " COLUMNS " FROM transfer_in WHERE sender = ? AND query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_transfer_in transfer = take_transfer(&find, arena);
    VRX_TRY(find.error);
    *ret_transfer = transfer;
    return vrx_ok();
}

static bool must_answer(enum vrx_transfer_state state) {
    return state == VRX_TRANSFER_DENIED || state == VRX_TRANSFER_ANSWERED ||
           state == VRX_TRANSFER_NO_RECORD;
}

static struct vrx_result check_step(
    const struct vrx_transfer_in_step *step, enum vrx_transfer_state from, bool has_answer) {
    if (!vrx_transfer_step_allowed(from, step->state) ||
        (step->state == VRX_TRANSFER_DENIED && step->reason != VRX_OK &&
            !vrx_transfer_denial_allowed(from, step->reason)))
        return vrx_fail(VRX_WRONG_STATE);
    if (step->answer.len > VRX_LIMIT_TRANSFER)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    if ((step->answer.len > 0) != (step->tie != NULL))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "answer, and what receipts say of it");
    if (step->state == VRX_TRANSFER_DENIED && step->reason == VRX_OK)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "reason");
    if (must_answer(step->state) && !has_answer && !step->answer.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "answer");
    if (vrx_transfer_state_final(step->state) && step->due_at)
        return vrx_refuse(VRX_INPUT_RANGE, "due at");
    return vrx_ok();
}

/* What receipts will say of the answer; NULLs without one: what stands there stays. */
static void bind_tie(struct vrx_statement *update, const struct vrx_receipt_transfer *tie) {
    struct vrx_view none = {0};
    vrx_bind_bytes_or_null(update, tie ? vrx_view_of(tie->answer_digest, VRX_DIGEST) : none);
    vrx_bind_bytes_or_null(update, tie ? vrx_view_of(tie->permit_table_digest, VRX_DIGEST) : none);
    if (!tie) {
        vrx_bind_null(update);
        vrx_bind_null(update);
        return;
    }
    vrx_bind_text(update, tie->permit_id);
    vrx_bind_int(update, tie->without_consent);
}

static struct vrx_result find_state(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    enum vrx_transfer_state *ret_state, bool *ret_has_answer) {
    VRX_STATEMENT(find, tenant,
        "SELECT state, answer IS NOT NULL FROM transfer_in WHERE sender = ? AND query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    *ret_state = (enum vrx_transfer_state)vrx_take_int(&find);
    *ret_has_answer = vrx_take_bool(&find);
    return find.error;
}

struct vrx_result vrx_transfer_in_advance(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    const struct vrx_transfer_in_step *step, int64_t now) {
    enum vrx_transfer_state from = VRX_TRANSFER_REQUESTED;
    bool has_answer = false;
    VRX_TRY(find_state(tenant, sender, query_id, &from, &has_answer));
    VRX_TRY(check_step(step, from, has_answer));
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_in SET state = ?, reason = ?, due_at = ?, answer = coalesce(?, answer), "
        "answer_digest = coalesce(?, answer_digest), "
        "permit_table_digest = coalesce(?, permit_table_digest), "
        "permit_id = coalesce(?, permit_id), without_consent = coalesce(?, without_consent), "
        "changed_at = ? WHERE sender = ? AND query_id = ?");
    vrx_bind_int(&update, step->state);
    vrx_bind_int(&update, step->reason);
    vrx_bind_time(&update, step->due_at);
    vrx_bind_bytes_or_null(&update, step->answer);
    bind_tie(&update, step->tie);
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_transfer_in_receipted(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view receipt, int64_t now) {
    VRX_TRY(vrx_check_object(receipt, VRX_LIMIT_TRANSFER));
    VRX_STATEMENT(find, tenant,
        "SELECT answer IS NOT NULL, receipt IS NOT NULL FROM transfer_in "
        "WHERE sender = ? AND query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    bool has_answer = vrx_take_bool(&find);
    bool has_receipt = vrx_take_bool(&find);
    VRX_TRY(find.error);
    if (has_receipt)
        return vrx_fail(VRX_ALREADY_EXISTS);
    if (!has_answer)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_in SET receipt = ?1, changed_at = iif(state = 4, ?2, changed_at), "
        "state = iif(state = 4, 7, state) WHERE sender = ?3 AND query_id = ?4");
    vrx_bind_bytes(&update, receipt);
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}

/* ---- the denial in the place of doses ---- */

struct vrx_result vrx_transfer_in_keep_denial(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    const struct vrx_transfer_denial *denial, int64_t now) {
    enum vrx_transfer_state state = VRX_TRANSFER_REQUESTED;
    bool has_answer = false;
    VRX_TRY(vrx_check_object(denial->answer, VRX_LIMIT_TRANSFER));
    VRX_TRY(find_state(tenant, sender, query_id, &state, &has_answer));
    if ((state != VRX_TRANSFER_ANSWERED && state != VRX_TRANSFER_RECEIVED) ||
        !vrx_transfer_denial_allowed(VRX_TRANSFER_ANSWERED, denial->reason))
        return vrx_fail(VRX_WRONG_STATE);
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO denial (transfer, reason, answer, answer_digest, permit_table_digest, "
        "permit_id, without_consent, denied_at) "
        "SELECT id, ?, ?, ?, ?, ?, ?, ? FROM transfer_in WHERE sender = ? AND query_id = ?");
    vrx_bind_int(&insert, denial->reason);
    vrx_bind_bytes(&insert, denial->answer);
    bind_tie(&insert, &denial->tie);
    vrx_bind_int(&insert, now);
    vrx_bind_code(&insert, sender);
    vrx_bind_bytes(&insert, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_transfer_in_denial(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_denial *ret_denial) {
    struct vrx_transfer_denial denial = {0};
    VRX_STATEMENT(find, tenant,
        "SELECT d.reason, d.answer, t.query_digest, d.answer_digest, d.permit_id, "
        "d.permit_table_digest, d.without_consent FROM denial AS d JOIN transfer_in AS t "
        "ON t.id = d.transfer WHERE t.sender = ? AND t.query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    denial.reason = (enum vrx_reason)vrx_take_int(&find);
    denial.answer = vrx_take_bytes(&find, arena);
    vrx_take_fixed(&find, denial.tie.query_digest, VRX_DIGEST);
    vrx_take_fixed(&find, denial.tie.answer_digest, VRX_DIGEST);
    denial.tie.permit_id = vrx_take_text(&find, arena);
    vrx_take_fixed(&find, denial.tie.permit_table_digest, VRX_DIGEST);
    denial.tie.without_consent = vrx_take_bool(&find);
    VRX_TRY(find.error);
    *ret_denial = denial;
    return vrx_ok();
}

struct vrx_result vrx_transfer_in_denied(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view receipt, int64_t now) {
    enum vrx_transfer_state state = VRX_TRANSFER_REQUESTED;
    bool has_answer = false;
    VRX_TRY(vrx_check_object(receipt, VRX_LIMIT_TRANSFER));
    VRX_TRY(find_state(tenant, sender, query_id, &state, &has_answer));
    if (state != VRX_TRANSFER_ANSWERED)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_STATEMENT(update, tenant,
        "UPDATE transfer_in SET state = 2, reason = d.reason, answer = d.answer, answer_digest = "
        "d.answer_digest, permit_table_digest = d.permit_table_digest, permit_id = d.permit_id, "
        "without_consent = d.without_consent, receipt = ?, changed_at = ? FROM denial AS d "
        "WHERE d.transfer = transfer_in.id AND sender = ? AND query_id = ?");
    vrx_bind_bytes(&update, receipt);
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    if (vrx_statement_changes(&update) != 1)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_STATEMENT(forget, tenant,
        "DELETE FROM denial WHERE transfer = "
        "(SELECT id FROM transfer_in WHERE sender = ? AND query_id = ?)");
    vrx_bind_code(&forget, sender);
    vrx_bind_bytes(&forget, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&forget);
}

/* ---- lists ---- */

static struct vrx_result take_many(struct vrx_statement *rows, struct vrx_arena *arena,
    size_t limit, struct vrx_transfer_in **ret_transfers, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_transfer_in *transfers = vrx_arena_alloc_array(arena, limit, sizeof *transfers);
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

struct vrx_result vrx_transfer_in_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_in **ret_transfers, size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM transfer_in WHERE due_at <= ? ORDER BY due_at, id LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    return take_many(&rows, arena, limit, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_in_list_overdue(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_in **ret_transfers, size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM transfer_in WHERE state = 3 AND deadline < ? ORDER BY id LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    return take_many(&rows, arena, limit, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_in_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    enum vrx_transfer_state state, size_t limit, struct vrx_transfer_in **ret_transfers,
    size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(
        rows, tenant, "SELECT " COLUMNS " FROM transfer_in WHERE state = ? ORDER BY id LIMIT ?");
    vrx_bind_int(&rows, state);
    vrx_bind_int(&rows, (int64_t)limit);
    return take_many(&rows, arena, limit, ret_transfers, ret_count);
}

struct vrx_result vrx_transfer_in_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t consent_id[VRX_ID],
    struct vrx_transfer_in **ret_transfers, size_t *ret_count) {
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM transfer_in WHERE sender = ? AND consent = ? AND state = 3 "
        "ORDER BY id LIMIT ?");
    vrx_bind_code(&rows, sender);
    vrx_bind_bytes(&rows, vrx_view_of(consent_id, VRX_ID));
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    return take_many(&rows, arena, VRX_LIMIT_PAGE, ret_transfers, ret_count);
}
