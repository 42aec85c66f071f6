/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Alerts; proto/vrx/v1/alerts.proto says what each does.
 */
#ifndef VRX_ALERTS_HANDLERS_H
#define VRX_ALERTS_HANDLERS_H

#include "dispatch/method.h"

#define VRX_ALERTS_METHODS 3
extern const struct vrx_method vrx_alerts_methods[VRX_ALERTS_METHODS];

#endif
