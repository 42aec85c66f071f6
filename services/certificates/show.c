/* SPDX-License-Identifier: Apache-2.0
 *
 * One application as its applicant sees it: what this municipality made of it, and what each of the
 * others replied.
 */
#include "certificates/handlers.h"
#include "cose/sign1.h"
#include "dispatch/message.h"
#include "objects/certificate_reply.h"
#include "store/application_record.h"
#include "store/certificate_out.h"
#include "store/certificate_record.h"
#include "store/resident.h"

/* What every certificate has, whoever issued it. */
struct shown {
    uint64_t kind; /* enum vrx_certificate_kind */
    struct vrx_view uvci;
    const struct vrx_issued_certificate *certificates;
    size_t count;
    int64_t issued_at;
    int64_t expires_at;
};

static struct vrx_result put_certificate(
    struct vrx_arena *arena, const struct shown *shown, Vrx__V1__ApplicationPart *part) {
    Vrx__V1__Certificate *certificate = vrx_arena_alloc(arena, sizeof *certificate);
    if (!certificate)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__certificate__init(certificate);
    VRX_TRY(vrx_arena_string(arena, shown->uvci, &certificate->uvci));
    VRX_TRY(vrx_issue_put_parts(arena, shown->certificates, shown->count, certificate));
    certificate->kind = (Vrx__V1__CertificateKind)shown->kind;
    certificate->issued_at = shown->issued_at;
    certificate->expires_at = shown->expires_at;
    part->certificate = certificate;
    part->state = VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_ISSUED;
    return vrx_ok();
}

/* ---- here ---- */

static struct vrx_result put_own(struct vrx_context *context,
    const struct vrx_application_record *application, Vrx__V1__ApplicationPart *part) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_certificate_record record;
    const bool open = application->recorded_at + VRX_APPLICATION_SECONDS >= context->now;
    struct vrx_result found =
        vrx_certificate_record_of_application(context->tenant, arena, application->id, &record);
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&context->slot->code), &part->municipality));
    part->state = open ? VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_WAITING
                       : VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_EXPIRED;
    if (found.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(found);
    const struct shown shown = {.kind = record.kind,
        .uvci = record.uvci,
        .certificates = record.certificates,
        .count = record.certificate_count,
        .issued_at = record.issued_at,
        .expires_at = record.expires_at};
    VRX_TRY(put_certificate(arena, &shown, part));
    part->certificate->mark = (Vrx__V1__CertificateMark)record.mark;
    part->certificate->marked_at = record.marked_at;
    part->certificate->revoked_at = record.revoked_at;
    return vrx_ok();
}

/* ---- elsewhere ---- */

/* The reply was verified when it came. */
static struct vrx_result put_replied(struct vrx_context *context, uint64_t kind,
    const struct vrx_certificate_out *asked, Vrx__V1__ApplicationPart *part) {
    struct vrx_sign1 message;
    struct vrx_certificate_reply said;
    VRX_TRY(vrx_sign1_parse(asked->reply, &message));
    VRX_TRY(
        vrx_object_decode(&vrx_certificate_reply_schema, message.payload, &context->arena, &said));
    const struct shown shown = {.kind = kind,
        .uvci = said.uvci,
        .certificates = said.certificates,
        .count = said.certificate_count,
        .issued_at = said.issued_at,
        .expires_at = said.expires_at};
    return put_certificate(&context->arena, &shown, part);
}

static struct vrx_result put_other(struct vrx_context *context, uint64_t kind,
    const struct vrx_certificate_out *asked, Vrx__V1__ApplicationPart *part) {
    struct vrx_arena *arena = &context->arena;
    part->state = (Vrx__V1__ElsewhereState)asked->state;
    VRX_TRY(
        vrx_arena_string(arena, vrx_municipality_code_view(&asked->origin), &part->municipality));
    if (asked->state == VRX_ELSEWHERE_ISSUED)
        return put_replied(context, kind, asked, part);
    if (asked->state != VRX_ELSEWHERE_REFUSED)
        return vrx_ok();
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(vrx_reason_name(asked->reason)), &part->reason));
    return vrx_arena_string(arena, asked->clause, &part->clause);
}

/* ---- both ---- */

static struct vrx_result put_all(struct vrx_context *context, uint64_t kind,
    const struct vrx_application_record *application, Vrx__V1__GetApplicationResponse *out) {
    struct vrx_certificate_out *asked = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificate_out_list(
        context->tenant, &context->arena, application->id, &asked, &count));
    Vrx__V1__ApplicationPart *parts =
        vrx_arena_alloc_array(&context->arena, count + 1, sizeof *parts);
    out->parts = vrx_arena_alloc_array(&context->arena, count + 1, sizeof *out->parts);
    if (!parts || !out->parts)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i <= count; i++) {
        vrx__v1__application_part__init(&parts[i]);
        VRX_TRY(i ? put_other(context, kind, &asked[i - 1], &parts[i])
                  : put_own(context, application, &parts[i]));
        out->parts[i] = &parts[i];
    }
    out->n_parts = count + 1;
    return vrx_ok();
}

struct vrx_result vrx_certificates_get_application(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetApplicationRequest *in = request;
    uint8_t id[VRX_ID];
    struct vrx_application_record record;
    struct vrx_application application;
    struct vrx_resident resident;
    VRX_TRY(vrx_message_fixed(in->application_id, VRX_ID, id));
    VRX_TRY(vrx_application_record_get(context->tenant, &context->arena, id, &record));
    VRX_TRY(vrx_context_about(context, record.resident));
    VRX_TRY(vrx_issue_read_application(context, record.object, &application));
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, record.resident, &resident));
    if (resident.no_self_disclosure)
        return vrx_fail(VRX_DISCLOSURE_REFUSED);
    return put_all(context, application.kind, &record, reply);
}
