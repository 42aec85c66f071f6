/* SPDX-License-Identifier: Apache-2.0
 *
 * From a complete gRPC message to a handler on the tenant's thread and back: who calls (the
 * registry), may they (the method table), is the tenant unsealed, is the message what it should be,
 * then the tenant's actor, the handler, the audit entry, the commit, the reply. A refusal on the
 * way is audited in the caller's municipality too, when that is unsealed.
 */
#ifndef VRX_DISPATCH_DISPATCH_H
#define VRX_DISPATCH_DISPATCH_H

#include "dispatch/daemon.h"
#include "dispatch/method.h"
#include "net/server.h"

/* What the gRPC server calls. */
struct vrx_grpc_handler vrx_dispatch_handler(struct vrx_daemon *daemon);

/* Fills routes, which has so much room, from a service's rows: all of them (callers 0), or those
 * that one of these callers may call. Returns how many. */
size_t vrx_dispatch_routes(const struct vrx_method *methods, size_t count, unsigned callers,
    size_t room, struct vrx_grpc_route *routes);

/* Who may keep a connection: everybody but suspended terminals, which are told so when they call.
 */
struct vrx_net_guard vrx_dispatch_guard(struct vrx_daemon *daemon);

/* Something in this municipality changed that a waiting stream may want to tell. Any thread. */
void vrx_dispatch_wake(struct vrx_slot *slot);
/* A vault opened or closed, a tenant is new, or the daemon is about to stop: the same for streams
 * of VRX_SCOPE_DAEMON. Any thread. */
void vrx_dispatch_wake_states(struct vrx_daemon *daemon);

/* For handlers of VRX_SCOPE_THREAD. One more message of a server stream. Errors: the buffer's. */
struct vrx_result vrx_dispatch_send(struct vrx_context *context, const ProtobufCMessage *message);
/* Whether the work is still to be done. Errors: VRX_CANCELLED when the caller has left,
 * VRX_SHUTTING_DOWN. */
struct vrx_result vrx_dispatch_go_on(const struct vrx_context *context);

#endif
