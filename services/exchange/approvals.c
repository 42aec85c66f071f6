/* SPDX-License-Identifier: Apache-2.0
 *
 * Officers look at what would leave, agree or refuse. release.c says what that is, and lets it go
 * when it is asked for again.
 */
#include "exchange/approvals.h"
#include "dispatch/message.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/handlers.h"
#include "objects/consent.h"
#include "records/convert.h"
#include "store/approval.h"
#include "store/check.h"
#include "vrx/v1/approvals.pb-c.h"

#define PURPOSE "approval of an answer about a protected person"

/* ---- as they are told ---- */

/* The states of the store and of the message have the same values. */
static struct vrx_result put_approval(struct vrx_context *context,
    const struct vrx_approval *approval, Vrx__V1__Approval **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Approval *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__approval__init(message);
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(approval->id, VRX_ID), &message->approval));
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&approval->sender), &message->to_municipality));
    message->state = (Vrx__V1__ApprovalState)approval->state;
    message->opened_at = approval->opened_at;
    message->closes_at = approval->closes_at;
    VRX_TRY(vrx_arena_string(arena, approval->first.operator_id, &message->first_by));
    message->first_at = approval->first_at;
    VRX_TRY(vrx_arena_string(arena, approval->ended.operator_id, &message->ended_by));
    message->ended_at = approval->ended_at;
    *ret_message = message;
    return vrx_ok();
}

static struct vrx_result list(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ListApprovalsRequest *in = request;
    Vrx__V1__ListApprovalsResponse *out = reply;
    struct vrx_approval *approvals = NULL;
    size_t count = 0;
    VRX_TRY(vrx_approval_list(
        context->tenant, &context->arena, context->now, in->all, &approvals, &count));
    out->approvals = vrx_arena_alloc_array(&context->arena, count, sizeof *out->approvals);
    if (!out->approvals)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (; out->n_approvals < count; out->n_approvals++)
        VRX_TRY(
            put_approval(context, &approvals[out->n_approvals], &out->approvals[out->n_approvals]));
    return vrx_ok();
}

struct watch_state {
    int64_t seen;
};

static struct vrx_result watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    (void)request;
    struct watch_state *state = context->state;
    Vrx__V1__WatchApprovalsResponse *out = reply;
    struct vrx_approval approval;
    struct vrx_result found =
        vrx_approval_next(context->tenant, &context->arena, context->now, &state->seen, &approval);
    *ret_next = VRX_NEXT_IDLE;
    if (found.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(found);
    *ret_next = VRX_NEXT_MORE;
    return put_approval(context, &approval, &out->approval);
}

/* ---- one of them ---- */

struct look {
    struct vrx_approval approval;
    struct vrx_transfer_in transfer;
    struct vrx_decision decision;
    uint8_t digest[VRX_DIGEST];
};

/* The approval that a request names; the call is about its person from here on. */
static struct vrx_result find(
    struct vrx_context *context, ProtobufCBinaryData id, struct vrx_approval *ret_approval) {
    uint8_t bytes[VRX_ID];
    VRX_TRY(vrx_message_fixed(id, VRX_ID, bytes));
    VRX_TRY(vrx_approval_basis(context, bytes, &context->audit.basis));
    VRX_TRY(vrx_approval_get(context->tenant, &context->arena, bytes, context->now, ret_approval));
    return vrx_context_about(context, ret_approval->resident);
}

/* The query, read again from what arrived. Errors: vrx_decision_sender's. */
static struct vrx_result read_query(struct vrx_context *context, struct look *look) {
    VRX_TRY(vrx_transfer_in_get(context->tenant, &context->arena, &look->approval.sender,
        look->approval.query_id, &look->transfer));
    look->decision.arrived = look->transfer.query;
    return vrx_decision_sender(context, &look->decision);
}

/* Fills in the digest, or says why nothing may leave. The entry's basis stays the approval. */
static struct vrx_result preview(struct vrx_context *context, struct look *look) {
    const struct vrx_view basis = context->audit.basis;
    struct vrx_result result =
        vrx_decision_preview(context, &look->decision, &look->transfer, look->digest);
    context->audit.basis = basis;
    return result;
}

static void look_begin(struct vrx_context *context, struct look *look) {
    look->decision.law = vrx_law_hold(context->daemon->law);
}

