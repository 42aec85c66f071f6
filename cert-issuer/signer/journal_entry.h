/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: one journal entry as deterministic CBOR (journal.cddl).
 */
#ifndef VRX_SIGNER_JOURNAL_ENTRY_H
#define VRX_SIGNER_JOURNAL_ENTRY_H

#include "signer/journal.h"

/* Appends. Errors: VRX_INPUT_RANGE for an unknown kind; the CBOR writer's. */
struct vrx_result vrx_journal_entry_encode(
    const struct vrx_journal_entry *entry, struct vrx_buffer *out);

/* UVCI and what is kept point into bytes. Errors: the CBOR reader's; VRX_INPUT_RANGE;
 * VRX_INPUT_FIELD_MISSING; vrx_municipality_code_parse's. */
struct vrx_result vrx_journal_entry_decode(
    struct vrx_view bytes, struct vrx_journal_entry *ret_entry);

#endif
