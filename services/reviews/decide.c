/* SPDX-License-Identifier: Apache-2.0
 *
 * What an officer decides, done to the record. Nothing is overwritten: theirs becomes a dose, a
 * version or a row that is superseded from the beginning; taking a decision back is a further
 * version or a mark. Each version that comes into being has its entry in the ledger, and who
 * received what it replaces is told (records/dose_changed.h).
 *
 *     decision      does                             taken back by
 *     KEEP_BOTH     theirs beside ours               marking it as entered in error
 *     TAKE_THEIRS   theirs as ours' next version     ours as the next version of that
 *     (withdrawn)   ours taken out                   ours put down again
 *     MERGE         theirs aside, as superseded      nothing: it is in no history
 *     REJECT        nothing                          nothing
 */
#include "dispatch/message.h"
#include "records/dose_changed.h"
#include "records/record_dose.h"
#include "reviews/handlers.h"
#include "store/transfer_out.h"

struct deciding {
    struct vrx_review review;
    struct vrx_review_ours ours;
    uint64_t number;                   /* for theirs; 0: as they count it */
    uint8_t answer_digest[VRX_DIGEST]; /* of the answer that brought theirs */
};

/* The dose has its entry, and whoever has what it replaces hears of it. */
static struct vrx_result note(struct vrx_context *context, struct vrx_dose *dose) {
    VRX_TRY(vrx_record_dose_entry(context, VRX_REVIEWS_DECIDE, VRX_REVIEWS_PURPOSE, dose));
    return dose->corrects ? vrx_record_dose_changed(context, dose->corrects, dose->id) : vrx_ok();
}

static struct vrx_result take_out(struct vrx_context *context, const struct vrx_dose *dose) {
    VRX_TRY(vrx_dose_mark_entered_in_error(context->tenant, dose->id, dose->version, context->now));
    return vrx_record_dose_changed(context, dose->id, dose->id);
}

static struct vrx_dose theirs_of(const struct deciding *deciding) {
    const struct vrx_review *review = &deciding->review;
    struct vrx_dose dose = {
        .resident = review->resident,
        .item = review->theirs,
        .registered_at = review->stated_at,
        .provenance = {.source = VRX_DOSE_TRANSFER, .municipality = review->origin},
    };
    memcpy(dose.provenance.digest, deciding->answer_digest, VRX_DIGEST);
    if (deciding->number)
        dose.item.dose_number = deciding->number;
    return dose;
}

/* ---- taking back ---- */

/* The version that stands for what the last decision put down. */
static struct vrx_result find_put_down(
    struct vrx_context *context, const struct deciding *deciding, struct vrx_dose *ret_dose) {
    int64_t head = 0;
    VRX_TRY(vrx_dose_head(context->tenant, deciding->review.dose, &head));
    return vrx_dose_get(context->tenant, &context->arena, head, ret_dose);
}

static struct vrx_result take_back_both(struct vrx_context *context, struct deciding *deciding) {
    struct vrx_dose dose;
    if (!deciding->review.dose)
        return vrx_ok(); /* erased meanwhile */
    VRX_TRY(find_put_down(context, deciding, &dose));
    return dose.state == VRX_DOSE_CURRENT ? take_out(context, &dose) : vrx_ok();
}

static struct vrx_result take_back_theirs(struct vrx_context *context, struct deciding *deciding) {
    struct vrx_review *review = &deciding->review;
    struct vrx_dose before;
    struct vrx_dose now;
    struct vrx_dose again;
    if (!review->counterpart)
        return vrx_refuse(VRX_CONFLICT, "review: ours was erased");
    VRX_TRY(vrx_dose_get(context->tenant, &context->arena, review->counterpart, &before));
    if (review->dose) {
        VRX_TRY(find_put_down(context, deciding, &now));
        VRX_TRY(vrx_dose_correct_decided(
            context->tenant, now.id, now.version, &before, context->now, &again));
    } else {
        VRX_TRY(vrx_dose_record_decided(context->tenant, &before, context->now, &again));
    }
    VRX_TRY(note(context, &again));
    review->counterpart = again.id;
    return vrx_ok();
}

/* Undoes what the last decision did; nothing has its effect then. */
static struct vrx_result take_back(struct vrx_context *context, struct deciding *deciding) {
    struct vrx_review *review = &deciding->review;
    if (review->effect == VRX_REVIEW_KEEP_BOTH)
        VRX_TRY(take_back_both(context, deciding));
    if (review->effect == VRX_REVIEW_TAKE_THEIRS)
        VRX_TRY(take_back_theirs(context, deciding));
    review->effect = 0;
    review->dose = 0;
    return vrx_reviews_ours(context, review, &deciding->ours);
}

/* ---- decisions ---- */

static struct vrx_result needs_ours(const struct deciding *deciding) {
    if (!deciding->ours.is_there)
        return vrx_refuse(VRX_INPUT_RANGE, "reviews.proto: there is no dose of ours");
    return deciding->ours.is_out ? vrx_refuse(VRX_CONFLICT, "reviews.proto: ours was taken out")
                                 : vrx_ok();
}

static struct vrx_result keep_both(struct vrx_context *context, struct deciding *deciding) {
    const struct vrx_dose theirs = theirs_of(deciding);
    struct vrx_dose recorded;
    if (deciding->review.withdrawn)
        return vrx_refuse(VRX_INPUT_RANGE, "reviews.proto: theirs was withdrawn");
    VRX_TRY(vrx_dose_record_decided(context->tenant, &theirs, context->now, &recorded));
    deciding->review.dose = recorded.id;
    return note(context, &recorded);
}

