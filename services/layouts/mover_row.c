/* SPDX-License-Identifier: Apache-2.0
 *
 * A mover's fields, each through its own check by table.
 */
#include "layouts/mover_row.h"

#include "base/encode.h"
#include "base/text.h"

const struct vrx_field_name vrx_mover_field_names[VRX_MOVER_FIELDS] = {
    [VRX_MOVER_ADDRESSEE_NUMBER] = {"宛名番号", "addressee_number"},
    [VRX_MOVER_ORIGIN] = {"転出元団体コード", "from_municipality"},
    [VRX_MOVER_CONSENT] = {"同意ID", "consent_id"},
    [VRX_MOVER_EVIDENCE] = {"本人確認ID", "evidence_id"},
    [VRX_MOVER_ITEMS] = {"項目", "items"},
};

const struct vrx_field_name vrx_mover_item_words[VRX_MOVER_ITEM_WORDS] = {
    {"接種", "dose"},
    {"ロット", "lot"},
    {"会場", "venue"},
    {"医師", "physician"},
    {"券番号", "ticket"},
};

static struct vrx_result check_addressee_number(
    struct vrx_view folded, struct vrx_mover_values *values) {
    return vrx_addressee_number_parse(folded, &values->addressee_number);
}

static struct vrx_result check_origin(struct vrx_view folded, struct vrx_mover_values *values) {
    return vrx_municipality_code_parse(folded, &values->origin);
}

static struct vrx_result read_id(
    struct vrx_view folded, bool *ret_has, uint8_t ret_id[VRX_MOVER_ID]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    if (!folded.len)
        return vrx_ok();
    if (folded.len != (size_t)2 * VRX_MOVER_ID)
        return vrx_refuse(VRX_INPUT_MALFORMED, "mover layout: 32 hexadecimal digits");
    VRX_TRY(vrx_hex_decode(folded, &bytes));
    memcpy(ret_id, bytes.ptr, VRX_MOVER_ID);
    *ret_has = true;
    return vrx_ok();
}

static struct vrx_result check_consent(struct vrx_view folded, struct vrx_mover_values *values) {
    return read_id(folded, &values->has_consent, values->consent_id);
}

static struct vrx_result check_evidence(struct vrx_view folded, struct vrx_mover_values *values) {
    return read_id(folded, &values->has_evidence, values->evidence_id);
}

static bool is_word(struct vrx_view word, const struct vrx_field_name *name) {
    return vrx_view_equal(word, vrx_view_text(name->ja)) ||
           vrx_view_equal(word, vrx_view_text(name->en));
}

static struct vrx_result take_item(struct vrx_view word, struct vrx_mover_values *values) {
    unsigned item = 0;
    while (item < VRX_MOVER_ITEM_WORDS && !is_word(word, &vrx_mover_item_words[item]))
        item++;
    if (item++ == VRX_MOVER_ITEM_WORDS)
        return vrx_refuse(VRX_INPUT_RANGE, "mover layout: dose, lot, venue, physician, ticket");
    for (size_t i = 0; i < values->item_count; i++)
        if (values->items[i] == item)
            return vrx_fail(VRX_INPUT_DUPLICATE_KEY);
    values->items[values->item_count++] = item; /* each once: there is room */
    return vrx_ok();
}

/* Folded: one space between words, none at the ends. */
static struct vrx_result check_items(struct vrx_view folded, struct vrx_mover_values *values) {
    size_t begin = 0;
    for (size_t at = 0; at <= folded.len; at++) {
        if (at < folded.len && folded.ptr[at] != ' ')
            continue;
        VRX_TRY(take_item(vrx_view_of(folded.ptr + begin, at - begin), values));
        begin = at + 1;
    }
    return vrx_ok();
}

static const struct {
    struct vrx_result (*check)(struct vrx_view folded, struct vrx_mover_values *values);
    bool required;
} field_checks[VRX_MOVER_FIELDS] = {
    [VRX_MOVER_ADDRESSEE_NUMBER] = {check_addressee_number, true},
    [VRX_MOVER_ORIGIN] = {check_origin, true},
    [VRX_MOVER_CONSENT] = {check_consent, false},
    [VRX_MOVER_EVIDENCE] = {check_evidence, false},
    [VRX_MOVER_ITEMS] = {check_items, true},
};

static struct vrx_result check_field(
    struct vrx_arena *arena, size_t field, struct vrx_view text, struct vrx_mover_values *values) {
    struct vrx_view folded;
    VRX_TRY(vrx_text_fold(arena, text, &folded));
    if (field_checks[field].required && !folded.len)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    return field_checks[field].check(folded, values);
}

struct vrx_result vrx_mover_check(const struct vrx_mover_texts *texts, struct vrx_arena *arena,
    struct vrx_row_errors *errors, struct vrx_mover_values *ret_values) {
    vrx_row_errors_init(errors, texts->line);
    *ret_values = (struct vrx_mover_values){0};
    for (size_t i = 0; i < VRX_MOVER_FIELDS; i++)
        VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_mover_field_names[i],
            check_field(arena, i, texts->field[i], ret_values)));
    return vrx_ok();
}
