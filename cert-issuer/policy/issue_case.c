/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules, and at the end the table that puts them in order. A rule looks at one thing, refuses
 * with the clause behind it, and leaves in the case what later rules rely on.
 */
#include "policy/issue_case.h"

#include "cose/sign1.h"
#include "objects/audit_entry.h"
#include "objects/dose_item.h"
#include "objects/merkle.h"
#include "policy/quality.h"

const struct vrx_issue_terms vrx_issue_terms_default = {
    .application_age = VRX_APPLICATION_SECONDS,
    .evidence_age = 86400,
    .statement_age = 900,
    .lifetime = UINT64_C(365) * 86400,
    .hourly_cap = 2000,
};

/* The clocks of two machines may disagree by this many seconds. */
#define CLOCK_SKEW 60

static bool is_fresh(int64_t time, int64_t now, uint64_t age) {
    return time <= now + CLOCK_SKEW && time >= now - (int64_t)age;
}

static bool same_digest(const uint8_t a[VRX_DIGEST], const uint8_t b[VRX_DIGEST]) {
    return memcmp(a, b, VRX_DIGEST) == 0;
}

/* The municipalities --------------------------------------------------------------------------- */

/* Read before it is believed, to learn whose signature it needs; application_is_signed reads it
 * again, then verified. */
static struct vrx_result counter_is_current(struct vrx_issue_case *issue_case) {
    struct vrx_sign1 message;
    struct vrx_application claimed;
    if (!issue_case->request->application.len)
        return vrx_refuse(VRX_APPLICATION_MISSING, "issue_request.h: application");
    VRX_TRY(vrx_sign1_parse(issue_case->request->application, &message));
    VRX_TRY(
        vrx_object_decode(&vrx_application_schema, message.payload, issue_case->arena, &claimed));
    return vrx_directory_find(
        issue_case->directory, &claimed.municipality, issue_case->now, &issue_case->counter);
}

/* Whoever the statement says that it is of, where the application is for that one too. The same as
 * before: statement_is_signed reads it again by that one's keys. */
static struct vrx_result municipality_is_current(struct vrx_issue_case *issue_case) {
    struct vrx_sign1 message;
    struct vrx_dose_statement claimed;
    issue_case->municipality = issue_case->counter;
    if (!vrx_is_ok(vrx_sign1_parse(issue_case->request->statement, &message)) ||
        !vrx_is_ok(vrx_object_decode(
            &vrx_dose_statement_schema, message.payload, issue_case->arena, &claimed)))
        return vrx_ok(); /* which the statement's own rule refuses */
    if (vrx_application_is_for(&issue_case->application, &claimed.municipality))
        VRX_TRY(vrx_directory_find(issue_case->directory, &claimed.municipality, issue_case->now,
            &issue_case->municipality));
    return vrx_application_use(
        &issue_case->application, &issue_case->municipality->code, issue_case->use);
}

static bool is_elsewhere(const struct vrx_issue_case *issue_case) {
    return !vrx_municipality_code_equal(
        &issue_case->municipality->code, &issue_case->application.municipality);
}

/* With the key that the object names, which must be the municipality's and in force at the object's
 * time: what was signed before a change of keys stays good, and an old key signs nothing new. */
static struct vrx_result verify(const struct vrx_issue_case *issue_case,
    const struct vrx_directory_entry *by, const struct vrx_object_schema *schema,
    struct vrx_view message, void *ret_object) {
    return vrx_object_verify_by(
        schema, message, vrx_directory_signing_keys(by), issue_case->arena, ret_object);
}

/* The application ------------------------------------------------------------------------------ */

static struct vrx_result application_is_signed(struct vrx_issue_case *issue_case) {
    return verify(issue_case, issue_case->counter, &vrx_application_schema,
        issue_case->request->application, &issue_case->application);
}

static struct vrx_result application_is_for_this_kind(struct vrx_issue_case *issue_case) {
    if (issue_case->application.kind != issue_case->request->kind)
        return vrx_refuse(VRX_INPUT_RANGE, "application.h: another kind of certificate");
    return vrx_application_check(&issue_case->application);
}

static struct vrx_result application_is_fresh(struct vrx_issue_case *issue_case) {
    if (!is_fresh(issue_case->application.applied_at, issue_case->now,
            issue_case->terms->application_age))
        return vrx_refuse(VRX_APPLICATION_EXPIRED, "issue_case.h: application_age");
    return vrx_ok();
}

static struct vrx_result application_is_unused(struct vrx_issue_case *issue_case) {
    const struct vrx_issue_memory *memory = issue_case->memory;
    if (memory->is_used(memory->context, issue_case->use))
        return vrx_refuse(VRX_APPLICATION_USED, "application.h: used once");
    return vrx_ok();
}

