/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdlib.h>

#include "support/check.h"

static void columns_are_those_of_a_terminal(void **state) {
    (void)state;
    assert_int_equal(vrx_text_columns(""), 0);
    assert_int_equal(vrx_text_columns("abc"), 3);
    assert_int_equal(vrx_text_columns("札幌 花子"), 9);
    assert_int_equal(vrx_text_columns("ｻｯﾎﾟﾛ"), 5);        /* half-width kana, JIS X 0201 */
    assert_int_equal(vrx_text_columns("Ａ１"), 4);         /* full-width forms */
    assert_int_equal(vrx_text_columns("か\u3099"), 2);     /* a combining voiced sound mark */
    assert_int_equal(vrx_text_columns("辻\U000E0100"), 2); /* a variation selector */
    assert_int_equal(vrx_text_columns("\U0002000B"), 2);   /* a kanji beyond the first plane */
    assert_int_equal(vrx_text_columns("\xff\xfe"), 2);     /* not UTF-8: a column a byte */
    assert_int_equal(vrx_text_columns("a\xe3\x81"), 3);    /* cut off */
}

static void padded(const char *text, size_t width, bool more, const char *expected) {
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    vrx_text_pad(file, text, width, more);
    fclose(file);
    assert_string_equal(out, expected);
    free(out);
}

static void text_is_padded_to_its_column(void **state) {
    (void)state;
    padded("花", 5, true, "花   ");
    padded("花", 5, false, "花");
    padded("longer", 3, true, "longer ");
    padded("longer", 3, false, "longer");
}

/* ISO/IEC 6429: what moves a cursor or sets a title does not reach the terminal. */
static void control_characters_are_not_printed(void **state) {
    (void)state;
    padded("a\x1b[2Jb\r\n\t", 0, false, "a?[2Jb???");
    padded("\x7f\xc2\x9b"
           "c",
        0, false, "??c");
    padded("\xffz", 0, false, "?z");
}

static void columns_are_as_wide_as_their_widest_cell(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_table_done) struct vrx_table table;
    vrx_table_init(&table, (const char *const[]){"name", "n", "x", NULL});
    vrx_table_text(&table, "札幌 花子");
    vrx_table_format(&table, "%u", 12345u);
    vrx_table_hex(&table, vrx_view_of("\x01\xab", 2));
    vrx_table_text(&table, NULL);
    vrx_table_text(&table, "");
    vrx_table_text(&table, "z");
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    assert_ok(vrx_table_print(&table, file));
    fclose(file);
    assert_string_equal(out, "name       n      x\n"
                             "札幌 花子  12345  01ab\n"
                             "                  z\n");
    free(out);
}

static void a_table_without_memory_prints_nothing(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_table_done) struct vrx_table table;
    vrx_table_init(&table, (const char *const[]){"name", NULL});
    table.arena.limit = table.arena.used;
    vrx_table_text(&table, "cell");
    table.arena.limit = 1 << 20;
    vrx_table_text(&table, "another");
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    assert_reason(vrx_table_print(&table, file), VRX_OUT_OF_MEMORY);
    fclose(file);
    assert_int_equal(len, 0);
    free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_a_terminal),
        cmocka_unit_test(text_is_padded_to_its_column),
        cmocka_unit_test(control_characters_are_not_printed),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(a_table_without_memory_prints_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
