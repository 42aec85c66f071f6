/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's log: JSON lines on standard error. It names methods, terminals, municipalities and
 * reasons; never a person, a number or a message's content.
 */
#ifndef VRX_DISPATCH_LOG_H
#define VRX_DISPATCH_LOG_H

#include "dispatch/lines.h"

struct vrx_context;

/* From now on nobody who logs waits for who reads standard error (lines.h); before, and after the
 * stop, lines are written at once. Both on the main thread, with no other one that logs. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_log_start(void);
/* Writes what is queued, for two seconds at most. */
void vrx_log_stop(void);
/* Zero while lines are written at once. */
struct vrx_lines_counts vrx_log_counts(void);

/* One line when a call has ended: {"time":…,"call":"/vrx.v1…","terminal":…,"municipality":…,
 * "request":…,"outcome":"TENANT_SEALED"}. Calls that went well stand in the ledger only. */
void vrx_log_call(const struct vrx_context *context, const char *path, struct vrx_result outcome);

/* One line about the daemon itself; subject is a file, a code or a state, or NULL. */
void vrx_log_event(const char *event, const char *subject, struct vrx_result outcome);

#endif
