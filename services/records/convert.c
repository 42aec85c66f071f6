/* SPDX-License-Identifier: Apache-2.0 */
#include "records/convert.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "codes/individual_number.h"
#include "codes/lot.h"
#include "codes/vaccine.h"
#include "dispatch/message.h"
#include "store/consent_record.h"

struct vrx_result vrx_convert_date(
    struct vrx_context *context, struct vrx_date date, char **ret_text) {
    char text[VRX_DATE_TEXT + 1];
    if (!date.year)
        return vrx_ok();
    vrx_date_format(date, text);
    return vrx_arena_string(&context->arena, vrx_view_text(text), ret_text);
}

static struct vrx_result masked_number(
    struct vrx_context *context, int64_t resident, char **ret_text) {
    struct vrx_view text = {0};
    VRX_TRY(vrx_resident_number(context->tenant, &context->arena, resident, &text));
    struct vrx_individual_number number VRX_CLEANUP(vrx_individual_number_clear) = {0};
    if (text.len)
        VRX_TRY(vrx_individual_number_parse(text, &number));
    char masked[VRX_INDIVIDUAL_NUMBER_DIGITS + 1];
    vrx_individual_number_mask(&number, masked);
    return vrx_arena_string(&context->arena, vrx_view_text(masked), ret_text);
}

struct vrx_result vrx_convert_resident(struct vrx_context *context,
    const struct vrx_resident *resident, bool with_address, Vrx__V1__Resident **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Resident *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__resident__init(message);
    VRX_TRY(vrx_arena_string(arena, resident->addressee, &message->addressee_number));
    VRX_TRY(masked_number(context, resident->id, &message->individual_number));
    VRX_TRY(vrx_arena_string(arena, resident->name, &message->name));
    VRX_TRY(vrx_arena_string(arena, resident->kana, &message->kana));
    VRX_TRY(vrx_convert_date(context, resident->birth_date, &message->birth_date));
    message->sex = resident->sex;
    if (with_address)
        VRX_TRY(vrx_arena_string(arena, resident->address, &message->address));
    *ret_message = message;
    return vrx_ok();
}

static const char *const source_names[] = {
    [VRX_DOSE_OWN] = "own",
    [VRX_DOSE_IMPORT] = "import",
    [VRX_DOSE_TRANSFER] = "transfer",
};

static struct vrx_result convert_provenance(
    struct vrx_context *context, const struct vrx_dose *dose, Vrx__V1__Provenance **ret_message) {
    const struct vrx_dose_provenance *provenance = &dose->provenance;
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Provenance *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__provenance__init(message);
    VRX_TRY(
        vrx_arena_string(arena, vrx_view_text(source_names[provenance->source]), &message->kind));
    if (provenance->source == VRX_DOSE_TRANSFER) {
        VRX_TRY(vrx_arena_string(
            arena, vrx_municipality_code_view(&provenance->municipality), &message->origin));
        VRX_TRY(vrx_message_put_bytes(
            arena, vrx_view_of(provenance->digest, VRX_DIGEST), &message->answer_digest));
        VRX_TRY(vrx_consent_record_revoked_behind(
            context->tenant, dose->resident, provenance->digest, &message->consent_revoked_at));
    }
    *ret_message = message;
    return vrx_ok();
}

