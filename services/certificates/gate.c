/* SPDX-License-Identifier: Apache-2.0
 *
 * The quality gate at the municipality: the issuer's own rules (policy/quality.h), asked before an
 * application is used up; what only the municipality's other records can tell (store/dose_doubt.h);
 * and what a clerk must look at put down in the worklist.
 */
#include "policy/quality.h"

#include "certificates/handlers.h"
#include "store/certificate_work.h"
#include "store/dose_doubt.h"

struct vrx_result vrx_certificates_own_doses(
    struct vrx_context *context, int64_t resident, struct vrx_dose **ret_doses, size_t *ret_count) {
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    size_t own = 0;
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, resident, VRX_DOSES_CURRENT, &doses, &count));
    for (size_t i = 0; i < count; i++)
        if (doses[i].provenance.source != VRX_DOSE_TRANSFER &&
            vrx_municipality_code_equal(&doses[i].item.administered_by, &context->slot->code))
            doses[own++] = doses[i];
    if (count && !own)
        return vrx_refuse(VRX_DOSE_FOREIGN, "certificates: only doses administered here");
    if (!count)
        return vrx_fail(VRX_NOT_FOUND);
    *ret_doses = doses;
    *ret_count = own;
    return vrx_ok();
}

/* The clauses of the municipality's own rules; who else has the ticket is not said. */
static const char *const doubt_clause[] = {
    [VRX_DOUBT_LOT_PRODUCT] = "quality gate: this lot is of another product in the records here",
    [VRX_DOUBT_LOT_DATE] = "quality gate: this lot was given at another time in the records here",
    [VRX_DOUBT_TICKET] = "quality gate: ticket number of another person",
};

/* *ret_verdict: of the first dose that other residents' records speak against. */
static struct vrx_result compare_with_others(struct vrx_context *context,
    const struct vrx_dose *doses, size_t count, struct vrx_result *ret_verdict) {
    enum vrx_dose_doubt doubt = VRX_DOUBT_NONE;
    for (size_t i = 0; i < count && !doubt; i++)
        VRX_TRY(vrx_dose_doubt(context->tenant, &doses[i], &doubt));
    *ret_verdict = doubt ? vrx_refuse(VRX_QUALITY_GATE, doubt_clause[doubt]) : vrx_ok();
    return vrx_ok();
}

struct vrx_result vrx_certificates_gate(struct vrx_context *context,
    const struct vrx_resident *resident, const struct vrx_dose *doses, size_t count,
    struct vrx_result *ret_verdict) {
    struct vrx_proven_dose *stated = vrx_arena_alloc_array(&context->arena, count, sizeof *stated);
    if (!stated)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        stated[i] = (struct vrx_proven_dose){.item = doses[i].item};
    struct vrx_result verdict =
        vrx_quality_gate(stated, count, resident->birth_date, vrx_date_in_japan(context->now));
    if (vrx_is_ok(verdict))
        VRX_TRY(compare_with_others(context, doses, count, &verdict));
    VRX_TRY(vrx_is_ok(verdict)
                ? vrx_certificate_work_close(context->tenant, resident->id)
                : vrx_certificate_work_note(context->tenant, resident->id, verdict, context->now));
    *ret_verdict = verdict;
    return vrx_ok();
}
