/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/own_town.h"

#include "cli/print.h"
#include "cli/values.h"
#include "vrx/v1/tenancy.pb-c.h"

int vrx_cli_own_town(struct vrx_connection *connection, struct vrx_municipality_code *ret_code) {
    Vrx__V1__StatusRequest request;
    vrx__v1__status_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(
        vrx_call_unary(connection, VRX_REMOTE("Tenancy", "Status", status), &request.base, &reply));
    const Vrx__V1__StatusResponse *status = (const void *)reply;
    struct vrx_result result = vrx_fail(VRX_TENANT_UNKNOWN);
    if (status->n_tenants == 1)
        result =
            vrx_municipality_code_parse(vrx_view_text(status->tenants[0]->municipality), ret_code);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("Status", result);
}
