/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of gRPC's own services; proto/grpc says what each does.
 */
#ifndef VRX_STANDARD_HANDLERS_H
#define VRX_STANDARD_HANDLERS_H

#include "dispatch/method.h"

struct vrx_health_state {
    bool told;
    int status; /* the last one that was */
};

struct vrx_result vrx_health_check(struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_health_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
struct vrx_result vrx_reflection_answer(
    struct vrx_context *context, const void *request, void *reply);

#define VRX_STANDARD_METHODS 3
extern const struct vrx_method vrx_standard_methods[VRX_STANDARD_METHODS];

#endif
