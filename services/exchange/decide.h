/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ends' work on a message, inside a transaction of their tenant.
 */
#ifndef VRX_EXCHANGE_DECIDE_H
#define VRX_EXCHANGE_DECIDE_H

#include "dispatch/context.h"
#include "objects/envelope.h"

/* The origin decides on a query and appends the sealed answer (exchange.md, steps 1 to 9). A
 * refusal of steps 2 to 5 is an answer too: sealed, with reason and clause. A query seen before is
 * given its stored answer. context->audit says what was decided; *ret_decision is the refusal
 * inside the answer, or VRX_OK. Errors, without an answer: VRX_QUERY_NOT_FOR_US,
 * VRX_SENDER_UNKNOWN, VRX_SENDER_NOT_CURRENT, VRX_DIRECTORY_EXPIRED; VRX_KEY_UNKNOWN,
 * VRX_DECRYPT_FAILED, VRX_SIGNATURE_INVALID and the codec's: who cannot be answered safely is not;
 * VRX_KEY_UNKNOWN also where the directory held here has no such key of consent or identity check:
 * the asker's may be newer, and the same query is decided on when this one is as new;
 * VRX_QUERY_REPLAYED for an id or a nonce that came before with other content; VRX_RATE_EXCEEDED,
 * with how long to wait, where the sender asks too much (step 6): the same query may come again. */
struct vrx_result vrx_exchange_receive_query(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_buffer *out, struct vrx_result *ret_decision);

/* The destination takes in an answer: verifies it, moves its transfer on and records the doses.
 * Errors: VRX_NOT_FOUND (no such transfer), VRX_SIGNATURE_INVALID, VRX_DECRYPT_FAILED, the codec's;
 * VRX_QUERY_NOT_FOR_US for one to another query; vrx_answer_check's, vrx_timely_answer's; the
 * transfer stays as it was. */
struct vrx_result vrx_exchange_receive_answer(
    struct vrx_context *context, struct vrx_view envelope);

#endif