static void look_done(struct vrx_context *context, struct look *look) {
    vrx_buffer_done(&look->decision.signed_query);
    vrx_law_release(context->daemon->law, look->decision.law);
}

static struct vrx_result put_consent(struct vrx_context *context, const struct vrx_decision *from,
    Vrx__V1__GetApprovalResponse *out) {
    struct vrx_consent consent;
    if (!from->query.consent.len)
        return vrx_ok();
    VRX_TRY(vrx_entry_verify(
        from->sender, &vrx_consent_schema, from->query.consent, &context->arena, &consent));
    out->consent_given_at = consent.given_at;
    out->consent_expires_at = consent.expires_at;
    return vrx_arena_string(&context->arena, consent.form_number, &out->consent_form);
}

static struct vrx_result put_evidence(struct vrx_context *context, const struct vrx_decision *from,
    Vrx__V1__GetApprovalResponse *out) {
    struct vrx_identity_evidence evidence;
    if (!from->query.evidence.len)
        return vrx_ok();
    VRX_TRY(vrx_entry_verify(from->sender, &vrx_identity_evidence_schema, from->query.evidence,
        &context->arena, &evidence));
    out->identity_checked_at = evidence.checked_at;
    return vrx_ok();
}

/* What the query says; it was verified when it came. */
static struct vrx_result put_query(struct vrx_context *context, const struct vrx_decision *from,
    Vrx__V1__GetApprovalResponse *out) {
    const struct vrx_query *query = &from->query;
    out->items = vrx_arena_alloc_array(&context->arena, query->item_count, sizeof *out->items);
    if (!out->items)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (; out->n_items < query->item_count; out->n_items++)
        out->items[out->n_items] = (Vrx__V1__DataItem)query->items[out->n_items];
    VRX_TRY(vrx_arena_string(&context->arena, query->permit_id, &out->permit));
    VRX_TRY(put_consent(context, from, out));
    return put_evidence(context, from, out);
}

static struct vrx_result put_doses(struct vrx_context *context, const struct vrx_decision *from,
    Vrx__V1__GetApprovalResponse *out) {
    struct vrx_dose *doses =
        vrx_arena_alloc_array(&context->arena, from->dose_count, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < from->dose_count; i++)
        doses[i] = (struct vrx_dose){
            .id = from->dose_ids[i],
            .item = from->doses[i],
            .provenance = {.source = VRX_DOSE_OWN},
        };
    out->n_doses = from->dose_count;
    return vrx_convert_doses(context, doses, from->dose_count, &out->doses);
}

/* A refusal is what the officer is to see; our own trouble is the call's. */
static struct vrx_result put_refusal(
    struct vrx_context *context, struct vrx_result refusal, Vrx__V1__GetApprovalResponse *out) {
    if (vrx_reason_category(refusal.reason) > VRX_CATEGORY_STATE &&
        refusal.reason != VRX_SIGNATURE_INVALID && refusal.reason != VRX_KEY_UNKNOWN)
        return refusal;
    VRX_TRY(vrx_arena_string(
        &context->arena, vrx_view_text(vrx_reason_name(refusal.reason)), &out->reason));
    return vrx_arena_string(&context->arena, vrx_view_text(refusal.clause), &out->clause);
}

/* Whoever agreed to other content has agreed to nothing. */
static void put_void(const struct look *look, Vrx__V1__Approval *message) {
    if (look->approval.state != VRX_APPROVAL_SECOND ||
        memcmp(look->digest, look->approval.digest, VRX_DIGEST) == 0)
        return;
    message->state = VRX__V1__APPROVAL_STATE__APPROVAL_STATE_WAITING;
    message->first_by = (char *)(uintptr_t)protobuf_c_empty_string;
    message->first_at = 0;
}

static struct vrx_result show(
    struct vrx_context *context, struct look *look, Vrx__V1__GetApprovalResponse *out) {
    struct vrx_resident resident;
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, look->approval.resident, &resident));
    VRX_TRY(vrx_convert_resident(context, &resident, false, &out->resident));
    VRX_TRY(put_approval(context, &look->approval, &out->approval));
    struct vrx_result result = read_query(context, look);
    if (!vrx_is_ok(result))
        return put_refusal(context, result, out);
    VRX_TRY(put_query(context, &look->decision, out));
    if (look->approval.state > VRX_APPROVAL_APPROVED)
        return vrx_ok();
    result = preview(context, look);
    if (!vrx_is_ok(result))
        return put_refusal(context, result, out);
    VRX_TRY(put_doses(context, &look->decision, out));
    put_void(look, out->approval);
    return vrx_message_put_bytes(
        &context->arena, vrx_view_of(look->digest, VRX_DIGEST), &out->digest);
}

