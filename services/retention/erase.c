/* SPDX-License-Identifier: Apache-2.0
 *
 * An erasure, one transaction a message, so that other calls of the municipality go on in between:
 *
 *     begin, or go on with what was interrupted
 *     RUNNING  some rows, an entry of the ledger          ask again
 *     ERASED   nothing; after the commit the file is      ask again
 *              rewritten, which no transaction can hold
 *     CLEAN    the certificate and its entry              last message
 *
 * No entry names the person: while the salt is there it would be the last tie, afterwards there is
 * nothing to name.
 */
#include "dispatch/resident_key.h"
#include "retention/handlers.h"

static struct vrx_result record(
    struct vrx_context *context, const char *basis, const uint8_t commitment[VRX_DIGEST]) {
    struct vrx_audit_facts facts = {.has_commitment = true, .basis = vrx_view_text(basis)};
    memcpy(facts.commitment, commitment, VRX_DIGEST);
    context->audit.written = true;
    return vrx_context_record(
        context, VRX_RETENTION_ERASE, VRX_RETENTION_PURPOSE, &facts, VRX_OK, NULL);
}

struct vrx_result vrx_retention_record_rows(struct vrx_context *context, const uint8_t id[VRX_ID],
    const struct vrx_erased_counts *counts, const char *basis) {
    uint8_t commitment[VRX_DIGEST];
    if (!vrx_erased_total(counts))
        return vrx_ok();
    VRX_TRY(vrx_erased_commitment(id, counts, commitment));
    return record(context, basis, commitment);
}

/* Whoever is not there may have been erased by this very order, and the call been cut off. */
static struct vrx_result begin_resident(
    struct vrx_context *context, const Vrx__V1__EraseRequest *in, struct vrx_erase_state *state) {
    struct vrx_erasure_caller caller = {
        vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)};
    struct vrx_view order = vrx_view_text(in->order);
    struct vrx_resident resident;
    struct vrx_erasure erasure;
    struct vrx_result result = vrx_context_resident(context, in->subject->resident, &resident);
    context->audit.about_person = false;
    if (result.reason == VRX_NOT_FOUND)
        return vrx_erasure_of_order(context->tenant, order, state->id);
    VRX_TRY(result);
    VRX_TRY(vrx_erasure_of_resident(
        context->tenant, resident.id, order, &caller, context->now, state->id));
    VRX_TRY(vrx_erasure_get(context->tenant, &context->arena, state->id, &erasure));
    return vrx_retention_record_rows(
        context, state->id, &erasure.counts, "order of the municipality");
}

static struct vrx_result begin(
    struct vrx_context *context, const Vrx__V1__EraseRequest *in, struct vrx_erase_state *state) {
    struct vrx_erasure_caller caller = {
        vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)};
    if (!in->subject)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "erasure.subject");
    switch (in->subject->subject_case) {
    case VRX__V1__ERASURE_SUBJECT__SUBJECT_RESIDENT:
        return begin_resident(context, in, state);
    case VRX__V1__ERASURE_SUBJECT__SUBJECT_WHAT:
        return vrx_erasure_of_class(context->tenant, (enum vrx_retention_class)in->subject->what,
            &caller, context->now, state->id);
    default:
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "erasure.subject");
    }
}

struct vrx_result vrx_retention_finish(
    struct vrx_context *context, const uint8_t id[VRX_ID], const char *basis, bool *ret_certified) {
    uint8_t commitment[VRX_DIGEST];
    VRX_TRY(vrx_erasure_finish(context->tenant, id, context->now, ret_certified, commitment));
    return *ret_certified ? record(context, basis, commitment) : vrx_ok();
}

/* One step; *ret_certified is false where the erasure ended and left nothing to show. */
static struct vrx_result take_step(struct vrx_context *context, struct vrx_erase_state *state,
    enum vrx_next *ret_next, bool *ret_certified) {
    struct vrx_erased_counts counts = {0};
    struct vrx_erasure erasure;
    VRX_TRY(vrx_erasure_go_on(context->tenant, state->id, context->now, &counts));
    VRX_TRY(vrx_retention_record_rows(context, state->id, &counts, "retention period"));
    VRX_TRY(vrx_erasure_get(context->tenant, &context->arena, state->id, &erasure));
    *ret_next = erasure.state < VRX_ERASURE_CLEAN ? VRX_NEXT_MORE : VRX_NEXT_LAST;
    *ret_certified = true;
    state->scrub = erasure.state == VRX_ERASURE_ERASED;
    return erasure.state == VRX_ERASURE_CLEAN
               ? vrx_retention_finish(context, state->id, "erasure certificate", ret_certified)
               : vrx_ok();
}

struct vrx_result vrx_retention_erase_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    Vrx__V1__EraseResponse *out = reply;
    struct vrx_erase_state *state = context->state;
    struct vrx_erasure erasure;
    int64_t last = 0;
    bool certified = false;
    VRX_TRY(state->failed);
    if (!state->begun)
        VRX_TRY(begin(context, request, state));
    state->begun = true;
    VRX_TRY(take_step(context, state, ret_next, &certified));
    VRX_TRY(vrx_erasure_last(context->tenant, &last));
    out->total = (uint64_t)last + 1;
    out->done = out->total;
    if (!certified)
        return vrx_ok();
    VRX_TRY(vrx_erasure_get(context->tenant, &context->arena, state->id, &erasure));
    if (erasure.state == VRX_ERASURE_RUNNING)
        out->done = (uint64_t)erasure.after;
    out->rewriting = state->scrub;
    return vrx_retention_message(context, &erasure, &out->erasure);
}

/* Whoever is not there may have been erased by this very order; see begin_resident. No entry names
 * the person, the question's neither. */
static struct vrx_result resident_needs_second(
    struct vrx_context *context, const Vrx__V1__EraseRequest *in, bool *ret_needed) {
    struct vrx_resident resident;
    uint8_t id[VRX_ID];
    struct vrx_result result = vrx_context_resident(context, in->subject->resident, &resident);
    context->audit.about_person = false;
    if (result.reason != VRX_NOT_FOUND)
        return result;
    *ret_needed = false;
    return vrx_erasure_of_order(context->tenant, vrx_view_text(in->order), id);
}

struct vrx_result vrx_retention_erase_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    const Vrx__V1__EraseRequest *in = request;
    bool under_way = false;
    if (!in->subject)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "erasure.subject");
    if (in->subject->subject_case == VRX__V1__ERASURE_SUBJECT__SUBJECT_RESIDENT)
        return resident_needs_second(context, in, ret_needed);
    VRX_TRY(vrx_erasure_is_under_way(
        context->tenant, (enum vrx_retention_class)in->subject->what, &under_way));
    *ret_needed = !under_way;
    return vrx_ok();
}

void vrx_retention_erase_committed(struct vrx_context *context) {
    struct vrx_erase_state *state = context->state;
    if (!state->scrub)
        return;
    state->failed = vrx_erasure_scrub(context->tenant);
    state->scrub = false;
}
