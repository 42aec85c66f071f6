/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk/attempts.h"

#include "crypto/hash.h"

/* Apart from the counts of log-ins, which stand in the same table. */
static struct vrx_result count_of(
    const char *what, const uint8_t digest[VRX_DIGEST], uint8_t ret_count[VRX_DIGEST]) {
    const struct vrx_view parts[] = {vrx_view_text(what), vrx_view_of(digest, VRX_DIGEST)};
    return vrx_sha256_parts(parts, sizeof parts / sizeof parts[0], ret_count);
}

static struct vrx_result count_of_card(
    const uint8_t card[VRX_DIGEST], uint8_t ret_count[VRX_DIGEST]) {
    return count_of("vrx number card", card, ret_count);
}

static struct vrx_result count_of_terminal(
    const struct vrx_context *context, uint8_t ret_count[VRX_DIGEST]) {
    return count_of("vrx number card terminal", context->terminal_spki, ret_count);
}

/* wait becomes the longer of what it was and of this count's, in seconds. */
static struct vrx_result look(struct vrx_context *context, const struct vrx_slow_down_rule *rule,
    const uint8_t what[VRX_DIGEST], int64_t *wait) {
    struct vrx_attempts attempts;
    VRX_TRY(vrx_attempts_get(context->tenant, what, &attempts));
    const int64_t left = vrx_slow_down_wait(rule, &attempts, context->now);
    *wait = left > *wait ? left : *wait;
    return vrx_ok();
}

struct vrx_result vrx_card_attempt_admit(
    struct vrx_context *context, const struct vrx_cards *cards, const uint8_t card[VRX_DIGEST]) {
    uint8_t what[VRX_DIGEST];
    int64_t wait = 0;
    VRX_TRY(count_of_card(card, what));
    VRX_TRY(look(context, vrx_cards_rule(cards), what, &wait));
    VRX_TRY(count_of_terminal(context, what));
    VRX_TRY(look(context, vrx_cards_terminal_rule(cards), what, &wait));
    return wait ? vrx_refuse_for(VRX_RATE_EXCEEDED, "number card: too many wrong answers; wait",
                      (uint32_t)wait * 1000)
                : vrx_ok();
}

static struct vrx_result count(struct vrx_context *context, const struct vrx_slow_down_rule *rule,
    const uint8_t what[VRX_DIGEST], bool *slows) {
    struct vrx_attempts attempts;
    VRX_TRY(vrx_attempts_get(context->tenant, what, &attempts));
    *slows = vrx_slow_down_begin(rule, &attempts, context->now) || *slows;
    return vrx_attempts_put(context->tenant, what, &attempts, context->now);
}

struct vrx_result vrx_card_attempt_bad(struct vrx_context *context, const struct vrx_cards *cards,
    const uint8_t card[VRX_DIGEST], bool linked, bool *ret_slows) {
    uint8_t what[VRX_DIGEST];
    bool slows = false;
    VRX_TRY(count_of_terminal(context, what));
    VRX_TRY(count(context, vrx_cards_terminal_rule(cards), what, &slows));
    if (linked) {
        VRX_TRY(count_of_card(card, what));
        VRX_TRY(count(context, vrx_cards_rule(cards), what, &slows));
    }
    *ret_slows = slows;
    return vrx_ok();
}

struct vrx_result vrx_card_attempt_good(
    struct vrx_context *context, const uint8_t card[VRX_DIGEST]) {
    static const struct vrx_attempts none;
    uint8_t what[VRX_DIGEST];
    VRX_TRY(count_of_card(card, what));
    return vrx_attempts_put(context->tenant, what, &none, context->now);
}
