/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a caller does more than they may (auth/limits.h): counts calls, persons and look-ups that
 * find nobody, and says what is one too many. What is refused here raises an alert.
 *
 * The daemon's own work has no call and is not counted, but for other municipalities' queries. Nor
 * is what is handed in or out in bulk (Import…, Export, erasures): it names no person to
 * vrx_context_about, and its rows have rules of their own.
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

/* A query of another municipality, before anything is looked up for it; then, whatever the reason,
 * that it is not answered at once. path: constant, of its entries. A refusal that is one of a flood
 * is noted as written: another one's entry stands for it. Errors: vrx_limits_query's. */
struct vrx_result vrx_guard_query(
    struct vrx_context *context, const struct vrx_municipality_code *sender, const char *path);
void vrx_guard_unanswered(struct vrx_context *context, const struct vrx_municipality_code *sender);

/* What is left of floods that have ended, recorded with the number of calls: in the ledger of the
 * caller's municipality, or in the log where none is open. On the worker's tick, once a second. */
void vrx_guard_tick(struct vrx_daemon *daemon);

/* The call is about this person: are they one too many, is the office closed? On the tenant's
 * thread. Errors: vrx_limits_person's; VRX_OFFICE_CLOSED, with how long to wait; the store's. */
struct vrx_result vrx_guard_person(struct vrx_context *context, int64_t resident);

#endif
