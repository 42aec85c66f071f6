/* SPDX-License-Identifier: Apache-2.0
 *
 * See elsewhere.h: what is done in the tenant, before and after the issuer is asked.
 */
#include "certificates/elsewhere.h"

#include "exchange/batch.h"
#include "exchange/elsewhere.h"
#include "exchange/standing.h"
#include "objects/subject.h"
#include "store/application_record.h"
#include "store/evidence_record.h"

#define LOOKS_AT_ONCE 32
#define AGAIN_AFTER 10 /* seconds: the issuer is away, or its directory older than the asker's */

void vrx_elsewhere_issue_done(struct vrx_elsewhere_issue *issue) {
    vrx_issue_state_done(&issue->state);
    *issue = (struct vrx_elsewhere_issue){0};
}

/* ---- what is not issued ---- */

static struct vrx_result about(
    struct vrx_context *context, const struct vrx_certificate_in *asked) {
    context->audit = (struct vrx_audit_facts){0};
    memcpy(context->request_id, asked->query_id, VRX_ID);
    return asked->resident ? vrx_decision_about(context, asked->resident, true) : vrx_ok();
}

static struct vrx_result expire(
    struct vrx_context *context, const struct vrx_certificate_in *asked) {
    VRX_TRY(vrx_certificate_in_end(context->tenant, &asked->sender, asked->query_id,
        VRX_ELSEWHERE_EXPIRED, VRX_OK, context->now));
    return vrx_exchange_record_end(context, VRX_QUERY_EXPIRED);
}

/* Not after its deadline, when it expires. */
static struct vrx_result wait_until(
    struct vrx_context *context, const struct vrx_certificate_in *asked, int64_t at) {
    return vrx_certificate_in_postpone(context->tenant, &asked->sender, asked->query_id,
        at <= asked->deadline ? at : asked->deadline + 1);
}

/* The word that there is no record leaves at its instant and at no other (exchange/elsewhere.h). */
static struct vrx_result tell_nothing(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_elsewhere_case *opened) {
    const struct vrx_certificate_in *asked = opened->asked;
    struct vrx_certificate_reply said = {.outcome = VRX_CERTIFICATE_OUTCOME_NO_RECORD};
    if (context->now < asked->tell_at)
        return wait_until(context, asked, asked->tell_at);
    if (asked->due_at != asked->tell_at)
        return wait_until(context, asked, asked->deadline + 1);
    return vrx_elsewhere_reply(context, law, asked, opened->decision.query_digest, &said);
}

static struct vrx_result refuse(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, const uint8_t query_digest[VRX_DIGEST],
    struct vrx_result refusal) {
    struct vrx_certificate_reply said = {.outcome = VRX_CERTIFICATE_OUTCOME_REFUSED,
        .reason = (uint64_t)refusal.reason,
        .clause = vrx_view_text(refusal.clause ? refusal.clause : "")};
    return vrx_elsewhere_reply(context, law, asked, query_digest, &said);
}

/* ---- what is ---- */

/* Application and identity check stand among this municipality's own from now on, so that the
 * certificate is revoked, marked and erased as any other. */
static struct vrx_result keep_papers(
    struct vrx_context *context, const struct vrx_elsewhere_case *opened) {
    const struct vrx_query *query = &opened->decision.query;
    const struct vrx_application *application = &opened->application;
    struct vrx_evidence_record evidence = {.resident = opened->asked->resident,
        .object = query->evidence,
        .recorded_at = context->now};
    struct vrx_application_record record = {.resident = opened->asked->resident,
        .object = query->application,
        .recorded_at = context->now};
    struct vrx_application_record known;
    memcpy(evidence.id, application->evidence_id, VRX_ID);
    memcpy(evidence.subject_salt, query->subject_salt, VRX_DIGEST);
    memcpy(record.id, application->id, VRX_ID);
    memcpy(record.evidence_id, application->evidence_id, VRX_ID);
    struct vrx_result found =
        vrx_application_record_get(context->tenant, &context->arena, application->id, &known);
    if (vrx_is_ok(found)) /* begun before, or another one under this id */
        return known.resident == record.resident && vrx_view_equal(known.object, record.object) &&
                       known.state == VRX_APPLICATION_RECORD_ISSUING
                   ? vrx_ok()
                   : vrx_refuse(VRX_APPLICATION_USED, "application.id: one application each");
    struct vrx_result put = vrx_evidence_record_put(context->tenant, &evidence);
    if (put.reason != VRX_ALREADY_EXISTS)
        VRX_TRY(put);
    VRX_TRY(vrx_application_record_put(context->tenant, &record));
    return vrx_application_record_advance(
        context->tenant, application->id, VRX_APPLICATION_RECORD_ISSUING, context->now);
}

/* By the number that stands here, not by the asker's word. */
static struct vrx_result subject_of(struct vrx_context *context,
    const struct vrx_elsewhere_case *opened, uint8_t ret_subject[VRX_DIGEST]) {
    struct vrx_view number = {0};
    VRX_TRY(
        vrx_resident_number(context->tenant, &context->arena, opened->asked->resident, &number));
    return vrx_subject_make(number, opened->decision.query.subject_salt, ret_subject);
}

