/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts of both ends. The destination's goes out by the outbox once an answer is final; the
 * origin keeps it and acknowledges with its own, which the destination keeps. States do not wait
 * for either.
 */
#ifndef VRX_EXCHANGE_RECEIPTS_H
#define VRX_EXCHANGE_RECEIPTS_H

#include "exchange/arrivals.h"
#include "exchange/send.h"
#include "objects/answer.h"
#include "store/transfer_out.h"

/* Fills in the ledger as it stands in this transaction, and the time, and appends the signed
 * receipt. Errors: vrx_signer_sign's, the ledger's. */
struct vrx_result vrx_exchange_sign_receipt(
    struct vrx_context *context, struct vrx_receipt *receipt, struct vrx_buffer *out);

/* What the destination's receipt says of this answer to its transfer, but for the digest of the
 * signed answer. That there was no consent is said of a permit that was applied: where the origin
 * reached none, it says nothing either. */
struct vrx_receipt_transfer vrx_exchange_tie(
    const struct vrx_transfer_out *transfer, const struct vrx_answer *answer);

/* The destination's: signs a receipt of this answer to the transfer and puts it into the outbox.
 * Errors: vrx_exchange_send's. */
struct vrx_result vrx_exchange_send_receipt(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_transfer_out *transfer, const struct vrx_receipt_transfer *tie);

/* The origin's row of the table of arrivals. Errors: VRX_RECEIPT_MISMATCH; VRX_NOT_FOUND (no such
 * transfer); vrx_timely_receipt's; vrx_entry_verify's. */
struct vrx_result vrx_exchange_take_receipt(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);

/* What the other side answered to a message of the outbox: verified, kept there and, of a receipt,
 * with the transfer. Errors: VRX_QUERY_NOT_FOR_US, VRX_RECEIPT_MISMATCH; VRX_NOT_FOUND (no such
 * message); vrx_timely_receipt's; vrx_directory_find's, vrx_context_open_envelope's,
 * vrx_entry_verify's. */
struct vrx_result vrx_exchange_take_acknowledgement(
    struct vrx_context *context, const struct vrx_outbox_key *key, struct vrx_view envelope);

#endif
