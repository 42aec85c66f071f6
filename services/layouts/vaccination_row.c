/* SPDX-License-Identifier: Apache-2.0
 *
 * A dose is checked field by field through a table, then as a whole (dates against the product),
 * then against the dose before it. Intervals between doses are not looked at beyond "not on one
 * day": a dose given too early was given all the same (codes/vaccine.h).
 */
#include "layouts/vaccination_row.h"

#include "base/text.h"
#include "layouts/field.h"

const struct vrx_field_name vrx_addressee_field = {"宛名番号", "addressee_number"};

const struct vrx_field_name vrx_dose_field_names[VRX_DOSE_FIELDS] = {
    [VRX_DOSE_REGISTERED_AT] = {"登録日時", "registered_at"},
    [VRX_DOSE_ADMINISTERED_ON] = {"接種日", "administered_on"},
    [VRX_DOSE_TICKET_NUMBER] = {"券番号", "ticket_number"},
    [VRX_DOSE_MUNICIPALITY_CODE] = {"自治体コード", "municipality_code"},
    [VRX_DOSE_VENUE] = {"接種会場", "venue"},
    [VRX_DOSE_PHYSICIAN] = {"医師名", "physician"},
    [VRX_DOSE_MANUFACTURER] = {"メーカー", "manufacturer"},
    [VRX_DOSE_LOT] = {"ロット番号", "lot"},
};

/* What the checks of one row share. */
struct check {
    struct vrx_date today;
    struct vrx_arena *arena;
    struct vrx_row_errors *errors;
};

static struct vrx_result check_registered_at(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    int64_t time;
    VRX_TRY(vrx_time_parse_vrs(text, &time));
    if (vrx_date_compare(vrx_date_in_japan(time), check->today) > 0)
        return vrx_fail(VRX_DATE_IN_FUTURE);
    values->registered_at = time;
    return vrx_ok();
}

static struct vrx_result check_administered_on(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    struct vrx_date date;
    VRX_TRY(vrx_date_parse(text, &date));
    if (vrx_date_compare(date, check->today) > 0)
        return vrx_fail(VRX_DATE_IN_FUTURE);
    values->administered_on = date;
    return vrx_ok();
}

static struct vrx_result check_ticket_number(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    (void)check;
    return vrx_ticket_number_parse(text, &values->ticket);
}

static struct vrx_result check_municipality_code(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    (void)check;
    return vrx_municipality_code_parse(text, &values->administered_by);
}

static struct vrx_result check_venue(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    return vrx_field_text(check->arena, text, VRX_LIMIT_VENUE, &values->venue);
}

static struct vrx_result check_physician(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    return vrx_field_text(check->arena, text, VRX_LIMIT_PHYSICIAN, &values->physician);
}

static struct vrx_result check_manufacturer(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    (void)check;
    if (text.len > VRX_LIMIT_MAKER)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    values->manufacturer = text;
    return vrx_vaccine_match(text, &values->vaccine);
}

static struct vrx_result check_lot(
    const struct check *check, struct vrx_view text, struct vrx_dose_values *values) {
    (void)check;
    return vrx_lot_parse(text, &values->lot);
}

/* as_written: the check wants the text as it arrived, not folded. */
static const struct {
    struct vrx_result (*check)(
        const struct check *check, struct vrx_view text, struct vrx_dose_values *values);
    bool as_written;
} field_checks[VRX_DOSE_FIELDS] = {
    [VRX_DOSE_REGISTERED_AT] = {check_registered_at, false},
    [VRX_DOSE_ADMINISTERED_ON] = {check_administered_on, false},
    [VRX_DOSE_TICKET_NUMBER] = {check_ticket_number, false},
    [VRX_DOSE_MUNICIPALITY_CODE] = {check_municipality_code, false},
    [VRX_DOSE_VENUE] = {check_venue, true},
    [VRX_DOSE_PHYSICIAN] = {check_physician, true},
    [VRX_DOSE_MANUFACTURER] = {check_manufacturer, false},
    [VRX_DOSE_LOT] = {check_lot, false},
};

static struct vrx_result take(const struct check *check, const struct vrx_dose_values *values,
    enum vrx_dose_field field, struct vrx_result result) {
    return vrx_row_errors_take(check->errors, values->number, &vrx_dose_field_names[field], result);
}

/* Folds the fields; *ret_filled counts those with more than spaces. A field that is no text counts
 * as filled and stays as it is: its own check says what is wrong. */
static struct vrx_result fold_fields(const struct check *check, const struct vrx_dose_texts *texts,
    struct vrx_dose_texts *folded, size_t *ret_filled) {
    size_t filled = 0;
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++) {
        folded->field[i] = texts->field[i];
        struct vrx_result result = vrx_text_fold(check->arena, texts->field[i], &folded->field[i]);
        if (!vrx_is_ok(result) && result.reason != VRX_INPUT_TEXT)
            return result;
        filled += folded->field[i].len > 0;
    }
    *ret_filled = filled;
    return vrx_ok();
}

