/* SPDX-License-Identifier: Apache-2.0 */
#include "law/handlers.h"
#include "vrx/v1/law.pb-c.h"

/* From memory, at once, on the thread that has the message. */
#define ANYONE \
    .scope = VRX_SCOPE_DAEMON, .while_sealed = true, .unaudited = true, \
    .purpose = "the signed law, which is public", \
    .callers = VRX_CALLER_ANYONE | VRX_CALLER_PLATFORM | VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM) | \
               VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_KIOSK) | \
               VRX_CALLER(VRX_TERMINAL_CONSOLE)

const struct vrx_method vrx_law_methods[VRX_LAW_METHODS] = {
    {VRX_RPC("Law", "GetDirectory", get_directory), ANYONE, .handle = vrx_law_get_directory},
    {VRX_RPC("Law", "GetPermitTable", get_permit_table), ANYONE,
        .handle = vrx_law_get_permit_table},
};
