/* SPDX-License-Identifier: Apache-2.0
 *
 * Number cards by which residents prove at a kiosk who they are. A card's user-authentication
 * certificate names nobody: that a certificate is a resident's is what an officer found who saw the
 * card and its holder, and is kept here until the card ends or is given back.
 *
 * Beside them the challenges that are not answered (objects/card_challenge.h). One is taken out
 * with its answer, whatever the answer is worth.
 */
#ifndef VRX_STORE_CARD_H
#define VRX_STORE_CARD_H

#include "base/arena.h"
#include "objects/card_challenge.h"
#include "store/tenant.h"

/* Of one terminal, not answered and not over: more than people stand there. */
#define VRX_LIMIT_CHALLENGES 32
/* So long after its end a challenge is still told from one that never was. */
#define VRX_CHALLENGE_KEPT ((int64_t)3600)

struct vrx_card {
    uint8_t certificate[VRX_DIGEST]; /* SHA-256 of its DER */
    int64_t resident;
    uint8_t evidence_id[VRX_ID]; /* the identity check at which the card was seen */
    int64_t not_after;           /* of the certificate, inclusive */
    struct vrx_view operator_id; /* who linked it; the next two too */
    struct vrx_view terminal_id;
    int64_t linked_at;
    int64_t ended_at; /* 0: it is linked */
    struct vrx_view ended_by;
};

/* Links it; ended_at and ended_by are not looked at. A card whose link has ended may be linked
 * anew. Errors: VRX_ALREADY_EXISTS while it is linked, to whomever; VRX_NOT_FOUND (resident);
 * VRX_INPUT_TOO_LARGE (a name). */
struct vrx_result vrx_card_link(struct vrx_tenant *tenant, const struct vrx_card *card);

/* A linked one. Errors: VRX_CARD_UNKNOWN. */
struct vrx_result vrx_card_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t certificate[VRX_DIGEST], struct vrx_card *ret_card);

/* A resident's, in order of their links; those that have ended too. */
struct vrx_result vrx_card_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_card **ret_cards, size_t *ret_count);

/* It opens nothing any more. Errors: VRX_CARD_UNKNOWN when it is not linked; VRX_INPUT_TOO_LARGE.
 */
struct vrx_result vrx_card_end(struct vrx_tenant *tenant, const uint8_t certificate[VRX_DIGEST],
    struct vrx_view operator_id, int64_t now);

struct vrx_open_challenge {
    uint8_t nonce[VRX_CHALLENGE_NONCE];
    int64_t resident;
    uint8_t terminal[VRX_DIGEST]; /* SHA-256 of its SPKI */
    struct vrx_view message;      /* what the card signs, 1 to VRX_LIMIT_CHALLENGE bytes */
    int64_t expires_at;           /* inclusive */
};

/* Keeps it and forgets those that ended long ago. Errors: VRX_CAP_REACHED; VRX_NOT_FOUND
 * (resident); VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (message). */
struct vrx_result vrx_challenge_put(
    struct vrx_tenant *tenant, const struct vrx_open_challenge *challenge, int64_t now);

/* Takes it out. Errors: VRX_CHALLENGE_UNKNOWN. */
struct vrx_result vrx_challenge_take(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t nonce[VRX_CHALLENGE_NONCE], struct vrx_open_challenge *ret_challenge);

#endif
