/* SPDX-License-Identifier: Apache-2.0 */
#include "verification/handlers.h"
#include "vrx/v1/verification.pb-c.h"

/* A signature's check takes some hundred microseconds and waits for nothing, so it runs at once: on
 * the public listener's own thread, and nowhere else for those who call there. */
#define ANYONE \
    .scope = VRX_SCOPE_DAEMON, .while_sealed = true, .unaudited = true, \
    .purpose = "verification of a certificate", \
    .callers = VRX_CALLER_ANYONE | VRX_CALLER_PLATFORM | VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM) | \
               VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_KIOSK) | \
               VRX_CALLER(VRX_TERMINAL_CONSOLE)

const struct vrx_method vrx_verification_methods[VRX_VERIFICATION_METHODS] = {
    {VRX_RPC("Verification", "Verify", verify), ANYONE, .handle = vrx_verification_verify},
    {VRX_RPC("Verification", "GetTrustList", get_trust_list), ANYONE,
        .handle = vrx_verification_trust_list},
    {VRX_RPC("Verification", "GetRevocationList", get_revocation_list), ANYONE,
        .handle = vrx_verification_revocation_list},
};
