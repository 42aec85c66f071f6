/* SPDX-License-Identifier: Apache-2.0
 *
 * A resident's fields, each through its own check by table.
 */
#include "layouts/resident_row.h"

#include "base/limits.h"
#include "base/text.h"
#include "layouts/field.h"

const struct vrx_field_name vrx_resident_field_names[VRX_RESIDENT_FIELDS] = {
    [VRX_RESIDENT_ADDRESSEE_NUMBER] = {"宛名番号", "addressee_number"},
    [VRX_RESIDENT_INDIVIDUAL_NUMBER] = {"個人番号", "individual_number"},
    [VRX_RESIDENT_NAME] = {"氏名", "name"},
    [VRX_RESIDENT_KANA] = {"氏名カナ", "kana"},
    [VRX_RESIDENT_BIRTH_DATE] = {"生年月日", "birth_date"},
    [VRX_RESIDENT_SEX] = {"性別", "sex"},
    [VRX_RESIDENT_ADDRESS] = {"住所", "address"},
};

#define SEX_MAX 2

struct check {
    struct vrx_date today;
    struct vrx_arena *arena;
};

static struct vrx_result check_addressee_number(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(check->arena, text, &folded));
    return vrx_addressee_number_parse(folded, &values->addressee_number);
}

static struct vrx_result check_individual_number(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(check->arena, text, &folded));
    if (!folded.len)
        return vrx_ok();
    return vrx_individual_number_parse(folded, &values->individual_number);
}

static struct vrx_result check_name(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    return vrx_field_text(check->arena, text, VRX_LIMIT_NAME, &values->name);
}

static struct vrx_result check_kana(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    return vrx_field_text(check->arena, text, VRX_LIMIT_NAME, &values->kana);
}

static struct vrx_result check_birth_date(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(check->arena, text, &folded));
    VRX_TRY(vrx_date_parse(folded, &values->birth_date));
    if (vrx_date_compare(values->birth_date, check->today) > 0)
        return vrx_fail(VRX_DATE_IN_FUTURE);
    return vrx_ok();
}

static struct vrx_result check_sex(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(check->arena, text, &folded));
    if (!folded.len)
        return vrx_ok();
    if (folded.len != 1 || folded.ptr[0] < '0' || folded.ptr[0] > '0' + SEX_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "resident layout: sex is 1, 2 or not stated");
    values->sex = (unsigned)(folded.ptr[0] - '0');
    return vrx_ok();
}

static struct vrx_result check_address(
    const struct check *check, struct vrx_view text, struct vrx_resident_values *values) {
    return vrx_field_text(check->arena, text, VRX_LIMIT_ADDRESS, &values->address);
}

static const struct {
    struct vrx_result (*check)(
        const struct check *check, struct vrx_view text, struct vrx_resident_values *values);
    bool required;
} field_checks[VRX_RESIDENT_FIELDS] = {
    [VRX_RESIDENT_ADDRESSEE_NUMBER] = {check_addressee_number, true},
    [VRX_RESIDENT_INDIVIDUAL_NUMBER] = {check_individual_number, false},
    [VRX_RESIDENT_NAME] = {check_name, true},
    [VRX_RESIDENT_KANA] = {check_kana, false},
    [VRX_RESIDENT_BIRTH_DATE] = {check_birth_date, true},
    [VRX_RESIDENT_SEX] = {check_sex, false},
    [VRX_RESIDENT_ADDRESS] = {check_address, false},
};

/* Spaces of any width are nothing. */
static struct vrx_result require(struct vrx_arena *arena, struct vrx_view text) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(arena, text, &folded));
    return folded.len ? vrx_ok() : vrx_fail(VRX_INPUT_FIELD_MISSING);
}

struct vrx_result vrx_resident_check(const struct vrx_resident_texts *texts, struct vrx_date today,
    struct vrx_arena *arena, struct vrx_row_errors *errors,
    struct vrx_resident_values *ret_values) {
    struct check check = {today, arena};
    vrx_row_errors_init(errors, texts->line);
    memset(ret_values, 0, sizeof *ret_values);
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++) {
        struct vrx_result result = vrx_ok();
        if (field_checks[i].required)
            result = require(arena, texts->field[i]);
        if (vrx_is_ok(result))
            result = field_checks[i].check(&check, texts->field[i], ret_values);
        VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_resident_field_names[i], result));
    }
    return vrx_ok();
}

void vrx_resident_values_clear(struct vrx_resident_values *values) {
    vrx_wipe(values, sizeof *values);
}
