/* SPDX-License-Identifier: Apache-2.0
 *
 * A consent as it is now, and who has been told.
 */
#include "dispatch/message.h"
#include "exchange/handlers.h"
#include "exchange/standing.h"
#include "store/outbox.h"

static struct vrx_result put_origins(
    struct vrx_arena *arena, const struct vrx_consent *consent, Vrx__V1__Consent *message) {
    message->origins =
        vrx_arena_alloc_array(arena, consent->origin_count, sizeof *message->origins);
    if (!message->origins)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < consent->origin_count; i++)
        VRX_TRY(vrx_arena_string(
            arena, vrx_municipality_code_view(&consent->origins[i]), &message->origins[i]));
    message->n_origins = consent->origin_count;
    return vrx_ok();
}

static struct vrx_result put_items(
    struct vrx_arena *arena, const struct vrx_consent *consent, Vrx__V1__Consent *message) {
    message->items = vrx_arena_alloc_array(arena, consent->item_count, sizeof *message->items);
    if (!message->items)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < consent->item_count; i++)
        message->items[i] = (Vrx__V1__DataItem)consent->items[i];
    message->n_items = consent->item_count;
    return vrx_ok();
}

static struct vrx_result put_notice(struct vrx_context *context,
    const struct vrx_municipality_code *origin, const uint8_t id[VRX_ID],
    Vrx__V1__ConsentNotice **ret_notice) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_outbox_key key = {.to = *origin, .kind = VRX_ENVELOPE_CONSENT_NOTICE};
    struct vrx_outbox_message sent;
    Vrx__V1__ConsentNotice *notice = vrx_arena_alloc(arena, sizeof *notice);
    if (!notice)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__consent_notice__init(notice);
    *ret_notice = notice;
    memcpy(key.id, id, VRX_ID);
    VRX_TRY(vrx_arena_string(arena, vrx_municipality_code_view(origin), &notice->municipality));
    notice->state = VRX__V1__CONSENT_NOTICE_STATE__CONSENT_NOTICE_STATE_NOT_SENT;
    struct vrx_result found = vrx_outbox_get(context->tenant, arena, &key, &sent);
    if (found.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(found);
    notice->state = (Vrx__V1__ConsentNoticeState)sent.state;
    notice->attempts = (uint32_t)sent.attempts;
    notice->changed_at = sent.changed_at;
    return vrx_ok();
}

static struct vrx_result put_notices(struct vrx_context *context,
    const struct vrx_consent_record *record, Vrx__V1__Consent *message) {
    struct vrx_municipality_code *origins = NULL;
    size_t count = 0;
    uint8_t id[VRX_ID];
    VRX_TRY(vrx_exchange_notice_id(record->present, id));
    VRX_TRY(vrx_transfer_out_asked_under(
        context->tenant, &context->arena, record->id, &origins, &count));
    message->notices = vrx_arena_alloc_array(&context->arena, count, sizeof *message->notices);
    if (!message->notices)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_notice(context, &origins[i], id, &message->notices[i]));
    message->n_notices = count;
    return vrx_ok();
}

struct vrx_result vrx_exchange_get_consent(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetConsentRequest *in = request;
    Vrx__V1__GetConsentResponse *out = reply;
    struct vrx_held_consent held;
    VRX_TRY(vrx_exchange_read_consent(context, in->consent_id, &held));
    const struct vrx_consent *consent = &held.present;
    Vrx__V1__Consent *message = vrx_arena_alloc(&context->arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__consent__init(message);
    VRX_TRY(vrx_message_put_bytes(
        &context->arena, vrx_view_of(consent->id, VRX_ID), &message->consent_id));
    message->state = (Vrx__V1__ConsentState)consent->status;
    VRX_TRY(put_origins(&context->arena, consent, message));
    VRX_TRY(put_items(&context->arena, consent, message));
    VRX_TRY(vrx_arena_string(&context->arena, consent->form_number, &message->form_number));
    message->given_at = consent->given_at;
    message->expires_at = consent->expires_at;
    if (!vrx_view_equal(held.record.present, held.record.object)) {
        message->changed_at = consent->status_since;
        VRX_TRY(put_notices(context, &held.record, message));
    }
    out->consent = message;
    return vrx_ok();
}
