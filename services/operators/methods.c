/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/handlers.h"
#include "vrx/v1/operators.pb-c.h"

#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define DESKS (CONSOLE | VRX_CALLER(VRX_TERMINAL_COUNTER))
/* Of every row. */
#define ROW(name, snake) VRX_RPC("Operators", name, snake), .purpose = VRX_OPERATORS_PURPOSE
/* What only administrators do, and whose sessions end with it. */
#define CHANGE \
    .callers = CONSOLE, .roles = VRX_ROLE_ADMINISTRATOR, \
    .state_size = sizeof(struct vrx_change_state)

const struct vrx_method vrx_operators_methods[VRX_OPERATORS_METHODS] = {
    {ROW("LogIn", log_in), .callers = DESKS, .handle = vrx_operators_log_in,
        .outside = vrx_operators_log_in_outside, .lane = VRX_LANE_LOG_IN,
        .finish = vrx_operators_log_in_end, .state_size = sizeof(struct vrx_log_in_state)},
    {ROW("LogOut", log_out), .callers = DESKS, .roles = VRX_ROLE_ANY, .while_pin_due = true,
        .handle = vrx_operators_log_out, .committed = vrx_operators_log_out_committed},
    {ROW("ChangePin", change_pin), .callers = DESKS, .roles = VRX_ROLE_ANY, .while_pin_due = true,
        .handle = vrx_operators_change_pin, .outside = vrx_operators_change_pin_outside,
        .lane = VRX_LANE_LOG_IN, .finish = vrx_operators_change_pin_end,
        .committed = vrx_operators_pin_committed, .state_size = sizeof(struct vrx_pin_state)},
    {ROW("RegisterOperator", register_operator), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .second = VRX_ROLE_ADMINISTRATOR,
        .second_when = vrx_operators_register_needs_second, .first_operator = true,
        .handle = vrx_operators_register, .outside = vrx_operators_register_outside,
        .lane = VRX_LANE_LOG_IN, .finish = vrx_operators_register_end,
        .state_size = sizeof(struct vrx_enrol_state)},
    {ROW("ListOperators", list_operators), .callers = CONSOLE, .roles = VRX_ROLE_ADMINISTRATOR,
        .handle = vrx_operators_list},
    {ROW("ChangeRoles", change_roles), CHANGE, .second = VRX_ROLE_ADMINISTRATOR,
        .second_when = vrx_operators_roles_need_second, .handle = vrx_operators_change_roles,
        .committed = vrx_operators_changed},
    {ROW("SuspendOperator", suspend_operator), CHANGE, .handle = vrx_operators_suspend,
        .committed = vrx_operators_changed},
    {ROW("ReinstateOperator", reinstate_operator), CHANGE, .handle = vrx_operators_reinstate},
    {ROW("ResetOperator", reset_operator), .callers = CONSOLE, .roles = VRX_ROLE_ADMINISTRATOR,
        .second = VRX_ROLE_ADMINISTRATOR, .second_when = vrx_operators_reset_needs_second,
        .handle = vrx_operators_reset, .outside = vrx_operators_reset_outside,
        .lane = VRX_LANE_LOG_IN, .finish = vrx_operators_reset_end,
        .committed = vrx_operators_reset_committed, .state_size = sizeof(struct vrx_enrol_state)},
};
