/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a consent still stands. The origin knows what it was told by notices: an object that is
 * narrower, or withdrawn, counts from then on beside the one that came with the query, whichever
 * came first. The destination knows by its own vault.
 */
#ifndef VRX_EXCHANGE_STANDING_H
#define VRX_EXCHANGE_STANDING_H

#include <protobuf-c/protobuf-c.h>

#include "dispatch/context.h"
#include "exchange/arrivals.h"
#include "objects/consent.h"
#include "objects/query.h"
#include "store/consent_record.h"
#include "store/transfer_out.h"

/* ---- the origin ---- */

/* The narrowest of this consent that its municipality has told of, in the context's arena; NULL:
 * nothing was told. Errors: vrx_entry_verify's. */
struct vrx_result vrx_exchange_consent_told(struct vrx_context *context,
    const struct vrx_directory_entry *sender, const uint8_t id[VRX_ID],
    const struct vrx_consent **ret_told);

/* By that, the query that came with this consent is still covered; so it is where nothing was told.
 * For whoever is about to let something leave later than it was decided. Errors:
 * vrx_consent_covers's; vrx_entry_verify's. */
struct vrx_result vrx_exchange_consent_stands(struct vrx_context *context,
    const struct vrx_directory_entry *sender, const uint8_t id[VRX_ID],
    const struct vrx_query *query);

/* Whether this refusal is about the consent itself. Any other is about reading what was told of it,
 * as where a key is not known yet or not any more: nothing leaves then, and nothing ends by it. */
bool vrx_exchange_consent_over(enum vrx_reason reason);

/* Takes in a notice, a row of the table of arrivals: keeps the consent if it is narrower than what
 * is known, denies the queries that wait under it, and has those for certificates looked at.
 * Errors: VRX_QUERY_NOT_FOR_US for another municipality's consent; vrx_timely_consent's;
 * VRX_CONSENT_SCOPE for one that neither follows nor goes before the one known; vrx_entry_verify's.
 */
struct vrx_result vrx_exchange_take_consent_notice(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);

/* ---- the destination ---- */

/* One of this municipality's consents, as it is now. */
struct vrx_held_consent {
    struct vrx_consent_record record;
    struct vrx_consent present;
};

/* The one that a request names; the call is about whom it is of. Errors: VRX_INPUT_RANGE,
 * VRX_NOT_FOUND; vrx_signer_verify's. */
struct vrx_result vrx_exchange_read_consent(
    struct vrx_context *context, ProtobufCBinaryData consent_id, struct vrx_held_consent *ret_held);

/* Under which id of a message the notice of this signed consent goes out: the start of its SHA-256,
 * which nobody can foresee. */
struct vrx_result vrx_exchange_notice_id(struct vrx_view signed_consent, uint8_t ret_id[VRX_ID]);

/* The transfer's consent, as it is now, still covers it. Errors: vrx_consent_covers's. */
struct vrx_result vrx_exchange_transfer_stands(
    struct vrx_context *context, const struct vrx_transfer_out *transfer);

/* Tells every municipality that was asked under this consent what has become of it, and ends the
 * transfers, and what was asked on applications, that it does not cover any more. Errors: the
 * outbox's; vrx_transfer_out_deny's. */
struct vrx_result vrx_exchange_consent_changed(struct vrx_context *context,
    const struct vrx_consent *consent, struct vrx_view signed_consent, int64_t resident);

/* ---- both ---- */

/* Keeps the law that something is decided by (store/law_text.h). Errors: the store's. */
struct vrx_result vrx_exchange_note_law(struct vrx_context *context, const struct vrx_law *law);

/* The entry of a transfer that ends, with what the audit says of it. Errors: the ledger's. */
struct vrx_result vrx_exchange_record_end(struct vrx_context *context, enum vrx_reason reason);

/* Sets the audit's basis: the permit's id, and behind it that the permit is one without consent. */
struct vrx_result vrx_exchange_basis(
    struct vrx_context *context, struct vrx_view permit_id, bool without_consent);

#endif
