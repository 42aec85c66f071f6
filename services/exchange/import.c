/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which a dose that came is held against what is here: the current doses, where it may
 * be the same; what was put away here before; what waits or waited already; then the current doses
 * again, where one may disagree; last the rules of the record itself.
 */
#include "exchange/import.h"

#include "exchange/handlers.h"
#include "records/record_dose.h"

struct vrx_dose vrx_import_dose(
    const struct vrx_import_source *source, const struct vrx_dose_item *item) {
    struct vrx_dose dose = {
        .resident = source->resident,
        .item = *item,
        .registered_at = source->stated_at,
        .provenance = {.source = VRX_DOSE_TRANSFER, .municipality = source->origin},
    };
    memcpy(dose.provenance.digest, source->answer_digest, VRX_DIGEST);
    return dose;
}

bool vrx_import_is_refusal(struct vrx_result result) {
    const enum vrx_category category = vrx_reason_category(result.reason);
    return category == VRX_CATEGORY_INPUT || category == VRX_CATEGORY_STATE ||
           result.reason == VRX_CAP_REACHED;
}

struct vrx_result vrx_import_review(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item, unsigned rule,
    enum vrx_reason refusal, int64_t counterpart, struct vrx_dose_received *ret_received) {
    struct vrx_review review = {
        .resident = source->resident,
        .origin = source->origin,
        .stated_at = source->stated_at,
        .theirs = *item,
        .rule = rule,
        .refusal = refusal,
        .counterpart = counterpart,
    };
    memcpy(review.query_id, source->query_id, VRX_ID);
    memcpy(review.source_digest, source->digest, VRX_DIGEST);
    VRX_TRY(vrx_review_open(context->tenant, &review, context->now, ret_received->review));
    ret_received->has_review = true;
    ret_received->outcome = VRX_RECEIVED_REVIEW;
    return vrx_ok();
}

/* One dose here that a dose was held against. */
struct here {
    const struct vrx_dose *doses; /* of any state */
    size_t count;
    const struct vrx_dose_item *current[VRX_LIMIT_DOSES]; /* items of those that are */
    int64_t ids[VRX_LIMIT_DOSES];
    size_t current_count;
};

static struct vrx_result look_here(
    struct vrx_context *context, int64_t resident, struct here *ret_here) {
    struct vrx_dose *doses = NULL;
    struct here here = {0};
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, resident, VRX_DOSES_ALL, &doses, &here.count));
    here.doses = doses;
    for (size_t i = 0; i < here.count && here.current_count < VRX_LIMIT_DOSES; i++)
        if (doses[i].state == VRX_DOSE_CURRENT) {
            here.ids[here.current_count] = doses[i].id;
            here.current[here.current_count++] = &doses[i].item;
        }
    *ret_here = here;
    return vrx_ok();
}

/* A clerk has seen a dose of this day, product and lot before and took it away. */
static bool was_put_away(const struct here *here, const struct vrx_dose_item *item) {
    for (size_t i = 0; i < here->count; i++) {
        const struct vrx_dose_item *other = &here->doses[i].item;
        if (here->doses[i].state != VRX_DOSE_CURRENT &&
            vrx_date_compare(item->administered_on, other->administered_on) == 0 &&
            item->product == other->product && vrx_view_equal(item->lot, other->lot))
            return true;
    }
    return false;
}

static bool same_content(const struct vrx_dose_item *a, const struct vrx_dose_item *b) {
    return vrx_match_pair(a, b) == VRX_MATCH_SAME && vrx_view_equal(a->lot, b->lot);
}

