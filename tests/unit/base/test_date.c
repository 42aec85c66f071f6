/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

static void days_that_exist(void **state) {
    (void)state;
    assert_true(vrx_date_valid((struct vrx_date){2024, 2, 29}));
    assert_true(vrx_date_valid((struct vrx_date){2000, 2, 29}));
    assert_true(vrx_date_valid((struct vrx_date){1868, 1, 1}));
    assert_true(vrx_date_valid((struct vrx_date){9999, 12, 31}));
    assert_false(vrx_date_valid((struct vrx_date){2023, 2, 29}));
    assert_false(vrx_date_valid((struct vrx_date){1900, 2, 29}));
    assert_false(vrx_date_valid((struct vrx_date){2021, 4, 31}));
    assert_false(vrx_date_valid((struct vrx_date){2021, 13, 1}));
    assert_false(vrx_date_valid((struct vrx_date){2021, 0, 1}));
    assert_false(vrx_date_valid((struct vrx_date){2021, 1, 0}));
    assert_false(vrx_date_valid((struct vrx_date){1867, 12, 31}));
    assert_false(vrx_date_valid((struct vrx_date){0, 0, 0}));
}

static void order(void **state) {
    (void)state;
    struct vrx_date date = {2021, 10, 12};
    assert_int_equal(vrx_date_compare(date, date), 0);
    assert_true(vrx_date_compare(date, (struct vrx_date){2021, 10, 13}) < 0);
    assert_true(vrx_date_compare(date, (struct vrx_date){2021, 9, 30}) > 0);
    assert_true(vrx_date_compare(date, (struct vrx_date){2022, 1, 1}) < 0);
}

/* The C library's calendar is the oracle for every day of two and a half centuries. */
static void days_agree_with_gmtime(void **state) {
    (void)state;
    for (int32_t days = -37255; days < 60000; days++) { /* from 1868-01-01 */
        time_t time = (time_t)days * 86400;
        struct tm broken;
        assert_non_null(gmtime_r(&time, &broken));
        struct vrx_date date = vrx_date_from_days(days);
        assert_int_equal(date.year, broken.tm_year + 1900);
        assert_int_equal(date.month, broken.tm_mon + 1);
        assert_int_equal(date.day, broken.tm_mday);
        assert_true(vrx_date_valid(date));
        assert_int_equal(vrx_date_to_days(date), days);
    }
    assert_int_equal(vrx_date_to_days((struct vrx_date){1970, 1, 1}), 0);
}

static void days_that_no_date_can_hold_give_no_date(void **state) {
    (void)state;
    assert_int_equal(vrx_date_from_days(-37256).year, 0);
    assert_int_equal(vrx_date_from_days(INT32_MIN).year, 0);
    assert_int_equal(vrx_date_from_days(INT32_MAX).year, 0);
    assert_int_equal(vrx_date_in_japan(INT64_MAX).year, 0);
    assert_int_equal(vrx_date_in_japan(INT64_MIN).year, 0);
}

static void the_day_changes_in_japan_at_15_utc(void **state) {
    (void)state;
    int64_t time;
    assert_true(vrx_is_ok(vrx_time_parse(vrx_view_text("2021-12-31T14:59:59Z"), &time)));
    struct vrx_date date = vrx_date_in_japan(time);
    assert_int_equal(vrx_date_compare(date, (struct vrx_date){2021, 12, 31}), 0);
    date = vrx_date_in_japan(time + 1);
    assert_int_equal(vrx_date_compare(date, (struct vrx_date){2022, 1, 1}), 0);
}

static void date_is_read_in_both_forms(void **state) {
    (void)state;
    struct vrx_date date;
    assert_true(vrx_is_ok(vrx_date_parse(vrx_view_text("2021-10-12"), &date)));
    assert_int_equal(vrx_date_compare(date, (struct vrx_date){2021, 10, 12}), 0);
    assert_true(vrx_is_ok(vrx_date_parse(vrx_view_text("20240229"), &date)));
    assert_int_equal(vrx_date_compare(date, (struct vrx_date){2024, 2, 29}), 0);
    char out[VRX_DATE_TEXT + 1];
    vrx_date_format(date, out);
    assert_string_equal(out, "2024-02-29");
}

static void iso_8601_5_2_2_other_shapes_are_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"", "2021-10-1", "2021/10/12", "2021-1012", "202110-12",
        "2021101", "202110121", "2021-10-1a", "+021-10-12", " 2021-10-12", "２０２１",
        "2021-10-12 ", "20 11012"};
    struct vrx_date date = {1, 2, 3};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(
            vrx_date_parse(vrx_view_text(texts[i]), &date).reason, VRX_INPUT_MALFORMED);
    assert_int_equal(date.year, 1);
}

