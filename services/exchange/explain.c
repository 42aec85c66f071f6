/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts together what this municipality holds of one transfer and signs it (objects/explanation.h).
 * What follows from it is for services/rules/explain.h to say, at the caller's desk or years later:
 * nothing is judged here.
 */
#include <stdlib.h>

#include "cose/sign1.h"
#include "dispatch/message.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/items.h"
#include "ledger/ledger.h"
#include "objects/answer.h"
#include "objects/consent.h"
#include "objects/explanation.h"
#include "objects/query.h"
#include "store/approval.h"
#include "store/consent_record.h"
#include "store/dossier.h"
#include "store/foreign_consent.h"
#include "store/transfer_in.h"

/* Entries of the query itself; of its consent and of its identity check. */
#define QUERY_ENTRIES 48
#define GROUNDS_ENTRIES 8

struct gathered {
    struct vrx_explanation explanation;
    struct vrx_later_consent consent;
    struct vrx_view receipt;
    struct vrx_view permits[VRX_LIMIT_EXPLAINED_TABLES];
    struct vrx_proven_entry entries[QUERY_ENTRIES + 2 * GROUNDS_ENTRIES];
};

/* ---- what both sides have ---- */

/* A transfer from before dossiers has none. */
static struct vrx_result take_dossier(struct vrx_context *context,
    const struct vrx_municipality_code *sender, struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    struct vrx_dossier dossier;
    struct vrx_result found =
        vrx_dossier_get(context->tenant, &context->arena, sender, explanation->query_id, &dossier);
    if (found.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(found);
    explanation->query = dossier.query;
    if (!explanation->answer.len)
        explanation->answer = dossier.answer;
    memcpy(explanation->judged_by, dossier.permits, VRX_DIGEST);
    return vrx_ok();
}

/* Of the answer nothing but its table is asked; who signed it is for others to see. */
static struct vrx_result table_of_answer(struct vrx_context *context,
    const struct vrx_explanation *explanation, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_sign1 parts;
    struct vrx_answer answer;
    memset(ret_digest, 0, VRX_DIGEST);
    if (!explanation->answer.len)
        return vrx_ok();
    VRX_TRY(vrx_sign1_parse(explanation->answer, &parts));
    VRX_TRY(vrx_object_decode(&vrx_answer_schema, parts.payload, &context->arena, &answer));
    memcpy(ret_digest, answer.permit_table_digest, VRX_DIGEST);
    return vrx_ok();
}

/* As it is in force now, or as the vault has kept it since it decided something here. */
static struct vrx_result add_table(struct vrx_context *context, const struct vrx_law *law,
    const uint8_t digest[VRX_DIGEST], struct gathered *gathered) {
    struct vrx_law_text kept = {.text = law->signed_permits};
    if (memcmp(law->permits_digest, digest, VRX_DIGEST) != 0) {
        struct vrx_result found = vrx_law_text_get(context->tenant, &context->arena, digest, &kept);
        if (found.reason == VRX_NOT_FOUND || kept.text.len > VRX_LIMIT_SIGNED_PERMITS)
            return vrx_ok();
        VRX_TRY(found);
    }
    if (kept.text.len)
        gathered->permits[gathered->explanation.permits_count++] = kept.text;
    return vrx_ok();
}

/* The directory of today, whose entries and keys are dated; the permit tables of then. */
static struct vrx_result take_law(
    struct vrx_context *context, const struct vrx_law *law, struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    uint8_t of_answer[VRX_DIGEST];
    explanation->directory = law->signed_directory;
    explanation->permits = gathered->permits;
    VRX_TRY(table_of_answer(context, explanation, of_answer));
    VRX_TRY(add_table(context, law, explanation->judged_by, gathered));
    if (memcmp(of_answer, explanation->judged_by, VRX_DIGEST) == 0)
        return vrx_ok();
    return add_table(context, law, of_answer, gathered);
}

static void take_receipt(struct vrx_view receipt, struct gathered *gathered) {
    gathered->receipt = receipt;
    gathered->explanation.receipts = &gathered->receipt;
    gathered->explanation.receipt_count = receipt.len ? 1 : 0;
}

static void take_consent(struct vrx_view object, int64_t known_since, struct gathered *gathered) {
    gathered->consent = (struct vrx_later_consent){object, known_since};
    gathered->explanation.consents = &gathered->consent;
    gathered->explanation.consent_count = 1;
}

/* ---- the ledger ---- */

static struct vrx_result prove(
    struct vrx_context *context, uint64_t size, struct vrx_proven_entry *entry) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(context->tenant);
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_merkle_proof proof;
    VRX_TRY(vrx_ledger_get(ledger, entry->index, &bytes));
    VRX_TRY(vrx_ledger_prove_inclusion(ledger, entry->index, size, &proof));
    VRX_TRY(vrx_arena_copy(&context->arena, vrx_buffer_view(&bytes), &entry->entry));
    return vrx_arena_copy(
        &context->arena, vrx_view_of(proof.hash, proof.count * VRX_MERKLE_HASH), &entry->proof);
}

