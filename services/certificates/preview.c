/* SPDX-License-Identifier: Apache-2.0
 *
 * What an application would lead to, before anything is used up; and the clerks' worklist.
 */
#include "certificates/handlers.h"
#include "codes/vaccine.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "policy/content.h"
#include "store/certificate_work.h"
#include "store/kiosk_settings.h"
#include "vrx/v1/certificates.pb-c.h"

#define CHECKED_SECONDS 86400 /* as the issuer has it (policy/issue_case.h) */

/* Nobody is shown a record who has not been identified for this. */
static struct vrx_result check_evidence(
    struct vrx_context *context, ProtobufCBinaryData id, int64_t resident) {
    struct vrx_evidence_record record;
    struct vrx_identity_evidence evidence;
    VRX_TRY(vrx_context_evidence(context, id, resident, &record, &evidence));
    if (evidence.purpose != VRX_PURPOSE_CERTIFICATE)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: done for this purpose");
    return vrx_identity_evidence_fresh(&evidence, context->now, CHECKED_SECONDS);
}

static struct vrx_result put_doses(struct vrx_arena *arena, const struct vrx_dose *doses,
    size_t count, Vrx__V1__PreviewResponse *out) {
    Vrx__V1__CertifiedDose *messages = vrx_arena_alloc_array(arena, count, sizeof *messages);
    out->doses = vrx_arena_alloc_array(arena, count, sizeof *out->doses);
    if (!out->doses || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        const struct vrx_dose_item *item = &doses[i].item;
        const struct vrx_vaccine *vaccine = vrx_vaccine_find(item->product);
        char date[VRX_DATE_TEXT + 1];
        vrx__v1__certified_dose__init(&messages[i]);
        messages[i].dose_number = (uint32_t)item->dose_number;
        vrx_date_format(item->administered_on, date);
        VRX_TRY(vrx_arena_string(arena, vrx_view_text(date), &messages[i].administered_on));
        VRX_TRY(vrx_arena_string(
            arena, vrx_view_text(vaccine ? vaccine->product_en : ""), &messages[i].product_name));
        VRX_TRY(vrx_arena_string(arena, item->lot, &messages[i].lot));
        out->doses[i] = &messages[i];
    }
    out->n_doses = count;
    return vrx_ok();
}

static struct vrx_result put_formats(
    struct vrx_arena *arena, uint64_t kind, Vrx__V1__PreviewResponse *out) {
    const struct vrx_issue_formats formats = vrx_issue_formats_of(kind);
    if (!formats.count)
        return vrx_refuse(VRX_INPUT_RANGE, "certificates: kind");
    out->formats = vrx_arena_alloc_array(arena, formats.count, sizeof *out->formats);
    if (!out->formats)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < formats.count; i++)
        out->formats[i] = (Vrx__V1__CertificateFormat)formats.at[i];
    out->n_formats = formats.count;
    return vrx_ok();
}

static struct vrx_result put_verdict(
    struct vrx_arena *arena, struct vrx_result verdict, char **ret_reason, char **ret_clause) {
    if (vrx_is_ok(verdict))
        return vrx_ok();
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(vrx_reason_name(verdict.reason)), ret_reason));
    return vrx_arena_string(arena, vrx_view_text(verdict.clause ? verdict.clause : ""), ret_clause);
}

struct vrx_result vrx_certificates_preview(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__PreviewRequest *in = request;
    Vrx__V1__PreviewResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    struct vrx_result verdict = {0};
    size_t count = 0;
    uint64_t yen = 0;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    if (resident.no_self_disclosure)
        return vrx_fail(VRX_DISCLOSURE_REFUSED);
    VRX_TRY(check_evidence(context, in->evidence_id, resident.id));
    VRX_TRY(put_formats(arena, (uint64_t)in->kind, out));
    VRX_TRY(vrx_certificates_own_doses(context, resident.id, &doses, &count));
    VRX_TRY(vrx_certificates_gate(context, &resident, doses, count, &verdict));
    VRX_TRY(put_verdict(arena, verdict, &out->reason, &out->clause));
    VRX_TRY(put_doses(arena, doses, count, out));
    VRX_TRY(vrx_certificate_fee(context->tenant, (uint64_t)in->kind, &yen));
    out->fee_yen = (uint32_t)yen;
    return in->kind == VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_DOMESTIC
               ? vrx_arena_string(arena, resident.name, &out->name)
               : vrx_ok();
}

/* ---- the worklist ---- */

static struct vrx_result convert(struct vrx_arena *arena, const struct vrx_certificate_work *work,
    Vrx__V1__CertificateWork **ret_message) {
    Vrx__V1__CertificateWork *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__certificate_work__init(message);
    VRX_TRY(vrx_arena_string(arena, work->addressee, &message->addressee_number));
    VRX_TRY(put_verdict(
        arena, (struct vrx_result){work->reason, 0, ""}, &message->reason, &message->clause));
    VRX_TRY(vrx_arena_string(arena, work->clause, &message->clause));
    message->opened_at = work->opened_at;
    message->last_at = work->last_at;
    message->times = work->times;
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_certificates_list_work(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListWorkResponse *out = reply;
    struct vrx_certificate_work *work = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificate_work_list(context->tenant, &context->arena, &work, &count));
    out->work = vrx_arena_alloc_array(&context->arena, count, sizeof *out->work);
    if (!out->work)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (; out->n_work < count; out->n_work++)
        VRX_TRY(convert(&context->arena, &work[out->n_work], &out->work[out->n_work]));
    return vrx_ok();
}

struct vrx_result vrx_certificates_check_work(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__CheckWorkRequest *in = request;
    Vrx__V1__CheckWorkResponse *out = reply;
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    struct vrx_result verdict = {0};
    size_t count = 0;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(vrx_certificates_own_doses(context, resident.id, &doses, &count));
    VRX_TRY(vrx_certificates_gate(context, &resident, doses, count, &verdict));
    return put_verdict(&context->arena, verdict, &out->reason, &out->clause);
}
