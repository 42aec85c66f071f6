/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificate an application's takes the place of: it is revoked when the new one is kept.
 */
#ifndef VRX_STORE_REISSUE_H
#define VRX_STORE_REISSUE_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

/* Once an application. Errors: VRX_NOT_FOUND (application), VRX_ALREADY_EXISTS, VRX_INPUT_RANGE
 * (empty). */
struct vrx_result vrx_reissue_put(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], struct vrx_view uvci);

/* Empty where it replaces none. */
struct vrx_result vrx_reissue_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t application[VRX_ID], struct vrx_view *ret_uvci);

#endif