static struct vrx_result take_theirs(struct vrx_context *context, struct deciding *deciding) {
    const struct vrx_dose theirs = theirs_of(deciding);
    const struct vrx_dose *ours = &deciding->ours.dose;
    struct vrx_dose corrected;
    VRX_TRY(needs_ours(deciding));
    deciding->review.counterpart = ours->id;
    if (deciding->review.withdrawn)
        return take_out(context, ours);
    VRX_TRY(vrx_dose_correct_decided(
        context->tenant, ours->id, ours->version, &theirs, context->now, &corrected));
    deciding->review.dose = corrected.id;
    return note(context, &corrected);
}

static struct vrx_result merge(struct vrx_context *context, struct deciding *deciding) {
    const struct vrx_dose theirs = theirs_of(deciding);
    struct vrx_dose aside;
    VRX_TRY(needs_ours(deciding));
    deciding->review.counterpart = deciding->ours.dose.id;
    if (deciding->review.withdrawn)
        return vrx_ok();
    VRX_TRY(vrx_dose_put_aside(context->tenant, &theirs, context->now, &aside));
    deciding->review.dose = aside.id;
    return note(context, &aside);
}

static struct vrx_result reject(struct vrx_context *context, struct deciding *deciding) {
    (void)context;
    (void)deciding;
    return vrx_ok();
}

static const struct {
    struct vrx_result (*apply)(struct vrx_context *context, struct deciding *deciding);
    const char *basis; /* as the ledger says it */
} decisions[] = {
    [VRX_REVIEW_KEEP_BOTH] = {keep_both, "review: keep both"},
    [VRX_REVIEW_TAKE_THEIRS] = {take_theirs, "review: take theirs"},
    [VRX_REVIEW_MERGE] = {merge, "review: merge"},
    [VRX_REVIEW_REJECT] = {reject, "review: reject"},
    [VRX_REVIEW_REOPEN] = {reject, "review: reopen"},
};

static struct vrx_result check_step(const struct vrx_review *review, unsigned decision) {
    if (decision < VRX_REVIEW_KEEP_BOTH || decision > VRX_REVIEW_REOPEN)
        return vrx_refuse(VRX_INPUT_RANGE, "reviews.proto: decision");
    if (review->state == VRX_REVIEW_CLOSED)
        return vrx_refuse(VRX_WRONG_STATE, "reviews.proto: there is nothing to decide");
    if (decision == VRX_REVIEW_REOPEN && !review->effect)
        return vrx_refuse(VRX_WRONG_STATE, "reviews.proto: nothing was decided");
    return vrx_ok();
}

static struct vrx_result decide(
    struct vrx_context *context, struct deciding *deciding, unsigned decision) {
    struct vrx_review *review = &deciding->review;
    VRX_TRY(take_back(context, deciding));
    VRX_TRY(decisions[decision].apply(context, deciding));
    review->state = VRX_REVIEW_WAITING;
    if (decision == VRX_REVIEW_REOPEN)
        return vrx_ok();
    review->state = VRX_REVIEW_DECIDED;
    review->effect = decision;
    return vrx_ok();
}

/* Where the transfer is past its time, what the origin signed last says where theirs is from. */
static struct vrx_result find_answer(struct vrx_context *context, struct deciding *deciding) {
    struct vrx_transfer_out transfer;
    struct vrx_result found = vrx_transfer_out_get(
        context->tenant, &context->arena, deciding->review.query_id, &transfer);
    if (!vrx_is_ok(found) && found.reason != VRX_NOT_FOUND)
        return found;
    memcpy(deciding->answer_digest,
        vrx_is_ok(found) ? transfer.answer_digest : deciding->review.source_digest, VRX_DIGEST);
    return vrx_ok();
}

static struct vrx_result find(
    struct vrx_context *context, const Vrx__V1__DecideRequest *in, struct deciding *deciding) {
    uint8_t id[VRX_ID];
    uint8_t named[VRX_ID];
    uint8_t seen[VRX_ID];
    VRX_TRY(vrx_message_fixed(in->review, VRX_ID, id));
    VRX_TRY(vrx_message_fixed(in->seen, VRX_ID, named));
    VRX_TRY(vrx_review_get(context->tenant, &context->arena, id, &deciding->review));
    VRX_TRY(vrx_context_about(context, deciding->review.resident));
    VRX_TRY(find_answer(context, deciding));
    VRX_TRY(vrx_reviews_ours(context, &deciding->review, &deciding->ours));
    VRX_TRY(vrx_reviews_seen(&deciding->review, &deciding->ours, seen));
    if (memcmp(seen, named, VRX_ID) != 0)
        return vrx_refuse(VRX_CONFLICT, "reviews.proto: seen");
    return check_step(&deciding->review, (unsigned)in->decision);
}

struct vrx_result vrx_reviews_decide(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__DecideRequest *in = request;
    Vrx__V1__DecideResponse *out = reply;
    struct deciding deciding = {.number = in->dose_number};
    const unsigned decision = (unsigned)in->decision;
    VRX_TRY(find(context, in, &deciding));
    context->audit.basis = vrx_view_text(decisions[decision].basis);
    VRX_TRY(decide(context, &deciding, decision));
    struct vrx_review_event event = {
        .kind = VRX_REVIEW_DECISION,
        .decision = decision,
        .dose = deciding.review.dose,
        .by = {vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)},
        .note = vrx_view_text(in->note),
    };
    VRX_TRY(vrx_review_change(context->tenant, &deciding.review, &event, context->now));
    out->dose_id = (uint64_t)deciding.review.dose;
    out->state = (Vrx__V1__ReviewState)deciding.review.state;
    return vrx_ok();
}
