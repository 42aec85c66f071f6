/* SPDX-License-Identifier: Apache-2.0
 *
 * Issue in three steps. The first, in the tenant: the application is marked as used and the doses
 * are stated with their proofs. The second asks the issuer, which believes only what is signed. The
 * third, in the tenant again, keeps the certificate before anyone gets it. A crash in between
 * leaves the application marked; asking again goes on from there, and the issuer's own record
 * decides.
 */
#include "certificates/handlers.h"
#include "client/client.h"
#include "dispatch/message.h"
#include "dispatch/signed.h"
#include "ledger/ledger.h"
#include "objects/checkpoint.h"
#include "objects/dose_statement.h"
#include "store/application_record.h"
#include "store/certificate_record.h"
#include "store/dose.h"
#include "store/evidence_record.h"
#include "store/resident.h"
#include "vrx/v1/certificates.pb-c.h"

void vrx_issue_state_done(void *state) {
    struct vrx_issue_state *issue = state;
    vrx_buffer_done(&issue->application);
    vrx_buffer_done(&issue->evidence);
    vrx_buffer_done(&issue->statement);
    vrx_arena_done(&issue->arena);
}

/* One dose with the proof that it stands in the ledger of that size. */
static struct vrx_result prove_dose(struct vrx_context *context, const struct vrx_dose *dose,
    uint64_t size, struct vrx_proven_dose *ret_proven) {
    if (dose->ledger_index < 0)
        return vrx_fail(VRX_DOSE_UNPROVEN);
    struct vrx_ledger *ledger = vrx_tenant_ledger(context->tenant);
    struct vrx_proven_dose proven = {
        .item = dose->item, .ledger_index = (uint64_t)dose->ledger_index};
    memcpy(proven.salt, dose->salt, VRX_DIGEST);
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_ledger_get(ledger, proven.ledger_index, &entry));
    VRX_TRY(vrx_arena_copy(&context->arena, vrx_buffer_view(&entry), &proven.entry));
    struct vrx_merkle_proof proof;
    VRX_TRY(vrx_ledger_prove_inclusion(ledger, proven.ledger_index, size, &proof));
    VRX_TRY(vrx_arena_copy(&context->arena,
        vrx_view_of(proof.hash, proof.count * sizeof proof.hash[0]), &proven.proof));
    *ret_proven = proven;
    return vrx_ok();
}

static struct vrx_result prove_doses(struct vrx_context *context, struct vrx_issue_state *state,
    uint64_t size, struct vrx_dose_statement *statement) {
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificates_own_doses(context, state->resident, &doses, &count));
    statement->doses = vrx_arena_alloc_array(&context->arena, count, sizeof *statement->doses);
    if (!statement->doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        state->doses[state->dose_count++] = doses[i].id;
        VRX_TRY(prove_dose(context, &doses[i], size, &statement->doses[statement->dose_count++]));
    }
    return vrx_ok();
}

struct vrx_result vrx_issue_state_doses(
    struct vrx_context *context, struct vrx_issue_state *state, struct vrx_view subject) {
    struct vrx_resident resident;
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, state->resident, &resident));
    if (resident.no_self_disclosure)
        return vrx_fail(VRX_DISCLOSURE_REFUSED);
    uint64_t size = vrx_ledger_size(vrx_tenant_ledger(context->tenant));
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_signer_note(context->tenant, size, context->now, &note));
    struct vrx_dose_statement statement = {
        .municipality = context->slot->code,
        .closed = resident.no_self_disclosure,
        .checkpoint = vrx_buffer_view(&note),
        .stated_at = context->now,
        .subject = subject,
    };
    memcpy(statement.application_id, state->application_id, VRX_ID);
    memcpy(statement.person, context->audit.person, VRX_DIGEST);
    VRX_TRY(prove_doses(context, state, size, &statement));
    return vrx_signer_sign(
        context->tenant, &vrx_dose_statement_schema, &statement, &state->statement);
}

/* What the issuer would refuse uses nothing up, and a clerk hears of it. */
static struct vrx_result pass_gate(struct vrx_context *context, struct vrx_issue_state *state) {
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, state->resident, &resident));
    if (resident.no_self_disclosure)
        return vrx_fail(VRX_DISCLOSURE_REFUSED);
    VRX_TRY(vrx_certificates_replaceable(context, state->application_id));
    VRX_TRY(vrx_certificates_own_doses(context, resident.id, &doses, &count));
    return vrx_certificates_gate(context, &resident, doses, count, &state->refused);
}

/* Signed here; the issuer verifies it. */
struct vrx_result vrx_issue_read_application(
    struct vrx_context *context, struct vrx_view object, struct vrx_application *ret_application) {
    VRX_TRY(vrx_certificates_read_application(context, object, ret_application));
    return vrx_municipality_code_equal(&ret_application->municipality, &context->slot->code)
               ? vrx_ok()
               : vrx_refuse(VRX_APPLICATION_MISSING, "certificates: on an application made here");
}

