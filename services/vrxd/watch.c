/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/watch.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/log.h"
#include "vrxd/notify.h"

#define LOOK_MS 1000   /* between looks; or a quarter of the watchdog's time, where that is less */
#define STUCK_MS 30000 /* without a watchdog, when a line in the log is all that follows */

void vrxd_watch_init(struct vrxd_watch *watch, struct vrx_daemon *daemon,
    struct vrx_grpc_server *server, struct vrx_grpc_server *public_server) {
    const int64_t watchdog = vrxd_watchdog_ms();
    *watch = (struct vrxd_watch){.look_ms = LOOK_MS, .watchdog = watchdog > 0};
    if (watchdog && watchdog / 4 < LOOK_MS)
        watch->look_ms = watchdog / 4;
    vrxd_pulse_init(&watch->pulse, daemon, watchdog ? watchdog / 2 : STUCK_MS);
    watch->pulse.servers[0] = server;
    watch->pulse.servers[1] = public_server;
}

static void tell_status(struct vrxd_watch *watch) {
    struct vrx_daemon *daemon = watch->pulse.daemon;
    char status[sizeof watch->status];
    size_t open = 0;
    size_t all = 0;
    for (struct vrx_slot *slot = NULL; (slot = vrx_daemon_slot_at(daemon, all)); all++)
        open += vrx_slot_is_open(slot);
    (void)snprintf(status, sizeof status, "STATUS=%zu vaults open, %zu sealed%s%s", open,
        all - open, watch->stuck[0] ? ", no progress: " : "", watch->stuck);
    if (strcmp(status, watch->status) == 0)
        return;
    memcpy(watch->status, status, sizeof status);
    vrxd_notify(status);
}

static void tell_progress(struct vrxd_watch *watch, bool moves) {
    if (strcmp(watch->stuck, watch->pulse.stuck) == 0)
        return;
    if (moves)
        vrx_log_event("progress again", watch->stuck, vrx_ok());
    else
        vrx_log_event("no progress", watch->pulse.stuck, vrx_fail(VRX_DEADLINE_EXCEEDED));
    memcpy(watch->stuck, watch->pulse.stuck, sizeof watch->stuck);
}

void vrxd_watch_look(struct vrxd_watch *watch) {
    const bool moves = vrxd_pulse_feel(&watch->pulse);
    tell_progress(watch, moves);
    tell_status(watch);
    if (moves && watch->watchdog)
        vrxd_notify("WATCHDOG=1");
}
