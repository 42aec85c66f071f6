/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Certificates; proto/vrx/v1/certificates.proto says what each does.
 */
#ifndef VRX_CERTIFICATES_HANDLERS_H
#define VRX_CERTIFICATES_HANDLERS_H

#include "base/limits.h"
#include "dispatch/method.h"
#include "objects/application.h"
#include "objects/identity_evidence.h"
#include "objects/issue_request.h"
#include "store/dose.h"
#include "store/resident.h"
#include "vrx/v1/certificates.pb-c.h"

#define VRX_CERTIFICATES_PURPOSE "vaccination certificate (Immunization Act)"

struct vrx_result vrx_certificates_apply(
    struct vrx_context *context, const void *request, void *reply);

/* Whoever applies was shown what a certificate of this kind costs today, in yen; the call's entry
 * says it. Errors: VRX_CONFLICT. */
struct vrx_result vrx_certificates_fee(struct vrx_context *context, uint64_t kind, uint64_t shown);

/* The doses that this municipality administered itself: no other may be certified here. Errors:
 * VRX_NOT_FOUND without any dose, VRX_DOSE_FOREIGN where all are others'. */
struct vrx_result vrx_certificates_own_doses(
    struct vrx_context *context, int64_t resident, struct vrx_dose **ret_doses, size_t *ret_count);

/* *ret_verdict: what the quality gate says of these doses (policy/quality.h; VRX_QUALITY_GATE where
 * other residents' records speak against one, store/dose_doubt.h); a refusal is put down in the
 * clerks' worklist, and taken out of it by the next time that they pass. Errors: the store's. */
struct vrx_result vrx_certificates_gate(struct vrx_context *context,
    const struct vrx_resident *resident, const struct vrx_dose *doses, size_t count,
    struct vrx_result *ret_verdict);

struct vrx_result vrx_certificates_preview(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_certificates_list_work(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_certificates_check_work(
    struct vrx_context *context, const void *request, void *reply);

/* What was signed here and kept in the vault; the issuer verifies it. In the context's arena. */
struct vrx_result vrx_certificates_read_application(
    struct vrx_context *context, struct vrx_view object, struct vrx_application *ret_application);

/* The application may take the place of this certificate of the resident's; uvci "": of none.
 * Errors: VRX_NOT_FOUND; VRX_WRONG_STATE when it is revoked; VRX_EVIDENCE_STALE for the identity
 * check of before; VRX_INPUT_RANGE for another kind or passport number. */
struct vrx_result vrx_certificates_replaces(struct vrx_context *context, const char *uvci,
    int64_t resident, const struct vrx_identity_evidence *evidence,
    const struct vrx_application *application);
/* What this application replaces, if anything, still is to be. Errors: VRX_WRONG_STATE,
 * VRX_NOT_FOUND. */
struct vrx_result vrx_certificates_replaceable(
    struct vrx_context *context, const uint8_t application[VRX_ID]);
/* Its certificate is kept: the one that it replaces is revoked. Errors: the store's. */
struct vrx_result vrx_certificates_replaced(
    struct vrx_context *context, const uint8_t application[VRX_ID]);

struct vrx_result vrx_certificates_get_application(
    struct vrx_context *context, const void *request, void *reply);

/* Issue: prepare in the tenant, ask the issuer without it, record in the tenant. */
struct vrx_issue_state {
    uint8_t application_id[VRX_ID];
    int64_t resident;
    uint64_t kind;                 /* enum vrx_certificate_kind */
    struct vrx_result refused;     /* by the quality gate: told once that is noted for a clerk */
    struct vrx_buffer application; /* signed objects for the issuer */
    struct vrx_buffer evidence;
    struct vrx_buffer statement;
    int64_t doses[VRX_LIMIT_DOSES]; /* the versions that the statement has */
    size_t dose_count;
    struct vrx_arena arena; /* of the reply's texts */
    struct vrx_issue_reply reply;
};
void vrx_issue_state_done(void *state);
struct vrx_result vrx_certificates_issue(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_certificates_issue_outside(struct vrx_context *context);
struct vrx_result vrx_certificates_issue_end(struct vrx_context *context, void *reply);

/* Reads an application out of the vault. One that came from another municipality is gone on with by
 * itself, and its certificate goes there. Errors: VRX_APPLICATION_MISSING, the codec's. */
struct vrx_result vrx_issue_read_application(
    struct vrx_context *context, struct vrx_view object, struct vrx_application *ret_application);
/* Puts a certificate's formats into the message. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_issue_put_parts(struct vrx_arena *arena,
    const struct vrx_issued_certificate *certificates, size_t count,
    Vrx__V1__Certificate *certificate);

/* The parts of it that need no call (elsewhere.h). Signs the statement of the resident's own doses;
 * context->audit names the person. subject: of an application that was made elsewhere; empty: here.
 * Errors: VRX_DISCLOSURE_REFUSED; VRX_NOT_FOUND (no dose), VRX_DOSE_FOREIGN, VRX_DOSE_UNPROVEN. */
struct vrx_result vrx_issue_state_doses(
    struct vrx_context *context, struct vrx_issue_state *state, struct vrx_view subject);
/* Keeps what the issuer gave, with the doses that it rests on. Errors:
 * vrx_certificate_record_put's.
 */
struct vrx_result vrx_issue_keep(struct vrx_context *context, const struct vrx_issue_state *state);

struct vrx_result vrx_certificates_list(
    struct vrx_context *context, const void *request, void *reply);

struct vrx_result vrx_certificates_revoke(
    struct vrx_context *context, const void *request, void *reply);

/* Looks whether the issuer is there (daemon->issuer_away); a change is logged, and told to who
 * waits for the daemon's states. On the worker's tick, once a second. */
void vrx_certificates_tick(struct vrx_daemon *daemon);

struct vrx_result vrx_certificates_revocations(
    struct vrx_context *context, const void *request, void *reply);

#define VRX_CERTIFICATES_METHODS 9
extern const struct vrx_method vrx_certificates_methods[VRX_CERTIFICATES_METHODS];

#endif
