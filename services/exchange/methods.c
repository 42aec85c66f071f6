/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/handlers.h"

#define COUNTER VRX_CALLER(VRX_TERMINAL_COUNTER)
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)

const struct vrx_method vrx_exchange_methods[VRX_EXCHANGE_METHODS] = {
    {VRX_RPC("Exchange", "RecordIdentityEvidence", record_identity_evidence), .callers = COUNTER,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_CERTIFICATE_CLERK,
        .purpose = "identity check (Number Act art. 16)", .handle = vrx_exchange_record_evidence},
    {VRX_RPC("Exchange", "GrantConsent", grant_consent), .callers = COUNTER,
        .roles = VRX_ROLE_MOVERS_DESK, .purpose = VRX_EXCHANGE_PURPOSE,
        .handle = vrx_exchange_grant_consent},
    {VRX_RPC("Exchange", "GetConsent", get_consent), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_APPROVER | VRX_ROLE_AUDITOR,
        .purpose = VRX_EXCHANGE_PURPOSE, .handle = vrx_exchange_get_consent},
    {VRX_RPC("Exchange", "NarrowConsent", narrow_consent), .callers = COUNTER,
        .roles = VRX_ROLE_MOVERS_DESK, .purpose = VRX_EXCHANGE_PURPOSE,
        .handle = vrx_exchange_narrow_consent, .committed = vrx_exchange_transfer_committed},
    {VRX_RPC("Exchange", "RevokeConsent", revoke_consent), .callers = COUNTER,
        .roles = VRX_ROLE_MOVERS_DESK, .purpose = VRX_EXCHANGE_PURPOSE,
        .handle = vrx_exchange_revoke_consent, .committed = vrx_exchange_transfer_committed},
    {VRX_RPC("Exchange", "RequestTransfer", request_transfer), .callers = COUNTER,
        .roles = VRX_ROLE_MOVERS_DESK, .purpose = VRX_EXCHANGE_PURPOSE,
        .handle = vrx_exchange_request_transfer, .committed = vrx_exchange_transfer_committed},
    {VRX_RPC("Exchange", "GetTransfer", get_transfer), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_APPROVER | VRX_ROLE_AUDITOR,
        .purpose = VRX_EXCHANGE_PURPOSE, .handle = vrx_exchange_get_transfer},
    {VRX_RPC("Exchange", "WatchTransfer", watch_transfer), .kind = VRX_CALL_SERVER_STREAM,
        .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_APPROVER | VRX_ROLE_AUDITOR,
        .purpose = VRX_EXCHANGE_PURPOSE, .next = vrx_exchange_watch_next,
        .state_size = sizeof(struct vrx_watch_state)},
    {VRX_RPC("Exchange", "ExplainTransfer", explain_transfer), .callers = COUNTER | CONSOLE,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_APPROVER | VRX_ROLE_AUDITOR,
        .purpose = VRX_EXCHANGE_PURPOSE, .handle = vrx_exchange_explain_transfer},
    {VRX_RPC("Peer", "Deliver", deliver), .callers = VRX_CALLER_PEER,
        .purpose = VRX_EXCHANGE_PURPOSE, .route = vrx_exchange_route_delivery,
        .handle = vrx_exchange_deliver, .committed = vrx_exchange_delivered},
};
