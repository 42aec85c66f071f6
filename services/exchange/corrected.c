/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination's side of a correction notice. What it does depends on what became of the dose
 * when it came, and on what was done with it here since:
 *
 *     the dose stands as the exchange put it down   its next version, or it is taken out
 *     it was changed here, or is this one's own     an officer looks
 *     it waits before an officer                    it waits with other content, or no longer
 *     an officer let it stand                       as the first, and the decision says so
 *     an officer merged or rejected it              an officer looks again
 *
 * Reference records do not go on, so neither does a notice.
 */
#include "cose/sign1.h"
#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/import.h"
#include "exchange/notices.h"
#include "records/dose_changed.h"
#include "records/record_dose.h"
#include "rules/match.h"
#include "rules/minimal.h"
#include "rules/timely.h"
#include "store/transfer_out.h"

/* One notice about one dose that came. */
struct correction {
    const struct vrx_correction_notice *notice;
    struct vrx_import_source source;
    struct vrx_dose_received *received;
    enum vrx_correction_state state; /* what became of it */
};

static const struct vrx_dose_item *item_of(const struct correction *correction) {
    return correction->notice->now_count ? correction->notice->now : NULL;
}

/* ---- the dose itself ---- */

/* Where a dose that the exchange knows of stands now. */
struct standing {
    struct vrx_dose dose; /* the version that stands for it */
    bool current;
    bool as_it_came; /* no clerk changed it, and it is from this origin */
};

static struct vrx_result find_standing(struct vrx_context *context,
    const struct correction *correction, int64_t dose, struct standing *ret_standing) {
    struct standing standing = {0};
    int64_t head = 0;
    if (dose) {
        VRX_TRY(vrx_dose_head(context->tenant, dose, &head));
        VRX_TRY(vrx_dose_get(context->tenant, &context->arena, head, &standing.dose));
        const struct vrx_dose_provenance *from = &standing.dose.provenance;
        standing.current = standing.dose.state == VRX_DOSE_CURRENT;
        standing.as_it_came =
            standing.current && head == dose && from->source == VRX_DOSE_TRANSFER &&
            vrx_municipality_code_equal(&from->municipality, &correction->source.origin);
    }
    *ret_standing = standing;
    return vrx_ok();
}

/* *ret_refusal: the record's rules that speak against it; VRX_OK when it was done. *ret_dose: the
 * version that stands for the dose now. */
static struct vrx_result change_dose(struct vrx_context *context,
    const struct correction *correction, const struct vrx_dose *old, int64_t *ret_dose,
    struct vrx_result *ret_refusal) {
    const struct vrx_dose_item *item = item_of(correction);
    struct vrx_dose corrected = *old;
    struct vrx_result result;
    if (item) {
        const struct vrx_dose dose = vrx_import_dose(&correction->source, item);
        result = vrx_dose_correct(
            context->tenant, old->id, old->version, &dose, context->now, &corrected);
    } else {
        result =
            vrx_dose_mark_entered_in_error(context->tenant, old->id, old->version, context->now);
    }
    *ret_refusal = vrx_import_is_refusal(result) ? result : vrx_ok();
    if (vrx_import_is_refusal(result))
        return vrx_ok();
    VRX_TRY(result);
    if (item)
        VRX_TRY(
            vrx_record_dose_entry(context, "exchange/import", VRX_EXCHANGE_PURPOSE, &corrected));
    context->audit.written = false;
    VRX_TRY(vrx_dose_received_follow(context->tenant, old->id, corrected.id));
    VRX_TRY(vrx_record_dose_changed(context, old->id, corrected.id));
    *ret_dose = corrected.id;
    return vrx_ok();
}

static bool same_text(struct vrx_view theirs, struct vrx_view ours, bool all) {
    return (!all && !theirs.len) || vrx_view_equal(theirs, ours);
}

/* all: also in what they leave out, which a dose of this municipality may well have. */
static bool says_the_same(
    const struct vrx_dose_item *theirs, const struct vrx_dose_item *ours, bool all) {
    return vrx_match_pair(theirs, ours) == VRX_MATCH_SAME &&
           same_text(theirs->lot, ours->lot, all) && same_text(theirs->venue, ours->venue, all) &&
           same_text(theirs->physician, ours->physician, all) &&
           same_text(theirs->ticket, ours->ticket, all);
}

