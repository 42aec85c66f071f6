/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/role.h"

#include <string.h>

static const struct {
    unsigned role;
    const char *name;
} rows[VRX_ROLE_COUNT] = {
    {VRX_ROLE_REGISTRAR, "registrar"},
    {VRX_ROLE_MOVERS_DESK, "movers"},
    {VRX_ROLE_APPROVER, "approver"},
    {VRX_ROLE_CERTIFICATE_CLERK, "clerk"},
    {VRX_ROLE_AUDITOR, "auditor"},
    {VRX_ROLE_KEY_CUSTODIAN, "custodian"},
    {VRX_ROLE_ADMINISTRATOR, "admin"},
};

const char *vrx_role_name(unsigned role) {
    for (size_t i = 0; i < VRX_ROLE_COUNT; i++)
        if (rows[i].role == role)
            return rows[i].name;
    return NULL;
}

void vrx_roles_text(unsigned roles, char ret_text[VRX_ROLES_TEXT]) {
    size_t at = 0;
    for (size_t i = 0; i < VRX_ROLE_COUNT; i++) {
        const size_t len = strlen(rows[i].name);
        if (!(roles & rows[i].role) || at + 1 + len >= VRX_ROLES_TEXT)
            continue;
        if (at)
            ret_text[at++] = ' ';
        memcpy(ret_text + at, rows[i].name, len);
        at += len;
    }
    ret_text[at] = '\0';
}
