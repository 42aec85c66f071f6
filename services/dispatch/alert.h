/* SPDX-License-Identifier: Apache-2.0
 *
 * The bell of a municipality's administrators: who finds something that they should look at raises
 * an alert. It is kept in their vault (store/alert.h), one a cause and hour; a new one is a line in
 * the log and wakes those who watch.
 */
#ifndef VRX_DISPATCH_ALERT_H
#define VRX_DISPATCH_ALERT_H

#include "dispatch/context.h"
#include "store/alert.h"

/* About the caller, their terminal and the operator who is logged in (a name that is only claimed
 * would make a cause of every claim): kept in the transaction of
 * the call's audit entry, also when the handler refuses and what it wrote is undone. On any thread
 * that has the call; without a ledger open there is nowhere to keep it. */
void vrx_alert_raise(struct vrx_context *context, enum vrx_alert_kind kind);

/* About anything else, in a transaction of its own; from any thread, without waiting. Names are
 * copied. Errors: VRX_INPUT_TOO_LARGE (a name), vrx_actor_post's (sealed, full),
 * VRX_OUT_OF_MEMORY; what fails later is in the log. */
struct vrx_result vrx_alert_post(struct vrx_slot *slot, const struct vrx_alert_cause *cause);

/* For dispatch: keeps what the step raised; then, once that is committed, tells what is new. */
struct vrx_result vrx_alert_keep(struct vrx_context *context);
void vrx_alert_tell(struct vrx_context *context);

#endif
