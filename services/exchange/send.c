/* SPDX-License-Identifier: Apache-2.0
 *
 * See send.h.
 */
#include "exchange/send.h"

#include "crypto/hash.h"

struct vrx_result vrx_exchange_seal(struct vrx_context *context,
    const struct vrx_directory_entry *to, const struct vrx_envelope *routing,
    struct vrx_view content, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    VRX_TRY(vrx_directory_exchange_key(to, context->now, &key));
    return vrx_envelope_seal(routing, content, key, context->random, out);
}

struct vrx_result vrx_exchange_send(
    struct vrx_context *context, const struct vrx_law *law, const struct vrx_outgoing *message) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    const struct vrx_directory_entry *to = NULL;
    VRX_TRY(vrx_directory_find(&law->directory, &message->key.to, context->now, &to));
    struct vrx_envelope routing = {
        .kind = (uint64_t)message->key.kind, .from = context->slot->code, .to = message->key.to};
    memcpy(routing.query_id, message->key.id, VRX_ID);
    VRX_TRY(vrx_exchange_seal(context, to, &routing, message->content, &envelope));
    struct vrx_outbox_message stored = {
        .key = message->key,
        .resident = message->resident,
        .envelope = vrx_buffer_view(&envelope),
        .created_at = context->now,
        .deadline = message->deadline ? message->deadline : context->now + VRX_OUTBOX_SECONDS,
    };
    VRX_TRY(vrx_sha256(message->content, stored.digest));
    VRX_TRY(vrx_outbox_put(context->tenant, &stored));
    /* The next tick looks; it finds nothing where the transaction is taken back. */
    atomic_store(&context->slot->exchange_due, context->now);
    return vrx_ok();
}