/* The same dose of the same origin in another answer, before an officer or after. */
static struct vrx_result find_review(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item,
    struct vrx_dose_received *received, bool *ret_found) {
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    VRX_TRY(vrx_review_of_resident(
        context->tenant, &context->arena, source->resident, &reviews, &count));
    for (size_t i = 0; i < count; i++) {
        if (reviews[i].state == VRX_REVIEW_CLOSED || reviews[i].withdrawn ||
            !vrx_municipality_code_equal(&reviews[i].origin, &source->origin) ||
            !same_content(&reviews[i].theirs, item))
            continue;
        received->outcome = VRX_RECEIVED_REVIEW;
        received->has_review = *ret_found = true;
        memcpy(received->review, reviews[i].id, VRX_ID);
    }
    return vrx_ok();
}

struct vrx_result vrx_import_record(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item, int64_t *ret_dose,
    struct vrx_result *ret_refusal) {
    const struct vrx_dose dose = vrx_import_dose(source, item);
    struct vrx_dose recorded;
    struct vrx_result result =
        vrx_record_dose(context, "exchange/import", VRX_EXCHANGE_PURPOSE, &dose, &recorded);
    *ret_refusal = vrx_import_is_refusal(result) ? result : vrx_ok();
    if (vrx_import_is_refusal(result))
        return vrx_ok();
    VRX_TRY(result);
    *ret_dose = recorded.id;
    return vrx_ok();
}

static struct vrx_result put_down(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item,
    struct vrx_dose_received *received) {
    struct vrx_result refusal = vrx_ok();
    received->outcome = VRX_RECEIVED_NEW;
    VRX_TRY(vrx_import_record(context, source, item, &received->dose, &refusal));
    return vrx_is_ok(refusal) ? vrx_ok()
                              : vrx_import_review(context, source, item, VRX_MATCH_REFUSED,
                                    refusal.reason, 0, received);
}

struct vrx_result vrx_import_match(struct vrx_context *context, int64_t resident,
    const struct vrx_dose_item *item, enum vrx_match *ret_match, int64_t *ret_counterpart) {
    struct here here;
    size_t at = 0;
    VRX_TRY(look_here(context, resident, &here));
    *ret_match = vrx_match_among(item, here.current, here.current_count, &at);
    *ret_counterpart = *ret_match == VRX_MATCH_NONE ? 0 : here.ids[at];
    return vrx_ok();
}

struct vrx_result vrx_import_one(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item,
    struct vrx_dose_received *ret_received) {
    struct here here;
    size_t at = 0;
    bool waited = false;
    VRX_TRY(look_here(context, source->resident, &here));
    const enum vrx_match match = vrx_match_among(item, here.current, here.current_count, &at);
    if (match == VRX_MATCH_SAME) {
        ret_received->outcome = VRX_RECEIVED_KNOWN;
        ret_received->dose = here.ids[at];
        return vrx_ok();
    }
    if (was_put_away(&here, item)) {
        ret_received->outcome = VRX_RECEIVED_KNOWN;
        return vrx_ok();
    }
    VRX_TRY(find_review(context, source, item, ret_received, &waited));
    if (waited)
        return vrx_ok();
    if (match != VRX_MATCH_NONE)
        return vrx_import_review(
            context, source, item, (unsigned)match, VRX_OK, here.ids[at], ret_received);
    return put_down(context, source, item, ret_received);
}

struct vrx_result vrx_import_answer(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_answer *answer,
    struct vrx_import_counts *ret_counts) {
    struct vrx_import_counts counts = {0};
    for (size_t i = 0; i < answer->dose_count; i++) {
        struct vrx_dose_received received = {.resident = source->resident};
        memcpy(received.query_id, source->query_id, VRX_ID);
        VRX_TRY(vrx_dose_item_digest(&answer->doses[i], received.as_sent));
        VRX_TRY(vrx_import_one(context, source, &answer->doses[i], &received));
        VRX_TRY(vrx_dose_received_put(context->tenant, &received));
        counts.imported += received.outcome == VRX_RECEIVED_NEW;
    }
    /* What an officer has decided on before is known. */
    VRX_TRY(vrx_review_count(context->tenant, source->query_id, &counts.in_review));
    counts.known = answer->dose_count - counts.imported - counts.in_review;
    *ret_counts = counts;
    return vrx_ok();
}
