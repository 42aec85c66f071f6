/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a ledger has only grown since the checkpoint that the municipality holds: checked on the
 * municipality's own machine, with the service's proof and without its word.
 */
#ifndef VRX_CLI_EXTENDS_H
#define VRX_CLI_EXTENDS_H

#include <protobuf-c/protobuf-c.h>

#include "objects/checkpoint.h"

/* Both checkpoints are verified; path is that of Ledger.ProveConsistency for their two sizes.
 * Errors: VRX_LEDGER_BEHIND when the ledger is shorter or another municipality's;
 * VRX_SIGNATURE_INVALID when the proof does not show it (RFC 9162 §2.1.4.2); VRX_INPUT_TOO_LARGE,
 * VRX_INPUT_RANGE for a path that is none. */
struct vrx_result vrx_checkpoint_extends(const struct vrx_checkpoint *held,
    const struct vrx_checkpoint *now, const ProtobufCBinaryData *path, size_t count);

#endif
