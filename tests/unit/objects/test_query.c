/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/query.c: whom a query is about. Its encoding is tested with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static void an_individual_number_or_a_linkage_code(void **state) {
    (void)state;
    assert_ok(vrx_query_names_person(&sample_query));
    assert_ok(vrx_query_names_person(&sample_query_linkage));
}

static void neither_of_them(void **state) {
    (void)state;
    struct vrx_query query = sample_query;
    query.individual_number.len = 0;
    assert_reason(vrx_query_names_person(&query), VRX_INPUT_FIELD_MISSING);
}

static void both_of_them(void **state) {
    (void)state;
    struct vrx_query query = sample_query;
    query.linkage_code = sample_query_linkage.linkage_code;
    assert_reason(vrx_query_names_person(&query), VRX_INPUT_RANGE);
}

static void a_linkage_code_has_its_length(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_query query = sample_query_linkage;
    query.linkage_code.len = VRX_LINKAGE_CODE - 1;
    struct vrx_result result = vrx_object_encode(&vrx_query_schema, &query, &out);
    assert_reason(result, VRX_INPUT_RANGE);
    assert_string_equal(result.clause, "query.linkage_code");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_individual_number_or_a_linkage_code),
        cmocka_unit_test(neither_of_them),
        cmocka_unit_test(both_of_them),
        cmocka_unit_test(a_linkage_code_has_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
