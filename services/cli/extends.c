/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/extends.h"

struct vrx_result vrx_checkpoint_extends(const struct vrx_checkpoint *held,
    const struct vrx_checkpoint *now, const ProtobufCBinaryData *path, size_t count) {
    struct vrx_merkle_proof proof = {.count = count};
    if (!vrx_municipality_code_equal(&held->municipality, &now->municipality))
        return vrx_refuse(VRX_LEDGER_BEHIND, "C2SP tlog-checkpoint: the origin is another one");
    if (count > VRX_MERKLE_PROOF_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 9162 §2.1.4.1: at most 64 hashes");
    for (size_t i = 0; i < count; i++) {
        if (path[i].len != VRX_MERKLE_HASH)
            return vrx_refuse(VRX_INPUT_RANGE, "RFC 9162 §2.1.1: a hash has 32 bytes");
        memcpy(proof.hash[i].bytes, path[i].data, VRX_MERKLE_HASH);
    }
    return vrx_merkle_verify_consistency(&proof, held->size, now->size, &held->root, &now->root);
}
