/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/moment.h"

#include "support/check.h"

static void days_and_times(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
        int64_t time;
    } moments[] = {
        {"2021-07-01", VRX_OK, 1625065200},
        {"2021-07-01T00:00:00+09:00", VRX_OK, 1625065200},
        {"2021-06-30T15:00:00Z", VRX_OK, 1625065200},
        {"2021-06-30T15:00:00.000000001Z", VRX_OK, 1625065200},
        {"2021-06-30T04:30:00-10:30", VRX_OK, 1625065200},
        {"2021-07-01T05:00:00+14:00", VRX_OK, 1625065200},
        {"2021-07-01T00:00:00+14:01", VRX_INPUT_RANGE, 0},
        {"2021-07-01T00:00:00+09:60", VRX_INPUT_RANGE, 0},
        {"2021-07-01T00:00:00", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01T00:00:00.Z", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01T00:00:00.5", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01T00:00+09:00", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01T24:00:00Z", VRX_DATE_INVALID, 0},
        {"2021-07-01T00:00:00+0900", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01T00:00:00+09:00Z", VRX_INPUT_MALFORMED, 0},
        {"2021-07-01 00:00:00Z", VRX_INPUT_MALFORMED, 0},
        {"20210701", VRX_INPUT_MALFORMED, 0},
        {"2021-07", VRX_INPUT_MALFORMED, 0},
        {"2021", VRX_INPUT_MALFORMED, 0},
        {"", VRX_INPUT_MALFORMED, 0},
    };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int64_t time = 0;
        assert_int_equal(
            vrx_fhir_moment(vrx_view_text(moments[i].text), &time).reason, moments[i].reason);
        assert_int_equal(time, moments[i].time);
    }
    struct vrx_date date = {0};
    assert_ok(vrx_fhir_date(vrx_view_text("1985-04-01"), &date));
    assert_int_equal(date.day, 1);
    assert_reason(vrx_fhir_date(vrx_view_text("19850401"), &date), VRX_INPUT_MALFORMED);
}

static void an_instant_is_written_in_japans_time(void **state) {
    (void)state;
    char text[VRX_FHIR_MOMENT_TEXT + 1];
    int64_t time = 0;
    vrx_fhir_moment_format(1625103065, text);
    assert_string_equal(text, "2021-07-01T10:31:05+09:00");
    assert_ok(vrx_fhir_moment(vrx_view_text(text), &time));
    assert_int_equal(time, 1625103065);
    vrx_fhir_moment_format(INT64_MAX, text);
    assert_int_equal(strlen(text), VRX_FHIR_MOMENT_TEXT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_times),
        cmocka_unit_test(an_instant_is_written_in_japans_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
