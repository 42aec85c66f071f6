/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry of a municipality's audit ledger: who did what about whom, why, and how it ended;
 * refusals included. Deterministic CBOR (audit_entry.cddl), the leaf of the ledger's Merkle tree,
 * never changed and never deleted. So it holds nothing that names a person by itself: the person is
 * an HMAC under a key of the municipality, and the record that the entry is about stands there as a
 * salted hash. Who destroys the salt or the key cuts the tie and leaves the tree whole.
 */
#ifndef VRX_OBJECTS_AUDIT_ENTRY_H
#define VRX_OBJECTS_AUDIT_ENTRY_H

#include "base/bytes.h"
#include "base/limits.h"
#include "objects/terms.h"

/* Texts are UTF-8; an empty view is an absent field. */
struct vrx_audit_entry {
    int64_t time;                /* seconds since 1970, when it was decided; not negative */
    struct vrx_view method;      /* "vrx.v1.Records/GetHistory", to VRX_LIMIT_METHOD bytes */
    struct vrx_view terminal;    /* to VRX_LIMIT_OPERATOR bytes */
    struct vrx_view operator_id; /* to VRX_LIMIT_OPERATOR bytes, or none: no person acted */
    uint16_t outcome;            /* enum vrx_reason; a later VRX may know more values */
    struct vrx_view person;      /* VRX_DIGEST bytes, HMAC-SHA256 under the ledger key; or none */
    struct vrx_view purpose;     /* to VRX_LIMIT_PURPOSE bytes, or none */
    struct vrx_view basis;       /* permit id or clause of a law, to VRX_LIMIT_BASIS, or none */
    uint8_t request[VRX_ID];
    struct vrx_view commitment; /* VRX_DIGEST bytes, SHA-256(salt ‖ record); or none */
};

/* Appends the encoding, at most VRX_LIMIT_LEDGER_ENTRY bytes. Errors: VRX_INPUT_FIELD_MISSING
 * without method or terminal; VRX_INPUT_RANGE for a negative time or a digest of another length;
 * VRX_INPUT_TOO_LARGE above a text's limit; VRX_INPUT_TEXT; the buffer's. */
struct vrx_result vrx_audit_entry_encode(
    const struct vrx_audit_entry *entry, struct vrx_buffer *out);

/* The views point into bytes. Errors: vrx_cbor_reader_init's (STRICT); VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_FIELD_UNKNOWN, VRX_INPUT_TYPE, VRX_INPUT_RANGE, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_audit_entry_decode(struct vrx_view bytes, struct vrx_audit_entry *ret_entry);

#endif
