/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing to another municipality, and messages that go out until they are acknowledged.
 */
#ifndef VRX_EXCHANGE_SEND_H
#define VRX_EXCHANGE_SEND_H

#include "dispatch/context.h"
#include "objects/directory.h"
#include "objects/envelope.h"
#include "store/outbox.h"

/* Seals content to the exchange key that the directory's entry has now, and appends the envelope.
 * Errors: vrx_directory_exchange_key's, vrx_envelope_seal's. */
struct vrx_result vrx_exchange_seal(struct vrx_context *context,
    const struct vrx_directory_entry *to, const struct vrx_envelope *routing,
    struct vrx_view content, struct vrx_buffer *out);

struct vrx_outgoing {
    struct vrx_outbox_key key; /* kinds 4 and 5: a random id */
    int64_t resident;          /* whom it is about; 0: nobody */
    struct vrx_view content;   /* signed */
    int64_t deadline;          /* 0: VRX_OUTBOX_SECONDS from now */
};

/* Seals a message and puts it into the outbox, in the caller's transaction. It leaves within a
 * second of the commit. Errors: vrx_directory_find's (a municipality that is in the directory no
 * more has no key to seal to), vrx_exchange_seal's, vrx_outbox_put's. */
struct vrx_result vrx_exchange_send(
    struct vrx_context *context, const struct vrx_law *law, const struct vrx_outgoing *message);

#endif
