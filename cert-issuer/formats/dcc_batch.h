/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation hashes as the gateway of the EU's certificates takes them: batches in JSON, {country,
 * expires, kid, hashType, entries: [{hash}]}, at most a thousand entries each (EU DCC gateway,
 * "Revocation batch").
 */
#ifndef VRX_FORMATS_DCC_BATCH_H
#define VRX_FORMATS_DCC_BATCH_H

#include "formats/revocation_list.h"

#define VRX_DCC_BATCH_ENTRIES 1000

/* Appends an array of batches with the hashes of the list's certificates: of type UCI, under
 * "UNKNOWN_KID", since a hash does not say which signer it was; none where the list names none.
 * country: two letters. Errors: the buffer's. */
struct vrx_result vrx_dcc_batches_write(
    const struct vrx_revocation_list *list, struct vrx_view country, struct vrx_buffer *out);

#endif
