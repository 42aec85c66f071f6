/* SPDX-License-Identifier: Apache-2.0
 *
 * Roles of operators, as options and as output.
 */
#ifndef VRX_CLI_ROLES_H
#define VRX_CLI_ROLES_H

#include "cli/command.h"
#include "cli/json.h"
#include "vrx/v1/operators.pb-c.h"

/* --role, each at most once; at least one. */
#define VRX_VALUE_ROLES VRX__V1__ROLE__ROLE_ADMINISTRATOR
struct vrx_value_roles {
    size_t count;
    Vrx__V1__Role role[VRX_VALUE_ROLES];
};
int vrx_value_roles(const struct vrx_arguments *arguments, struct vrx_value_roles *ret_roles);

/* "registrar, auditor"; cut where longer. */
#define VRX_ROLES_TEXT 128
void vrx_roles_text(const Vrx__V1__Role *roles, size_t count, char ret_text[VRX_ROLES_TEXT]);
/* An array of the same words. */
void vrx_roles_json(const Vrx__V1__Role *roles, size_t count, struct vrx_json *ret_json);

#endif
