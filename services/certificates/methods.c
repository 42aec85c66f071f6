/* SPDX-License-Identifier: Apache-2.0 */
#include "certificates/handlers.h"
#include "exchange/handlers.h"
#include "vrx/v1/certificates.pb-c.h"

#define COUNTER VRX_CALLER(VRX_TERMINAL_COUNTER)
#define KIOSK VRX_CALLER(VRX_TERMINAL_KIOSK)
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)

const struct vrx_method vrx_certificates_methods[VRX_CERTIFICATES_METHODS] = {
    {VRX_RPC("Certificates", "Apply", apply), .callers = COUNTER | KIOSK,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_apply, .committed = vrx_exchange_transfer_committed},
    {VRX_RPC("Certificates", "Preview", preview), .callers = COUNTER | KIOSK,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_preview},
    {VRX_RPC("Certificates", "ListWork", list_work), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_CERTIFICATE_CLERK | VRX_ROLE_REGISTRAR,
        .purpose = VRX_CERTIFICATES_PURPOSE, .handle = vrx_certificates_list_work},
    {VRX_RPC("Certificates", "CheckWork", check_work), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_CERTIFICATE_CLERK | VRX_ROLE_REGISTRAR,
        .purpose = VRX_CERTIFICATES_PURPOSE, .handle = vrx_certificates_check_work},
    {VRX_RPC("Certificates", "GetApplication", get_application), .callers = COUNTER | KIOSK,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_get_application},
    {VRX_RPC("Certificates", "Issue", issue), .callers = COUNTER | KIOSK,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_issue, .outside = vrx_certificates_issue_outside,
        .finish = vrx_certificates_issue_end, .state_size = sizeof(struct vrx_issue_state),
        .state_done = vrx_issue_state_done},
    {VRX_RPC("Certificates", "ListCertificates", list_certificates), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_CERTIFICATE_CLERK | VRX_ROLE_AUDITOR, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_list},
    {VRX_RPC("Certificates", "Revoke", revoke), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_revoke},
    {VRX_RPC("Certificates", "GetRevocations", get_revocations), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_CERTIFICATE_CLERK, .purpose = VRX_CERTIFICATES_PURPOSE,
        .handle = vrx_certificates_revocations},
};