static void dates_outside_the_calendar_are_invalid(void **state) {
    (void)state;
    static const char *const texts[] = {
        "2021-02-29", "20210230", "20211301", "20210100", "18671231", "0000-00-00"};
    struct vrx_date date = {1, 2, 3};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_date_parse(vrx_view_text(texts[i]), &date).reason, VRX_DATE_INVALID);
    assert_int_equal(date.year, 1);
}

static void instants_round_trip(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t time;
    } known[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2001-09-09T01:46:40Z", 1000000000},
        {"1969-12-31T23:59:59Z", -1},
        {"2021-10-12T03:04:05Z", 1634007845},
        {"0000-01-01T00:00:00Z", -62167219200},
        {"9999-12-31T23:59:59Z", 253402300799},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int64_t time;
        char out[VRX_TIME_TEXT + 1];
        assert_true(vrx_is_ok(vrx_time_parse(vrx_view_text(known[i].text), &time)));
        assert_true(time == known[i].time);
        vrx_time_format(known[i].time, out);
        assert_string_equal(out, known[i].text);
    }
}

static void formatted_years_are_clamped(void **state) {
    (void)state;
    char out[VRX_TIME_TEXT + 1];
    vrx_time_format(INT64_MIN, out);
    assert_string_equal(out, "0000-01-01T00:00:00Z");
    vrx_time_format(-62167219201, out);
    assert_string_equal(out, "0000-01-01T00:00:00Z");
    vrx_time_format(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59Z");
    vrx_time_format(253402300800, out);
    assert_string_equal(out, "9999-12-31T23:59:59Z");
}

static void rfc_3339_5_6_other_shapes_are_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"", "2021-10-12T03:04:05", "2021-10-12T03:04:05z",
        "2021-10-12t03:04:05Z", "2021-10-12 03:04:05Z", "2021-10-12T03:04:05+00:00",
        "2021-10-12T03:04:0 Z", "2021-10-12T03:04:05.0Z", "x021-10-12T03:04:05Z"};
    int64_t time = 7;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(
            vrx_time_parse(vrx_view_text(texts[i]), &time).reason, VRX_INPUT_MALFORMED);
    assert_true(time == 7);
}

static void instants_outside_the_calendar_are_invalid(void **state) {
    (void)state;
    static const char *const texts[] = {"2021-02-29T00:00:00Z", "2021-10-12T24:00:00Z",
        "2021-10-12T03:60:05Z", "2021-10-12T23:59:60Z", "2021-00-12T03:04:05Z"};
    int64_t time = 7;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_time_parse(vrx_view_text(texts[i]), &time).reason, VRX_DATE_INVALID);
    assert_true(time == 7);
}

static void vrs_time_is_japans(void **state) {
    (void)state;
    int64_t time;
    int64_t same;
    assert_true(vrx_is_ok(vrx_time_parse_vrs(vrx_view_text("20211012120405"), &time)));
    assert_true(vrx_is_ok(vrx_time_parse(vrx_view_text("2021-10-12T03:04:05Z"), &same)));
    assert_true(time == same);
    assert_int_equal(
        vrx_time_parse_vrs(vrx_view_text("2021101212040"), &time).reason, VRX_INPUT_MALFORMED);
    assert_int_equal(
        vrx_time_parse_vrs(vrx_view_text("2021101212040x"), &time).reason, VRX_INPUT_MALFORMED);
    assert_int_equal(
        vrx_time_parse_vrs(vrx_view_text("20211012250405"), &time).reason, VRX_DATE_INVALID);
    assert_true(time == same);
}

static void vrs_time_is_written_as_it_is_read(void **state) {
    (void)state;
    char text[VRX_TIME_TEXT_VRS + 1];
    int64_t time = 0;
    vrx_time_format_vrs(1634007845, text);
    assert_string_equal(text, "20211012120405");
    assert_true(vrx_is_ok(vrx_time_parse_vrs(vrx_view_text(text), &time)));
    assert_int_equal(time, 1634007845);
    vrx_time_format_vrs(INT64_MAX, text);
    assert_string_equal(text, "99991231235959");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_exist),
        cmocka_unit_test(order),
        cmocka_unit_test(days_agree_with_gmtime),
        cmocka_unit_test(days_that_no_date_can_hold_give_no_date),
        cmocka_unit_test(the_day_changes_in_japan_at_15_utc),
        cmocka_unit_test(date_is_read_in_both_forms),
        cmocka_unit_test(iso_8601_5_2_2_other_shapes_are_malformed),
        cmocka_unit_test(dates_outside_the_calendar_are_invalid),
        cmocka_unit_test(instants_round_trip),
        cmocka_unit_test(formatted_years_are_clamped),
        cmocka_unit_test(rfc_3339_5_6_other_shapes_are_malformed),
        cmocka_unit_test(instants_outside_the_calendar_are_invalid),
        cmocka_unit_test(vrs_time_is_japans),
        cmocka_unit_test(vrs_time_is_written_as_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
