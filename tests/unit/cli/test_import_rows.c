/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/check.h"

static struct vrx_import_rows rows;
static struct vrx_row_errors errors;
static enum vrx_import_step step;

static void begin(enum vrx_import_kind kind, struct vrx_view file) {
    vrx_import_rows_init(&rows, kind);
    assert_ok(vrx_csv_feed(vrx_import_rows_csv(&rows), file));
    vrx_csv_finish(vrx_import_rows_csv(&rows));
}

static enum vrx_import_step next(void) {
    assert_ok(vrx_import_rows_next(&rows, &step, &errors));
    return step;
}

#define HEADER "宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,住所\r\n"

static void a_resident_file_becomes_a_message(void **state) {
    (void)state;
    begin(VRX_IMPORT_RESIDENTS,
        vrx_view_text(
            HEADER "１２,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,\"北１,西２\"\r\n"
                   "13,,名,,19850402,,\r\n"));
    assert_int_equal(next(), VRX_IMPORT_END);
    const Vrx__V1__ImportResidentsRequest *message = (const void *)vrx_import_rows_message(&rows);
    assert_non_null(message);
    assert_int_equal(message->n_rows, 2);
    const Vrx__V1__ResidentRow *row = message->rows[0];
    assert_int_equal(row->line, 2);
    assert_string_equal(row->addressee_number, "１２");
    assert_string_equal(row->individual_number, "123456789018");
    assert_string_equal(row->name, "札幌 花子");
    assert_string_equal(row->kana, "サッポロ ハナコ");
    assert_string_equal(row->birth_date, "19850401");
    assert_string_equal(row->sex, "2");
    assert_string_equal(row->address, "北１,西２");
    assert_int_equal(message->rows[1]->line, 3);
    assert_string_equal(message->rows[1]->individual_number, "");
    assert_true(protobuf_c_message_check(&message->base));
    vrx_import_rows_taken(&rows);
    assert_null(vrx_import_rows_message(&rows));
    message = (const void *)vrx_import_rows_end(&rows);
    assert_int_equal(message->n_rows, 0);
    assert_non_null(message->end);
    assert_int_equal(message->end->rows, 2);
    assert_true(protobuf_c_message_check(&message->base));
    vrx_import_rows_done(&rows);
}

static void a_vrs_file_in_cp932_becomes_a_message(void **state) {
    (void)state;
    /* 駅前 and 医師 and ファイザー in CP932 */
    begin(VRX_IMPORT_VACCINATIONS,
        vrx_view_text("7,20210601101500,20210601,0000000001,011002,\x89\x77\x91\x4f,"
                      "\x88\xe3\x8e\x74,\x83\x74\x83\x40\x83\x43\x83\x55\x81\x5b,EW4811,"
                      ",,,,,,,\r\n"));
    assert_int_equal(next(), VRX_IMPORT_END);
    const Vrx__V1__ImportVaccinationsRequest *message =
        (const void *)vrx_import_rows_message(&rows);
    assert_int_equal(message->n_rows, 1);
    assert_string_equal(message->rows[0]->addressee_number, "7");
    assert_int_equal(message->rows[0]->n_doses, 2);
    const Vrx__V1__DoseFields *dose = message->rows[0]->doses[0];
    assert_string_equal(dose->registered_at, "20210601101500");
    assert_string_equal(dose->administered_on, "20210601");
    assert_string_equal(dose->ticket_number, "0000000001");
    assert_string_equal(dose->municipality_code, "011002");
    assert_string_equal(dose->venue, "駅前");
    assert_string_equal(dose->physician, "医師");
    assert_string_equal(dose->manufacturer, "ファイザー");
    assert_string_equal(dose->lot, "EW4811");
    assert_string_equal(message->rows[0]->doses[1]->lot, "");
    vrx_import_rows_done(&rows);
}

