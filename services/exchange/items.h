/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request's codes and data items say, checked.
 */
#ifndef VRX_EXCHANGE_ITEMS_H
#define VRX_EXCHANGE_ITEMS_H

#include "dispatch/context.h"
#include "vrx/v1/common.pb-c.h"

/* The code of a municipality that the directory has at this instant. Errors: the code's, and
 * VRX_MUNICIPALITY_UNKNOWN. */
struct vrx_result vrx_exchange_municipality(
    struct vrx_context *context, const char *text, struct vrx_municipality_code *ret_code);

/* 1 to VRX_ITEM_LAST data items, each once, ascending in the result. Errors:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_RANGE, VRX_INPUT_DUPLICATE_KEY. */
struct vrx_result vrx_exchange_items(struct vrx_context *context, const Vrx__V1__DataItem *items,
    size_t count, uint64_t **ret_items, size_t *ret_count);

#endif
