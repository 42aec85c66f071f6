/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer in three steps. In the tenant: the challenge is taken out and the answer judged by all
 * that is known here; what is wrong is counted and told only when that is committed, for a refusal
 * would put the challenge back. Outside: is the card revoked? A responder that does not answer
 * keeps no tenant waiting. In the tenant again: the identity check is recorded, if the card still
 * is who it was.
 */
#include "crypto/hash.h"
#include "dispatch/alert.h"
#include "dispatch/message.h"
#include "kiosk/attempts.h"
#include "kiosk/handlers.h"
#include "objects/card_challenge.h"
#include "records/evidence.h"
#include "store/card.h"
#include "vrx/v1/kiosk.pb-c.h"

void vrx_answer_state_done(void *state) {
    struct vrx_answer_state *answer = state;
    vrx_certificate_free(&answer->certificate);
}

/* This terminal's, in time. Sets whom it is about and for what. */
static struct vrx_result take_challenge(struct vrx_context *context,
    const Vrx__V1__AnswerChallengeRequest *in, struct vrx_open_challenge *challenge) {
    struct vrx_answer_state *state = context->state;
    struct vrx_card_challenge said;
    uint8_t nonce[VRX_CHALLENGE_NONCE];
    VRX_TRY(vrx_message_fixed(in->nonce, sizeof nonce, nonce));
    VRX_TRY(vrx_challenge_take(context->tenant, &context->arena, nonce, challenge));
    VRX_TRY(vrx_card_challenge_read(challenge->message, &context->arena, &said));
    state->resident = challenge->resident;
    state->purpose = said.purpose;
    if (memcmp(challenge->terminal, context->terminal_spki, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_CHALLENGE_UNKNOWN, "card_challenge.terminal_id");
    if (context->now > challenge->expires_at)
        return vrx_refuse(VRX_CHALLENGE_EXPIRED, "card_challenge.expires_at");
    return vrx_ok();
}

/* Whose card it is, and whether it signed this. */
static struct vrx_result judge_card(struct vrx_context *context, const struct vrx_cards *cards,
    const Vrx__V1__AnswerChallengeRequest *in, const struct vrx_open_challenge *challenge,
    bool *linked) {
    struct vrx_answer_state *state = context->state;
    struct vrx_card card;
    VRX_TRY(vrx_card_get(context->tenant, &context->arena, state->card, &card));
    *linked = true;
    if (card.resident != challenge->resident)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: the person's own card");
    VRX_TRY(vrx_cards_accept(cards, state->certificate, context->now, &state->issuer));
    return vrx_verify_pkcs1(vrx_certificate_key(state->certificate), challenge->message,
        vrx_view_of(in->signature.data, in->signature.len));
}

static struct vrx_result judge(struct vrx_context *context, const struct vrx_cards *cards,
    const Vrx__V1__AnswerChallengeRequest *in, bool *linked) {
    struct vrx_answer_state *state = context->state;
    struct vrx_open_challenge challenge;
    VRX_TRY(take_challenge(context, in, &challenge));
    VRX_TRY(vrx_certificate_from_der(
        vrx_view_of(in->certificate.data, in->certificate.len), &state->certificate));
    return judge_card(context, cards, in, &challenge, linked);
}

/* The answer itself is wrong; otherwise it could not be judged. */
static bool is_wrong(struct vrx_result refused) {
    const enum vrx_category category = vrx_reason_category(refused.reason);
    return category == VRX_CATEGORY_INPUT || category == VRX_CATEGORY_AUTH ||
           refused.reason == VRX_CERTIFICATE_INVALID;
}

struct vrx_result vrx_kiosk_answer(struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__AnswerChallengeRequest *in = request;
    struct vrx_answer_state *state = context->state;
    const struct vrx_cards *cards = NULL;
    bool linked = false;
    VRX_TRY(vrx_kiosk_cards(context, &cards));
    VRX_TRY(vrx_sha256(vrx_view_of(in->certificate.data, in->certificate.len), state->card));
    VRX_TRY(vrx_card_attempt_admit(context, cards, state->card));
    state->refused = judge(context, cards, in, &linked);
    if (state->resident)
        VRX_TRY(vrx_context_about(context, state->resident));
    if (vrx_is_ok(state->refused))
        return vrx_ok();
    if (!is_wrong(state->refused))
        return state->refused;
    return vrx_card_attempt_bad(context, cards, state->card, linked, &state->slows);
}

struct vrx_result vrx_kiosk_answer_outside(struct vrx_context *context) {
    struct vrx_answer_state *state = context->state;
    const struct vrx_cards *cards = NULL;
    if (state->slows)
        vrx_alert_raise(context, VRX_ALERT_CARD_FAILURES);
    VRX_TRY(state->refused);
    VRX_TRY(vrx_kiosk_cards(context, &cards));
    const struct vrx_revocation_question question = {
        state->certificate, state->issuer, context->random, context->now};
    return vrx_cards_not_revoked(cards, &question);
}

/* The document that was shown is the card, by its certificate. The daemon looked, and no officer.
 */
static struct vrx_result record(struct vrx_context *context, struct vrx_evidence_record *evidence) {
    const struct vrx_answer_state *state = context->state;
    struct vrx_document_seen card = {0};
    struct vrx_identity_evidence check = {
        .method = VRX_IDENTITY_CARD_SIGNATURE,
        .documents = &card,
        .document_count = 1,
        .operator_id = vrx_view_text(VRX_DAEMON_TERMINAL),
        .purpose = state->purpose,
    };
    VRX_TRY(vrx_evidence_begin(context, state->resident, evidence));
    VRX_TRY(vrx_evidence_document(
        evidence, VRX_DOCUMENT_NUMBER_CARD, vrx_view_of(state->card, VRX_DIGEST), &card));
    return vrx_evidence_keep(context, evidence, &check);
}

struct vrx_result vrx_kiosk_answer_end(struct vrx_context *context, void *reply) {
    Vrx__V1__AnswerChallengeResponse *out = reply;
    const struct vrx_answer_state *state = context->state;
    struct vrx_card card;
    struct vrx_evidence_record evidence;
    VRX_TRY(vrx_card_get(context->tenant, &context->arena, state->card, &card));
    if (card.resident != state->resident)
        return vrx_fail(VRX_EVIDENCE_SUBJECT);
    VRX_TRY(record(context, &evidence));
    VRX_TRY(vrx_card_attempt_good(context, state->card));
    out->checked_at = evidence.recorded_at;
    return vrx_message_put_bytes(
        &context->arena, vrx_view_of(evidence.id, VRX_ID), &out->evidence_id);
}
