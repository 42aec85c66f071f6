/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/mrz.h"

#include "support/check.h"

static void expect(const char *roman, const char *mrz) {
    char name[VRX_MRZ_NAME + 1];
    size_t len = 99;
    assert_ok(vrx_mrz_from_roman(vrx_view_text(roman), name, &len));
    assert_string_equal(name, mrz);
    assert_int_equal(len, strlen(mrz));
    assert_true(vrx_mrz_is_name(vrx_view_of(name, len)));
}

static void expect_refusal(struct vrx_view roman, enum vrx_reason reason) {
    char name[VRX_MRZ_NAME + 1] = "unchanged";
    size_t len = 99;
    assert_reason(vrx_mrz_from_roman(roman, name, &len), reason);
    assert_string_equal(name, "unchanged");
    assert_int_equal(len, 99);
}

static void names_as_in_the_passport(void **state) {
    (void)state;
    expect("YAMADA", "YAMADA");
    expect("Yamada", "YAMADA");
    expect("ONO MARTIN", "ONO<MARTIN");
    expect("SMITH-JONES", "SMITH<JONES");
    expect("O'CONNOR", "OCONNOR");
    expect("VAN  DER - BERG", "VAN<DER<BERG");
    expect("ERIKSSON, ANNA MARIA", "ERIKSSON<ANNA<MARIA");
    expect(" KIM ", "KIM");
}

static void refusal_icao_9303_3_4_6_other_characters(void **state) {
    (void)state;
    /* Kanji, kana, a diacritic, the bracketed spelling, a digit, an existing filler, a NUL. */
    static const char *const rows[] = {"\u5c71\u7530", "\u30e4\u30de\u30c0", "M\u00dcLLER",
        "HIRATA(SAKAI)", "YAMADA2", "YA<MADA", "O\u2019CONNOR", "ST. JOHN"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refusal(vrx_view_text(rows[i]), VRX_INPUT_TEXT);
    expect_refusal(vrx_view_of("YA\0MADA", 7), VRX_INPUT_TEXT);
}

static void refusal_icao_9303_3_4_6_no_letter(void **state) {
    (void)state;
    expect_refusal(vrx_view_text(""), VRX_INPUT_FIELD_MISSING);
    expect_refusal(vrx_view_text(" - ' "), VRX_INPUT_FIELD_MISSING);
}

static void refusal_dcc_person_name_longer_than_80(void **state) {
    (void)state;
    char roman[VRX_MRZ_NAME + 3];
    char mrz[VRX_MRZ_NAME + 1] = {0};
    memset(roman, 'A', sizeof roman);
    memset(mrz, 'A', VRX_MRZ_NAME);
    roman[VRX_MRZ_NAME] = 0;
    expect(roman, mrz);
    roman[VRX_MRZ_NAME] = 'A';
    expect_refusal(vrx_view_of(roman, VRX_MRZ_NAME + 1), VRX_INPUT_TOO_LARGE);
    /* 79 letters, a filler and one more letter are 81 characters. */
    roman[VRX_MRZ_NAME - 1] = ' ';
    expect_refusal(vrx_view_of(roman, VRX_MRZ_NAME + 1), VRX_INPUT_TOO_LARGE);
}

static void is_name_knows_the_schema(void **state) {
    (void)state;
    char longest[VRX_MRZ_NAME + 1];
    memset(longest, '<', sizeof longest);
    assert_true(vrx_mrz_is_name(vrx_view_text("")));
    assert_true(vrx_mrz_is_name(vrx_view_text("AZ<")));
    assert_false(vrx_mrz_is_name(vrx_view_text("a")));
    assert_false(vrx_mrz_is_name(vrx_view_text("A B")));
    assert_false(vrx_mrz_is_name(vrx_view_text("A1")));
    assert_true(vrx_mrz_is_name(vrx_view_of(longest, VRX_MRZ_NAME)));
    assert_false(vrx_mrz_is_name(vrx_view_of(longest, VRX_MRZ_NAME + 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_as_in_the_passport),
        cmocka_unit_test(refusal_icao_9303_3_4_6_other_characters),
        cmocka_unit_test(refusal_icao_9303_3_4_6_no_letter),
        cmocka_unit_test(refusal_dcc_person_name_longer_than_80),
        cmocka_unit_test(is_name_knows_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
