/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the daemon does its work, or only exists: each I/O thread must answer a question, the
 * tick must have come round, and a vault that has jobs must have finished some, each within a time.
 * Main looks; where nothing moves the service manager hears no WATCHDOG=1 any more and starts the
 * daemon anew, which leaves every vault sealed: better than a daemon that takes calls and answers
 * none.
 */
#ifndef VRX_VRXD_PULSE_H
#define VRX_VRXD_PULSE_H

#include "dispatch/daemon.h"
#include "grpc/server.h"

#define VRXD_PULSE_PART 32

struct vrxd_pulse {
    struct vrx_daemon *daemon;
    struct vrx_grpc_server *servers[2]; /* set after vrxd_pulse_init; NULL: none */
    int64_t limit_ms;                   /* so long without progress is stuck */
    int64_t answered_ms;                /* all I/O threads were heard of */
    int64_t ticked_ms;
    uint64_t ticks;
    char stuck[VRXD_PULSE_PART]; /* the part that is: "I/O", "tick", "vault 011002"; "": none */
};

/* limit_ms: at least twice the time between looks. */
void vrxd_pulse_init(struct vrxd_pulse *pulse, struct vrx_daemon *daemon, int64_t limit_ms);
/* One look, of main's. False: a part is stuck, pulse->stuck says which (the first found). */
bool vrxd_pulse_feel(struct vrxd_pulse *pulse);

#endif
