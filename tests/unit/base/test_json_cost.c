/* SPDX-License-Identifier: Apache-2.0
 *
 * That the memory is enough is tried with the JSON library itself: tests/unit/fhir/test_bounds.c.
 */
#include "base/json_cost.h"

#include "support/check.h"

static void counts_of_texts(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t depth, values, string;
    } rows[] = {
        {"", 0, 0, 0},
        {"7", 0, 0, 0},
        {"{}", 1, 1, 0},
        {"[[],[[]]]", 3, 5, 0},
        {"{\"a\":[1,2],\"bcd\":{}}", 2, 5, 3},
        {"\"[[[{{{,,,\"", 0, 0, 9},
        {"[\"\\\"[\",\"\\\\\",[]]", 2, 4, 3},
        {"[\"\\\\\\\"[\"]", 1, 1, 5},
        {"\"never ends [", 0, 0, 12},
        {"\"ends in a backslash\\", 0, 0, 20},
        {"]]]}}}[", 1, 1, 0},
        {"[\"\\u0022[\"]", 1, 1, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vrx_json_cost cost = vrx_json_cost_of(vrx_view_text(rows[i].text));
        if (cost.depth != rows[i].depth || cost.values != rows[i].values ||
            cost.string != rows[i].string)
            fail_msg("%s: depth %zu, values %zu, string %zu", rows[i].text, cost.depth, cost.values,
                cost.string);
        assert_true(cost.memory >= 65536 + 2 * strlen(rows[i].text) + 240 * cost.values);
        assert_ok(vrx_json_cost_affordable(&cost));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
