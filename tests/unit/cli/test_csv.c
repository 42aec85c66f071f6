/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <stdlib.h>

#include "layouts/csv.h"
#include "support/check.h"

static char *written(const char *const *fields) {
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    assert_int_equal(vrx_csv_print(file, fields), 0);
    fclose(file);
    return out;
}

static void prints(const char *const *fields, const char *expected) {
    char *out = written(fields);
    assert_string_equal(out, expected);
    free(out);
}

static void fields_are_quoted_where_rfc_4180_asks_for_it(void **state) {
    (void)state;
    prints((const char *const[]){"a", "", "札幌 花子", NULL}, "a,,札幌 花子\r\n");
    prints((const char *const[]){"a,b", "say \"so\"", "two\r\nlines", NULL},
        "\"a,b\",\"say \"\"so\"\"\",\"two\r\nlines\"\r\n");
}

static void a_spreadsheet_runs_nothing(void **state) {
    (void)state;
    prints((const char *const[]){"=1+1", "+81", "-1", "@x", "\tx", "1-1", "a=b", NULL},
        "\"'=1+1\",\"'+81\",\"'-1\",\"'@x\",\"'\tx\",1-1,a=b\r\n");
    prints((const char *const[]){"＝1", "＋1", "－1", "＠x", "１－１", "\rx", NULL},
        "\"'＝1\",\"'＋1\",\"'－1\",\"'＠x\",１－１,\"'\rx\"\r\n");
}

static void what_was_written_is_read_back(void **state) {
    (void)state;
    static const char *const fields[] = {"x,\"y\"", "", "\"", "a\nb", "１２", NULL};
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    char *out = written(fields);
    enum vrx_csv_step step = VRX_CSV_MORE;
    const struct vrx_csv_record *record = NULL;
    vrx_csv_init(&csv);
    assert_ok(vrx_csv_feed(&csv, vrx_view_text(out)));
    vrx_csv_finish(&csv);
    assert_ok(vrx_csv_next(&csv, &step, &record));
    assert_int_equal(step, VRX_CSV_RECORD);
    assert_int_equal(record->count, 5);
    for (size_t i = 0; i < record->count; i++)
        assert_true(vrx_view_equal(record->fields[i], vrx_view_text(fields[i])));
    free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_quoted_where_rfc_4180_asks_for_it),
        cmocka_unit_test(a_spreadsheet_runs_nothing),
        cmocka_unit_test(what_was_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
