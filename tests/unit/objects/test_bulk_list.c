/* SPDX-License-Identifier: Apache-2.0
 *
 * The digest over the rows: every field of every row counts, and so do their order and number.
 */
#include "objects/bulk_list.h"

#include "crypto/hash.h"
#include "support/check.h"
#include "unit/objects/samples.h"

static void digest_of(const struct vrx_bulk_row *rows, size_t count, uint8_t ret[VRX_DIGEST]) {
    memset(ret, 0, VRX_DIGEST);
    for (size_t i = 0; i < count; i++) {
        uint8_t next[VRX_DIGEST];
        assert_ok(vrx_bulk_digest(ret, &rows[i], next));
        memcpy(ret, next, VRX_DIGEST);
    }
}

static void it_is_sha256_of_the_one_before_and_the_row(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    uint8_t zero[VRX_DIGEST] = {0};
    uint8_t expected[VRX_DIGEST];
    uint8_t found[VRX_DIGEST];
    assert_ok(vrx_buffer_append(&bytes, vrx_view_of(zero, VRX_DIGEST)));
    assert_ok(vrx_object_encode(&vrx_bulk_row_schema, &sample_bulk_row, &bytes));
    assert_ok(vrx_sha256(vrx_buffer_view(&bytes), expected));
    digest_of(&sample_bulk_row, 1, found);
    assert_memory_equal(found, expected, VRX_DIGEST);
}

static void every_field_counts(void **state) {
    (void)state;
    enum { LINE, QUERY, PERSON, ORIGIN, CONSENT, EVIDENCE, ITEMS, CHANGES };
    uint8_t plain[VRX_DIGEST];
    digest_of(&sample_bulk_row, 1, plain);
    for (unsigned change = 0; change < CHANGES; change++) {
        struct vrx_bulk_row row = sample_bulk_row;
        uint8_t changed[VRX_DIGEST];
        row.line += change == LINE;
        row.query_id[15] ^= change == QUERY;
        row.person[31] ^= change == PERSON;
        if (change == ORIGIN)
            row.origin = sample_codes[1];
        if (change == CONSENT)
            row.consent_id = row.evidence_id;
        if (change == EVIDENCE)
            row.evidence_id = (struct vrx_view){0};
        row.item_count -= change == ITEMS;
        digest_of(&row, 1, changed);
        assert_memory_not_equal(changed, plain, VRX_DIGEST);
    }
}

static void order_and_number_count(void **state) {
    (void)state;
    struct vrx_bulk_row rows[] = {sample_bulk_row, sample_bulk_row_least};
    struct vrx_bulk_row turned[] = {sample_bulk_row_least, sample_bulk_row};
    uint8_t one[VRX_DIGEST];
    uint8_t two[VRX_DIGEST];
    uint8_t other[VRX_DIGEST];
    digest_of(rows, 1, one);
    digest_of(rows, 2, two);
    digest_of(turned, 2, other);
    assert_memory_not_equal(one, two, VRX_DIGEST);
    assert_memory_not_equal(two, other, VRX_DIGEST);
}

static void refusal_what_the_table_does_not_allow(void **state) {
    (void)state;
    struct vrx_bulk_row row = sample_bulk_row;
    uint8_t before[VRX_DIGEST] = {0};
    uint8_t untouched[VRX_DIGEST];
    row.line = 0;
    memset(untouched, 7, VRX_DIGEST);
    assert_reason(vrx_bulk_digest(before, &row, untouched), VRX_INPUT_RANGE);
    row = sample_bulk_row;
    row.consent_id.len = VRX_ID - 1;
    assert_reason(vrx_bulk_digest(before, &row, untouched), VRX_INPUT_RANGE);
    for (size_t i = 0; i < VRX_DIGEST; i++)
        assert_int_equal(untouched[i], 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_sha256_of_the_one_before_and_the_row),
        cmocka_unit_test(every_field_counts),
        cmocka_unit_test(order_and_number_count),
        cmocka_unit_test(refusal_what_the_table_does_not_allow),
    };
    return cmocka_run_group_tests_name("objects/bulk_list", tests, NULL, NULL);
}
