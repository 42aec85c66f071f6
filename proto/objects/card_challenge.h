/* SPDX-License-Identifier: Apache-2.0
 *
 * What the user-authentication key of a number card signs at a kiosk (Public Personal
 * Authentication Act art. 22; Number Act art. 16): that the person whose card this is stands at
 * this terminal of this municipality, now, for this purpose.
 *
 *     card-challenge = {
 *       1: bstr .size 32,                   ; nonce
 *       2: municipality-code,
 *       3: tstr,                            ; terminal at which
 *       4: purpose,
 *       5: bstr .size 32,                   ; person, as in the ledger's entries
 *       6: time,                            ; made
 *       7: time,                            ; expires, inclusive
 *     }
 *
 * The card's signature is RSASSA-PKCS1-v1_5 over SHA-256 of a message: the schema's name, a NUL,
 * then the encoding. The name in front keeps what a card signs here apart from what it signs
 * anywhere else, a TLS handshake above all; whoever asks a card looks for it first.
 */
#ifndef VRX_OBJECTS_CARD_CHALLENGE_H
#define VRX_OBJECTS_CARD_CHALLENGE_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_CHALLENGE_NONCE 32    /* bytes */
#define VRX_CHALLENGE_SECONDS 120 /* from its making to its end: a PIN is typed in between */
#define VRX_LIMIT_CHALLENGE 512   /* bytes of the message; the longest takes 250 */

struct vrx_card_challenge {
    uint8_t nonce[VRX_CHALLENGE_NONCE];
    struct vrx_municipality_code municipality;
    struct vrx_view terminal_id;
    uint64_t purpose; /* enum vrx_purpose */
    uint8_t person[VRX_DIGEST];
    int64_t made_at;
    int64_t expires_at;
};

extern const struct vrx_object_schema vrx_card_challenge_schema;

/* Appends the message that a card signs. Errors: vrx_object_encode's. */
struct vrx_result vrx_card_challenge_message(
    const struct vrx_card_challenge *challenge, struct vrx_buffer *out);

/* The challenge of a message. Errors: VRX_INPUT_MALFORMED when it does not begin with the name;
 * vrx_object_decode's. */
struct vrx_result vrx_card_challenge_read(
    struct vrx_view message, struct vrx_arena *arena, struct vrx_card_challenge *ret_challenge);

#endif
