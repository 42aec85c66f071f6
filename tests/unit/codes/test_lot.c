/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/lot.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void lots_become_upper_case(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"EW4811", "EW4811"}, {"ew4811", "EW4811"},
        {"3002332", "3002332"}, {"000026a", "000026A"}, {"4301MF008", "4301MF008"}, {"A1", "A1"},
        {"1234567890", "1234567890"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct vrx_lot lot;
        assert_true(vrx_is_ok(vrx_lot_parse(vrx_view_text(pairs[i][0]), &lot)));
        assert_string_equal(lot.text, pairs[i][1]);
    }
}

static void what_no_vial_carries_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "1", "12345678901", "EW 4811", "EW-4811",
        "ＥＷ４８１１", "EW4811.", "不明", "UNKNOWN", "[1", "{1", "@1", "`1", "/1", ":1"};
    struct vrx_lot lot = {"before"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_lot_parse(vrx_view_text(texts[i]), &lot).reason, VRX_LOT_INVALID);
    assert_string_equal(lot.text, "before");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lots_become_upper_case),
        cmocka_unit_test(what_no_vial_carries_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
