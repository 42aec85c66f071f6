/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries that pend here, and whose asker never came again: they end by themselves, EXPIRED, once
 * their deadline has passed. Whoever asks later is given the answer that was stored last.
 */
#ifndef VRX_EXCHANGE_OVERDUE_H
#define VRX_EXCHANGE_OVERDUE_H

#include "dispatch/context.h"

/* Ends those of them that are there, some hundred at most, each with an entry; *ret_more: there may
 * be others. In a transaction. Errors: the store's. */
struct vrx_result vrx_exchange_end_overdue(struct vrx_context *context, bool *ret_more);

/* Once a second, on the worker's tick: does that in every unsealed municipality, once an hour. */
void vrx_overdue_tick(struct vrx_daemon *daemon);

#endif
