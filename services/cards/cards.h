/* SPDX-License-Identifier: Apache-2.0
 *
 * Which number cards this daemon takes for an identity check (Public Personal Authentication Act,
 * user-authentication certificates): by whom they are issued, what their certificates must be, who
 * says which are revoked, and how many wrong answers are too many.
 */
#ifndef VRX_CARDS_CARDS_H
#define VRX_CARDS_CARDS_H

#include "auth/slow_down.h"
#include "cards/provider.h"

#define VRX_CARD_ANCHORS 16 /* issuers that follow each other every few years */

struct vrx_cards_settings {
    const char *anchors; /* file: PEM certificates of the issuers */
    const char *crl;     /* file; "": none is looked at */
    const char *ocsp; /* URL; "": nobody is asked. Of these two at least one; with both, both must
                       * say that a card is good */
    int64_t ocsp_seconds;
    struct vrx_slow_down_rule card_rule;     /* wrong answers with one card */
    struct vrx_slow_down_rule terminal_rule; /* of all cards at one terminal */
};

struct vrx_cards; /* immutable; shared by threads */

/* Errors: VRX_INPUT_FIELD_MISSING without crl and ocsp: a revoked card would open as any other;
 * vrx_file_read's; VRX_CERTIFICATE_INVALID when an anchor is none, or no CA; VRX_CAP_REACHED;
 * the providers'. */
struct vrx_result vrx_cards_new(
    const struct vrx_cards_settings *settings, struct vrx_cards **ret_cards);
void vrx_cards_free(struct vrx_cards **cards); /* accepts NULL */

const struct vrx_slow_down_rule *vrx_cards_rule(const struct vrx_cards *cards);
const struct vrx_slow_down_rule *vrx_cards_terminal_rule(const struct vrx_cards *cards);

/* The certificate may answer for its holder at this time: issued by an anchor, both in their
 * validity, no CA itself, an RSA key for digitalSignature and clientAuth. *ret_issuer is the
 * anchor, as long as cards. Blocks nobody. Errors: VRX_CERTIFICATE_INVALID with the clause. */
struct vrx_result vrx_cards_accept(const struct vrx_cards *cards,
    const struct vrx_certificate *certificate, int64_t now,
    const struct vrx_certificate **ret_issuer);

/* Every provider says that it is not revoked. May block. Errors: the providers'. */
struct vrx_result vrx_cards_not_revoked(
    const struct vrx_cards *cards, const struct vrx_revocation_question *question);

#endif
