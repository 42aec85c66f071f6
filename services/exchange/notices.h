/* SPDX-License-Identifier: Apache-2.0
 *
 * Correction notices, both ends. At the origin the debt stands in the transaction of the correction
 * (records/dose_changed.h), and here it becomes a signed notice to each municipality that received
 * the dose (notices.c). At the destination a notice changes what came, or has an officer look
 * (corrected.c).
 */
#ifndef VRX_EXCHANGE_NOTICES_H
#define VRX_EXCHANGE_NOTICES_H

#include "exchange/arrivals.h"
#include "objects/correction_notice.h"
#include "store/dose_received.h"

/* Signs what is owed and puts it into the outbox, each with an entry; what changed nothing that the
 * receiver has is settled without a notice. A municipality that nothing can be sealed to now is
 * owed on: *ret_again when to try, 0 when nothing is owed. Errors: the store's and the ledger's. */
struct vrx_result vrx_notices_send(struct vrx_context *context, int64_t *ret_again);

/* The destination's row of the table of arrivals. Only the origin of an answer that was received
 * corrects what it said, by items that were asked for. A notice that comes before its answer waits
 * for it; one that is older than another that had its effect has none. Errors: vrx_entry_verify's;
 * VRX_QUERY_NOT_FOR_US (routing and content differ); vrx_correction_notice_check's;
 * VRX_CORRECTION_UNFOUNDED; VRX_PERMIT_ITEMS; VRX_CAP_REACHED. */
struct vrx_result vrx_notices_take(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);

/* The answer to this query was taken in just now: notices that came before it have their effect,
 * each dose's last one. Errors: the store's and the ledger's. */
struct vrx_result vrx_notices_take_waiting(struct vrx_context *context,
    const uint8_t query_id[VRX_ID], const uint8_t answer_digest[VRX_DIGEST]);

/* What one notice does to a dose that came: *received as it is stored, changed when this returns,
 * and written. object_digest: SHA-256 of the signed notice. *ret_state: what became of the notice.
 * Errors: the store's and the ledger's. */
struct vrx_result vrx_notices_apply(struct vrx_context *context,
    const struct vrx_correction_notice *notice, const uint8_t object_digest[VRX_DIGEST],
    struct vrx_dose_received *received, enum vrx_correction_state *ret_state);

#endif
