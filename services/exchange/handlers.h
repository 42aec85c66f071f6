/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Exchange; methods.c is their table, proto/vrx/v1/exchange.proto says what
 * each does.
 */
#ifndef VRX_EXCHANGE_HANDLERS_H
#define VRX_EXCHANGE_HANDLERS_H

#include "dispatch/method.h"
#include "store/transfer_out.h"
#include "vrx/v1/exchange.pb-c.h"
#include "vrx/v1/peer.pb-c.h"

#define VRX_EXCHANGE_PURPOSE "a mover's doses (Number Act art. 19(8))"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_exchange_##name( \
        struct vrx_context *context, const void *request, void *reply)

VRX_HANDLER(record_evidence);
VRX_HANDLER(grant_consent);
VRX_HANDLER(get_consent);
VRX_HANDLER(narrow_consent);
VRX_HANDLER(revoke_consent);
VRX_HANDLER(request_transfer);
VRX_HANDLER(get_transfer);
VRX_HANDLER(explain_transfer);

#undef VRX_HANDLER

/* Wakes who watches: officers may have something to look at. */
void vrx_exchange_delivered(struct vrx_context *context);
void vrx_exchange_transfer_committed(struct vrx_context *context);

struct vrx_watch_state {
    unsigned last; /* enum vrx_transfer_state that was told last; 0: none */
};
struct vrx_result vrx_exchange_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);

/* vrx.v1.Peer */
struct vrx_result vrx_exchange_route_delivery(struct vrx_context *context, const void *request);
struct vrx_result vrx_exchange_deliver(
    struct vrx_context *context, const void *request, void *reply);

#define VRX_EXCHANGE_METHODS 10
extern const struct vrx_method vrx_exchange_methods[VRX_EXCHANGE_METHODS];

#endif
