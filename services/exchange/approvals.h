/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Approvals; proto/vrx/v1/approvals.proto says what each does.
 */
#ifndef VRX_EXCHANGE_APPROVALS_H
#define VRX_EXCHANGE_APPROVALS_H

#include "dispatch/method.h"

#define VRX_APPROVALS_METHODS 5
extern const struct vrx_method vrx_approvals_methods[VRX_APPROVALS_METHODS];

#endif
