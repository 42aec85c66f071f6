/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/vrs_write.h"

#include "layouts/vrs.h"
#include "support/check.h"

static void fill(struct vrx_dose_texts *texts, struct vrx_vrs_times *times, const char *venue) {
    vrx_vrs_put_times(1625103065, (struct vrx_date){2021, 7, 1}, times, texts);
    texts->field[VRX_DOSE_TICKET_NUMBER] = vrx_view_text("0000000001");
    texts->field[VRX_DOSE_MUNICIPALITY_CODE] = vrx_view_text("011002");
    texts->field[VRX_DOSE_VENUE] = vrx_view_text(venue);
    texts->field[VRX_DOSE_PHYSICIAN] = vrx_view_text("大阪 一郎");
    texts->field[VRX_DOSE_MANUFACTURER] = vrx_view_text("ファイザー");
    texts->field[VRX_DOSE_LOT] = vrx_view_text("EW4811");
}

static void a_line_as_it_stands_in_the_file(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_vrs_times times;
    struct vrx_dose_texts doses[2] = {0};
    fill(&doses[1], &times, "会場");
    const struct vrx_vaccination_texts row = {
        .addressee_number = vrx_view_text("7"), .doses = doses, .dose_count = 2};
    assert_ok(vrx_vrs_write(&row, &out));
    assert_ok(vrx_buffer_append_byte(&out, '\0'));
    assert_string_equal((const char *)out.ptr,
        "7,,,,,,,,,20210701103105,20210701,0000000001,011002,会場,大阪 一郎,ファイザー,EW4811\r\n");
}

/* Whatever a field holds, formulas and quotes too, the reader gives back. */
static void what_is_written_reads_back(void **state) {
    (void)state;
    static const char *const venues[] = {"会場", "=1+1", "-5", "@x", "a,b", "\"", "a\"b\"", " x"};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_vrs vrs VRX_CLEANUP(vrx_vrs_done);
    struct vrx_vrs_times times;
    struct vrx_dose_texts dose;
    size_t count = sizeof venues / sizeof *venues;
    for (size_t i = 0; i < count; i++) {
        fill(&dose, &times, venues[i]);
        const struct vrx_vaccination_texts row = {
            .addressee_number = vrx_view_text("7"), .doses = &dose, .dose_count = 1};
        assert_ok(vrx_vrs_write(&row, &out));
    }
    vrx_vrs_init(&vrs);
    assert_ok(vrx_csv_feed(&vrs.csv, vrx_buffer_view(&out)));
    vrx_csv_finish(&vrs.csv);
    for (size_t i = 0; i < count; i++) {
        enum vrx_csv_step step;
        struct vrx_vaccination_texts row;
        struct vrx_row_errors errors;
        fill(&dose, &times, venues[i]);
        assert_ok(vrx_vrs_next(&vrs, &step, &row, &errors));
        assert_int_equal(step, VRX_CSV_RECORD);
        assert_int_equal(errors.count, 0);
        assert_int_equal(row.dose_count, 1);
        for (size_t field = 0; field < VRX_DOSE_FIELDS; field++)
            assert_true(vrx_view_equal(row.doses[0].field[field], dose.field[field]));
    }
}

static void what_has_no_place_in_the_layout(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_vrs_times times;
    static struct vrx_dose_texts doses[VRX_LIMIT_DOSES + 1];
    fill(&doses[0], &times, "\xff");
    struct vrx_vaccination_texts row = {.addressee_number = vrx_view_text("7"), .doses = doses};
    assert_reason(vrx_vrs_write(&row, &out), VRX_INPUT_RANGE);
    row.dose_count = VRX_LIMIT_DOSES + 1;
    assert_reason(vrx_vrs_write(&row, &out), VRX_INPUT_RANGE);
    row.dose_count = VRX_LIMIT_DOSES;
    assert_reason(vrx_vrs_write(&row, &out), VRX_INPUT_TEXT);
    fill(&doses[0], &times, "会場");
    assert_ok(vrx_vrs_write(&row, &out));
    vrx_vrs_put_times(0, (struct vrx_date){0}, &times, &doses[0]);
    assert_int_equal(doses[0].field[VRX_DOSE_REGISTERED_AT].len, 0);
    assert_int_equal(doses[0].field[VRX_DOSE_ADMINISTERED_ON].len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_as_it_stands_in_the_file),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(what_has_no_place_in_the_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
