/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_CLI_OWN_TOWN_H
#define VRX_CLI_OWN_TOWN_H

#include "cli/connect.h"
#include "codes/municipality_code.h"

/* The municipality whose terminal this is, as the service says (Tenancy.Status). The exit status;
 * what failed is said on standard error. */
int vrx_cli_own_town(struct vrx_connection *connection, struct vrx_municipality_code *ret_code);

#endif
