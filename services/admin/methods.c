/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/handlers.h"
#include "vrx/v1/tenancy.pb-c.h"

#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define ANY_TERMINAL \
    (CONSOLE | VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM) | VRX_CALLER(VRX_TERMINAL_COUNTER) | \
        VRX_CALLER(VRX_TERMINAL_KIOSK))

const struct vrx_method vrx_tenancy_methods[VRX_TENANCY_METHODS] = {
    {VRX_RPC("Tenancy", "CreateTenant", create_tenant), .scope = VRX_SCOPE_WORKER,
        .callers = VRX_CALLER_PLATFORM, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_create},
    {VRX_RPC("Tenancy", "BeginUnseal", begin_unseal), .scope = VRX_SCOPE_WORKER, .callers = CONSOLE,
        .while_sealed = true, .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_begin_unseal},
    {VRX_RPC("Tenancy", "Unseal", unseal), .scope = VRX_SCOPE_WORKER, .callers = CONSOLE,
        .while_sealed = true, .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_unseal},
    {VRX_RPC("Tenancy", "BeginReplaceKeyring", begin_replace_keyring), .scope = VRX_SCOPE_WORKER,
        .callers = CONSOLE, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_begin_replace_keyring},
    {VRX_RPC("Tenancy", "ReplaceKeyring", replace_keyring), .scope = VRX_SCOPE_WORKER,
        .callers = CONSOLE, .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_replace_keyring},
    {VRX_RPC("Tenancy", "RotateSigningKey", rotate_signing_key), .scope = VRX_SCOPE_WORKER,
        .callers = CONSOLE, .operator_named = true, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_rotate_signing_key},
    {VRX_RPC("Tenancy", "RotateDataKey", rotate_data_key), .kind = VRX_CALL_SERVER_STREAM,
        .callers = CONSOLE, .operator_named = true, .purpose = VRX_TENANCY_PURPOSE,
        .next = vrx_tenancy_rotate_next, .committed = vrx_tenancy_rotate_committed,
        .one_a_step = true, .state_size = sizeof(struct vrx_rotate_state)},
    {VRX_RPC("Tenancy", "Seal", seal), .scope = VRX_SCOPE_WORKER, .callers = CONSOLE,
        .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_seal},
    {VRX_RPC("Tenancy", "CheckVault", check_vault), .kind = VRX_CALL_SERVER_STREAM,
        .callers = CONSOLE, .purpose = VRX_TENANCY_PURPOSE, .next = vrx_tenancy_check_next,
        .committed = vrx_tenancy_check_committed, .one_a_step = true,
        .state_size = sizeof(struct vrx_check_state)},
    {VRX_RPC("Tenancy", "RegisterTerminal", register_terminal), .callers = CONSOLE,
        .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_register_terminal,
        .committed = vrx_tenancy_terminal_committed,
        .state_size = sizeof(struct vrx_registration_state)},
    {VRX_RPC("Tenancy", "SuspendTerminal", suspend_terminal), .callers = CONSOLE,
        .operator_named = true, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_suspend_terminal, .committed = vrx_tenancy_terminal_committed,
        .state_size = sizeof(struct vrx_registration_state)},
    {VRX_RPC("Tenancy", "ReinstateTerminal", reinstate_terminal), .callers = CONSOLE,
        .operator_named = true, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_reinstate_terminal, .committed = vrx_tenancy_terminal_committed,
        .state_size = sizeof(struct vrx_registration_state)},
    {VRX_RPC("Tenancy", "ReplaceTerminal", replace_terminal), .callers = CONSOLE,
        .operator_named = true, .purpose = VRX_TENANCY_PURPOSE,
        .handle = vrx_tenancy_replace_terminal, .committed = vrx_tenancy_terminal_committed,
        .state_size = sizeof(struct vrx_registration_state)},
    {VRX_RPC("Tenancy", "ListTerminals", list_terminals), .callers = CONSOLE,
        .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_list_terminals},
    {VRX_RPC("Tenancy", "Status", status), .scope = VRX_SCOPE_WORKER,
        .callers = ANY_TERMINAL | VRX_CALLER_PLATFORM, .while_sealed = true, .unaudited = true,
        .purpose = VRX_TENANCY_PURPOSE, .handle = vrx_tenancy_status},
};
