/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Alerts; proto/vrx/v1/alerts.proto says what each does.
 */
#ifndef VRX_ALERTS_HANDLERS_H
#define VRX_ALERTS_HANDLERS_H

#include "dispatch/method.h"

#define VRX_ALERTS_METHODS 5
extern const struct vrx_method vrx_alerts_methods[VRX_ALERTS_METHODS];

/* hours.c */
struct vrx_result vrx_alerts_get_hours(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_alerts_set_hours(
    struct vrx_context *context, const void *request, void *reply);
void vrx_alerts_hours_committed(struct vrx_context *context);

#endif
