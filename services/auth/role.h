/* SPDX-License-Identifier: Apache-2.0
 *
 * What roles are called where no more than a word fits: the ledger.
 */
#ifndef VRX_AUTH_ROLE_H
#define VRX_AUTH_ROLE_H

#include "store/operator.h"

/* "auditor"; NULL for what is not one role. */
const char *vrx_role_name(unsigned role);

#define VRX_ROLES_TEXT 64 /* all of them, with spaces between and a NUL */
/* "registrar auditor"; empty for none. */
void vrx_roles_text(unsigned roles, char ret_text[VRX_ROLES_TEXT]);

#endif
