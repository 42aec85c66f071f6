/* SPDX-License-Identifier: Apache-2.0
 *
 * See card_challenge.h for the format, schema.h for how a table is written.
 */
#include "objects/card_challenge.h"

#include "base/limits.h"
#include "objects/schema.h"

#define NAME "vrx.card-challenge.1"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, card_challenge, nonce),
    ROW_MUNICIPALITY(2, card_challenge, municipality),
    ROW_TEXT(3, card_challenge, terminal_id, 1, VRX_LIMIT_OPERATOR),
    ROW_ENUM(4, card_challenge, purpose, VRX_PURPOSE_LAST),
    ROW_FIXED(5, card_challenge, person),
    ROW_TIME(6, card_challenge, made_at),
    ROW_TIME(7, card_challenge, expires_at),
};

const struct vrx_object_schema vrx_card_challenge_schema = ROW_SCHEMA(card_challenge, NAME, fields);

struct vrx_result vrx_card_challenge_message(
    const struct vrx_card_challenge *challenge, struct vrx_buffer *out) {
    VRX_TRY(vrx_buffer_append(out, vrx_view_of((const uint8_t *)NAME, sizeof NAME)));
    return vrx_object_encode(&vrx_card_challenge_schema, challenge, out);
}

struct vrx_result vrx_card_challenge_read(
    struct vrx_view message, struct vrx_arena *arena, struct vrx_card_challenge *ret_challenge) {
    if (message.len < sizeof NAME || memcmp(message.ptr, NAME, sizeof NAME) != 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, "card_challenge.h: " NAME);
    return vrx_object_decode(&vrx_card_challenge_schema,
        vrx_view_slice(message, sizeof NAME, message.len), arena, ret_challenge);
}
