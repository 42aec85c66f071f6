/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/handlers.h"

#define CALLERS (VRX_CALLER(VRX_TERMINAL_CONSOLE) | VRX_CALLER_PLATFORM)

/* While it is sealed the handlers ask who was a console. */
const struct vrx_method vrx_backups_methods[VRX_BACKUPS_METHODS] = {
    {VRX_RPC("Backups", "TakeBackup", take_backup), .kind = VRX_CALL_SERVER_STREAM,
        .scope = VRX_SCOPE_THREAD, .callers = CALLERS,
        .roles = VRX_ROLE_KEY_CUSTODIAN | VRX_ROLE_ADMINISTRATOR, .while_sealed = true,
        .purpose = VRX_BACKUPS_PURPOSE, .handle = vrx_backups_take},
    {VRX_RPC("Backups", "ListBackups", list_backups), .scope = VRX_SCOPE_THREAD, .callers = CALLERS,
        .roles = VRX_ROLE_KEY_CUSTODIAN | VRX_ROLE_ADMINISTRATOR, .while_sealed = true,
        .purpose = VRX_BACKUPS_PURPOSE, .handle = vrx_backups_list},
    {VRX_RPC("Backups", "InspectBackup", inspect_backup), .scope = VRX_SCOPE_THREAD,
        .callers = CALLERS, .roles = VRX_ROLE_KEY_CUSTODIAN | VRX_ROLE_ADMINISTRATOR,
        .while_sealed = true, .purpose = VRX_BACKUPS_PURPOSE, .handle = vrx_backups_inspect},
    {VRX_RPC("Backups", "RestoreBackup", restore_backup), .kind = VRX_CALL_SERVER_STREAM,
        .scope = VRX_SCOPE_THREAD, .callers = CALLERS,
        .roles = VRX_ROLE_KEY_CUSTODIAN | VRX_ROLE_ADMINISTRATOR, .while_sealed = true,
        .purpose = VRX_BACKUPS_PURPOSE, .handle = vrx_backups_restore},
    {VRX_RPC("Backups", "DiscardReplaced", discard_replaced), .scope = VRX_SCOPE_THREAD,
        .callers = CALLERS, .roles = VRX_ROLE_KEY_CUSTODIAN | VRX_ROLE_ADMINISTRATOR,
        .purpose = VRX_BACKUPS_PURPOSE, .handle = vrx_backups_discard},
};
