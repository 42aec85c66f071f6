/* SPDX-License-Identifier: Apache-2.0
 *
 * How main looks after the daemon while it serves: what moves (pulse.h), what the service manager
 * is told of it (notify.h), and a line in the log when a part is stuck and when it moves again.
 */
#ifndef VRX_VRXD_WATCH_H
#define VRX_VRXD_WATCH_H

#include "vrxd/pulse.h"

struct vrxd_watch {
    struct vrxd_pulse pulse;
    int64_t look_ms; /* the time between looks */
    bool watchdog;   /* the service manager waits for WATCHDOG=1 */
    char status[128];
    char stuck[VRXD_PULSE_PART]; /* as it was told last */
};

void vrxd_watch_init(struct vrxd_watch *watch, struct vrx_daemon *daemon,
    struct vrx_grpc_server *server, struct vrx_grpc_server *public_server);
/* One look. */
void vrxd_watch_look(struct vrxd_watch *watch);

#endif
