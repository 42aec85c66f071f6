/* SPDX-License-Identifier: Apache-2.0
 *
 * May this be signed? A case is what the issuer was given and what it knows; the rules run over it
 * in one order, each building on what those before it established.
 */
#ifndef VRX_POLICY_ISSUE_CASE_H
#define VRX_POLICY_ISSUE_CASE_H

#include "base/arena.h"
#include "objects/application.h"
#include "objects/checkpoint.h"
#include "objects/directory.h"
#include "objects/dose_statement.h"
#include "objects/identity_evidence.h"
#include "objects/issue_request.h"

/* The issuer's own terms; nothing of them comes from a caller. Seconds unless named otherwise. */
struct vrx_issue_terms {
    uint64_t application_age; /* an application is open for so long */
    uint64_t evidence_age;    /* an identity check counts for so long */
    uint64_t statement_age;   /* so old may the municipality's word on the doses be */
    uint64_t lifetime;        /* a certificate is valid for so long, or until its signer ends */
    uint64_t hourly_cap;      /* certificates a municipality and clock hour */
};

/* A day, a day, 15 minutes, a year; 2,000 an hour: ten times what the largest city issued. */
extern const struct vrx_issue_terms vrx_issue_terms_default;

/* What the journal knows. */
struct vrx_issue_memory {
    bool (*is_used)(const void *context, const uint8_t use[VRX_ID]); /* vrx_application_use's */
    uint64_t (*hour_count)(
        const void *context, const struct vrx_municipality_code *municipality, int64_t now);
    const void *context;
};

struct vrx_issue_case {
    /* Given */
    int64_t now;
    const struct vrx_issue_terms *terms;
    const struct vrx_directory *directory;
    const struct vrx_issue_memory *memory;
    const struct vrx_issue_request *request;
    struct vrx_arena *arena;
    /* Established by the rules, in their order */
    const struct vrx_directory_entry
        *counter; /* where the application was made, identity checked */
    struct vrx_application application;
    const struct vrx_directory_entry *municipality; /* who certifies its doses: the same, or one
                                                     * that the application names beside it */
    uint8_t use[VRX_ID]; /* the application by that municipality: is used once */
    struct vrx_identity_evidence evidence;
    struct vrx_dose_statement statement;
    struct vrx_checkpoint checkpoint;
};

/* Runs the rules. VRX_OK: everything below "Established" is verified; it lives in the arena.
 * Errors, in this order:
 *
 *   VRX_APPLICATION_MISSING  the request carries none
 *   VRX_SENDER_UNKNOWN, VRX_SENDER_NOT_CURRENT, VRX_DIRECTORY_EXPIRED, of both municipalities
 *   VRX_KEY_UNKNOWN, VRX_SIGNATURE_INVALID, VRX_ALGORITHM_REFUSED, VRX_KEY_NOT_IN_FORCE and the
 *                            codec's, for each signed object and the checkpoint
 *   VRX_INPUT_RANGE          another kind; and vrx_application_check's
 *   VRX_APPLICATION_EXPIRED, VRX_APPLICATION_USED
 *   VRX_RATE_EXCEEDED        the municipality's cap for this hour
 *   VRX_EVIDENCE_MISSING, VRX_EVIDENCE_SUBJECT, VRX_EVIDENCE_METHOD, VRX_EVIDENCE_STALE
 *   VRX_APPLICATION_MISSING  the dose statement is for another application or person, or of a
 *                            municipality that the application is not for
 *   VRX_DISCLOSURE_REFUSED   a protection flag
 *   VRX_DOSE_FOREIGN, VRX_DOSE_UNPROVEN
 *   quality.h's
 *
 * and VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_issue_decide(struct vrx_issue_case *issue_case);

#endif