/* An officer looks: at what the dose is now at its origin, or that there is none. */
static struct vrx_result let_look(struct vrx_context *context, struct correction *correction,
    const struct vrx_dose_item *theirs, enum vrx_reason refusal, int64_t counterpart) {
    VRX_TRY(vrx_import_review(context, &correction->source, theirs, VRX_MATCH_CORRECTION, refusal,
        counterpart, correction->received));
    correction->state = VRX_CORRECTION_REVIEWED;
    if (item_of(correction))
        return vrx_ok();
    struct vrx_review review;
    VRX_TRY(
        vrx_review_get(context->tenant, &context->arena, correction->received->review, &review));
    review.withdrawn = true;
    struct vrx_review_event event = {.kind = VRX_REVIEW_WITHDRAWN, .has_source = true};
    memcpy(event.source_digest, correction->source.digest, VRX_DIGEST);
    return vrx_review_change(context->tenant, &review, &event, context->now);
}

static struct vrx_result apply_to_dose(struct vrx_context *context, struct correction *correction) {
    struct vrx_dose_received *received = correction->received;
    const struct vrx_dose_item *item = item_of(correction);
    struct standing standing;
    struct vrx_result refusal = vrx_ok();
    VRX_TRY(find_standing(context, correction, received->dose, &standing));
    const struct vrx_dose_item *ours = &standing.dose.item;
    if (item ? standing.current && says_the_same(item, ours, standing.as_it_came)
             : !standing.current)
        return vrx_ok(); /* as it is here already */
    if (!standing.as_it_came)
        return let_look(context, correction, item ? item : ours, VRX_OK,
            standing.current ? standing.dose.id : 0);
    VRX_TRY(change_dose(context, correction, &standing.dose, &received->dose, &refusal));
    if (!vrx_is_ok(refusal))
        return let_look(context, correction, item ? item : ours, refusal.reason, standing.dose.id);
    correction->state = VRX_CORRECTION_APPLIED;
    return vrx_ok();
}

/* ---- a review ---- */

/* Writes the review with what the origin says now. */
static struct vrx_result change_review(struct vrx_context *context,
    const struct correction *correction, struct vrx_review *review,
    enum vrx_review_event_kind kind) {
    const struct vrx_dose_item *item = item_of(correction);
    struct vrx_review_event event = {
        .kind = kind, .has_source = true, .dose = kind == VRX_REVIEW_FOLLOWED ? review->dose : 0};
    memcpy(event.source_digest, correction->source.digest, VRX_DIGEST);
    memcpy(review->source_digest, correction->source.digest, VRX_DIGEST);
    review->stated_at = correction->source.stated_at;
    review->withdrawn = !item;
    if (item)
        review->theirs = *item;
    return vrx_review_change(context->tenant, review, &event, context->now);
}

/* It waits, with what the origin says now. */
static struct vrx_result wait_again(struct vrx_context *context, struct correction *correction,
    struct vrx_review *review, unsigned rule, int64_t counterpart) {
    review->state = VRX_REVIEW_WAITING;
    review->rule = rule;
    review->counterpart = counterpart;
    correction->state = VRX_CORRECTION_REVIEWED;
    return change_review(context, correction, review,
        item_of(correction) ? VRX_REVIEW_CORRECTED : VRX_REVIEW_WITHDRAWN);
}

static struct vrx_result close(struct vrx_context *context, struct correction *correction,
    struct vrx_review *review, enum vrx_review_event_kind kind) {
    review->state = VRX_REVIEW_CLOSED;
    correction->state = VRX_CORRECTION_APPLIED;
    return change_review(context, correction, review, kind);
}

/* What waits is corrected: it may fit now. A correction of a dose that stands here in another
 * version is never put down beside it. */
static struct vrx_result hold_again(
    struct vrx_context *context, struct correction *correction, struct vrx_review *review) {
    struct vrx_dose_received *received = correction->received;
    const struct vrx_dose_item *item = item_of(correction);
    enum vrx_match match = VRX_MATCH_NONE;
    int64_t counterpart = 0;
    struct vrx_result refusal = vrx_ok();
    VRX_TRY(vrx_import_match(context, review->resident, item, &match, &counterpart));
    if (match == VRX_MATCH_SAME) {
        received->outcome = VRX_RECEIVED_KNOWN;
        received->dose = counterpart;
        return close(context, correction, review, VRX_REVIEW_SETTLED);
    }
    if (review->rule == VRX_MATCH_CORRECTION)
        return wait_again(context, correction, review, VRX_MATCH_CORRECTION, review->counterpart);
    if (match != VRX_MATCH_NONE)
        return wait_again(context, correction, review, (unsigned)match, counterpart);
    VRX_TRY(vrx_import_record(context, &correction->source, item, &received->dose, &refusal));
    context->audit.written = false;
    review->refusal = refusal.reason;
    if (!vrx_is_ok(refusal))
        return wait_again(context, correction, review, VRX_MATCH_REFUSED, 0);
    received->outcome = VRX_RECEIVED_NEW;
    return close(context, correction, review, VRX_REVIEW_SETTLED);
}