static struct vrx_result cap_is_kept(struct vrx_issue_case *issue_case) {
    const struct vrx_issue_memory *memory = issue_case->memory;
    if (memory->hour_count(memory->context, &issue_case->municipality->code, issue_case->now) >=
        issue_case->terms->hourly_cap)
        return vrx_refuse(VRX_RATE_EXCEEDED, "issue_case.h: hourly_cap");
    return vrx_ok();
}

/* The identity check --------------------------------------------------------------------------- */

static struct vrx_result evidence_is_signed(struct vrx_issue_case *issue_case) {
    if (!issue_case->request->evidence.len)
        return vrx_refuse(VRX_EVIDENCE_MISSING, "Number Act art. 16");
    return verify(issue_case, issue_case->counter, &vrx_identity_evidence_schema,
        issue_case->request->evidence, &issue_case->evidence);
}

static struct vrx_result evidence_is_of_this_case(struct vrx_issue_case *issue_case) {
    const struct vrx_application *application = &issue_case->application;
    const struct vrx_identity_evidence *evidence = &issue_case->evidence;
    if (memcmp(evidence->id, application->evidence_id, VRX_ID) != 0 ||
        !same_digest(evidence->subject, application->subject) ||
        !vrx_municipality_code_equal(&evidence->municipality, &application->municipality) ||
        evidence->purpose != VRX_PURPOSE_CERTIFICATE)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: the person who applies");
    return vrx_ok();
}

/* Who applies in person is checked in person; a proxy shows the mandate and is checked as one
 * (Number Act enforcement ordinance art. 12). */
static struct vrx_result evidence_method_is_accepted(struct vrx_issue_case *issue_case) {
    bool by_proxy = issue_case->evidence.method == VRX_IDENTITY_PROXY;
    if (by_proxy != (issue_case->application.applicant == VRX_APPLICANT_PROXY))
        return vrx_refuse(
            VRX_EVIDENCE_METHOD, "Number Act enforcement ordinance art. 12: person or proxy");
    return vrx_identity_evidence_shown(&issue_case->evidence);
}

static struct vrx_result evidence_is_fresh(struct vrx_issue_case *issue_case) {
    return vrx_identity_evidence_fresh(
        &issue_case->evidence, issue_case->now, issue_case->terms->evidence_age);
}

/* The doses ------------------------------------------------------------------------------------ */

static struct vrx_result statement_is_signed(struct vrx_issue_case *issue_case) {
    if (!issue_case->request->statement.len)
        return vrx_refuse(VRX_DOSE_UNPROVEN, "issue_request.h: dose statement");
    return verify(issue_case, issue_case->municipality, &vrx_dose_statement_schema,
        issue_case->request->statement, &issue_case->statement);
}

/* Persons have a token of their own in every ledger: the one applied to says by its own who
 * applied, another one by the subject, which it has made of the number that it knows. */
static bool is_of_this_person(const struct vrx_issue_case *issue_case) {
    const struct vrx_application *application = &issue_case->application;
    const struct vrx_dose_statement *statement = &issue_case->statement;
    return is_elsewhere(issue_case)
               ? vrx_view_equal(statement->subject, vrx_view_of(application->subject, VRX_DIGEST))
               : same_digest(statement->person, application->person);
}

static struct vrx_result statement_is_of_this_case(struct vrx_issue_case *issue_case) {
    const struct vrx_application *application = &issue_case->application;
    const struct vrx_dose_statement *statement = &issue_case->statement;
    if (memcmp(statement->application_id, application->id, VRX_ID) != 0 ||
        !is_of_this_person(issue_case) ||
        !vrx_municipality_code_equal(&statement->municipality, &issue_case->municipality->code))
        return vrx_refuse(
            VRX_APPLICATION_MISSING, "dose_statement.h: application and person of the case");
    if (!is_fresh(statement->stated_at, issue_case->now, issue_case->terms->statement_age))
        return vrx_refuse(VRX_DOSE_UNPROVEN, "issue_case.h: statement_age");
    return vrx_ok();
}

static struct vrx_result disclosure_is_open(struct vrx_issue_case *issue_case) {
    if (issue_case->statement.closed)
        return vrx_refuse(VRX_DISCLOSURE_REFUSED, "dose_statement.h: a protection flag");
    return vrx_ok();
}

static struct vrx_result doses_are_its_own(struct vrx_issue_case *issue_case) {
    const struct vrx_dose_statement *statement = &issue_case->statement;
    if (!statement->dose_count)
        return vrx_refuse(VRX_DOSE_UNPROVEN, "dose_statement.h: no dose");
    for (size_t i = 0; i < statement->dose_count; i++)
        if (!vrx_municipality_code_equal(
                &statement->doses[i].item.administered_by, &issue_case->municipality->code))
            return vrx_refuse(
                VRX_DOSE_FOREIGN, "certificates: a municipality certifies what it administered");
    return vrx_ok();
}

