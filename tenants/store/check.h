/* SPDX-License-Identifier: Apache-2.0
 *
 * What is looked at before anything is written: texts by a table of rules, signed objects by size.
 */
#ifndef VRX_STORE_CHECK_H
#define VRX_STORE_CHECK_H

#include "base/bytes.h"

/* One struct vrx_view inside a struct: its offset, its bounds in bytes, and what to say. */
struct vrx_text_rule {
    size_t offset;
    size_t min;
    size_t max;
    const char *clause;
};

/* Errors: VRX_INPUT_FIELD_MISSING below min, VRX_INPUT_TOO_LARGE above max, VRX_INPUT_TEXT for
 * control characters and what is not UTF-8; each with the rule's clause. */
struct vrx_result vrx_check_texts(
    const void *object, const struct vrx_text_rule *rules, size_t count);

/* 1 to max bytes. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_check_object(struct vrx_view object, size_t max);

/* A list asks for 1 to VRX_LIMIT_PAGE rows. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_check_page(size_t limit);

#endif
