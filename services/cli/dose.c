/* SPDX-License-Identifier: Apache-2.0
 *
 * One dose: recorded, corrected, taken out of the history. A correction names the version that the
 * clerk has seen (vrx history shows it), so that two clerks do not undo each other.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "codes/vaccine.h"
#include "vrx/v1/records.pb-c.h"

/* By the number of codes/vaccine.h or by the name that VRS files use. */
static int product_of(const struct vrx_arguments *arguments, uint32_t *ret_product) {
    struct vrx_view text = vrx_view_text(vrx_argument(arguments, "product"));
    if (vrx_text_is_digits(text, 1, 9)) {
        uint64_t number = 0;
        VRX_CLI_TRY(vrx_value_number(arguments, "product", 1, UINT32_MAX, 0, &number));
        *ret_product = (uint32_t)number;
        return VRX_EXIT_OK;
    }
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    vrx_arena_init(&arena, 0);
    const struct vrx_vaccine *vaccine = NULL;
    struct vrx_view folded = {0};
    struct vrx_result result = vrx_text_fold(&arena, text, &folded);
    if (vrx_is_ok(result))
        result = vrx_vaccine_match(folded, &vaccine);
    if (!vrx_is_ok(result)) {
        vrx_value_wrong("product", "one of", "次のいずれか");
        for (size_t i = 0; (vaccine = vrx_vaccine_at(i)) != NULL; i++)
            fprintf(stderr, "  %llu  %s  %s\n", (unsigned long long)vaccine->id, vaccine->vrs_name,
                vaccine->product_en);
        return VRX_EXIT_USAGE;
    }
    *ret_product = (uint32_t)vaccine->id;
    return VRX_EXIT_OK;
}

static int dose_of(const struct vrx_arguments *arguments, Vrx__V1__Dose *dose) {
    uint64_t number = 0;
    vrx__v1__dose__init(dose);
    VRX_CLI_TRY(vrx_value_number(arguments, "dose", 1, UINT32_MAX, 0, &number));
    VRX_CLI_TRY(product_of(arguments, &dose->product));
    VRX_CLI_TRY(vrx_value_municipality("by", vrx_argument(arguments, "by")));
    dose->dose_number = (uint32_t)number;
    dose->administered_on = vrx_value_text(arguments, "date");
    dose->lot = vrx_value_text(arguments, "lot");
    dose->venue = vrx_value_text(arguments, "venue");
    dose->physician = vrx_value_text(arguments, "physician");
    dose->ticket_number = vrx_value_text(arguments, "ticket");
    dose->administered_by = vrx_value_text(arguments, "by");
    return VRX_EXIT_OK;
}

/* Which version of which dose is meant. */
static int target_of(
    const struct vrx_arguments *arguments, uint64_t *ret_dose_id, uint32_t *ret_version) {
    uint64_t version = 0;
    VRX_CLI_TRY(vrx_value_number(arguments, "id", 1, INT64_MAX, 0, ret_dose_id));
    VRX_CLI_TRY(vrx_value_number(arguments, "version", 1, UINT32_MAX, 0, &version));
    *ret_version = (uint32_t)version;
    return VRX_EXIT_OK;
}

static int print_numbers(
    const struct vrx_arguments *arguments, uint64_t dose_id, const char *second, uint64_t value) {
    if (!vrx_argument_json(arguments)) {
        printf(
            "id %llu   %s %llu\n", (unsigned long long)dose_id, second, (unsigned long long)value);
        return VRX_EXIT_OK;
    }
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_number(&json, "id", dose_id);
    vrx_json_number(&json, second, value);
    return vrx_json_print(&json);
}

static int run_record(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    Vrx__V1__Dose dose;
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(dose_of(arguments, &dose));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__RecordVaccinationRequest request;
    vrx__v1__record_vaccination_request__init(&request);
    request.resident = &resident.key;
    request.dose = &dose;
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Records", "RecordVaccination", record_vaccination), &request.base, &reply));
    const Vrx__V1__RecordVaccinationResponse *recorded = (const void *)reply;
    return print_numbers(arguments, recorded->dose_id, "ledger_index", recorded->ledger_index);
}

static int run_correct(const struct vrx_arguments *arguments) {
    Vrx__V1__Dose dose;
    Vrx__V1__CorrectVaccinationRequest request;
    vrx__v1__correct_vaccination_request__init(&request);
    VRX_CLI_TRY(target_of(arguments, &request.dose_id, &request.version));
    VRX_CLI_TRY(dose_of(arguments, &dose));
    request.dose = &dose;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Records", "CorrectVaccination", correct_vaccination), &request.base, &reply));
    const Vrx__V1__CorrectVaccinationResponse *corrected = (const void *)reply;
    return print_numbers(arguments, corrected->dose_id, "version", corrected->version);
}

static int run_mark_error(const struct vrx_arguments *arguments) {
    Vrx__V1__MarkEnteredInErrorRequest request;
    vrx__v1__mark_entered_in_error_request__init(&request);
    VRX_CLI_TRY(target_of(arguments, &request.dose_id, &request.version));
    VRX_CLI_TRY(vrx_call_once(arguments,
        VRX_REMOTE("Records", "MarkEnteredInError", mark_entered_in_error), &request.base));
    return vrx_print_done(arguments, "marked as entered in error", "誤登録として除外しました");
}

#define DOSE_OPTIONS \
    {"dose", "N", true, false, "which dose, 1 for the first", "接種回数"}, \
        {"date", "YYYY-MM-DD", true, false, "when it was given", "接種日"}, \
        {"product", "NAME|NUMBER", true, false, \
            "the product, as VRS files name it; an unknown one prints the list", "ワクチン"}, \
        {"lot", "TEXT", true, false, "lot number", "ロット番号"}, \
        {"by", "CODE", true, false, "the municipality that administered it", \
            "接種した自治体の団体コード"}, \
        {"venue", "TEXT", false, false, "where", "接種会場"}, \
        {"physician", "TEXT", false, false, "who examined", "医師名"}, { \
        "ticket", "NUMBER", false, false, "ticket number, 10 digits", "券番号" \
    }

#define TARGET_OPTIONS \
    {"id", "NUMBER", true, false, "the dose, as vrx history shows it", "接種記録の番号"}, { \
        "version", "NUMBER", true, false, "the version that you have seen", "確認した版" \
    }

static const struct vrx_option record_options[] = {
    VRX_RESIDENT_OPTIONS,
    DOSE_OPTIONS,
    {0},
};

static const struct vrx_option correct_options[] = {
    TARGET_OPTIONS,
    DOSE_OPTIONS,
    {0},
};

static const struct vrx_option mark_options[] = {
    TARGET_OPTIONS,
    {0},
};

const struct vrx_command vrx_cli_dose_commands[] = {
    {"dose record", true, "record one dose", "接種を一件記録する", record_options, run_record},
    {"dose correct", true,
        "correct a dose: all its fields as they should be; the old version is kept",
        "接種記録を訂正する。全項目を正しい値で指定する（訂正前の版も残る）", correct_options,
        run_correct},
    {"dose mark-error", true, "take a dose out of the history; the record is kept",
        "誤登録の接種記録を履歴から除く（記録は残る）", mark_options, run_mark_error},
    {0},
};