static void a_list_of_movers_becomes_a_message(void **state) {
    (void)state;
    begin(VRX_IMPORT_MOVERS,
        vrx_view_text("宛名番号,転出元団体コード,同意ID,本人確認ID,項目\r\n"
                      "00012,011002,000102030405060708090a0b0c0d0e0f,,ロット 接種\r\n"
                      "13,011003,,,dose\r\n"));
    assert_int_equal(next(), VRX_IMPORT_FAULT);
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.item[0].line, 3);
    assert_int_equal(errors.item[0].reason, VRX_CHECK_DIGIT_WRONG);
    assert_int_equal(next(), VRX_IMPORT_END);
    const Vrx__V1__SubmitBulkRequest *message = (const void *)vrx_import_rows_message(&rows);
    assert_non_null(message);
    assert_int_equal(message->n_rows, 1);
    assert_null(message->end);
    const Vrx__V1__BulkRow *row = message->rows[0];
    assert_int_equal(row->line, 2);
    assert_int_equal(row->resident->key_case, VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER);
    assert_string_equal(row->resident->addressee_number, "12");
    assert_string_equal(row->from_municipality, "011002");
    assert_int_equal(row->consent_id.len, 16);
    assert_int_equal(row->consent_id.data[15], 15);
    assert_int_equal(row->evidence_id.len, 0);
    assert_int_equal(row->n_items, 2);
    assert_int_equal(row->items[0], VRX__V1__DATA_ITEM__DATA_ITEM_LOT);
    assert_int_equal(row->items[1], VRX__V1__DATA_ITEM__DATA_ITEM_DOSE);
    assert_true(protobuf_c_message_check(&message->base));
    vrx_import_rows_taken(&rows);
    message = (const void *)vrx_import_rows_end(&rows);
    assert_int_equal(message->n_rows, 0);
    assert_int_equal(message->end->rows, 1);
    assert_true(protobuf_c_message_check(&message->base));
    vrx_import_rows_done(&rows);
}

static void a_line_that_is_no_row_is_a_fault_and_the_file_goes_on(void **state) {
    (void)state;
    begin(VRX_IMPORT_VACCINATIONS, vrx_view_text("1,,,,,,,,\n2,a,b\n3,,,,,,,,\n"));
    assert_int_equal(next(), VRX_IMPORT_FAULT);
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.item[0].line, 2);
    assert_int_equal(errors.item[0].reason, VRX_INPUT_MALFORMED);
    assert_int_equal(next(), VRX_IMPORT_END);
    const Vrx__V1__ImportVaccinationsRequest *message =
        (const void *)vrx_import_rows_message(&rows);
    assert_int_equal(message->n_rows, 2);
    assert_int_equal(message->rows[1]->line, 3);
    vrx_import_rows_done(&rows);
}

/* A C string would end at it, and the service would see a shorter field than the file has. */
static void a_nul_within_a_field_is_a_fault(void **state) {
    (void)state;
    static const char file[] = "12\0"
                               "34,,,,,,,,\n5,,,,,,,,EW\0"
                               "1\n6,,,,,,,,\n";
    begin(VRX_IMPORT_VACCINATIONS, vrx_view_of(file, sizeof file - 1));
    assert_int_equal(next(), VRX_IMPORT_FAULT);
    assert_int_equal(errors.item[0].line, 1);
    assert_int_equal(errors.item[0].reason, VRX_INPUT_TEXT);
    assert_ptr_equal(errors.item[0].field, &vrx_addressee_field);
    assert_int_equal(next(), VRX_IMPORT_FAULT);
    assert_int_equal(errors.item[0].line, 2);
    assert_int_equal(errors.item[0].dose, 1);
    assert_ptr_equal(errors.item[0].field, &vrx_dose_field_names[VRX_DOSE_LOT]);
    assert_int_equal(next(), VRX_IMPORT_END);
    assert_int_equal(rows.count, 1);
    vrx_import_rows_done(&rows);
}

