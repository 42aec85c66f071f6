/* SPDX-License-Identifier: Apache-2.0
 *
 * What a JSON text (RFC 8259) may cost a library that nests and allocates as the text says: to be
 * looked at, and bounded by whoever knows the kind of text, before the library sees it.
 */
#ifndef VRX_BASE_JSON_COST_H
#define VRX_BASE_JSON_COST_H

#include "base/bytes.h"

struct vrx_json_cost {
    size_t depth;  /* arrays and objects within each other */
    size_t values; /* members and elements, arrays and objects among them; a few more at most */
    size_t string; /* bytes of the longest string as it stands in the text */
    size_t memory; /* bytes; more than jansson 2.14 takes for it */
};

/* Of a text, be it JSON or not. */
struct vrx_json_cost vrx_json_cost_of(struct vrx_view text);

/* Whether there is so much memory now: where an allocation fails within a string, jansson loses
 * bytes or aborts. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_json_cost_affordable(const struct vrx_json_cost *cost);

#endif
