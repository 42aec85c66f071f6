/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/municipality_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void known_codes_are_read(void **state) {
    (void)state;
    static const char *const known[] = {"011002", "122173", "192015", "131016", "473821"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct vrx_municipality_code code;
        assert_true(vrx_is_ok(vrx_municipality_code_parse(vrx_view_text(known[i]), &code)));
        assert_string_equal(code.digits, known[i]);
        assert_true(vrx_view_equal(vrx_municipality_code_view(&code), vrx_view_text(known[i])));
    }
}

static void every_code_of_the_country_is_read(void **state) {
    (void)state;
    const char *folder = getenv("VRX_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/municipalities.csv", folder ? folder : "../shared/data");
    FILE *file = fopen(path, "r");
    if (!file)
        skip();
    char line[1024];
    unsigned municipalities = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* the header row */
    while (fgets(line, sizeof line, file)) {
        struct vrx_municipality_code code;
        assert_true(vrx_is_ok(vrx_municipality_code_parse(vrx_view_of(line, 6), &code)));
        municipalities += strstr(line, ",,") == NULL; /* a prefecture's row has no municipality */
        for (char digit = '0'; digit <= '9'; digit++) {
            if (digit == code.digits[5])
                continue;
            line[5] = digit;
            assert_int_equal(vrx_municipality_code_parse(vrx_view_of(line, 6), &code).reason,
                VRX_CHECK_DIGIT_WRONG);
        }
    }
    fclose(file);
    assert_int_equal(municipalities, 1741);
}

static void what_is_not_6_digits_is_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"", "01100", "0110020", "01100a", " 11002", "０１１"};
    struct vrx_municipality_code code = {"before"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_municipality_code_parse(vrx_view_text(texts[i]), &code).reason,
            VRX_INPUT_MALFORMED);
    assert_string_equal(code.digits, "before");
}

static void jis_x_0401_prefectures_beyond_47_are_out_of_range(void **state) {
    (void)state;
    static const char *const first[] = {"00000", "48100", "99100"};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        char text[7] = {0};
        struct vrx_municipality_code code = {"before"};
        memcpy(text, first[i], 5);
        text[5] = vrx_municipality_code_check_digit(text);
        assert_int_equal(
            vrx_municipality_code_parse(vrx_view_text(text), &code).reason, VRX_INPUT_RANGE);
        assert_string_equal(code.digits, "before");
    }
}

static void equality(void **state) {
    (void)state;
    struct vrx_municipality_code sapporo = {"011002"};
    struct vrx_municipality_code same = {"011002"};
    struct vrx_municipality_code kashiwa = {"122173"};
    assert_true(vrx_municipality_code_equal(&sapporo, &same));
    assert_false(vrx_municipality_code_equal(&sapporo, &kashiwa));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_codes_are_read),
        cmocka_unit_test(every_code_of_the_country_is_read),
        cmocka_unit_test(what_is_not_6_digits_is_malformed),
        cmocka_unit_test(jis_x_0401_prefectures_beyond_47_are_out_of_range),
        cmocka_unit_test(equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
