/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/uvci.h"

#include "support/check.h"

/* The guidelines' example, and identifiers that France and Austria published. */
static void check_characters_of_others(void **state) {
    (void)state;
    static const char *const rows[] = {"URN:UVCI:01:SE:EHM/C878/123456789ABC#B",
        "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B",
        "URN:UVCI:01:FR:Y4996KBJ4Q3Q#:", "URN:UVCI:01:FR:P4LU2647E8HN#/",
        "URN:UVCI:01:FR:GGD81AAH16A3#0"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(vrx_uvci_is_checked(vrx_view_text(rows[i])));
}

static void any_changed_character_is_noticed(void **state) {
    (void)state;
    static const char good[] = "URN:UVCI:01:FR:P4LU2647E8HN#/";
    for (size_t i = 0; i < sizeof good - 3; i++) {
        char changed[sizeof good];
        memcpy(changed, good, sizeof good);
        changed[i] = changed[i] == 'X' ? 'Y' : 'X';
        assert_false(vrx_uvci_is_checked(vrx_view_text(changed)));
    }
}

static void refusal_uvci_annex_2_alphabet(void **state) {
    (void)state;
    static const char *const rows[] = {"URN:UVCI:01:BG:ufr5", "A#", "A B", "\u3042"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char check = '?';
        assert_reason(vrx_uvci_check_character(vrx_view_text(rows[i]), &check), VRX_INPUT_TEXT);
        assert_int_equal(check, '?');
    }
    char check = '?';
    assert_reason(vrx_uvci_check_character(vrx_view_of("A\0", 2), &check), VRX_INPUT_TEXT);
}

static void refusal_uvci_annex_2_no_check_character(void **state) {
    (void)state;
    assert_false(vrx_uvci_is_checked(vrx_view_text("")));
    assert_false(vrx_uvci_is_checked(vrx_view_text("#A")));
    assert_false(vrx_uvci_is_checked(vrx_view_text("URN:UVCI:01:PL:1/4F86BBF0865B")));
}

static void make_writes_all_the_randomness(void **state) {
    (void)state;
    uint8_t random[VRX_UVCI_RANDOM];
    char first[VRX_UVCI_TEXT + 1];
    /* RFC 4648 §10: "foobar" begins MZXW6YTB in base 32. */
    memcpy(random, "foobarfoobarfoob", sizeof random);
    vrx_uvci_make(random, first);
    assert_int_equal(strlen(first), VRX_UVCI_TEXT);
    assert_memory_equal(first, "URN:UVCI:01:JP:MZXW6YTBOJTG633CMFZGM33PMI#", 42);
    assert_true(vrx_uvci_is_checked(vrx_view_text(first)));
    for (size_t bit = 0; bit < sizeof random * 8; bit++) {
        char other[VRX_UVCI_TEXT + 1];
        random[bit / 8] ^= (uint8_t)(1u << bit % 8);
        vrx_uvci_make(random, other);
        random[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(vrx_uvci_is_checked(vrx_view_text(other)));
        assert_int_not_equal(memcmp(first, other, VRX_UVCI_TEXT - 2), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_characters_of_others),
        cmocka_unit_test(any_changed_character_is_noticed),
        cmocka_unit_test(refusal_uvci_annex_2_alphabet),
        cmocka_unit_test(refusal_uvci_annex_2_no_check_character),
        cmocka_unit_test(make_writes_all_the_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
