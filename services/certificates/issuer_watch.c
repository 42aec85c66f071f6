/* SPDX-License-Identifier: Apache-2.0
 *
 * Without the issuer everything goes on but issuing. Whether it is there is looked at once a
 * second, so that its end is known before somebody stands at a counter.
 */
#include "certificates/handlers.h"
#include "client/client.h"
#include "dispatch/daemon.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"

void vrx_certificates_tick(struct vrx_daemon *daemon) {
    const char *socket = daemon->options.issuer_socket;
    const bool away = !vrx_issuer_is_available(socket);
    if (atomic_exchange(&daemon->issuer_away, away) == away)
        return;
    vrx_log_event(away ? "issuer is away" : "issuer is back", socket,
        away ? vrx_fail(VRX_ISSUER_UNAVAILABLE) : vrx_ok());
    vrx_dispatch_wake_states(daemon);
}
