/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Law; proto/vrx/v1/law.proto says what each does.
 */
#ifndef VRX_LAW_HANDLERS_H
#define VRX_LAW_HANDLERS_H

#include "dispatch/method.h"

struct vrx_result vrx_law_get_directory(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_law_get_permit_table(
    struct vrx_context *context, const void *request, void *reply);

#define VRX_LAW_METHODS 2
extern const struct vrx_method vrx_law_methods[VRX_LAW_METHODS];

#endif
