/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Verification; proto/vrx/v1/verification.proto says what each does. They
 * need daemon->trust.
 */
#ifndef VRX_VERIFICATION_HANDLERS_H
#define VRX_VERIFICATION_HANDLERS_H

#include "dispatch/method.h"

struct vrx_result vrx_verification_verify(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_verification_trust_list(
    struct vrx_context *context, const void *request, void *reply);
/* Needs daemon->revocations, and says so where there is none. */
struct vrx_result vrx_verification_revocation_list(
    struct vrx_context *context, const void *request, void *reply);

#define VRX_VERIFICATION_METHODS 3
extern const struct vrx_method vrx_verification_methods[VRX_VERIFICATION_METHODS];

#endif
