/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a caller does more than they may (auth/limits.h): counts calls, persons and look-ups that
 * find nobody, and says what is one too many. What is refused here raises an alert.
 *
 * The daemon's own work has no call and is not counted. Nor is what is handed in or out in bulk
 * (Import…, Export, erasures): it names no person to vrx_context_about, and its rows have rules of
 * their own.
 */
#ifndef VRX_DISPATCH_GUARD_H
#define VRX_DISPATCH_GUARD_H

#include "dispatch/context.h"

/* One call, whose caller is known as far as they will be. An operator counts with a session only,
 * so that nobody's count grows by what others claim. *ret_quiet: refused as one of a flood, of
 * which another one is recorded. Callers without a certificate are the public listener's to count.
 * Errors: vrx_limits_call's. */
struct vrx_result vrx_guard_call(struct vrx_context *context, const char *path, bool *ret_quiet);

/* Before somebody, or what is theirs, is looked up by what the caller gave; then whether that found
 * nobody is told with the outcome. Errors: vrx_limits_look_up's. */
struct vrx_result vrx_guard_look_up(struct vrx_context *context);
void vrx_guard_outcome(struct vrx_context *context, enum vrx_reason outcome);

/* What is left of floods that have ended, recorded with the number of calls: in the ledger of the
 * caller's municipality, or in the log where none is open. On the worker's tick, once a second. */
void vrx_guard_tick(struct vrx_daemon *daemon);

/* The call is about this person: are they one too many, is the office closed? On the tenant's
 * thread. Errors: vrx_limits_person's; VRX_OFFICE_CLOSED, with how long to wait; the store's. */
struct vrx_result vrx_guard_person(struct vrx_context *context, int64_t resident);

#endif