static struct vrx_result prepare(struct vrx_context *context,
    const struct vrx_elsewhere_case *opened, struct vrx_elsewhere_issue *issue) {
    struct vrx_issue_state *state = &issue->state;
    uint8_t subject[VRX_DIGEST];
    VRX_TRY(keep_papers(context, opened));
    VRX_TRY(subject_of(context, opened, subject));
    memcpy(state->application_id, opened->application.id, VRX_ID);
    state->resident = opened->asked->resident;
    state->kind = opened->application.kind;
    VRX_TRY(vrx_buffer_append(&state->application, opened->decision.query.application));
    VRX_TRY(vrx_buffer_append(&state->evidence, opened->decision.query.evidence));
    VRX_TRY(vrx_issue_state_doses(context, state, vrx_view_of(subject, VRX_DIGEST)));
    issue->asked = *opened->asked;
    issue->asked.query = (struct vrx_view){0}; /* of this step's arena */
    memcpy(issue->query_digest, opened->decision.query_digest, VRX_DIGEST);
    issue->begun = true;
    return vrx_ok();
}

/* ---- one after the other ---- */

static bool may_be_said(struct vrx_result lawful) {
    return vrx_is_ok(lawful) || vrx_decision_is_answer(lawful.reason);
}

static struct vrx_result go_on(struct vrx_context *context, const struct vrx_law *law,
    struct vrx_elsewhere_case *opened, struct vrx_result lawful,
    struct vrx_elsewhere_issue *issue) {
    const struct vrx_certificate_in *asked = opened->asked;
    if (vrx_exchange_is_our_trouble(lawful))
        return lawful;
    if (!opened->verified || !may_be_said(lawful)) /* a key that the directory here has not yet */
        return wait_until(context, asked, context->now + AGAIN_AFTER);
    if (!vrx_is_ok(lawful))
        return refuse(context, law, asked, opened->decision.query_digest, lawful);
    if (!opened->may_issue)
        return tell_nothing(context, law, opened);
    if (issue->begun)
        return vrx_ok(); /* the next, once this one is done */
    struct vrx_result prepared = prepare(context, opened, issue);
    if (!vrx_is_ok(prepared))
        vrx_elsewhere_issue_done(issue);
    if (vrx_is_ok(prepared) || !vrx_decision_is_answer(prepared.reason))
        return prepared;
    return refuse(context, law, asked, opened->decision.query_digest, prepared);
}

static struct vrx_result look_at(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, struct vrx_elsewhere_issue *issue) {
    struct vrx_elsewhere_case opened;
    VRX_TRY(about(context, asked));
    if (asked->deadline < context->now)
        return expire(context, asked);
    const struct vrx_result lawful = vrx_elsewhere_open(context, law, asked, &opened);
    struct vrx_result result = about(context, asked);
    if (vrx_is_ok(result))
        result = go_on(context, law, &opened, lawful, issue);
    vrx_elsewhere_case_done(&opened);
    return result;
}

static struct vrx_result look_at_all(
    struct vrx_context *context, const struct vrx_law *law, struct vrx_elsewhere_issue *issue) {
    struct vrx_certificate_in *asked = NULL;
    size_t count = 0;
    VRX_TRY(vrx_certificate_in_list_due(
        context->tenant, &context->arena, context->now, LOOKS_AT_ONCE, &asked, &count));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(look_at(context, law, &asked[i], issue));
    return vrx_ok();
}

struct vrx_result vrx_certificates_look(
    struct vrx_context *context, struct vrx_elsewhere_issue *ret_issue, int64_t *ret_next) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = look_at_all(context, law, ret_issue);
    vrx_law_release(context->daemon->law, law);
    VRX_TRY(result);
    return vrx_certificate_in_next_due(context->tenant, ret_next);
}

/* ---- what the issuer said ---- */

static bool may_pass_later(enum vrx_reason reason) {
    return !vrx_decision_is_answer(reason) || vrx_reason_retry(reason) == VRX_RETRY_LATER ||
           reason == VRX_SENDER_UNKNOWN || reason == VRX_SENDER_NOT_CURRENT;
}

static struct vrx_result tell_issued(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_elsewhere_issue *issue) {
    const struct vrx_issue_reply *reply = &issue->state.reply;
    struct vrx_certificate_reply said = {
        .outcome = VRX_CERTIFICATE_OUTCOME_ISSUED,
        .certificates = reply->certificates,
        .certificate_count = reply->certificate_count,
        .uvci = reply->uvci,
        .issued_at = reply->issued_at,
        .expires_at = reply->expires_at,
    };
    VRX_TRY(vrx_issue_keep(context, &issue->state));
    return vrx_elsewhere_reply(context, law, &issue->asked, issue->query_digest, &said);
}

static struct vrx_result settle(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_elsewhere_issue *issue, struct vrx_result issuer) {
    VRX_TRY(about(context, &issue->asked));
    if (vrx_is_ok(issuer))
        return tell_issued(context, law, issue);
    if (may_pass_later(issuer.reason))
        return wait_until(context, &issue->asked, context->now + AGAIN_AFTER);
    VRX_TRY(vrx_application_record_advance(
        context->tenant, issue->state.application_id, VRX_APPLICATION_RECORD_CLOSED, context->now));
    return refuse(context, law, &issue->asked, issue->query_digest, issuer);
}

struct vrx_result vrx_certificates_settle(struct vrx_context *context,
    struct vrx_elsewhere_issue *issue, struct vrx_result issuer, int64_t *ret_next) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = settle(context, law, issue, issuer);
    vrx_law_release(context->daemon->law, law);
    VRX_TRY(result);
    return vrx_certificate_in_next_due(context->tenant, ret_next);
}