/* An officer let theirs stand. */
static struct vrx_result apply_to_decided(
    struct vrx_context *context, struct correction *correction, struct vrx_review *review) {
    struct standing standing;
    struct vrx_result refusal = vrx_ok();
    VRX_TRY(find_standing(context, correction, review->dose, &standing));
    const int64_t counterpart = standing.current ? standing.dose.id : 0;
    /* It replaced one of ours: what that is without it, an officer must say. */
    const bool replaced = review->effect == VRX_REVIEW_TAKE_THEIRS && !item_of(correction);
    if (!standing.as_it_came || replaced)
        return wait_again(context, correction, review, VRX_MATCH_CORRECTION, counterpart);
    VRX_TRY(change_dose(context, correction, &standing.dose, &review->dose, &refusal));
    review->refusal = refusal.reason;
    if (!vrx_is_ok(refusal))
        return wait_again(context, correction, review, VRX_MATCH_CORRECTION, counterpart);
    if (!item_of(correction))
        return close(context, correction, review, VRX_REVIEW_WITHDRAWN);
    correction->state = VRX_CORRECTION_APPLIED;
    return change_review(context, correction, review, VRX_REVIEW_FOLLOWED);
}

static struct vrx_result apply_to_review(
    struct vrx_context *context, struct correction *correction) {
    struct vrx_review review;
    VRX_TRY(
        vrx_review_get(context->tenant, &context->arena, correction->received->review, &review));
    const bool withdrawn = !item_of(correction);
    review.refusal = VRX_OK;
    if (review.state == VRX_REVIEW_DECIDED &&
        (review.effect == VRX_REVIEW_KEEP_BOTH || review.effect == VRX_REVIEW_TAKE_THEIRS))
        return apply_to_decided(context, correction, &review);
    if (review.state == VRX_REVIEW_WAITING && !review.effect)
        return withdrawn ? close(context, correction, &review, VRX_REVIEW_WITHDRAWN)
                         : hold_again(context, correction, &review);
    if (withdrawn && review.effect != VRX_REVIEW_MERGE && review.state != VRX_REVIEW_WAITING)
        return close(context, correction, &review, VRX_REVIEW_WITHDRAWN);
    return wait_again(context, correction, &review, VRX_MATCH_CORRECTION, review.counterpart);
}

/* ---- a notice ---- */

struct vrx_result vrx_notices_apply(struct vrx_context *context,
    const struct vrx_correction_notice *notice, const uint8_t object_digest[VRX_DIGEST],
    struct vrx_dose_received *received, enum vrx_correction_state *ret_state) {
    struct correction correction = {
        .notice = notice,
        .source = {.resident = received->resident,
            .origin = notice->origin,
            .stated_at = notice->corrected_at},
        .received = received,
        .state = VRX_CORRECTION_VAIN,
    };
    memcpy(correction.source.query_id, notice->query_id, VRX_ID);
    memcpy(correction.source.answer_digest, notice->answer_digest, VRX_DIGEST);
    memcpy(correction.source.digest, object_digest, VRX_DIGEST);
    if (notice->sequence <= received->sequence) {
        *ret_state = VRX_CORRECTION_LATE;
        return vrx_ok();
    }
    VRX_TRY(received->outcome == VRX_RECEIVED_REVIEW && received->has_review
                ? apply_to_review(context, &correction)
                : apply_to_dose(context, &correction));
    received->sequence = notice->sequence;
    *ret_state = correction.state;
    return vrx_dose_received_change(context->tenant, received);
}

static struct vrx_result unfounded(const char *clause) {
    return vrx_refuse(VRX_CORRECTION_UNFOUNDED, clause);
}

/* Verified, and about a query that this municipality asked its sender. */
static struct vrx_result read_notice(struct vrx_context *context, const struct vrx_arrival *arrival,
    struct vrx_correction_notice *notice, struct vrx_transfer_out *transfer) {
    const struct vrx_envelope *envelope = arrival->envelope;
    VRX_TRY(vrx_entry_verify(
        arrival->sender, &vrx_correction_notice_schema, arrival->content, &context->arena, notice));
    if (!vrx_municipality_code_equal(&notice->origin, &envelope->from) ||
        !vrx_municipality_code_equal(&notice->destination, &context->slot->code) ||
        memcmp(notice->id, envelope->query_id, VRX_ID) != 0)
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "correction_notice: routing and content agree");
    VRX_TRY(vrx_correction_notice_check(notice));
    struct vrx_result found =
        vrx_transfer_out_get(context->tenant, &context->arena, notice->query_id, transfer);
    if (found.reason == VRX_NOT_FOUND)
        return unfounded("correction_notice.query_id: a query that was asked");
    VRX_TRY(found);
    if (!vrx_municipality_code_equal(&transfer->origin, &notice->origin))
        return unfounded("correction_notice.origin: who sent a dose corrects it");
    VRX_TRY(vrx_timely_correction(notice, transfer->created_at, context->now));
    uint64_t items[VRX_ITEM_LAST];
    const size_t count = vrx_minimal_items(transfer->items, items);
    for (size_t i = 0; i < notice->now_count && transfer->items; i++)
        VRX_TRY(vrx_minimal_check_item(&notice->now[i], items, count));
    return vrx_context_about(context, transfer->resident);
}

