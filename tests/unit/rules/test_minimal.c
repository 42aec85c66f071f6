/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 9: whatever is asked for, what leaves has that and nothing else, and an answer that has more
 * is refused with the field that it has.
 */
#include "rules/minimal.h"

#include "support/check.h"

static const struct vrx_dose_item whole = {
    .administered_by = {"011002"},
    .administered_on = {2021, 7, 3},
    .product = 2,
    .dose_number = 3,
    .lot = {(const uint8_t *)"FA7338", 6},
    .venue = {(const uint8_t *)"hall", 4},
    .physician = {(const uint8_t *)"north", 5},
    .ticket = {(const uint8_t *)"1234567890", 10},
};

/* Bit i stands for the item i + 1; the dose itself is always asked for. */
static size_t items_of(unsigned bits, uint64_t items[VRX_ITEM_LAST]) {
    size_t count = 0;
    for (unsigned i = 0; i < VRX_ITEM_LAST; i++)
        if (bits & 1u << i)
            items[count++] = i + 1;
    return count;
}

static bool has(unsigned bits, enum vrx_data_item item) {
    return bits & 1u << (item - 1);
}

static void test_every_choice(void **state) {
    (void)state;
    for (unsigned bits = 1; bits < 1u << VRX_ITEM_LAST; bits += 2) {
        uint64_t items[VRX_ITEM_LAST];
        size_t count = items_of(bits, items);
        struct vrx_dose_item item = vrx_minimal_item(&whole, items, count);
        assert_string_equal(item.administered_by.digits, "011002");
        assert_int_equal(item.administered_on.day, 3);
        assert_int_equal(item.product, 2);
        assert_int_equal(item.dose_number, 3);
        assert_int_equal(item.lot.len, has(bits, VRX_ITEM_LOT) ? 6 : 0);
        assert_int_equal(item.venue.len, has(bits, VRX_ITEM_VENUE) ? 4 : 0);
        assert_int_equal(item.physician.len, has(bits, VRX_ITEM_PHYSICIAN) ? 5 : 0);
        assert_int_equal(item.ticket.len, has(bits, VRX_ITEM_TICKET) ? 10 : 0);
        struct vrx_dose_item doses[2] = {item, item};
        struct vrx_answer answer = {.doses = doses, .dose_count = 2};
        assert_ok(vrx_minimal_check(&answer, items, count));
    }
}

static void test_more_than_was_asked_for(void **state) {
    (void)state;
    static const char *const clauses[] = {
        [VRX_ITEM_LOT] = "answer.doses: lot",
        [VRX_ITEM_VENUE] = "answer.doses: venue",
        [VRX_ITEM_PHYSICIAN] = "answer.doses: physician",
        [VRX_ITEM_TICKET] = "answer.doses: ticket",
    };
    for (unsigned left_out = VRX_ITEM_LOT; left_out <= VRX_ITEM_LAST; left_out++) {
        uint64_t items[VRX_ITEM_LAST];
        size_t count = items_of(((1u << VRX_ITEM_LAST) - 1) & ~(1u << (left_out - 1)), items);
        struct vrx_dose_item doses[2] = {vrx_minimal_item(&whole, items, count), whole};
        struct vrx_answer answer = {.doses = doses, .dose_count = 2};
        struct vrx_result result = vrx_minimal_check(&answer, items, count);
        assert_reason(result, VRX_PERMIT_ITEMS);
        assert_string_equal(result.clause, clauses[left_out]);
        answer.dose_count = 1;
        assert_ok(vrx_minimal_check(&answer, items, count));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_choice),
        cmocka_unit_test(test_more_than_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