static void a_message_has_so_many_rows_at_the_most(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = {0};
    assert_ok(vrx_buffer_append(&file, vrx_view_text(HEADER)));
    for (unsigned i = 1; i <= 2 * VRX_IMPORT_ROWS + 1; i++) {
        char line[64];
        snprintf(line, sizeof line, "%u,,n,,19850401,,\n", i);
        assert_ok(vrx_buffer_append(&file, vrx_view_text(line)));
    }
    begin(VRX_IMPORT_RESIDENTS, vrx_buffer_view(&file));
    uint64_t line = 2;
    for (unsigned message = 0; message < 3; message++) {
        assert_int_equal(next(), message < 2 ? VRX_IMPORT_FULL : VRX_IMPORT_END);
        const Vrx__V1__ImportResidentsRequest *request =
            (const void *)vrx_import_rows_message(&rows);
        assert_int_equal(request->n_rows, message < 2 ? VRX_IMPORT_ROWS : 1);
        for (size_t i = 0; i < request->n_rows; i++)
            assert_int_equal(request->rows[i]->line, line++);
        vrx_import_rows_taken(&rows);
    }
    vrx_import_rows_done(&rows);
}

/* The service refuses a message over VRX_LIMIT_MESSAGE, and the whole import with it. */
static void a_message_of_long_rows_stays_below_the_limit(void **state) {
    (void)state;
    enum { LINES = 300, FIELD = 60000 };
    vrx_import_rows_init(&rows, VRX_IMPORT_VACCINATIONS);
    char *line = malloc(FIELD + 64);
    assert_non_null(line);
    memset(line, 'x', FIELD);
    strncpy(line + FIELD, ",,,,,,,,\n", 64);
    size_t sent = 0;
    size_t largest = 0;
    for (unsigned i = 0; i <= LINES;) {
        assert_ok(vrx_import_rows_next(&rows, &step, &errors));
        if (step == VRX_IMPORT_MORE && i++ < LINES) {
            assert_ok(vrx_csv_feed(vrx_import_rows_csv(&rows), vrx_view_text(line)));
            continue;
        }
        if (step == VRX_IMPORT_MORE)
            break;
        assert_int_equal(step, VRX_IMPORT_FULL);
        size_t size = protobuf_c_message_get_packed_size(vrx_import_rows_message(&rows));
        largest = size > largest ? size : largest;
        sent += rows.count;
        vrx_import_rows_taken(&rows);
    }
    assert_int_equal(sent + rows.count, LINES);
    assert_true(largest > FIELD && largest < VRX_LIMIT_MESSAGE);
    free(line);
    vrx_import_rows_done(&rows);
}

static void what_ends_the_file_is_handed_up_and_the_rows_before_it_wait(void **state) {
    (void)state;
    begin(VRX_IMPORT_VACCINATIONS, vrx_view_text("1,,,,,,,,\n2,\"never closed\n"));
    assert_reason(vrx_import_rows_next(&rows, &step, &errors), VRX_INPUT_TRUNCATED);
    assert_int_equal(rows.count, 1);
    assert_int_equal(vrx_csv_line(vrx_import_rows_csv(&rows)), 2);
    vrx_import_rows_done(&rows);
    begin(VRX_IMPORT_RESIDENTS, vrx_view_text("宛名番号,氏名\n1,n\n"));
    assert_reason(vrx_import_rows_next(&rows, &step, &errors), VRX_INPUT_FIELD_MISSING);
    assert_null(vrx_import_rows_message(&rows));
    vrx_import_rows_done(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resident_file_becomes_a_message),
        cmocka_unit_test(a_vrs_file_in_cp932_becomes_a_message),
        cmocka_unit_test(a_list_of_movers_becomes_a_message),
        cmocka_unit_test(a_line_that_is_no_row_is_a_fault_and_the_file_goes_on),
        cmocka_unit_test(a_nul_within_a_field_is_a_fault),
        cmocka_unit_test(a_message_has_so_many_rows_at_the_most),
        cmocka_unit_test(a_message_of_long_rows_stays_below_the_limit),
        cmocka_unit_test(what_ends_the_file_is_handed_up_and_the_rows_before_it_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
