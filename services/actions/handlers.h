/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Actions; proto/vrx/v1/actions.proto says what each does.
 */
#ifndef VRX_ACTIONS_HANDLERS_H
#define VRX_ACTIONS_HANDLERS_H

#include "dispatch/method.h"

#define VRX_ACTIONS_METHODS 5
extern const struct vrx_method vrx_actions_methods[VRX_ACTIONS_METHODS];

/* Ends what has expired in each open municipality, with its request. On the worker's tick, once a
 * second. */
void vrx_actions_tick(struct vrx_daemon *daemon);

#endif