/* Kept in its state, with the notice as it was signed. */
static struct vrx_result keep(struct vrx_context *context,
    const struct vrx_correction_notice *notice, const struct vrx_arrival *arrival, int64_t resident,
    enum vrx_correction_state state) {
    struct vrx_correction correction = {
        .origin = notice->origin,
        .sequence = notice->sequence,
        .resident = resident,
        .object = arrival->content,
        .state = state,
        .received_at = context->now,
    };
    memcpy(correction.notice_id, notice->id, VRX_ID);
    memcpy(correction.query_id, notice->query_id, VRX_ID);
    memcpy(correction.as_sent, notice->as_sent, VRX_DIGEST);
    return vrx_correction_put(context->tenant, &correction);
}

struct vrx_result vrx_notices_take(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    (void)reply;
    struct vrx_correction_notice notice;
    struct vrx_transfer_out transfer;
    enum vrx_correction_state state = VRX_CORRECTION_WAITING;
    VRX_TRY(read_notice(context, arrival, &notice, &transfer));
    if (transfer.state == VRX_TRANSFER_IMPORTED) {
        struct vrx_dose_received received;
        if (memcmp(notice.answer_digest, transfer.answer_digest, VRX_DIGEST) != 0)
            return unfounded("correction_notice.answer_digest: the answer that was received");
        struct vrx_result found =
            vrx_dose_received_get(context->tenant, notice.query_id, notice.as_sent, &received);
        if (found.reason == VRX_NOT_FOUND)
            return unfounded("correction_notice.as_sent: a dose of that answer");
        VRX_TRY(found);
        VRX_TRY(vrx_notices_apply(context, &notice, arrival->digest, &received, &state));
    } else if (vrx_transfer_state_final(transfer.state)) {
        state = VRX_CORRECTION_VAIN; /* no dose came, and none is taken in any more */
    }
    VRX_TRY(keep(context, &notice, arrival, transfer.resident, state));
    vrx_context_in_dossier(context, NULL, notice.query_id);
    return vrx_ok();
}

/* ---- notices that came before their answer ---- */

/* Verified when it came; what stands in the vault is believed. */
static struct vrx_result read_kept(struct vrx_context *context,
    const struct vrx_correction *correction, struct vrx_correction_notice *notice,
    uint8_t digest[VRX_DIGEST]) {
    struct vrx_sign1 parts;
    VRX_TRY(vrx_sign1_parse(correction->object, &parts));
    VRX_TRY(vrx_sha256(correction->object, digest));
    return vrx_object_decode(&vrx_correction_notice_schema, parts.payload, &context->arena, notice);
}

static struct vrx_result take_kept(struct vrx_context *context,
    const struct vrx_correction *correction, const uint8_t answer_digest[VRX_DIGEST]) {
    struct vrx_correction_notice notice;
    struct vrx_dose_received received;
    uint8_t digest[VRX_DIGEST];
    enum vrx_correction_state state = VRX_CORRECTION_VAIN;
    VRX_TRY(read_kept(context, correction, &notice, digest));
    struct vrx_result found = vrx_dose_received_get(
        context->tenant, correction->query_id, correction->as_sent, &received);
    if (!vrx_is_ok(found) && found.reason != VRX_NOT_FOUND)
        return found;
    if (vrx_is_ok(found) && memcmp(notice.answer_digest, answer_digest, VRX_DIGEST) == 0)
        VRX_TRY(vrx_notices_apply(context, &notice, digest, &received, &state));
    return vrx_correction_step(
        context->tenant, &correction->origin, correction->notice_id, state, context->now);
}

struct vrx_result vrx_notices_take_waiting(struct vrx_context *context,
    const uint8_t query_id[VRX_ID], const uint8_t answer_digest[VRX_DIGEST]) {
    struct vrx_correction *waiting = NULL;
    size_t count = 0;
    VRX_TRY(vrx_correction_waiting(context->tenant, &context->arena, query_id, &waiting, &count));
    /* The last of a dose first, so that those before it come late. */
    for (size_t i = count; i-- > 0;)
        VRX_TRY(take_kept(context, &waiting[i], answer_digest));
    return vrx_ok();
}