static struct vrx_result add_entries(struct vrx_context *context,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], size_t most,
    struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    uint64_t *entries = NULL;
    size_t count = 0;
    uint64_t all = 0;
    VRX_TRY(vrx_dossier_entries(
        context->tenant, &context->arena, sender, id, most, &entries, &count, &all));
    for (size_t i = 0; i < count; i++)
        gathered->entries[explanation->entry_count++].index = entries[i];
    explanation->left_out += all - count;
    return vrx_ok();
}

static int by_index(const void *a, const void *b) {
    const struct vrx_proven_entry *left = a;
    const struct vrx_proven_entry *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

static struct vrx_result prove_entries(struct vrx_context *context, struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    uint64_t size = vrx_ledger_size(vrx_tenant_ledger(context->tenant));
    explanation->entries = gathered->entries;
    qsort(gathered->entries, explanation->entry_count, sizeof *gathered->entries, by_index);
    for (size_t i = 0; i < explanation->entry_count; i++)
        VRX_TRY(prove(context, size, &gathered->entries[i]));
    VRX_TRY(vrx_signer_note(context->tenant, size, context->now, &note));
    return vrx_arena_copy(&context->arena, vrx_buffer_view(&note), &explanation->checkpoint);
}

/* ---- asked here ---- */

/* What the consent is now, where that is not what the query carries. */
static struct vrx_result take_own_consent(struct vrx_context *context,
    const struct vrx_transfer_out *transfer, struct gathered *gathered) {
    struct vrx_consent_record record;
    struct vrx_consent consent;
    struct vrx_query query;
    if (!transfer->has_consent)
        return vrx_ok();
    VRX_TRY(
        vrx_consent_record_get(context->tenant, &context->arena, transfer->consent_id, &record));
    VRX_TRY(vrx_signer_verify(
        context->tenant, &vrx_consent_schema, record.present, &context->arena, &consent));
    if (gathered->explanation.query.len) {
        VRX_TRY(vrx_signer_verify(context->tenant, &vrx_query_schema, gathered->explanation.query,
            &context->arena, &query));
        if (vrx_view_equal(query.consent, record.present))
            return vrx_ok();
    }
    take_consent(record.present, consent.status_since, gathered);
    return vrx_ok();
}

static struct vrx_result gather_asked(struct vrx_context *context, struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    struct vrx_transfer_out transfer;
    VRX_TRY(
        vrx_transfer_out_get(context->tenant, &context->arena, explanation->query_id, &transfer));
    VRX_TRY(vrx_context_about(context, transfer.resident));
    explanation->side = VRX_EXPLAINED_ASKED;
    explanation->other = transfer.origin;
    explanation->state = (uint64_t)transfer.state;
    explanation->reason = (uint64_t)transfer.reason;
    explanation->clause = transfer.clause;
    explanation->begun_at = transfer.created_at;
    explanation->deadline = transfer.deadline;
    explanation->changed_at = transfer.changed_at;
    explanation->answer = transfer.answer;
    take_receipt(transfer.receipt, gathered);
    VRX_TRY(take_dossier(context, NULL, gathered));
    VRX_TRY(take_own_consent(context, &transfer, gathered));
    VRX_TRY(add_entries(context, NULL, transfer.query_id, QUERY_ENTRIES, gathered));
    if (transfer.has_consent)
        VRX_TRY(add_entries(context, NULL, transfer.consent_id, GROUNDS_ENTRIES, gathered));
    if (transfer.has_evidence)
        VRX_TRY(add_entries(context, NULL, transfer.evidence_id, GROUNDS_ENTRIES, gathered));
    return vrx_ok();
}

/* ---- answered here ---- */

static struct vrx_result take_foreign_consent(struct vrx_context *context,
    const struct vrx_transfer_in *transfer, struct gathered *gathered) {
    struct vrx_foreign_consent consent;
    if (!transfer->has_consent)
        return vrx_ok();
    struct vrx_result told = vrx_foreign_consent_get(
        context->tenant, &context->arena, &transfer->sender, transfer->consent_id, &consent);
    if (told.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(told);
    take_consent(consent.object, consent.told_at, gathered);
    return vrx_ok();
}

/* Whether somebody was found is known since they were looked for: after steps 1 to 6. */
static struct vrx_result take_person(struct vrx_context *context,
    const struct vrx_transfer_in *transfer, struct vrx_explanation *explanation) {
    struct vrx_approval approval;
    struct vrx_result opened = vrx_approval_of_query(context->tenant, &context->arena,
        &transfer->sender, transfer->query_id, context->now, &approval);
    if (opened.reason != VRX_NOT_FOUND)
        VRX_TRY(opened);
    bool looked_for = vrx_is_ok(opened) || transfer->resident;
    explanation->person = !looked_for          ? VRX_EXPLAINED_NOT_LOOKED_FOR
                          : transfer->resident ? VRX_EXPLAINED_FOUND
                                               : VRX_EXPLAINED_NOT_FOUND;
    explanation->held = vrx_is_ok(opened) && transfer->resident;
    return vrx_ok();
}

static struct vrx_result gather_answered(struct vrx_context *context,
    const struct vrx_municipality_code *sender, struct gathered *gathered) {
    struct vrx_explanation *explanation = &gathered->explanation;
    struct vrx_transfer_in transfer;
    VRX_TRY(vrx_transfer_in_get(
        context->tenant, &context->arena, sender, explanation->query_id, &transfer));
    if (transfer.resident)
        VRX_TRY(vrx_context_about(context, transfer.resident));
    explanation->side = VRX_EXPLAINED_ANSWERED;
    explanation->other = *sender;
    explanation->state = (uint64_t)transfer.state;
    if (transfer.state == VRX_TRANSFER_DENIED)
        explanation->reason = (uint64_t)transfer.reason;
    explanation->begun_at = transfer.received_at;
    explanation->deadline = transfer.deadline;
    explanation->changed_at = transfer.changed_at;
    take_receipt(transfer.receipt, gathered);
    VRX_TRY(take_person(context, &transfer, explanation));
    VRX_TRY(take_dossier(context, sender, gathered));
    VRX_TRY(take_foreign_consent(context, &transfer, gathered));
    VRX_TRY(add_entries(context, sender, transfer.query_id, QUERY_ENTRIES, gathered));
    if (transfer.has_consent)
        VRX_TRY(add_entries(context, sender, transfer.consent_id, GROUNDS_ENTRIES, gathered));
    return vrx_ok();
}

/* ---- the call ---- */

static struct vrx_result sign(
    struct vrx_context *context, struct gathered *gathered, struct vrx_buffer *out) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = take_law(context, law, gathered);
    if (vrx_is_ok(result))
        result =
            vrx_signer_sign(context->tenant, &vrx_explanation_schema, &gathered->explanation, out);
    vrx_law_release(context->daemon->law, law);
    return result;
}

struct vrx_result vrx_exchange_explain_transfer(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ExplainTransferRequest *in = request;
    Vrx__V1__ExplainTransferResponse *out = reply;
    struct vrx_municipality_code asker;
    struct gathered *gathered = vrx_arena_alloc(&context->arena, sizeof *gathered);
    if (!gathered)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    gathered->explanation.municipality = context->slot->code;
    gathered->explanation.made_at = context->now;
    VRX_TRY(vrx_message_fixed(in->query_id, VRX_ID, gathered->explanation.query_id));
    if (in->asker_municipality[0]) {
        VRX_TRY(vrx_municipality_code_parse(vrx_view_text(in->asker_municipality), &asker));
        VRX_TRY(gather_answered(context, &asker, gathered));
    } else {
        VRX_TRY(gather_asked(context, gathered));
    }
    VRX_TRY(prove_entries(context, gathered));
    struct vrx_buffer explanation VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(sign(context, gathered, &explanation));
    return vrx_message_put_bytes(&context->arena, vrx_buffer_view(&explanation), &out->explanation);
}
