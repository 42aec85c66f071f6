/* SPDX-License-Identifier: Apache-2.0 */
#include "objects/card_challenge.h"

#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "kiosk/handlers.h"
#include "store/card.h"
#include "vrx/v1/kiosk.pb-c.h"

static struct vrx_result keep(struct vrx_context *context,
    const struct vrx_card_challenge *challenge, int64_t resident, struct vrx_view message) {
    struct vrx_open_challenge open = {
        .resident = resident, .message = message, .expires_at = challenge->expires_at};
    memcpy(open.nonce, challenge->nonce, sizeof open.nonce);
    memcpy(open.terminal, context->terminal_spki, VRX_DIGEST);
    return vrx_challenge_put(context->tenant, &open, context->now);
}

struct vrx_result vrx_kiosk_challenge(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ChallengeCardRequest *in = request;
    Vrx__V1__ChallengeCardResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_resident resident;
    const struct vrx_cards *cards = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(vrx_kiosk_cards(context, &cards));
    struct vrx_card_challenge challenge = {
        .municipality = context->slot->code,
        .terminal_id = vrx_view_text(context->terminal_id),
        .purpose = (uint64_t)in->purpose,
        .made_at = context->now,
        .expires_at = context->now + VRX_CHALLENGE_SECONDS,
    };
    VRX_TRY(vrx_random_fill(context->random, challenge.nonce, sizeof challenge.nonce));
    memcpy(challenge.person, context->audit.person, VRX_DIGEST);
    VRX_TRY(vrx_card_challenge_message(&challenge, &message));
    VRX_TRY(keep(context, &challenge, resident.id, vrx_buffer_view(&message)));
    VRX_TRY(vrx_message_put_bytes(arena, vrx_buffer_view(&message), &out->message));
    out->expires_at = challenge.expires_at;
    return vrx_message_put_bytes(
        arena, vrx_view_of(challenge.nonce, sizeof challenge.nonce), &out->nonce);
}
