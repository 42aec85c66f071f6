/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of other municipalities beside queries for doses and answers. One table says
 * which kinds are taken here, and by whom. What is the same for all of them is done here: routing,
 * the directory, opening, each message once by (sender, kind, id), the acknowledgement.
 */
#ifndef VRX_EXCHANGE_ARRIVALS_H
#define VRX_EXCHANGE_ARRIVALS_H

#include "dispatch/context.h"
#include "objects/directory.h"
#include "objects/envelope.h"
#include "objects/receipt.h"

/* A message, opened and not yet believed. */
struct vrx_arrival {
    const struct vrx_law *law; /* for the whole step */
    struct vrx_view arrived;   /* the envelope as it came */
    const struct vrx_envelope *envelope;
    const struct vrx_directory_entry *sender; /* of envelope->from, now */
    struct vrx_view content;                  /* COSE_Sign1; of the step, not of the arena */
    uint8_t digest[VRX_DIGEST];               /* SHA-256 of content */
};

/* One row a kind. */
struct vrx_arrival_kind {
    enum vrx_envelope_kind kind;
    const char *method;  /* as its entry in the ledger names it: "exchange/receipt" */
    const char *purpose; /* the same */
    /* Verifies the content with the sender's keys (vrx_entry_verify), sees that it says the same as
     * the envelope, and does what it asks for, in the transaction of this municipality. context->
     * audit is the entry's; its commitment is the content's digest unless set here. reply is the
     * acknowledgement, filled but for the ledger; the function may add to it, in the arena. A
     * refusal takes everything back, and the sender tries again until its deadline. */
    struct vrx_result (*take)(
        struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);
};

/* The row of this kind; NULL: such messages are not taken. */
const struct vrx_arrival_kind *vrx_arrival_kind_of(uint64_t kind);

/* Takes a message in and appends the sealed acknowledgement (a signed receipt in an envelope of
 * VRX_ENVELOPE_RECEIPT). One that came before is given its stored acknowledgement and nothing is
 * done again. Writes the entry of a message that is taken; a refusal's is the caller's to write
 * (context->audit.written says which). Errors: VRX_MESSAGE_KIND; VRX_QUERY_NOT_FOR_US;
 * vrx_directory_find's; VRX_KEY_UNKNOWN, VRX_DECRYPT_FAILED; VRX_QUERY_REPLAYED for an id that came
 * before with other content; those of the kind's function. */
struct vrx_result vrx_exchange_receive_message(
    struct vrx_context *context, struct vrx_view envelope, struct vrx_buffer *out);

#endif
