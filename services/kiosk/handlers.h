/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Kiosk; proto/vrx/v1/kiosk.proto says what each does.
 */
#ifndef VRX_KIOSK_HANDLERS_H
#define VRX_KIOSK_HANDLERS_H

#include "cards/cards.h"
#include "dispatch/method.h"
#include "objects/terms.h"

struct vrx_result vrx_kiosk_challenge(
    struct vrx_context *context, const void *request, void *reply);

/* AnswerChallenge: judged in the tenant as far as nobody need be asked, then asked whether the card
 * is revoked, then recorded in the tenant. */
struct vrx_answer_state {
    struct vrx_result refused; /* what the first step found: told once the challenge is used up */
    struct vrx_certificate *certificate;
    const struct vrx_certificate *issuer; /* the daemon's */
    uint8_t card[VRX_DIGEST];
    int64_t resident;
    uint64_t purpose;
    bool slows; /* whoever comes next waits */
};
void vrx_answer_state_done(void *state);
struct vrx_result vrx_kiosk_answer(struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_kiosk_answer_outside(struct vrx_context *context);
struct vrx_result vrx_kiosk_answer_end(struct vrx_context *context, void *reply);

struct vrx_result vrx_kiosk_link(struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_kiosk_list(struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_kiosk_end(struct vrx_context *context, const void *request, void *reply);

struct vrx_result vrx_kiosk_get_settings(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_kiosk_set_settings(
    struct vrx_context *context, const void *request, void *reply);
void vrx_kiosk_settings_committed(struct vrx_context *context);

/* Those that are configured. Errors: VRX_CARDS_NOT_TAKEN. */
struct vrx_result vrx_kiosk_cards(
    const struct vrx_context *context, const struct vrx_cards **ret_cards);

#define VRX_KIOSK_METHODS 7
extern const struct vrx_method vrx_kiosk_methods[VRX_KIOSK_METHODS];

#endif
