/* SPDX-License-Identifier: Apache-2.0
 *
 * The table behind transfer.h.
 */
#include "store/transfer.h"

#define STEP(state) (1u << VRX_TRANSFER_##state)

static const unsigned steps[] = {
    [VRX_TRANSFER_REQUESTED] = STEP(DENIED) | STEP(PENDING) | STEP(EXPIRED),
    [VRX_TRANSFER_DENIED] = 0,
    [VRX_TRANSFER_PENDING] = STEP(DENIED) | STEP(ANSWERED) | STEP(NO_RECORD) | STEP(EXPIRED),
    [VRX_TRANSFER_ANSWERED] = STEP(DENIED) | STEP(RECEIVED),
    [VRX_TRANSFER_NO_RECORD] = 0,
    [VRX_TRANSFER_EXPIRED] = 0,
    [VRX_TRANSFER_RECEIVED] = STEP(IMPORTED),
    [VRX_TRANSFER_IMPORTED] = 0,
};

static bool known(enum vrx_transfer_state state) {
    return state >= VRX_TRANSFER_REQUESTED && state <= VRX_TRANSFER_IMPORTED;
}

bool vrx_transfer_step_allowed(enum vrx_transfer_state from, enum vrx_transfer_state to) {
    return known(from) && known(to) && (steps[from] & 1u << to) != 0;
}

bool vrx_transfer_denial_allowed(enum vrx_transfer_state from, enum vrx_reason reason) {
    if (from == VRX_TRANSFER_PENDING || from == VRX_TRANSFER_ANSWERED)
        return reason == VRX_CONSENT_REVOKED || reason == VRX_CONSENT_EXPIRED ||
               reason == VRX_CONSENT_SCOPE;
    return vrx_transfer_step_allowed(from, VRX_TRANSFER_DENIED);
}

bool vrx_transfer_state_final(enum vrx_transfer_state state) {
    return known(state) && steps[state] == 0;
}
