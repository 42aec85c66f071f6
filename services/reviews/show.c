/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits, and one of them with both sides.
 */
#include "base/cursor.h"
#include "crypto/hash.h"
#include "dispatch/guard.h"
#include "dispatch/message.h"
#include "records/convert.h"
#include "reviews/handlers.h"

struct vrx_result vrx_reviews_ours(struct vrx_context *context, const struct vrx_review *review,
    struct vrx_review_ours *ret_ours) {
    struct vrx_review_ours ours = {0};
    int64_t head = 0;
    if (review->counterpart) {
        VRX_TRY(vrx_dose_head(context->tenant, review->counterpart, &head));
        VRX_TRY(vrx_dose_get(context->tenant, &context->arena, head, &ours.dose));
        ours.is_there = true;
        ours.is_out = ours.dose.state != VRX_DOSE_CURRENT;
    }
    *ret_ours = ours;
    return vrx_ok();
}

struct vrx_result vrx_reviews_seen(
    const struct vrx_review *review, const struct vrx_review_ours *ours, uint8_t ret_seen[VRX_ID]) {
    uint8_t numbers[25];
    uint8_t digest[VRX_SHA256];
    vrx_put_u64(numbers, review->version);
    vrx_put_u64(numbers + 8, (uint64_t)review->dose);
    vrx_put_u64(numbers + 16, (uint64_t)ours->dose.id);
    numbers[24] = ours->is_out;
    const struct vrx_view parts[] = {
        vrx_view_of(review->id, VRX_ID), vrx_view_of(numbers, sizeof numbers)};
    VRX_TRY(vrx_sha256_parts(parts, 2, digest));
    memcpy(ret_seen, digest, VRX_ID);
    return vrx_ok();
}

static struct vrx_result convert_summary(struct vrx_context *context,
    const struct vrx_review *review, Vrx__V1__ReviewSummary **ret_message) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_resident resident;
    Vrx__V1__ReviewSummary *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__review_summary__init(message);
    VRX_TRY(vrx_resident_get(context->tenant, arena, review->resident, &resident));
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(review->id, VRX_ID), &message->review));
    VRX_TRY(vrx_arena_string(arena, resident.addressee, &message->addressee_number));
    VRX_TRY(vrx_arena_string(arena, vrx_municipality_code_view(&review->origin), &message->origin));
    if (review->refusal != VRX_OK)
        VRX_TRY(vrx_arena_string(
            arena, vrx_view_text(vrx_reason_name(review->refusal)), &message->refusal));
    message->rule = (Vrx__V1__ReviewRule)review->rule;
    message->state = (Vrx__V1__ReviewState)review->state;
    message->effect = (Vrx__V1__ReviewDecision)review->effect;
    message->withdrawn = review->withdrawn;
    message->opened_at = review->opened_at;
    message->changed_at = review->changed_at;
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_reviews_list(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ListReviewsRequest *in = request;
    Vrx__V1__ListReviewsResponse *out = reply;
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    VRX_TRY(vrx_review_list(context->tenant, &context->arena, in->ended, &reviews, &count));
    VRX_TRY(vrx_review_count(context->tenant, NULL, &out->waiting));
    out->reviews = vrx_arena_alloc_array(&context->arena, count, sizeof *out->reviews);
    if (!out->reviews)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(convert_summary(context, &reviews[i], &out->reviews[i]));
    out->n_reviews = count;
    return vrx_ok();
}

static struct vrx_result convert_one(
    struct vrx_context *context, const struct vrx_dose *dose, Vrx__V1__Dose **ret_message) {
    Vrx__V1__Dose **list = NULL;
    VRX_TRY(vrx_convert_doses(context, dose, 1, &list));
    *ret_message = list[0];
    return vrx_ok();
}

/* Theirs as if it were a dose, which it is not yet. */
static struct vrx_result convert_theirs(
    struct vrx_context *context, const struct vrx_review *review, Vrx__V1__Dose **ret_message) {
    struct vrx_dose dose = {
        .item = review->theirs,
        .provenance = {.source = VRX_DOSE_TRANSFER, .municipality = review->origin},
    };
    memcpy(dose.provenance.digest, review->source_digest, VRX_DIGEST);
    return convert_one(context, &dose, ret_message);
}

static struct vrx_result convert_event(struct vrx_context *context,
    const struct vrx_review_event *event, Vrx__V1__ReviewEvent *message) {
    struct vrx_arena *arena = &context->arena;
    vrx__v1__review_event__init(message);
    message->kind = (Vrx__V1__ReviewEventKind)event->kind;
    message->decision = (Vrx__V1__ReviewDecision)event->decision;
    message->dose_id = (uint64_t)event->dose;
    message->at = event->at;
    VRX_TRY(vrx_arena_string(arena, event->by.operator_id, &message->operator_id));
    VRX_TRY(vrx_arena_string(arena, event->by.terminal_id, &message->terminal_id));
    VRX_TRY(vrx_arena_string(arena, event->note, &message->note));
    if (!event->has_source)
        return vrx_ok();
    return vrx_message_put_bytes(
        arena, vrx_view_of(event->source_digest, VRX_DIGEST), &message->source_digest);
}

static struct vrx_result convert_events(
    struct vrx_context *context, const struct vrx_review *review, Vrx__V1__GetReviewResponse *out) {
    struct vrx_review_event *events = NULL;
    size_t count = 0;
    VRX_TRY(vrx_review_events(context->tenant, &context->arena, review->id, &events, &count));
    out->events = vrx_arena_alloc_array(&context->arena, count, sizeof *out->events);
    Vrx__V1__ReviewEvent *messages =
        vrx_arena_alloc_array(&context->arena, count, sizeof *messages);
    if (!out->events || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(convert_event(context, &events[i], &messages[i]));
        out->events[i] = &messages[i];
    }
    out->n_events = count;
    return vrx_ok();
}

static struct vrx_result convert_record(
    struct vrx_context *context, const struct vrx_review *review, Vrx__V1__GetReviewResponse *out) {
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, review->resident, &resident));
    VRX_TRY(vrx_convert_resident(context, &resident, false, &out->resident));
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, review->resident, VRX_DOSES_CURRENT, &doses, &count));
    VRX_TRY(vrx_convert_doses(context, doses, count, &out->doses));
    out->n_doses = count;
    return vrx_ok();
}

struct vrx_result vrx_reviews_get(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetReviewRequest *in = request;
    Vrx__V1__GetReviewResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_review review;
    struct vrx_review_ours ours;
    uint8_t id[VRX_ID];
    uint8_t seen[VRX_ID];
    VRX_TRY(vrx_message_fixed(in->review, VRX_ID, id));
    VRX_TRY(vrx_guard_look_up(context));
    VRX_TRY(vrx_review_get(context->tenant, arena, id, &review));
    VRX_TRY(vrx_context_about(context, review.resident));
    VRX_TRY(vrx_reviews_ours(context, &review, &ours));
    VRX_TRY(vrx_reviews_seen(&review, &ours, seen));
    VRX_TRY(convert_summary(context, &review, &out->summary));
    VRX_TRY(convert_record(context, &review, out));
    VRX_TRY(convert_theirs(context, &review, &out->theirs));
    if (ours.is_there)
        VRX_TRY(convert_one(context, &ours.dose, &out->ours));
    out->ours_is_out = ours.is_out;
    out->dose_id = (uint64_t)review.dose;
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(review.query_id, VRX_ID), &out->query_id));
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(seen, VRX_ID), &out->seen));
    return convert_events(context, &review, out);
}
