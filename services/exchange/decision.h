/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of this room: what the steps of a decision find, and the steps that stand in files of
 * their own (decide.c has the others and their order).
 */
#ifndef VRX_EXCHANGE_DECISION_H
#define VRX_EXCHANGE_DECISION_H

#include "dispatch/law.h"
#include "exchange/decide.h"
#include "objects/answer.h"
#include "objects/query.h"
#include "store/resident.h"
#include "store/transfer_in.h"

struct vrx_decision {
    const struct vrx_law *law;
    struct vrx_view arrived; /* the envelope as it came */
    struct vrx_envelope envelope;
    const struct vrx_directory_entry *sender;
    struct vrx_buffer signed_query;
    struct vrx_query query;
    uint8_t query_digest[VRX_DIGEST];
    const struct vrx_permit *permit;
    struct vrx_view permit_id; /* of the permit that was applied; empty when none was reached */
    const uint8_t *subject;    /* VRX_DIGEST bytes: whom consent and evidence are about; NULL:
                                * nothing says so */
    bool without_consent;      /* that permit needs none */
    bool has_consent;          /* and this one came with the query */
    uint8_t consent_id[VRX_ID];
    bool found;                   /* step 7 */
    bool may_leave;               /* step 8 */
    struct vrx_resident resident; /* who was looked at: of another number where nobody was found,
                                   * nobody (id 0) where no resident has one */
    struct vrx_dose_item *doses;
    int64_t *dose_ids; /* the versions that doses are of */
    size_t dose_count;
    uint8_t linkage_code[VRX_LINKAGE_CODE]; /* step 9; goes with the doses */
};

/* Step 1: reads arrived, opens and verifies it; sets envelope to query_digest. Errors:
 * vrx_exchange_receive_query's. */
struct vrx_result vrx_decision_sender(struct vrx_context *context, struct vrx_decision *decision);

/* The same for either kind of query. */
struct vrx_result vrx_decision_open(
    struct vrx_context *context, struct vrx_decision *decision, enum vrx_envelope_kind kind);

/* Of that what is left once the envelope is open: envelope and sender are set. Whether there is an
 * application in the query says for what it is. Errors: vrx_entry_verify's; VRX_QUERY_NOT_FOR_US.
 */
struct vrx_result vrx_decision_verify(struct vrx_context *context, struct vrx_decision *decision,
    struct vrx_view signed_query, bool for_certificate);

/* Whether this ends the query, rather than its being left for another time. Our own trouble does
 * not; nor does a key of consent or identity check that the directory does not have, for the copy
 * held here may be older than the asker's. It is what step 1 is for the query itself, and as there
 * nothing is kept and nothing signed: the query comes again until its deadline. */
bool vrx_decision_is_answer(enum vrx_reason reason);

/* Steps 3 to 5: sets permit, permit_id, without_consent and subject. A query that names the person
 * by a linkage code lets this municipality alone know whether they are that subject: this is left
 * to step 7, where it tells the asker nothing. Errors: the refusal; vrx_entry_verify's for consent
 * and evidence; vrx_permit_table_current's. */
struct vrx_result vrx_decision_lawful(struct vrx_context *context, struct vrx_decision *decision);

/* Steps 7 and 8: sets found, may_leave and resident. Not finding someone is an outcome, not a
 * refusal, and costs as much as finding them. Errors: the store's. */
struct vrx_result vrx_decision_person(struct vrx_context *context, struct vrx_decision *decision);

/* The audit is about that resident, or with found false about nobody, for the same work. No limit
 * of the caller's persons counts here: it would tell who was found. Errors: the store's. */
struct vrx_result vrx_decision_about(struct vrx_context *context, int64_t resident, bool found);

/* What is done again with a query is about the same person. They are looked for again, so that it
 * costs the same whether there is somebody or not. Errors: the store's. */
struct vrx_result vrx_decision_note_again(
    struct vrx_context *context, struct vrx_decision *decision, const struct vrx_transfer_in *seen);

/* Step 9, where it may leave: of each dose administered here, the items asked for and no others,
 * and the person's linkage code for the asker. Doses that came by transfer are for reference and do
 * not go on from here. Errors: the store's. */
struct vrx_result vrx_decision_minimal(struct vrx_context *context, struct vrx_decision *decision);

/* The answer that says this outcome; views in it are the decision's. */
struct vrx_answer vrx_decision_answer(const struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_result refusal,
    enum vrx_answer_outcome outcome);

/* Signs and seals that answer, puts it down as this transfer's present one, and as signed in its
 * dossier, and appends it to out; the audit entry is one of the dossier. An answer with doses is
 * remembered, dose by dose, for corrections (dose_sent.h), and its linkage code for later queries.
 * Errors: those of signing, sealing and vrx_transfer_in_advance. */
struct vrx_result vrx_decision_advance(struct vrx_context *context,
    const struct vrx_decision *decision, enum vrx_transfer_state state, struct vrx_result refusal,
    int64_t due_at, enum vrx_answer_outcome outcome, struct vrx_buffer *out);

/* Whoever was not found, or is protected: PENDING until the query's due instant, which follows from
 * that of its arrival alone, and beside it what officers look at (store/approval.h). */
struct vrx_result vrx_decision_pend(
    struct vrx_context *context, const struct vrx_decision *decision, struct vrx_buffer *out);

/* What pends is DENIED, because its consent does not cover it any more (transfer.h), and officers
 * need not look. Errors: vrx_decision_advance's. */
struct vrx_result vrx_decision_deny_pending(struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_result refusal, struct vrx_buffer *out);

/* What would leave now about the person of this query that pends: doses and their digest, which is
 * that of the content alone, whenever it leaves. The query's permit and consent must hold at this
 * instant too, not only at that of the asking. Errors: why nothing may leave. */
struct vrx_result vrx_decision_preview(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, uint8_t ret_digest[VRX_DIGEST]);

/* The law was that of the asking so far: whether deadline, permit and consent, also by what was
 * told of it since, hold at this instant. Errors: the refusal; vrx_entry_verify's. */
struct vrx_result vrx_decision_today(
    struct vrx_context *context, const struct vrx_decision *decision);

/* Where two officers have approved it, and what would leave is what they saw, it leaves: ANSWERED.
 * Where it is not, the approval waits again. *ret_left says which. Errors: the store's, those of
 * signing and sealing. */
struct vrx_result vrx_decision_release(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, struct vrx_buffer *out, bool *ret_left);

/* "approval 00112233…" as the basis of an entry, in the context's arena. Errors: VRX_OUT_OF_MEMORY.
 */
struct vrx_result vrx_approval_basis(
    struct vrx_context *context, const uint8_t id[VRX_ID], struct vrx_view *ret_basis);

/* A query seen before: its stored answer; or, when its time has come, that there is nothing; or
 * that it is denied, where its consent was withdrawn or narrowed since. A denial in the place of
 * doses is stored too, beside them (transfer_in.h), and given to whoever asks once more. Errors:
 * VRX_QUERY_REPLAYED, vrx_decision_advance's. */
struct vrx_result vrx_decision_repeat(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, struct vrx_buffer *out, struct vrx_result *ret_decision);

#endif
