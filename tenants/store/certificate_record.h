/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that the issuer signed for this municipality's residents.
 */
#ifndef VRX_STORE_CERTIFICATE_RECORD_H
#define VRX_STORE_CERTIFICATE_RECORD_H

#include "base/arena.h"
#include "base/limits.h"
#include "objects/issue_request.h"
#include "objects/terms.h"
#include "store/tenant.h"

enum vrx_certificate_record_state {
    VRX_CERTIFICATE_RECORD_VALID = 1,
    VRX_CERTIFICATE_RECORD_REVOKED = 2,
};

/* What a change of its doses means for a certificate. */
enum vrx_certificate_mark {
    VRX_CERTIFICATE_MARK_NONE = 0,
    VRX_CERTIFICATE_MARK_REISSUE = 1,  /* it says what is not right any more: revoke, issue anew */
    VRX_CERTIFICATE_MARK_IN_ERROR = 2, /* the dose that it shows never was: revoked for that */
};

struct vrx_certificate_record {
    struct vrx_view uvci; /* unique, 1 to VRX_LIMIT_UVCI bytes */
    uint8_t application_id[VRX_ID];
    int64_t resident;
    uint64_t kind; /* enum vrx_certificate_kind */
    /* In each format, once, 1 to VRX_LIMIT_HCERT_TEXT bytes; of what is read, none in a list. */
    struct vrx_issued_certificate *certificates;
    size_t certificate_count; /* 1 to VRX_FORMAT_LAST */
    enum vrx_certificate_record_state state;
    int64_t issued_at;
    int64_t expires_at;
    int64_t revoked_at; /* 0 while valid */
    enum vrx_certificate_mark mark;
    int64_t marked_at; /* 0 without a mark */
};

/* Keeps a valid certificate and takes its application from ISSUING to ISSUED; resident is the
 * application's; state, revoked_at and the mark are not looked at. Errors: VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT, VRX_INPUT_RANGE (kind, format); VRX_ALREADY_EXISTS (uvci, a
 * format twice); VRX_APPLICATION_MISSING;
 * VRX_APPLICATION_USED; VRX_WRONG_STATE when the application is not ISSUING. */
struct vrx_result vrx_certificate_record_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_record *certificate, int64_t now);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_certificate_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view uvci, struct vrx_certificate_record *ret_certificate);

/* The certificate of an application: after a crash between the issuer's answer and the reply.
 * Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_certificate_record_of_application(struct vrx_tenant *tenant,
    struct vrx_arena *arena, const uint8_t application_id[VRX_ID],
    struct vrx_certificate_record *ret_certificate);

/* A resident's certificates, the newest first; none for an unknown resident. The newest 500. */
struct vrx_result vrx_certificate_record_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_certificate_record **ret_certificates, size_t *ret_count);

/* A certificate rests on this version of a dose. shown: this dose's date, product and number stand
 * in it, and its lot where the kind is another than VRX_CERTIFICATE_HCERT. Errors: VRX_NOT_FOUND
 * (certificate, dose); VRX_ALREADY_EXISTS. */
struct vrx_result vrx_certificate_record_rests_on(
    struct vrx_tenant *tenant, struct vrx_view uvci, int64_t dose, bool shown);

struct vrx_certificate_changes {
    uint64_t revoked;
    uint64_t marked; /* for reissue */
};

/* The version `from` of a dose was superseded by `to`, or, where both are one, taken out. What that
 * means for valid certificates that rest on it, by what stands for the dose now:
 *
 *     the dose is         another than before        taken out
 *     shown               marked for reissue         revoked, marked as in error
 *     behind the number   nothing                    marked for reissue
 *
 * Another: in date, product, number or, as above, lot, or it is for reference now and none to
 * certify here. What is as it was again, marks no more. Adds to *changes. */
struct vrx_result vrx_certificate_record_dose_changed(struct vrx_tenant *tenant, int64_t from,
    int64_t to, int64_t now, struct vrx_certificate_changes *changes);

/* Identifiers of the revoked certificates that would still be valid at now, each once, in their
 * order, from the first behind `after` (empty: from the first): at most VRX_LIMIT_PAGE. None: there
 * are no more. They live in the arena. */
struct vrx_result vrx_certificate_record_revoked(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view after, int64_t now, struct vrx_view **ret_uvcis, size_t *ret_count);

/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE when it is revoked already. */
struct vrx_result vrx_certificate_record_revoke(
    struct vrx_tenant *tenant, struct vrx_view uvci, int64_t now);

#endif