static struct vrx_result convert_dose(
    struct vrx_context *context, const struct vrx_dose *dose, Vrx__V1__Dose *message) {
    struct vrx_arena *arena = &context->arena;
    const struct vrx_dose_item *item = &dose->item;
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(item->product);
    vrx__v1__dose__init(message);
    message->id = (uint64_t)dose->id;
    message->dose_number = (uint32_t)item->dose_number;
    message->product = (uint32_t)item->product;
    message->version = (uint32_t)dose->version;
    message->ledger_index = (uint64_t)dose->ledger_index;
    message->registered_at = dose->registered_at;
    VRX_TRY(vrx_convert_date(context, item->administered_on, &message->administered_on));
    VRX_TRY(vrx_arena_string(
        arena, vrx_view_text(vaccine ? vaccine->product_en : ""), &message->product_name));
    VRX_TRY(vrx_arena_string(arena, item->lot, &message->lot));
    VRX_TRY(vrx_arena_string(arena, item->venue, &message->venue));
    VRX_TRY(vrx_arena_string(arena, item->physician, &message->physician));
    VRX_TRY(vrx_arena_string(arena, item->ticket, &message->ticket_number));
    VRX_TRY(vrx_arena_string(arena, dose->maker, &message->manufacturer));
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&item->administered_by), &message->administered_by));
    return convert_provenance(context, dose, &message->provenance);
}

struct vrx_result vrx_convert_doses(struct vrx_context *context, const struct vrx_dose *doses,
    size_t count, Vrx__V1__Dose ***ret_messages) {
    Vrx__V1__Dose **list = vrx_arena_alloc_array(&context->arena, count, sizeof *list);
    Vrx__V1__Dose *messages = vrx_arena_alloc_array(&context->arena, count, sizeof *messages);
    if (!list || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(convert_dose(context, &doses[i], &messages[i]));
        list[i] = &messages[i];
    }
    *ret_messages = list;
    return vrx_ok();
}

static struct vrx_result folded(
    struct vrx_context *context, const char *text, size_t max, struct vrx_view *ret_text) {
    struct vrx_view view = vrx_view_text(text);
    if (view.len > max)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_text_fold(&context->arena, view, ret_text);
}

/* Empty, or a lot in upper case. */
static struct vrx_result lot_of(
    struct vrx_context *context, const char *text, struct vrx_view *ret_lot) {
    struct vrx_lot lot = {{0}};
    struct vrx_view view = {0};
    VRX_TRY(folded(context, text, VRX_LIMIT_LOT, &view));
    if (view.len)
        VRX_TRY(vrx_lot_parse(view, &lot));
    return vrx_arena_copy(&context->arena, vrx_view_text(lot.text), ret_lot);
}

struct vrx_result vrx_convert_dose_given(const Vrx__V1__Dose *message) {
    if (message->id || message->product_name[0] || message->provenance || message->version ||
        message->ledger_index)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "Dose: only replies carry this field");
    return vrx_ok();
}

struct vrx_result vrx_convert_dose_request(
    struct vrx_context *context, const Vrx__V1__Dose *message, struct vrx_dose *ret_dose) {
    if (!message)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    VRX_TRY(vrx_convert_dose_given(message));
    if (message->registered_at || message->manufacturer[0])
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "Dose: only replies and imports carry this");
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(message->product);
    if (!vaccine)
        return vrx_fail(VRX_PRODUCT_UNKNOWN);
    struct vrx_dose dose = {
        .registered_at = context->now,
        .provenance.source = VRX_DOSE_OWN,
        .maker = vrx_view_text(vaccine->vrs_name),
        .item = {.dose_number = message->dose_number, .product = message->product},
    };
    struct vrx_dose_item *item = &dose.item;
    struct vrx_view code = {0};
    VRX_TRY(vrx_date_parse(vrx_view_text(message->administered_on), &item->administered_on));
    VRX_TRY(lot_of(context, message->lot, &item->lot));
    VRX_TRY(folded(context, message->venue, VRX_LIMIT_VENUE, &item->venue));
    VRX_TRY(folded(context, message->physician, VRX_LIMIT_PHYSICIAN, &item->physician));
    VRX_TRY(folded(context, message->ticket_number, VRX_LIMIT_OPERATOR, &item->ticket));
    VRX_TRY(folded(context, message->administered_by, VRX_LIMIT_OPERATOR, &code));
    VRX_TRY(vrx_municipality_code_parse(code, &item->administered_by));
    *ret_dose = dose;
    return vrx_ok();
}
