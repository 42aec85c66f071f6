/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/roles.h"

#include <stdio.h>

#include "cli/values.h"

int vrx_value_roles(const struct vrx_arguments *arguments, struct vrx_value_roles *ret_roles) {
    struct vrx_value_roles roles = {0};
    size_t given = vrx_argument_count(arguments, "role");
    for (size_t i = 0; i < given; i++) {
        unsigned value = 0;
        VRX_CLI_TRY(vrx_value_choice(arguments, "role", i, vrx_role_choices, &value));
        for (size_t before = 0; before < roles.count; before++)
            if ((unsigned)roles.role[before] == value)
                return vrx_value_wrong("role", "each role once", "同じ役割は一度だけ指定します");
        roles.role[roles.count++] = (Vrx__V1__Role)value;
    }
    *ret_roles = roles;
    return VRX_EXIT_OK;
}

void vrx_roles_text(const Vrx__V1__Role *roles, size_t count, char ret_text[VRX_ROLES_TEXT]) {
    size_t len = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < count && len < VRX_ROLES_TEXT; i++)
        len += (size_t)snprintf(ret_text + len, VRX_ROLES_TEXT - len, "%s%s", i ? ", " : "",
            vrx_choice_word(vrx_role_choices, (unsigned)roles[i]));
}

void vrx_roles_json(const Vrx__V1__Role *roles, size_t count, struct vrx_json *ret_json) {
    vrx_json_array(ret_json);
    for (size_t i = 0; i < count; i++)
        vrx_json_add_text(ret_json, vrx_choice_word(vrx_role_choices, (unsigned)roles[i]));
}
