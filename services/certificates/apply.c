/* SPDX-License-Identifier: Apache-2.0 */
#include "objects/application.h"

#include "certificates/handlers.h"
#include "dispatch/guard.h"
#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/items.h"
#include "exchange/request.h"
#include "objects/identity_evidence.h"
#include "store/application_record.h"
#include "store/certificate_record.h"
#include "store/evidence_record.h"
#include "store/kiosk_settings.h"
#include "store/reissue.h"
#include "vrx/v1/certificates.pb-c.h"

/* What is asked for, and what that needs; a name comes from the register, not from the caller. */
static struct vrx_result take_kind(
    const Vrx__V1__ApplyRequest *in, struct vrx_view name, struct vrx_application *application) {
    const struct {
        const char *text;
        size_t most;
        struct vrx_view *to;
    } texts[] = {
        {in->passport_surname, VRX_LIMIT_ROMAN_NAME, &application->surname},
        {in->passport_given_name, VRX_LIMIT_ROMAN_NAME, &application->given_name},
        {in->passport_number, VRX_LIMIT_PASSPORT_NUMBER, &application->passport_number},
        {in->nationality, VRX_LIMIT_NATIONALITY, &application->nationality},
    };
    application->kind = (uint64_t)in->kind;
    if (application->kind == VRX_CERTIFICATE_DOMESTIC)
        application->name = name;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text[0])
            VRX_TRY(vrx_message_text(texts[i].text, texts[i].most, texts[i].to));
    return vrx_application_check(application);
}

/* ---- for whom else it is ---- */

static struct vrx_result read_elsewhere(struct vrx_context *context,
    const Vrx__V1__ApplyRequest *in, struct vrx_application *application) {
    if (in->consent_id.len && in->consent_id.len != VRX_ID)
        return vrx_fail(VRX_INPUT_RANGE);
    if (in->n_elsewhere > VRX_LIMIT_ORIGINS)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    application->elsewhere =
        vrx_arena_alloc_array(&context->arena, in->n_elsewhere, sizeof *application->elsewhere);
    if (!application->elsewhere)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < in->n_elsewhere; i++)
        VRX_TRY(vrx_exchange_municipality(context, in->elsewhere[i], &application->elsewhere[i]));
    application->elsewhere_count = in->n_elsewhere;
    return vrx_ok();
}

static struct vrx_result ask_elsewhere(struct vrx_context *context, const Vrx__V1__ApplyRequest *in,
    const struct vrx_resident *resident, const struct vrx_application *application,
    struct vrx_view signed_application) {
    uint64_t items[VRX_ELSEWHERE_ITEMS];
    memcpy(items, vrx_elsewhere_items, sizeof items);
    struct vrx_asking asking = {
        .resident = resident,
        .consent_id = vrx_view_of(in->consent_id.data, in->consent_id.len),
        .evidence_id = vrx_view_of(in->evidence_id.data, in->evidence_id.len),
        .items = items,
        .item_count = VRX_ELSEWHERE_ITEMS,
        .application = signed_application,
        .application_id = application->id,
        .deadline = application->applied_at + VRX_APPLICATION_SECONDS,
    };
    for (size_t i = 0; i < application->elsewhere_count; i++) {
        uint8_t query_id[VRX_ID];
        asking.from = application->elsewhere[i];
        VRX_TRY(vrx_random_fill(context->random, query_id, VRX_ID));
        VRX_TRY(vrx_exchange_ask(context, &asking, query_id));
    }
    return vrx_ok();
}

struct vrx_result vrx_certificates_apply(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ApplyRequest *in = request;
    Vrx__V1__ApplyResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    if (resident.no_self_disclosure)
        return vrx_fail(VRX_DISCLOSURE_REFUSED);
    struct vrx_evidence_record checked;
    struct vrx_identity_evidence evidence;
    VRX_TRY(vrx_context_evidence(context, in->evidence_id, resident.id, &checked, &evidence));
    if (evidence.purpose != VRX_PURPOSE_CERTIFICATE)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: done for this purpose");
    struct vrx_application application = {
        .municipality = context->slot->code,
        .birth_date = resident.birth_date,
        .applicant = in->by_proxy ? VRX_APPLICANT_PROXY : VRX_APPLICANT_PERSON,
        .applied_at = context->now,
    };
    VRX_TRY(read_elsewhere(context, in, &application));
    VRX_TRY(take_kind(in, resident.name, &application));
    VRX_TRY(vrx_certificates_replaces(context, in->replaces, resident.id, &evidence, &application));
    VRX_TRY(vrx_certificates_fee(context, application.kind, in->fee_yen));
    VRX_TRY(vrx_random_fill(context->random, application.id, VRX_ID));
    memcpy(application.subject, evidence.subject, VRX_DIGEST);
    memcpy(application.person, context->audit.person, VRX_DIGEST);
    memcpy(application.evidence_id, evidence.id, VRX_ID);
    struct vrx_buffer signed_object VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(
        vrx_signer_sign(context->tenant, &vrx_application_schema, &application, &signed_object));
    struct vrx_application_record record = {
        .resident = resident.id,
        .object = vrx_buffer_view(&signed_object),
        .recorded_at = context->now,
    };
    memcpy(record.id, application.id, VRX_ID);
    memcpy(record.evidence_id, evidence.id, VRX_ID);
    VRX_TRY(vrx_application_record_put(context->tenant, &record));
    VRX_TRY(vrx_application_fee_put(context->tenant, record.id, in->fee_yen));
    if (in->replaces[0])
        VRX_TRY(vrx_reissue_put(context->tenant, record.id, vrx_view_text(in->replaces)));
    VRX_TRY(ask_elsewhere(context, in, &resident, &application, record.object));
    return vrx_message_put_bytes(
        &context->arena, vrx_view_of(application.id, VRX_ID), &out->application_id);
}

struct vrx_result vrx_certificates_list(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ListCertificatesRequest *in = request;
    Vrx__V1__ListCertificatesResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_certificate_record *records = NULL;
    size_t count = 0;
    struct vrx_arena *arena = &context->arena;
    VRX_TRY(vrx_certificate_record_list(context->tenant, arena, resident.id, &records, &count));
    out->certificates = vrx_arena_alloc_array(arena, count, sizeof *out->certificates);
    Vrx__V1__Certificate *messages = vrx_arena_alloc_array(arena, count, sizeof *messages);
    if (!out->certificates || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        vrx__v1__certificate__init(&messages[i]);
        VRX_TRY(vrx_arena_string(arena, records[i].uvci, &messages[i].uvci));
        messages[i].kind = (Vrx__V1__CertificateKind)records[i].kind;
        messages[i].issued_at = records[i].issued_at;
        messages[i].expires_at = records[i].expires_at;
        messages[i].mark = (Vrx__V1__CertificateMark)records[i].mark;
        messages[i].marked_at = records[i].marked_at;
        messages[i].revoked_at = records[i].revoked_at;
        out->certificates[i] = &messages[i];
    }
    out->n_certificates = count;
    return vrx_ok();
}

struct vrx_result vrx_certificates_revoke(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RevokeRequest *in = request;
    struct vrx_certificate_record record;
    struct vrx_view uvci = {0};
    VRX_TRY(vrx_message_text(in->uvci, VRX_LIMIT_UVCI, &uvci));
    VRX_TRY(vrx_guard_look_up(context));
    VRX_TRY(vrx_certificate_record_get(context->tenant, &context->arena, uvci, &record));
    VRX_TRY(vrx_context_about(context, record.resident));
    return vrx_certificate_record_revoke(context->tenant, uvci, context->now);
}
