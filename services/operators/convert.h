/* SPDX-License-Identifier: Apache-2.0
 *
 * Between roles as bits and roles in messages.
 */
#ifndef VRX_OPERATORS_CONVERT_H
#define VRX_OPERATORS_CONVERT_H

#include "dispatch/context.h"
#include "vrx/v1/operators.pb-c.h"

/* Errors: VRX_INPUT_RANGE for what is no role; VRX_INPUT_DUPLICATE_KEY. None gives 0. */
struct vrx_result vrx_roles_take(const Vrx__V1__Role *roles, size_t count, unsigned *ret_roles);

/* In order of their numbers, in the context's arena. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_roles_put(
    struct vrx_context *context, unsigned roles, Vrx__V1__Role **ret_roles, size_t *ret_count);

/* "yamada: registrar auditor", or "yamada" for none, as the basis of the call's entry. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_roles_note(
    struct vrx_context *context, struct vrx_view operator_id, unsigned roles);

#endif
