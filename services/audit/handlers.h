/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Ledger; proto/vrx/v1/ledger.proto says what each does.
 */
#ifndef VRX_AUDIT_HANDLERS_H
#define VRX_AUDIT_HANDLERS_H

#include "dispatch/method.h"

#define VRX_LEDGER_METHODS 4
extern const struct vrx_method vrx_ledger_methods[VRX_LEDGER_METHODS];

#endif
