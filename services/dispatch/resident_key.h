/* SPDX-License-Identifier: Apache-2.0
 *
 * The resident that a request names, looked up and noted for the audit entry.
 */
#ifndef VRX_DISPATCH_RESIDENT_KEY_H
#define VRX_DISPATCH_RESIDENT_KEY_H

#include "dispatch/context.h"
#include "store/resident.h"
#include "vrx/v1/common.pb-c.h"

/* key may be NULL (VRX_INPUT_FIELD_MISSING). Digits may be full-width. Errors: VRX_NOT_FOUND, those
 * of vrx_individual_number_check, VRX_INPUT_*. */
struct vrx_result vrx_context_resident(struct vrx_context *context, const Vrx__V1__ResidentKey *key,
    struct vrx_resident *ret_resident);

#endif
