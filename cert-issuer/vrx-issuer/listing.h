/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-issuer --list: the journal as text, beside a running issuer too.
 */
#ifndef VRX_ISSUER_LISTING_H
#define VRX_ISSUER_LISTING_H

#include "signer/journal.h"

/* On standard output, in the journal's order. unfinished: only intents that never became a
 * certificate; of an issuer that runs the last may be one at work. json: an object a line with the
 * members time, what, municipality, application, uvci, or of a directory time, what, version.
 * Errors: vrx_journal_each's; VRX_DISK_FAILED where standard output fails; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_listing_show(const char *state, bool unfinished, bool json);

#endif
