/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the bytes. Only two things matter of JSON's grammar: where strings begin and end,
 * and what nests. Text that is no JSON gives some count or other and is refused later.
 */
#include "base/json_cost.h"

#include <stdlib.h>

/* jansson 2.14 takes up to 240 bytes for a value and each byte twice
 * (tests/unit/fhir/test_bounds.c); more than that, for a heap has holes. */
#define PARSER ((size_t)65536)
#define VALUE ((size_t)400)
#define BYTE ((size_t)4)

/* Where the string that begins at the view ends: at its quote, or with the text. */
static size_t string_length(struct vrx_view rest) {
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != '"')
        len += rest.ptr[len] == '\\' ? 2 : 1; /* a quote after it ends nothing */
    return len < rest.len ? len : rest.len;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

struct vrx_json_cost vrx_json_cost_of(struct vrx_view text) {
    struct vrx_json_cost cost = {0};
    size_t depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.ptr[i];
        if (byte == '"') {
            const size_t len = string_length(vrx_view_slice(text, i + 1, text.len));
            cost.string = larger(cost.string, len);
            i += len + 1;
        } else if (byte == '{' || byte == '[') {
            cost.values++;
            cost.depth = larger(cost.depth, ++depth);
        } else if (byte == '}' || byte == ']') {
            depth -= depth > 0;
        } else if (byte == ',') {
            cost.values++;
        }
    }
    cost.memory = PARSER + cost.values * VALUE + text.len * BYTE;
    return cost;
}

struct vrx_result vrx_json_cost_affordable(const struct vrx_json_cost *cost) {
    void *volatile memory = malloc(cost->memory); /* or a compiler leaves out what nobody uses */
    if (!memory)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    free(memory);
    return vrx_ok();
}