/* Made with the statement that carries it, so by a key in force at the statement's time. */
static struct vrx_result checkpoint_is_signed(struct vrx_issue_case *issue_case) {
    const struct vrx_dated_key *key = NULL;
    VRX_TRY(vrx_checkpoint_verify_by(issue_case->statement.checkpoint,
        vrx_directory_signing_keys(issue_case->municipality), &issue_case->checkpoint, &key));
    if (!vrx_dated_key_in_force(key, issue_case->statement.stated_at))
        return vrx_refuse(VRX_KEY_NOT_IN_FORCE, "dose_statement.checkpoint");
    if (!vrx_municipality_code_equal(
            &issue_case->checkpoint.municipality, &issue_case->municipality->code))
        return vrx_refuse(VRX_DOSE_UNPROVEN, "C2SP tlog-checkpoint: origin");
    return vrx_ok();
}

/* The ledger's entry is about this person and commits to this dose. */
static struct vrx_result check_commitment(
    const struct vrx_issue_case *issue_case, const struct vrx_proven_dose *dose) {
    struct vrx_audit_entry entry;
    uint8_t commitment[VRX_DIGEST];
    VRX_TRY(vrx_audit_entry_decode(dose->entry, &entry));
    if (entry.outcome != 0)
        return vrx_refuse(VRX_DOSE_UNPROVEN, "audit_entry.h: the entry records a refusal");
    if (!vrx_view_equal(entry.person, vrx_view_of(issue_case->statement.person, VRX_DIGEST)))
        return vrx_refuse(VRX_DOSE_UNPROVEN, "audit_entry.h: the entry is about another person");
    VRX_TRY(vrx_dose_item_commitment(&dose->item, dose->salt, commitment));
    if (!vrx_view_equal(entry.commitment, vrx_view_of(commitment, VRX_DIGEST)))
        return vrx_refuse(VRX_DOSE_UNPROVEN, "dose_item.h: commitment");
    return vrx_ok();
}

/* The entry stands in the tree that the municipality signed. */
static struct vrx_result check_inclusion(
    const struct vrx_issue_case *issue_case, const struct vrx_proven_dose *dose) {
    struct vrx_merkle_proof proof = {.count = dose->proof.len / VRX_MERKLE_HASH};
    struct vrx_merkle_hash leaf;
    if (dose->proof.len % VRX_MERKLE_HASH || proof.count > VRX_MERKLE_PROOF_MAX)
        return vrx_refuse(VRX_DOSE_UNPROVEN, "dose_statement.h: hashes of 32 bytes");
    if (dose->proof.len)
        memcpy(proof.hash, dose->proof.ptr, dose->proof.len);
    VRX_TRY(vrx_merkle_leaf(dose->entry, &leaf));
    struct vrx_result result = vrx_merkle_verify_inclusion(&proof, dose->ledger_index,
        issue_case->checkpoint.size, &leaf, &issue_case->checkpoint.root);
    if (!vrx_is_ok(result) && result.reason != VRX_CRYPTO_FAILED)
        return vrx_refuse(VRX_DOSE_UNPROVEN, "RFC 9162 §2.1.3.2: inclusion proof");
    return result;
}

static struct vrx_result doses_are_in_the_ledger(struct vrx_issue_case *issue_case) {
    const struct vrx_dose_statement *statement = &issue_case->statement;
    for (size_t i = 0; i < statement->dose_count; i++) {
        VRX_TRY(check_commitment(issue_case, &statement->doses[i]));
        VRX_TRY(check_inclusion(issue_case, &statement->doses[i]));
    }
    return vrx_ok();
}

static struct vrx_result quality_is_good(struct vrx_issue_case *issue_case) {
    return vrx_quality_gate(issue_case->statement.doses, issue_case->statement.dose_count,
        issue_case->application.birth_date, vrx_date_in_japan(issue_case->now));
}

/* The order ------------------------------------------------------------------------------------ */

static struct vrx_result (*const rules[])(struct vrx_issue_case *issue_case) = {
    counter_is_current,
    application_is_signed,
    application_is_for_this_kind,
    application_is_fresh,
    municipality_is_current,
    application_is_unused,
    cap_is_kept,
    evidence_is_signed,
    evidence_is_of_this_case,
    evidence_method_is_accepted,
    evidence_is_fresh,
    statement_is_signed,
    statement_is_of_this_case,
    disclosure_is_open,
    doses_are_its_own,
    checkpoint_is_signed,
    doses_are_in_the_ledger,
    quality_is_good,
};

struct vrx_result vrx_issue_decide(struct vrx_issue_case *issue_case) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        VRX_TRY(rules[i](issue_case));
    return vrx_ok();
}
