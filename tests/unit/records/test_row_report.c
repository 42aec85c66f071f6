/* SPDX-License-Identifier: Apache-2.0 */
#include "records/row_report.h"

#include "support/check.h"

static const struct vrx_field_name lot = {"ロット番号", "lot"};

static void faults_stand_in_their_order_with_all_that_they_say(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_row_report report = {0};
    vrx_arena_init(&arena, 0);
    for (uint64_t line = 1; line <= 200; line++) { /* it grows twice */
        struct vrx_row_error fault = {line, (unsigned)(line % 3), &lot, VRX_LOT_INVALID, NULL};
        assert_ok(vrx_row_report_add(&report, &arena, &fault));
    }
    assert_int_equal(report.count, 200);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(report.errors[i]->line, i + 1);
        assert_int_equal(report.errors[i]->dose, (i + 1) % 3);
        assert_string_equal(report.errors[i]->field, "ロット番号");
        assert_string_equal(report.errors[i]->field_en, "lot");
        assert_string_equal(report.errors[i]->reason, "LOT_INVALID");
        assert_string_equal(report.errors[i]->clause, "");
    }
    struct vrx_row_error fault = {201, 0, &vrx_row_field, VRX_CONSENT_SCOPE, "consent.items"};
    assert_ok(vrx_row_report_add(&report, &arena, &fault));
    assert_string_equal(report.errors[200]->clause, "consent.items");
}

static void more_than_are_reported_are_left_out(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_row_report report = {0};
    struct vrx_row_error fault = {1, 0, &lot, VRX_LOT_INVALID, NULL};
    vrx_arena_init(&arena, 0);
    for (size_t i = 0; i < VRX_LIMIT_ROW_ERRORS + 5; i++)
        assert_ok(vrx_row_report_add(&report, &arena, &fault));
    assert_int_equal(report.count, VRX_LIMIT_ROW_ERRORS);
}

static void without_memory_nothing_is_half_there(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_row_report report = {0};
    struct vrx_row_error fault = {1, 0, &lot, VRX_LOT_INVALID, NULL};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_row_report_add(&report, &arena, &fault));
    arena.limit = arena.used;
    assert_reason(vrx_row_report_add(&report, &arena, &fault), VRX_OUT_OF_MEMORY);
    assert_int_equal(report.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_stand_in_their_order_with_all_that_they_say),
        cmocka_unit_test(more_than_are_reported_are_left_out),
        cmocka_unit_test(without_memory_nothing_is_half_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
