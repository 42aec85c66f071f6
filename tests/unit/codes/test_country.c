/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/codes/country.c
 */
#include "codes/country.h"

#include "support/check.h"

static bool same(const char *alpha3, const char *alpha2) {
    return vrx_country_same(vrx_view_text(alpha3), vrx_view_text(alpha2));
}

static void both_codes_of_a_country(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"ABW", "AW"}, {"AUS", "AU"}, {"AUT", "AT"},
        {"CHE", "CH"}, {"DEU", "DE"}, {"GBR", "GB"}, {"JPN", "JP"}, {"KOR", "KR"}, {"PRK", "KP"},
        {"SVK", "SK"}, {"SVN", "SI"}, {"USA", "US"}, {"ZWE", "ZW"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t j = 0; j < sizeof pairs / sizeof *pairs; j++)
            assert_int_equal(same(pairs[i][0], pairs[j][1]), i == j);
}

static void icao_9303_3_5_codes_of_its_own(void **state) {
    (void)state;
    assert_true(same("D", "DE"));
    assert_true(same("EUE", "EU"));
    assert_true(same("UNO", "UN"));
    assert_true(same("RKS", "KS"));
    assert_true(same("RKS", "XK"));
    assert_false(same("D", "DK"));
    assert_false(same("EUE", "DE"));
}

static void icao_9303_3_5_nationalities(void **state) {
    (void)state;
    static const char *const good[] = {"JPN", "D", "GBR", "GBN", "RKS", "UNO", "XXA", "XXC", "ZWE"};
    static const char *const bad[] = {"", "J", "JP", "jpn", "ZZZ", "DEUT", "D<<", "XXD", "392"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(vrx_country_is_nationality(vrx_view_text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(vrx_country_is_nationality(vrx_view_text(bad[i])));
}

static void no_other_texts(void **state) {
    (void)state;
    static const char *const others[][2] = {{"", ""}, {"JP", "JP"}, {"JPN", "JPN"}, {"JPN", ""},
        {"jpn", "JP"}, {"JPN", "jp"}, {"JPNX", "JP"}, {"JPN", "J"}, {"ZZZ", "ZZ"}, {"AAA", "AA"},
        {"\xff\xff\xff", "JP"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(same(others[i][0], others[i][1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_codes_of_a_country),
        cmocka_unit_test(icao_9303_3_5_codes_of_its_own),
        cmocka_unit_test(icao_9303_3_5_nationalities),
        cmocka_unit_test(no_other_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
