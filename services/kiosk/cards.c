/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards linked, shown and ended. Whether a card is revoked is asked each time that it is used, and
 * not here: what holds today need not hold tomorrow.
 */
#include "store/card.h"

#include <stdatomic.h>

#include "crypto/x509.h"
#include "dispatch/guard.h"
#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "kiosk/handlers.h"
#include "vrx/v1/kiosk.pb-c.h"

#define SEEN_SECONDS 3600 /* between looking at the card and linking it */

struct vrx_result vrx_kiosk_cards(
    const struct vrx_context *context, const struct vrx_cards **ret_cards) {
    *ret_cards = atomic_load(&context->daemon->cards);
    return *ret_cards ? vrx_ok() : vrx_fail(VRX_CARDS_NOT_TAKEN);
}

/* The officer saw the card itself, just now. */
static struct vrx_result check_seen(struct vrx_context *context, ProtobufCBinaryData id,
    int64_t resident, struct vrx_identity_evidence *evidence) {
    struct vrx_evidence_record record;
    VRX_TRY(vrx_context_evidence(context, id, resident, &record, evidence));
    if (evidence->method != VRX_IDENTITY_CARD_SEEN)
        return vrx_refuse(VRX_EVIDENCE_METHOD, "kiosk: the card was seen by an officer");
    return vrx_identity_evidence_fresh(evidence, context->now, SEEN_SECONDS);
}

struct vrx_result vrx_kiosk_link(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__LinkCardRequest *in = request;
    Vrx__V1__LinkCardResponse *out = reply;
    struct vrx_resident resident;
    struct vrx_identity_evidence evidence;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    const struct vrx_certificate *issuer = NULL;
    const struct vrx_cards *cards = NULL;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(check_seen(context, in->evidence_id, resident.id, &evidence));
    VRX_TRY(vrx_kiosk_cards(context, &cards));
    VRX_TRY(vrx_certificate_from_der(
        vrx_view_of(in->certificate.data, in->certificate.len), &certificate));
    VRX_TRY(vrx_cards_accept(cards, certificate, context->now, &issuer));
    struct vrx_card card = {
        .resident = resident.id,
        .not_after = vrx_certificate_not_after(certificate),
        .operator_id = vrx_view_text(context->operator_id),
        .terminal_id = vrx_view_text(context->terminal_id),
        .linked_at = context->now,
    };
    memcpy(card.evidence_id, evidence.id, VRX_ID);
    VRX_TRY(vrx_certificate_sha256(certificate, card.certificate));
    VRX_TRY(vrx_card_link(context->tenant, &card));
    return vrx_message_put_bytes(
        &context->arena, vrx_view_of(card.certificate, VRX_DIGEST), &out->card_id);
}

static struct vrx_result convert(
    struct vrx_arena *arena, const struct vrx_card *card, Vrx__V1__Card **ret_message) {
    Vrx__V1__Card *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__card__init(message);
    VRX_TRY(vrx_message_put_bytes(
        arena, vrx_view_of(card->certificate, VRX_DIGEST), &message->card_id));
    message->linked_at = card->linked_at;
    message->expires_at = card->not_after;
    message->ended_at = card->ended_at;
    VRX_TRY(vrx_arena_string(arena, card->operator_id, &message->operator_));
    VRX_TRY(vrx_arena_string(arena, card->ended_by, &message->ended_by));
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_kiosk_list(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ListCardsRequest *in = request;
    Vrx__V1__ListCardsResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_resident resident;
    struct vrx_card *cards = NULL;
    size_t count = 0;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(vrx_card_list(context->tenant, arena, resident.id, &cards, &count));
    out->cards = vrx_arena_alloc_array(arena, count, sizeof *out->cards);
    if (!out->cards)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (; out->n_cards < count; out->n_cards++)
        VRX_TRY(convert(arena, &cards[out->n_cards], &out->cards[out->n_cards]));
    return vrx_ok();
}

struct vrx_result vrx_kiosk_end(struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__EndCardRequest *in = request;
    uint8_t id[VRX_DIGEST];
    struct vrx_card card;
    VRX_TRY(vrx_message_fixed(in->card_id, VRX_DIGEST, id));
    VRX_TRY(vrx_guard_look_up(context));
    VRX_TRY(vrx_card_get(context->tenant, &context->arena, id, &card));
    VRX_TRY(vrx_context_about(context, card.resident));
    return vrx_card_end(context->tenant, id, vrx_view_text(context->operator_id), context->now);
}
