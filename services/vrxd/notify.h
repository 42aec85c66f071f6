/* SPDX-License-Identifier: Apache-2.0
 *
 * What the service manager is told (sd_notify(3)): a datagram to the socket that it named in
 * NOTIFY_SOCKET. The protocol is stable and takes thirty lines; libsystemd would bring liblzma,
 * liblz4, libzstd and libgcrypt into a process that holds keys.
 */
#ifndef VRX_VRXD_NOTIFY_H
#define VRX_VRXD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Lines of NAME=value, as "READY=1\nSTATUS=2 vaults open". Does nothing where nobody asked to be
 * told; never waits. */
void vrxd_notify(const char *state);

/* How often the manager wants to hear WATCHDOG=1 at least, in milliseconds; 0: not at all. */
int64_t vrxd_watchdog_ms(void);

#endif
