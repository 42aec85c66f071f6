/* SPDX-License-Identifier: Apache-2.0
 *
 * Four eyes would be worth nothing where one administrator could make a second person up: who gives
 * somebody a role that agrees to things or opens them, or makes such a person's PIN and code anew,
 * needs another administrator, as soon as there is one.
 */
#include "operators/convert.h"
#include "operators/handlers.h"

#define POWERFUL (VRX_ROLE_ADMINISTRATOR | VRX_ROLE_APPROVER | VRX_ROLE_KEY_CUSTODIAN)

static struct vrx_result unless_alone(
    struct vrx_context *context, unsigned given, bool *ret_needed) {
    size_t administrators = 0;
    VRX_TRY(vrx_operator_count_administrators(context->tenant, &administrators));
    *ret_needed = given & POWERFUL && administrators > 1;
    return vrx_ok();
}

/* 0 where there is no such operator: the handler says so. */
static struct vrx_result roles_of(
    struct vrx_context *context, const char *operator_id, unsigned *ret_roles) {
    struct vrx_credentials known = {0};
    struct vrx_result result =
        vrx_operator_credentials(context->tenant, vrx_view_text(operator_id), &known);
    *ret_roles = vrx_is_ok(result) ? known.roles : 0;
    vrx_wipe(&known, sizeof known);
    return result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}

struct vrx_result vrx_operators_register_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    const Vrx__V1__RegisterOperatorRequest *in = request;
    unsigned roles = 0;
    VRX_TRY(vrx_roles_take(in->roles, in->n_roles, &roles));
    return unless_alone(context, roles, ret_needed);
}

/* Taking a role away is done at once. */
struct vrx_result vrx_operators_roles_need_second(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    const Vrx__V1__ChangeRolesRequest *in = request;
    unsigned roles = 0;
    unsigned before = 0;
    VRX_TRY(vrx_roles_take(in->roles, in->n_roles, &roles));
    VRX_TRY(roles_of(context, in->operator_id, &before));
    return unless_alone(context, roles & ~before, ret_needed);
}

struct vrx_result vrx_operators_reset_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    const Vrx__V1__ResetOperatorRequest *in = request;
    unsigned roles = 0;
    VRX_TRY(roles_of(context, in->operator_id, &roles));
    return unless_alone(context, roles, ret_needed);
}