static struct vrx_result get(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetApprovalRequest *in = request;
    struct look look = {0};
    VRX_TRY(find(context, in->approval, &look.approval));
    look_begin(context, &look);
    struct vrx_result result = show(context, &look, reply);
    look_done(context, &look);
    return result;
}

/* ---- the answer ---- */

static struct vrx_officer officer_of(const struct vrx_context *context) {
    return (struct vrx_officer){
        vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)};
}

static struct vrx_result check_open(const struct look *look) {
    return look->approval.state <= VRX_APPROVAL_SECOND &&
                   look->transfer.state == VRX_TRANSFER_PENDING
               ? vrx_ok()
               : vrx_refuse(VRX_WRONG_STATE, "approval: answered once, and in time");
}

static struct vrx_result agree(struct vrx_context *context, struct look *look,
    const uint8_t digest[VRX_DIGEST], Vrx__V1__ApproveAnswerResponse *out) {
    const struct vrx_officer by = officer_of(context);
    enum vrx_approval_state state = VRX_APPROVAL_WAITING;
    VRX_TRY(read_query(context, look));
    VRX_TRY(check_open(look));
    VRX_TRY(preview(context, look));
    memcpy(context->audit.commitment, look->digest, VRX_DIGEST);
    context->audit.has_commitment = true;
    if (memcmp(look->digest, digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_CONFLICT, "approval: of what would leave now");
    VRX_TRY(vrx_approval_agree(
        context->tenant, look->approval.id, &by, look->digest, context->now, &state));
    out->state = (Vrx__V1__ApprovalState)state;
    vrx_context_in_dossier(context, &look->approval.sender, look->approval.query_id);
    return vrx_ok();
}

static struct vrx_result approve(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ApproveAnswerRequest *in = request;
    uint8_t digest[VRX_DIGEST];
    struct look look = {0};
    VRX_TRY(find(context, in->approval, &look.approval));
    VRX_TRY(vrx_message_fixed(in->digest, VRX_DIGEST, digest));
    look_begin(context, &look);
    struct vrx_result result = agree(context, &look, digest, reply);
    look_done(context, &look);
    return result;
}

/* Why stands in the ledger and nowhere else. */
static struct vrx_result refuse(struct vrx_context *context, const void *request, void *reply) {
    static const struct vrx_text_rule rule = {0, 1, VRX_LIMIT_BASIS, "reason"};
    (void)reply;
    const Vrx__V1__RefuseAnswerRequest *in = request;
    const struct vrx_officer by = officer_of(context);
    const struct vrx_view reason = vrx_view_text(in->reason);
    struct vrx_approval approval;
    VRX_TRY(find(context, in->approval, &approval));
    VRX_TRY(vrx_check_texts(&reason, &rule, 1));
    VRX_TRY(vrx_approval_refuse(context->tenant, approval.id, &by, context->now));
    vrx_context_in_dossier(context, &approval.sender, approval.query_id);
    struct vrx_audit_facts why = context->audit;
    why.basis = reason;
    return vrx_context_record(context, "exchange/refusal", PURPOSE, &why, VRX_OK, NULL);
}

#define CALLERS (VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_CONSOLE))
#define ROW .callers = CALLERS, .roles = VRX_ROLE_APPROVER, .purpose = PURPOSE

const struct vrx_method vrx_approvals_methods[VRX_APPROVALS_METHODS] = {
    {VRX_RPC("Approvals", "ListApprovals", list_approvals), .callers = CALLERS,
        .roles = VRX_ROLE_APPROVER | VRX_ROLE_AUDITOR, .purpose = PURPOSE, .handle = list},
    {VRX_RPC("Approvals", "GetApproval", get_approval), ROW, .handle = get},
    {VRX_RPC("Approvals", "ApproveAnswer", approve_answer), ROW, .handle = approve},
    {VRX_RPC("Approvals", "RefuseAnswer", refuse_answer), ROW, .handle = refuse},
    {VRX_RPC("Approvals", "WatchApprovals", watch_approvals), .kind = VRX_CALL_SERVER_STREAM, ROW,
        .next = watch_next, .state_size = sizeof(struct watch_state)},
};