static struct vrx_result check_field(const struct check *check, enum vrx_dose_field field,
    struct vrx_view text, struct vrx_view folded, struct vrx_dose_values *values) {
    if (!folded.len)
        return vrx_fail(VRX_DOSE_INCOMPLETE);
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629 §4: syntax of UTF-8");
    return field_checks[field].check(check, field_checks[field].as_written ? text : folded, values);
}

struct vrx_result vrx_dose_field_check(enum vrx_dose_field field, struct vrx_view text,
    struct vrx_date today, struct vrx_arena *arena, struct vrx_dose_values *values) {
    const struct check check = {today, arena, NULL};
    struct vrx_view folded = {0};
    VRX_TRY(vrx_text_fold(arena, text, &folded));
    return check_field(&check, field, text, folded, values);
}

static struct vrx_result check_approval(
    const struct check *check, const struct vrx_dose_values *values) {
    if (!values->vaccine || !vrx_date_valid(values->administered_on))
        return vrx_ok();
    if (vrx_date_compare(values->administered_on, values->vaccine->approved) >= 0)
        return vrx_ok();
    return take(check, values, VRX_DOSE_ADMINISTERED_ON,
        vrx_refuse(VRX_DATE_BEFORE_APPROVAL, "Pharmaceuticals and Medical Devices Act art. 14"));
}

/* The dose before is the last one with a usable date. */
static struct vrx_result check_order(const struct check *check,
    const struct vrx_dose_values *before, const struct vrx_dose_values *values) {
    if (!before || !vrx_date_valid(values->administered_on))
        return vrx_ok();
    int order = vrx_date_compare(values->administered_on, before->administered_on);
    if (order > 0)
        return vrx_ok();
    struct vrx_result refusal = order == 0
                                    ? vrx_refuse(VRX_DOSE_INTERVAL, "two doses on one day")
                                    : vrx_refuse(VRX_DOSE_ORDER, "earlier than the dose before");
    return take(check, values, VRX_DOSE_ADMINISTERED_ON, refusal);
}

static struct vrx_result check_dose(const struct check *check, const struct vrx_dose_texts *texts,
    const struct vrx_dose_texts *folded, struct vrx_dose_values *values) {
    for (unsigned i = 0; i < VRX_DOSE_FIELDS; i++) {
        enum vrx_dose_field field = (enum vrx_dose_field)i;
        VRX_TRY(take(check, values, field,
            check_field(check, field, texts->field[i], folded->field[i], values)));
    }
    return check_approval(check, values);
}

static struct vrx_result check_doses(const struct check *check,
    const struct vrx_vaccination_texts *texts, struct vrx_vaccination_values *values) {
    const struct vrx_dose_values *before = NULL;
    for (size_t i = 0; i < texts->dose_count; i++) {
        struct vrx_dose_texts folded;
        size_t filled;
        VRX_TRY(fold_fields(check, &texts->doses[i], &folded, &filled));
        if (!filled)
            continue;
        struct vrx_dose_values *dose = &values->doses[values->dose_count++];
        *dose = (struct vrx_dose_values){.number = (unsigned)i + 1};
        VRX_TRY(check_dose(check, &texts->doses[i], &folded, dose));
        VRX_TRY(check_order(check, before, dose));
        if (vrx_date_valid(dose->administered_on))
            before = dose;
    }
    return vrx_ok();
}

static struct vrx_result check_addressee(
    const struct check *check, struct vrx_view text, struct vrx_addressee_number *ret_number) {
    struct vrx_view folded;
    struct vrx_result result = vrx_text_fold(check->arena, text, &folded);
    if (vrx_is_ok(result))
        result = vrx_addressee_number_parse(folded, ret_number);
    return vrx_row_errors_take(check->errors, 0, &vrx_addressee_field, result);
}

struct vrx_result vrx_vaccination_check(const struct vrx_vaccination_texts *texts,
    struct vrx_date today, struct vrx_arena *arena, struct vrx_row_errors *errors,
    struct vrx_vaccination_values *ret_values) {
    struct check check = {today, arena, errors};
    vrx_row_errors_init(errors, texts->line);
    ret_values->dose_count = 0;
    if (texts->dose_count > VRX_LIMIT_DOSES)
        return vrx_row_errors_take(errors, 0, &vrx_row_field, vrx_fail(VRX_INPUT_TOO_LARGE));
    VRX_TRY(check_addressee(&check, texts->addressee_number, &ret_values->addressee_number));
    return check_doses(&check, texts, ret_values);
}
