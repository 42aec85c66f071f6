/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the application was made: what becomes of what was asked. The asking itself is request.c's.
 */
#include "base/limits.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/handlers.h"
#include "exchange/standing.h"
#include "rules/timely.h"
#include "store/certificate_out.h"

#define ENDS_AT_ONCE 100

const uint64_t vrx_elsewhere_items[VRX_ELSEWHERE_ITEMS] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* ---- it ends by itself ---- */

static struct vrx_result end_one(struct vrx_context *context,
    const struct vrx_certificate_out *asked, const struct vrx_certificate_end *end,
    enum vrx_reason outcome) {
    context->audit = (struct vrx_audit_facts){0};
    memcpy(context->request_id, asked->query_id, VRX_ID);
    VRX_TRY(vrx_context_about(context, asked->resident));
    VRX_TRY(vrx_certificate_out_end(context->tenant, asked->query_id, end, context->now));
    return vrx_exchange_record_end(context, outcome);
}

struct vrx_result vrx_elsewhere_end_overdue(struct vrx_context *context, int64_t *ret_next) {
    static const struct vrx_certificate_end end = {.state = VRX_ELSEWHERE_EXPIRED};
    struct vrx_certificate_out *asked = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificate_out_list_overdue(
        context->tenant, &context->arena, context->now, ENDS_AT_ONCE, &asked, &count));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(end_one(context, &asked[i], &end, VRX_QUERY_EXPIRED));
    return vrx_certificate_out_next_due(context->tenant, ret_next);
}

static struct vrx_result covered(
    const struct vrx_consent *consent, const struct vrx_certificate_out *asked) {
    struct vrx_consent_use use = {
        .destination = &consent->destination,
        .origin = &asked->origin,
        .subject = consent->subject,
        .purpose = VRX_PURPOSE_CERTIFICATE,
        .items = vrx_elsewhere_items,
        .item_count = VRX_ELSEWHERE_ITEMS,
        .time = asked->created_at,
    };
    return vrx_consent_covers(consent, &use);
}

struct vrx_result vrx_elsewhere_consent_changed(
    struct vrx_context *context, const struct vrx_consent *consent) {
    struct vrx_certificate_out *asked = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificate_out_list_under(
        context->tenant, &context->arena, consent->id, &asked, &count));
    for (size_t i = 0; i < count; i++) {
        const struct vrx_result stands = covered(consent, &asked[i]);
        const struct vrx_certificate_end end = {.state = VRX_ELSEWHERE_REFUSED,
            .reason = stands.reason,
            .clause = vrx_view_text(stands.clause)};
        if (!vrx_is_ok(stands) && asked[i].state == VRX_ELSEWHERE_WAITING)
            VRX_TRY(end_one(context, &asked[i], &end, stands.reason));
    }
    return vrx_ok();
}

/* ---- the reply ---- */

static struct vrx_result verify(struct vrx_context *context, const struct vrx_arrival *arrival,
    struct vrx_certificate_reply *said, struct vrx_certificate_out *asked) {
    const struct vrx_envelope *envelope = arrival->envelope;
    VRX_TRY(vrx_entry_verify(
        arrival->sender, &vrx_certificate_reply_schema, arrival->content, &context->arena, said));
    VRX_TRY(vrx_certificate_reply_check(said));
    VRX_TRY(vrx_certificate_out_get(context->tenant, &context->arena, envelope->query_id, asked));
    if (memcmp(said->query_id, envelope->query_id, VRX_ID) != 0 ||
        memcmp(said->query_digest, asked->query_digest, VRX_DIGEST) != 0 ||
        !vrx_municipality_code_equal(&said->origin, &envelope->from) ||
        !vrx_municipality_code_equal(&said->origin, &asked->origin) ||
        !vrx_municipality_code_equal(&said->destination, &context->slot->code))
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "certificate_reply: to the query that was asked");
    return vrx_timely_reply(said, asked->created_at, context->now);
}

/* Withdrawn meanwhile, or it says once more what is known. */
static bool is_of_no_use(
    const struct vrx_certificate_out *asked, const struct vrx_certificate_reply *said) {
    return asked->state != VRX_ELSEWHERE_WAITING &&
           (asked->state != VRX_ELSEWHERE_EXPIRED ||
               said->outcome != VRX_CERTIFICATE_OUTCOME_ISSUED);
}

struct vrx_result vrx_elsewhere_take_reply(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    static const enum vrx_elsewhere_state states[] = {
        [VRX_CERTIFICATE_OUTCOME_ISSUED] = VRX_ELSEWHERE_ISSUED,
        [VRX_CERTIFICATE_OUTCOME_REFUSED] = VRX_ELSEWHERE_REFUSED,
        [VRX_CERTIFICATE_OUTCOME_NO_RECORD] = VRX_ELSEWHERE_NO_RECORD,
    };
    struct vrx_certificate_reply said;
    struct vrx_certificate_out asked;
    (void)reply;
    VRX_TRY(verify(context, arrival, &said, &asked));
    VRX_TRY(vrx_context_about(context, asked.resident));
    if (is_of_no_use(&asked, &said))
        return vrx_ok();
    const struct vrx_certificate_end end = {
        .state = states[said.outcome],
        .reason = vrx_reason_from_value((unsigned)(said.reason > 9999 ? 9999 : said.reason)),
        .clause = said.clause,
        .reply = arrival->content,
        .expires_at = said.expires_at,
    };
    return vrx_certificate_out_end(context->tenant, asked.query_id, &end, context->now);
}
