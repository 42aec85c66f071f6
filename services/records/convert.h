/* SPDX-License-Identifier: Apache-2.0
 *
 * Doses and residents between the wire's messages and the store's types.
 */
#ifndef VRX_RECORDS_CONVERT_H
#define VRX_RECORDS_CONVERT_H

#include "dispatch/context.h"
#include "store/dose.h"
#include "store/resident.h"
#include "vrx/v1/records.pb-c.h"

/* A reply's resident: the individual number masked, the address only when asked for. Errors: the
 * store's. */
struct vrx_result vrx_convert_resident(struct vrx_context *context,
    const struct vrx_resident *resident, bool with_address, Vrx__V1__Resident **ret_message);

/* "2021-10-12"; where there is no date the text stays what it is. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_convert_date(
    struct vrx_context *context, struct vrx_date date, char **ret_text);

/* Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_convert_doses(struct vrx_context *context, const struct vrx_dose *doses,
    size_t count, Vrx__V1__Dose ***ret_messages);

/* Whether a message to the service has nothing that only replies carry. Errors:
 * VRX_INPUT_FIELD_UNKNOWN. */
struct vrx_result vrx_convert_dose_given(const Vrx__V1__Dose *message);

/* A request's dose; codes and numbers are folded into the arena. What only replies and imports
 * carry is refused (VRX_INPUT_FIELD_UNKNOWN). Errors: VRX_INPUT_*, VRX_DATE_INVALID,
 * VRX_PRODUCT_UNKNOWN, the municipality code's. */
struct vrx_result vrx_convert_dose_request(
    struct vrx_context *context, const Vrx__V1__Dose *message, struct vrx_dose *ret_dose);

#endif
