/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's word that it received a message of another one: which content, at which state of
 * its ledger. The receipts of the two ends of a transfer name the same query and the same answer
 * and each its signer's ledger, so each holds proof of what the other's ledger had to say by then.
 *
 * The destination's receipt is of the answer (kind 2). Every message that is no query or answer is
 * acknowledged by a receipt of it: so is that one, by the origin, which closes the transfer.
 *
 *     receipt = {
 *       1: bstr .size 16,                   ; id of the message
 *       2: municipality-code,               ; who received it and signs
 *       3: municipality-code,               ; who sent it
 *       4: 1..5,                            ; kind of the message
 *       5: bstr .size 32,                   ; SHA-256 of its signed content
 *       6: [*1 receipt-transfer],           ; of the messages of a transfer
 *       7: uint, 8: bstr .size 32,          ; the signer's ledger: entries, root
 *       9: time,
 *     }
 *     receipt-transfer = {
 *       1: bstr .size 32,                   ; SHA-256 of the signed query
 *       2: bstr .size 32,                   ; SHA-256 of the signed answer
 *       3: tstr,                            ; permit applied, empty when none was reached
 *       4: bstr .size 32,                   ; SHA-256 of the signed permit table
 *       5: bool,                            ; the permit is one without consent
 *     }
 */
#ifndef VRX_OBJECTS_RECEIPT_H
#define VRX_OBJECTS_RECEIPT_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

struct vrx_receipt_transfer {
    uint8_t query_digest[VRX_DIGEST];
    uint8_t answer_digest[VRX_DIGEST];
    struct vrx_view permit_id;
    uint8_t permit_table_digest[VRX_DIGEST];
    bool without_consent;
};

struct vrx_receipt {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code signer;
    struct vrx_municipality_code sender;
    uint64_t kind; /* enum vrx_envelope_kind */
    uint8_t digest[VRX_DIGEST];
    struct vrx_receipt_transfer *transfer; /* one, or none */
    size_t transfer_count;
    uint64_t ledger_size;
    uint8_t ledger_root[VRX_DIGEST];
    int64_t signed_at;
};

extern const struct vrx_object_schema vrx_receipt_schema;

/* Both say the same of a transfer. */
bool vrx_receipt_transfer_equal(
    const struct vrx_receipt_transfer *a, const struct vrx_receipt_transfer *b);

#endif
