/* SPDX-License-Identifier: Apache-2.0 */
#include "retention/handlers.h"

#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define AGREES (VRX_ROLE_APPROVER | VRX_ROLE_ADMINISTRATOR)

const struct vrx_method vrx_retention_methods[VRX_RETENTION_METHODS] = {
    {VRX_RPC("Retention", "GetClasses", get_classes), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR, .purpose = VRX_RETENTION_PURPOSE,
        .handle = vrx_retention_get_classes},
    {VRX_RPC("Retention", "SetClass", set_class), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .second = AGREES, .purpose = VRX_RETENTION_PURPOSE,
        .handle = vrx_retention_set_class},
    {VRX_RPC("Retention", "PlanErasure", plan_erasure), .kind = VRX_CALL_SERVER_STREAM,
        .callers = CONSOLE, .roles = VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR,
        .purpose = VRX_RETENTION_PURPOSE, .next = vrx_retention_plan_next, .one_a_step = true,
        .state_size = sizeof(struct vrx_plan_state)},
    {VRX_RPC("Retention", "Erase", erase), .kind = VRX_CALL_SERVER_STREAM, .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .second = AGREES,
        .second_when = vrx_retention_erase_needs_second, .purpose = VRX_RETENTION_PURPOSE,
        .next = vrx_retention_erase_next, .committed = vrx_retention_erase_committed,
        .one_a_step = true, .state_size = sizeof(struct vrx_erase_state)},
    {VRX_RPC("Retention", "GetSchedule", get_schedule), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR, .purpose = VRX_RETENTION_PURPOSE,
        .handle = vrx_retention_get_schedule},
    {VRX_RPC("Retention", "SetSchedule", set_schedule), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .second = AGREES, .purpose = VRX_RETENTION_PURPOSE,
        .handle = vrx_retention_set_schedule, .committed = vrx_retention_schedule_committed},
    {VRX_RPC("Retention", "ListErasures", list_erasures), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR, .purpose = VRX_RETENTION_PURPOSE,
        .handle = vrx_retention_list_erasures},
};
