/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate in the place of another one, which is revoked when the new one is kept. Whoever
 * asks is identified anew, and it is for the same passport: a reissue is no way to a certificate in
 * another name.
 */
#include "store/reissue.h"

#include "certificates/handlers.h"
#include "cose/sign1.h"
#include "dispatch/message.h"
#include "store/application_record.h"
#include "store/certificate_record.h"

struct vrx_result vrx_certificates_read_application(
    struct vrx_context *context, struct vrx_view object, struct vrx_application *ret_application) {
    struct vrx_sign1 message;
    VRX_TRY(vrx_sign1_parse(object, &message));
    return vrx_object_decode(
        &vrx_application_schema, message.payload, &context->arena, ret_application);
}

static struct vrx_result still_valid(struct vrx_context *context, struct vrx_view uvci,
    struct vrx_certificate_record *ret_replaced) {
    VRX_TRY(vrx_certificate_record_get(context->tenant, &context->arena, uvci, ret_replaced));
    return ret_replaced->state == VRX_CERTIFICATE_RECORD_VALID
               ? vrx_ok()
               : vrx_refuse(VRX_WRONG_STATE, "certificates: what is to be replaced is revoked");
}

struct vrx_result vrx_certificates_replaces(struct vrx_context *context, const char *uvci,
    int64_t resident, const struct vrx_identity_evidence *evidence,
    const struct vrx_application *application) {
    struct vrx_certificate_record replaced;
    struct vrx_application_record record;
    struct vrx_application before;
    struct vrx_view name = {0};
    if (!uvci[0])
        return vrx_ok();
    VRX_TRY(vrx_message_text(uvci, VRX_LIMIT_UVCI, &name));
    VRX_TRY(still_valid(context, name, &replaced));
    if (replaced.resident != resident)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_TRY(vrx_application_record_get(
        context->tenant, &context->arena, replaced.application_id, &record));
    VRX_TRY(vrx_certificates_read_application(context, record.object, &before));
    if (evidence->checked_at < replaced.issued_at ||
        memcmp(evidence->id, before.evidence_id, VRX_ID) == 0)
        return vrx_refuse(VRX_EVIDENCE_STALE, "certificates: a reissue has a check of its own");
    if (application->kind != before.kind ||
        !vrx_view_equal(application->passport_number, before.passport_number))
        return vrx_refuse(VRX_INPUT_RANGE, "certificates: the same kind and passport number");
    return vrx_ok();
}

struct vrx_result vrx_certificates_replaceable(
    struct vrx_context *context, const uint8_t application[VRX_ID]) {
    struct vrx_certificate_record replaced;
    struct vrx_view uvci = {0};
    VRX_TRY(vrx_reissue_get(context->tenant, &context->arena, application, &uvci));
    return uvci.len ? still_valid(context, uvci, &replaced) : vrx_ok();
}

/* Revoked or erased meanwhile is as good. */
struct vrx_result vrx_certificates_replaced(
    struct vrx_context *context, const uint8_t application[VRX_ID]) {
    struct vrx_view uvci = {0};
    VRX_TRY(vrx_reissue_get(context->tenant, &context->arena, application, &uvci));
    if (!uvci.len)
        return vrx_ok();
    struct vrx_result result = vrx_certificate_record_revoke(context->tenant, uvci, context->now);
    return result.reason == VRX_WRONG_STATE || result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}
