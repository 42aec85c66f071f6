/* SPDX-License-Identifier: Apache-2.0
 *
 * The state machine of a transfer, the same on both sides:
 *
 *     REQUESTED → DENIED | PENDING | EXPIRED
 *     PENDING   → DENIED | ANSWERED | NO_RECORD | EXPIRED
 *     ANSWERED  → DENIED | RECEIVED → IMPORTED
 *
 * DENIED, NO_RECORD, EXPIRED and IMPORTED are final. REQUESTED → EXPIRED is a peer that was down
 * until the deadline: a transfer ends in a defined state whatever happens. PENDING → DENIED is a
 * consent that was withdrawn or narrowed meanwhile; so is ANSWERED → DENIED, at the origin alone:
 * the doses got lost, and the destination says that it was told the denial in their place.
 *
 * transfer_out.h is the side that asks, transfer_in.h the one that answers.
 */
#ifndef VRX_STORE_TRANSFER_H
#define VRX_STORE_TRANSFER_H

#include <stddef.h>

#include "base/result.h"
#include "objects/terms.h"

/* Bytes of an envelope: VRX_LIMIT_SEALED of content and 1 KiB of routing and framing. */
#define VRX_LIMIT_TRANSFER ((size_t)65536 + 1024)

bool vrx_transfer_step_allowed(enum vrx_transfer_state from, enum vrx_transfer_state to);
/* From PENDING and ANSWERED, DENIED is for a consent that does not cover the query any more:
 * whoever is not told so at once is told for no other reason. */
bool vrx_transfer_denial_allowed(enum vrx_transfer_state from, enum vrx_reason reason);
bool vrx_transfer_state_final(enum vrx_transfer_state state);

#endif
