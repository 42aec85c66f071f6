/* SPDX-License-Identifier: Apache-2.0
 *
 * What an erasure would take out, counted by doing it and taking each step back.
 */
#include "dispatch/resident_key.h"
#include "retention/handlers.h"

static struct vrx_result plan_resident(
    struct vrx_context *context, const Vrx__V1__ResidentKey *key, struct vrx_plan_state *state) {
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, key, &resident));
    VRX_TRY(vrx_erasure_plan_resident(context->tenant, resident.id, &state->plan.counts));
    state->plan.done = true;
    return vrx_ok();
}

static struct vrx_result begin(struct vrx_context *context, const Vrx__V1__ErasureSubject *subject,
    struct vrx_plan_state *state) {
    switch (subject ? subject->subject_case : VRX__V1__ERASURE_SUBJECT__SUBJECT__NOT_SET) {
    case VRX__V1__ERASURE_SUBJECT__SUBJECT_RESIDENT:
        return plan_resident(context, subject->resident, state);
    case VRX__V1__ERASURE_SUBJECT__SUBJECT_WHAT:
        return vrx_erasure_plan_class(
            context->tenant, (enum vrx_retention_class)subject->what, context->now, &state->plan);
    default:
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "erasure.subject");
    }
}

struct vrx_result vrx_retention_plan_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__PlanErasureRequest *in = request;
    Vrx__V1__PlanErasureResponse *out = reply;
    struct vrx_plan_state *state = context->state;
    int64_t last = 0;
    if (!state->begun)
        VRX_TRY(begin(context, in->subject, state));
    state->begun = true;
    VRX_TRY(vrx_erasure_plan_go_on(context->tenant, &state->plan, context->now));
    VRX_TRY(vrx_erasure_last(context->tenant, &last));
    VRX_TRY(vrx_retention_rows(context, &state->plan.counts, &out->n_erased, &out->erased));
    out->total = (uint64_t)last + 1;
    out->done = state->plan.done ? out->total : (uint64_t)state->plan.after;
    *ret_next = state->plan.done ? VRX_NEXT_LAST : VRX_NEXT_MORE;
    return vrx_ok();
}
