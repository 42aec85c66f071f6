/* SPDX-License-Identifier: Apache-2.0
 *
 * What moves transfers on: stored before sent, sent again until answered, ended at their deadline.
 * A message goes from the destination's thread to the origin's and back; each side works in its own
 * transaction and neither waits for the other.
 */
#ifndef VRX_EXCHANGE_ENGINE_H
#define VRX_EXCHANGE_ENGINE_H

#include "dispatch/daemon.h"

/* This municipality has something to send now. Any thread. */
void vrx_exchange_nudge(struct vrx_slot *slot);

/* Once a second, on the worker's tick: sends what is due in every unsealed municipality. */
void vrx_exchange_tick(struct vrx_daemon *daemon);

#endif
