/* SPDX-License-Identifier: Apache-2.0
 *
 * When the kiosks are open and what certificates cost: shown and set. What happens outside of the
 * hours is dispatch/guard.h's, at an application services/certificates'.
 */
#include "store/kiosk_settings.h"

#include "kiosk/handlers.h"
#include "vrx/v1/kiosk.pb-c.h"

static struct vrx_result put_fees(struct vrx_arena *arena,
    const struct vrx_kiosk_settings *settings, Vrx__V1__KioskSettings *message) {
    message->fees = vrx_arena_alloc_array(arena, VRX_CERTIFICATE_LAST, sizeof *message->fees);
    Vrx__V1__CertificateFee *fees =
        vrx_arena_alloc_array(arena, VRX_CERTIFICATE_LAST, sizeof *fees);
    if (!message->fees || !fees)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < VRX_CERTIFICATE_LAST; i++) {
        vrx__v1__certificate_fee__init(&fees[i]);
        fees[i].kind = (Vrx__V1__CertificateKind)(i + 1);
        fees[i].yen = (uint32_t)settings->fee[i + 1];
        message->fees[i] = &fees[i];
    }
    message->n_fees = VRX_CERTIFICATE_LAST;
    return vrx_ok();
}

static struct vrx_result reply_with(struct vrx_context *context,
    Vrx__V1__KioskSettings **ret_message, struct vrx_kiosk_settings *settings) {
    struct vrx_arena *arena = &context->arena;
    VRX_TRY(vrx_kiosk_settings_get(context->tenant, arena, settings));
    Vrx__V1__KioskSettings *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__kiosk_settings__init(message);
    message->hours = settings->hours.on;
    message->days = settings->hours.days;
    message->from_minute = settings->hours.from;
    message->until_minute = settings->hours.until;
    message->changed_at = settings->hours.changed_at;
    VRX_TRY(put_fees(arena, settings, message));
    VRX_TRY(vrx_arena_string(arena, settings->hours.operator_id, &message->operator_));
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_kiosk_get_settings(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetKioskSettingsResponse *out = reply;
    struct vrx_kiosk_settings settings;
    VRX_TRY(reply_with(context, &out->settings, &settings));
    const int64_t wait = vrx_office_hours_wait(&settings.hours, context->now);
    out->opens_at = wait ? context->now + wait : 0;
    return vrx_ok();
}

static struct vrx_result take_fees(
    const Vrx__V1__KioskSettings *given, struct vrx_kiosk_settings *settings) {
    unsigned seen = 0;
    for (size_t i = 0; i < given->n_fees; i++) {
        const Vrx__V1__CertificateFee *fee = given->fees[i];
        if (fee->kind < 1 || (uint64_t)fee->kind > VRX_CERTIFICATE_LAST)
            return vrx_refuse(VRX_INPUT_RANGE, "kiosk settings: kind of certificate");
        if (seen >> (unsigned)fee->kind & 1U)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "kiosk settings: each kind once");
        seen |= 1U << (unsigned)fee->kind;
        settings->fee[fee->kind] = fee->yen;
    }
    return vrx_ok();
}

struct vrx_result vrx_kiosk_set_settings(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__SetKioskSettingsRequest *in = request;
    Vrx__V1__SetKioskSettingsResponse *out = reply;
    const Vrx__V1__KioskSettings *given = in->settings;
    if (!given)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "settings");
    if (given->operator_[0] || given->changed_at)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "settings: only replies carry who and when");
    struct vrx_kiosk_settings settings = {.hours = {.on = given->hours,
                                              .refuse = true,
                                              .days = given->days,
                                              .from = given->from_minute,
                                              .until = given->until_minute,
                                              .operator_id = vrx_view_text(context->operator_id),
                                              .terminal_id = vrx_view_text(context->terminal_id)}};
    VRX_TRY(take_fees(given, &settings));
    VRX_TRY(vrx_kiosk_settings_set(context->tenant, &settings, context->now));
    return reply_with(context, &out->settings, &settings);
}

void vrx_kiosk_settings_committed(struct vrx_context *context) {
    context->slot->kiosk_hours_known = false;
}