struct vrx_result vrx_certificates_issue(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__IssueRequest *in = request;
    struct vrx_issue_state *state = context->state;
    if (!in->application_id.len)
        return vrx_refuse(VRX_APPLICATION_MISSING, "certificates: only on an application");
    VRX_TRY(vrx_message_fixed(in->application_id, VRX_ID, state->application_id));
    struct vrx_application_record application;
    struct vrx_application signed_here;
    VRX_TRY(vrx_application_record_get(
        context->tenant, &context->arena, state->application_id, &application));
    state->resident = application.resident;
    VRX_TRY(vrx_context_about(context, application.resident));
    VRX_TRY(vrx_issue_read_application(context, application.object, &signed_here));
    state->kind = signed_here.kind;
    if (application.state == VRX_APPLICATION_RECORD_OPEN)
        VRX_TRY(pass_gate(context, state));
    if (!vrx_is_ok(state->refused))
        return vrx_ok();
    if (application.state != VRX_APPLICATION_RECORD_ISSUING)
        VRX_TRY(vrx_application_record_advance(
            context->tenant, state->application_id, VRX_APPLICATION_RECORD_ISSUING, context->now));
    struct vrx_evidence_record evidence;
    VRX_TRY(vrx_evidence_record_get(
        context->tenant, &context->arena, application.evidence_id, &evidence));
    VRX_TRY(vrx_buffer_append(&state->application, application.object));
    VRX_TRY(vrx_buffer_append(&state->evidence, evidence.object));
    return vrx_issue_state_doses(context, state, (struct vrx_view){0});
}

struct vrx_result vrx_certificates_issue_outside(struct vrx_context *context) {
    struct vrx_issue_state *state = context->state;
    VRX_TRY(state->refused);
    struct vrx_issue_request request = {
        .kind = state->kind,
        .application = vrx_buffer_view(&state->application),
        .evidence = vrx_buffer_view(&state->evidence),
        .statement = vrx_buffer_view(&state->statement),
        .request_id = vrx_view_of(context->request_id, VRX_ID),
    };
    vrx_arena_init(&state->arena, VRX_LIMIT_ISSUER_REQUEST);
    VRX_TRY(vrx_issuer_call(
        context->daemon->options.issuer_socket, &request, &state->arena, &state->reply));
    if (!state->reply.reason)
        return vrx_ok();
    uint64_t value = state->reply.reason;
    return vrx_refuse(vrx_reason_from_value(value > 9999 ? 9999 : (unsigned)value),
        "refused by the issuer process");
}

/* What the certificate rests on: an HCERT alone shows the last dose, the other formats all of them.
 * A dose may have changed while the issuer was asked. */
static struct vrx_result keep_doses(
    struct vrx_context *context, const struct vrx_issue_state *state, struct vrx_view uvci) {
    for (size_t i = 0; i < state->dose_count; i++)
        VRX_TRY(vrx_certificate_record_rests_on(context->tenant, uvci, state->doses[i],
            state->kind != VRX_CERTIFICATE_HCERT || i + 1 == state->dose_count));
    for (size_t i = 0; i < state->dose_count; i++) {
        struct vrx_certificate_changes changes = {0};
        int64_t head = 0;
        VRX_TRY(vrx_dose_head(context->tenant, state->doses[i], &head));
        VRX_TRY(vrx_certificate_record_dose_changed(
            context->tenant, state->doses[i], head, context->now, &changes));
    }
    return vrx_ok();
}

struct vrx_result vrx_issue_keep(struct vrx_context *context, const struct vrx_issue_state *state) {
    struct vrx_certificate_record record = {
        .uvci = state->reply.uvci,
        .resident = state->resident,
        .kind = state->kind,
        .certificates = state->reply.certificates,
        .certificate_count = state->reply.certificate_count,
        .issued_at = state->reply.issued_at,
        .expires_at = state->reply.expires_at,
    };
    memcpy(record.application_id, state->application_id, VRX_ID);
    VRX_TRY(vrx_certificate_record_put(context->tenant, &record, context->now));
    VRX_TRY(keep_doses(context, state, record.uvci));
    return vrx_certificates_replaced(context, state->application_id);
}

struct vrx_result vrx_issue_put_parts(struct vrx_arena *arena,
    const struct vrx_issued_certificate *certificates, size_t count,
    Vrx__V1__Certificate *certificate) {
    certificate->parts = vrx_arena_alloc_array(arena, count, sizeof *certificate->parts);
    Vrx__V1__CertificatePart *parts = vrx_arena_alloc_array(arena, count, sizeof *parts);
    if (!certificate->parts || !parts)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        vrx__v1__certificate_part__init(&parts[i]);
        parts[i].format = (Vrx__V1__CertificateFormat)certificates[i].format;
        VRX_TRY(vrx_arena_string(arena, certificates[i].text, &parts[i].text));
        certificate->parts[i] = &parts[i];
        if (certificates[i].format == VRX_FORMAT_HCERT)
            certificate->text = parts[i].text;
    }
    certificate->n_parts = count;
    return vrx_ok();
}

struct vrx_result vrx_certificates_issue_end(struct vrx_context *context, void *reply) {
    Vrx__V1__IssueResponse *out = reply;
    const struct vrx_issue_state *state = context->state;
    const struct vrx_issue_reply *issued = &state->reply;
    struct vrx_arena *arena = &context->arena;
    VRX_TRY(vrx_issue_keep(context, state));
    Vrx__V1__Certificate *certificate = vrx_arena_alloc(arena, sizeof *certificate);
    if (!certificate)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__certificate__init(certificate);
    VRX_TRY(vrx_arena_string(arena, issued->uvci, &certificate->uvci));
    VRX_TRY(
        vrx_issue_put_parts(arena, issued->certificates, issued->certificate_count, certificate));
    certificate->kind = (Vrx__V1__CertificateKind)state->kind;
    certificate->issued_at = issued->issued_at;
    certificate->expires_at = issued->expires_at;
    out->certificate = certificate;
    return vrx_ok();
}
