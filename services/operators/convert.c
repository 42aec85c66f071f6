/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/convert.h"

#include "auth/role.h"

struct vrx_result vrx_roles_take(const Vrx__V1__Role *roles, size_t count, unsigned *ret_roles) {
    unsigned taken = 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned value = (unsigned)roles[i];
        if (value < 1 || value > VRX_ROLE_COUNT)
            return vrx_refuse(VRX_INPUT_RANGE, "operator: roles");
        if (taken & 1u << value)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "operator: each role once");
        taken |= 1u << value;
    }
    *ret_roles = taken;
    return vrx_ok();
}

struct vrx_result vrx_roles_put(
    struct vrx_context *context, unsigned roles, Vrx__V1__Role **ret_roles, size_t *ret_count) {
    Vrx__V1__Role *list = vrx_arena_alloc_array(&context->arena, VRX_ROLE_COUNT, sizeof *list);
    size_t count = 0;
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (unsigned value = 1; value <= VRX_ROLE_COUNT; value++)
        if (roles & 1u << value)
            list[count++] = (Vrx__V1__Role)value;
    *ret_roles = list;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_roles_note(
    struct vrx_context *context, struct vrx_view operator_id, unsigned roles) {
    char names[VRX_ROLES_TEXT];
    char *text = NULL;
    vrx_roles_text(roles, names);
    VRX_TRY(vrx_arena_format(&context->arena, &text, "%.*s%s%s", (int)operator_id.len,
        (const char *)operator_id.ptr, roles ? ": " : "", names));
    context->audit.basis = vrx_view_text(text);
    return vrx_ok();
}
