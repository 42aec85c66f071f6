/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/totp.h"

#include "support/check.h"

#define STEP 30

static const uint8_t secret[VRX_TOTP_SECRET] = "12345678901234567890";

/* RFC 4226 Appendix D. */
static void rfc_4226_appendix_d(void **state) {
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314", "254676",
        "287922", "162583", "399871", "520489"};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char code[VRX_TOTP_DIGITS + 1];
        assert_ok(vrx_totp_code(secret, (int64_t)i, code));
        assert_string_equal(code, codes[i]);
    }
}

/* RFC 6238 Appendix B, the rows of SHA-1; the last six of its eight digits. */
static const struct {
    int64_t time;
    const char *code;
} rows[] = {
    {59, "287082"},
    {1111111109, "081804"},
    {1111111111, "050471"},
    {1234567890, "005924"},
    {2000000000, "279037"},
    {20000000000, "353130"},
};

static int64_t match(const char *code, int64_t now, int64_t used_step) {
    int64_t step = -1;
    assert_ok(vrx_totp_match(secret, vrx_view_text(code), now, used_step, &step));
    return step;
}

static void rfc_6238_appendix_b(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char code[VRX_TOTP_DIGITS + 1];
        assert_ok(vrx_totp_code(secret, rows[i].time / STEP, code));
        assert_string_equal(code, rows[i].code);
        assert_int_equal(match(rows[i].code, rows[i].time, 0), rows[i].time / STEP);
    }
}

static void rfc_6238_section_5_2_one_step_of_drift(void **state) {
    const int64_t step = 1234567890 / STEP;
    (void)state;
    assert_int_equal(match("005924", (step - 1) * STEP, 0), step);
    assert_int_equal(match("005924", (step + 2) * STEP - 1, 0), step);
    assert_int_equal(match("005924", (step - 1) * STEP - 1, 0), 0);
    assert_int_equal(match("005924", (step + 2) * STEP, 0), 0);
}

static void rfc_6238_section_5_2_each_code_once(void **state) {
    const int64_t step = 1234567890 / STEP;
    (void)state;
    assert_int_equal(match("005924", 1234567890, step - 1), step);
    assert_int_equal(match("005924", 1234567890, step), 0);
    assert_int_equal(match("005924", 1234567890, step + 1), 0);
}

static void another_code_matches_nothing(void **state) {
    (void)state;
    assert_int_equal(match("005925", 1234567890, 0), 0);
    assert_int_equal(match("00592", 1234567890, 0), 0);
    assert_int_equal(match("0059240", 1234567890, 0), 0);
    assert_int_equal(match("", 1234567890, 0), 0);
}

static void before_1970_there_is_no_step(void **state) {
    char code[VRX_TOTP_DIGITS + 1];
    (void)state;
    assert_reason(vrx_totp_code(secret, -1, code), VRX_INPUT_RANGE);
}

static void the_uri_is_what_apps_read(void **state) {
    struct vrx_buffer uri VRX_CLEANUP(vrx_buffer_done) = {0};
    (void)state;
    assert_ok(vrx_totp_uri(vrx_view_text("VRX 011002"), vrx_view_text("a/b?c"), secret, &uri));
    assert_ok(vrx_buffer_append_byte(&uri, '\0'));
    assert_string_equal((const char *)uri.ptr,
        "otpauth://totp/VRX%20011002:a%2Fb%3Fc?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=VRX%20011002&algorithm=SHA1&digits=6&period=30");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4226_appendix_d),
        cmocka_unit_test(rfc_6238_appendix_b),
        cmocka_unit_test(rfc_6238_section_5_2_one_step_of_drift),
        cmocka_unit_test(rfc_6238_section_5_2_each_code_once),
        cmocka_unit_test(another_code_matches_nothing),
        cmocka_unit_test(before_1970_there_is_no_step),
        cmocka_unit_test(the_uri_is_what_apps_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
