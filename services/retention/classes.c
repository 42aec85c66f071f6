/* SPDX-License-Identifier: Apache-2.0
 *
 * The periods in force, and the erasures that there were.
 */
#include "dispatch/message.h"
#include "retention/handlers.h"

static void put_period(const struct vrx_retention *retention, Vrx__V1__RetentionPeriod *message) {
    vrx__v1__retention_period__init(message);
    message->what = (Vrx__V1__RetentionClass)retention->what;
    message->days = (uint32_t)retention->days;
    message->least = (uint32_t)retention->least;
    message->changed_at = retention->changed_at;
}

struct vrx_result vrx_retention_get_classes(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetClassesResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__RetentionPeriod *periods =
        vrx_arena_alloc_array(arena, VRX_RETENTION_LAST, sizeof *periods);
    out->periods = vrx_arena_alloc_array(arena, VRX_RETENTION_LAST, sizeof *out->periods);
    if (!periods || !out->periods)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < VRX_RETENTION_LAST; i++) {
        struct vrx_retention retention;
        VRX_TRY(vrx_retention_get(context->tenant, (enum vrx_retention_class)(i + 1), &retention));
        put_period(&retention, &periods[i]);
        out->periods[i] = &periods[i];
    }
    out->n_periods = VRX_RETENTION_LAST;
    return vrx_ok();
}

struct vrx_result vrx_retention_set_class(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__SetClassRequest *in = request;
    Vrx__V1__SetClassResponse *out = reply;
    enum vrx_retention_class what = (enum vrx_retention_class)in->what;
    struct vrx_retention retention;
    VRX_TRY(vrx_retention_set(context->tenant, what, in->days, context->now));
    VRX_TRY(vrx_retention_get(context->tenant, what, &retention));
    out->period = vrx_arena_alloc(&context->arena, sizeof *out->period);
    if (!out->period)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    put_period(&retention, out->period);
    return vrx_ok();
}

struct vrx_result vrx_retention_list_erasures(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListErasuresResponse *out = reply;
    struct vrx_erasure *erasures = NULL;
    size_t count = 0;
    VRX_TRY(vrx_erasure_list(context->tenant, &context->arena, &erasures, &count));
    out->erasures = vrx_arena_alloc_array(&context->arena, count, sizeof *out->erasures);
    if (!out->erasures)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_retention_message(context, &erasures[i], &out->erasures[i]));
    out->n_erasures = count;
    return vrx_ok();
}
