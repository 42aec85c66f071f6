/* SPDX-License-Identifier: Apache-2.0
 *
 * Wrong answers of number cards, counted in the vault by card and by terminal (auth/slow_down.h).
 * Only a card that is linked to somebody has a count of its own: what else is shown counts for the
 * terminal alone, so that nobody fills the vault with certificates.
 */
#ifndef VRX_KIOSK_ATTEMPTS_H
#define VRX_KIOSK_ATTEMPTS_H

#include "cards/cards.h"
#include "dispatch/context.h"
#include "objects/terms.h"

/* Nothing waits for this card, by the digest of its certificate, and at this terminal. Errors:
 * VRX_RATE_EXCEEDED with how long. */
struct vrx_result vrx_card_attempt_admit(
    struct vrx_context *context, const struct vrx_cards *cards, const uint8_t card[VRX_DIGEST]);

/* A wrong answer. linked: the card is somebody's here. *ret_slows: whoever comes next waits. */
struct vrx_result vrx_card_attempt_bad(struct vrx_context *context, const struct vrx_cards *cards,
    const uint8_t card[VRX_DIGEST], bool linked, bool *ret_slows);

/* A right one: what was wrong with this card is forgotten. The terminal's count stays. */
struct vrx_result vrx_card_attempt_good(
    struct vrx_context *context, const uint8_t card[VRX_DIGEST]);

#endif
