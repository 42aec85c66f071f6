/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is asked for a certificate: the steps of decide.c, and then those of the application. Whether
 * there is something to certify is found by the same work whoever it is about.
 */
#include "crypto/hash.h"
#include "dispatch/guard.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/send.h"
#include "exchange/standing.h"
#include "rules/timely.h"
#include "store/dose.h"

/* ---- is it lawful ---- */

/* That the identity check is lawful for this query is known; that the application rests on this
 * very one, and on nobody else's, is the application's to say. */
static struct vrx_result application_is_of_this_query(const struct vrx_decision *decision,
    const struct vrx_application *application, const struct vrx_identity_evidence *evidence) {
    const struct vrx_query *query = &decision->query;
    if (!vrx_municipality_code_equal(&application->municipality, &query->asker) ||
        !vrx_application_is_for(application, &query->asked))
        return vrx_refuse(VRX_APPLICATION_MISSING, "application.elsewhere: who is asked");
    if (!decision->subject || memcmp(application->subject, decision->subject, VRX_DIGEST) != 0 ||
        vrx_date_compare(application->birth_date, query->birth_date) != 0)
        return vrx_refuse(VRX_APPLICATION_MISSING, "application.subject: whom the query is about");
    if (memcmp(application->evidence_id, evidence->id, VRX_ID) != 0 ||
        memcmp(application->subject, evidence->subject, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: the person who applies");
    return vrx_ok();
}

static struct vrx_result judge_application(struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_application *ret_application) {
    const struct vrx_query *query = &decision->query;
    struct vrx_identity_evidence evidence;
    if (!query->evidence.len)
        return vrx_refuse(VRX_EVIDENCE_MISSING, "Number Act art. 16");
    VRX_TRY(vrx_entry_verify(decision->sender, &vrx_identity_evidence_schema, query->evidence,
        &context->arena, &evidence));
    VRX_TRY(vrx_entry_verify(decision->sender, &vrx_application_schema, query->application,
        &context->arena, ret_application));
    VRX_TRY(vrx_application_check(ret_application));
    VRX_TRY(application_is_of_this_query(decision, ret_application, &evidence));
    return vrx_timely_application(ret_application, query, context->now);
}

static struct vrx_result judge(struct vrx_context *context, struct vrx_decision *decision,
    struct vrx_application *ret_application) {
    VRX_TRY(vrx_timely_check(&decision->query, context->now));
    if (decision->query.purpose != VRX_PURPOSE_CERTIFICATE)
        return vrx_refuse(VRX_PERMIT_NOT_IN_FORCE, "query.purpose: a certificate");
    VRX_TRY(vrx_decision_lawful(context, decision));
    return judge_application(context, decision, ret_application);
}

/* ---- is there anything to certify ---- */

/* Doses given here, of whoever was looked at: what came by transfer, or is of another municipality,
 * is not for us to certify. */
static struct vrx_result count_own(
    struct vrx_context *context, int64_t resident, size_t *ret_count) {
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    size_t own = 0;
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, resident, VRX_DOSES_CURRENT, &doses, &count));
    for (size_t i = 0; i < count; i++)
        own += doses[i].provenance.source != VRX_DOSE_TRANSFER &&
               vrx_municipality_code_equal(&doses[i].item.administered_by, &context->slot->code);
    *ret_count = own;
    return vrx_ok();
}

static struct vrx_result look(
    struct vrx_context *context, struct vrx_decision *decision, bool *ret_may_issue) {
    size_t own = 0;
    VRX_TRY(vrx_decision_person(context, decision));
    VRX_TRY(count_own(context, decision->resident.id, &own));
    *ret_may_issue = decision->may_leave && !decision->resident.no_self_disclosure && own > 0;
    return vrx_ok();
}

/* ---- a query arrives ---- */

static struct vrx_result put(struct vrx_context *context, const struct vrx_decision *decision,
    const struct vrx_application *application, bool may_issue, struct vrx_certificate_in *asked) {
    const struct vrx_query *query = &decision->query;
    int64_t patience = context->daemon->options.live.pending_seconds;
    if (patience > VRX_ELSEWHERE_TELL_SECONDS)
        patience = VRX_ELSEWHERE_TELL_SECONDS;
    *asked = (struct vrx_certificate_in){
        .sender = query->asker,
        .resident = decision->found ? decision->resident.id : 0,
        .may_issue = may_issue,
        .has_consent = decision->has_consent,
        .query = decision->arrived,
        .received_at = context->now,
        .deadline = query->deadline,
        .tell_at = context->now + patience,
    };
    if (asked->tell_at > query->deadline)
        asked->tell_at = query->deadline;
    asked->due_at = may_issue ? context->now : asked->tell_at;
    memcpy(asked->query_id, query->id, VRX_ID);
    memcpy(asked->nonce, query->nonce, VRX_ID);
    memcpy(asked->application_id, application->id, VRX_ID);
    memcpy(asked->consent_id, decision->consent_id, VRX_ID);
    return vrx_certificate_in_put(context->tenant, asked);
}

/* Whoever is refused is told so at once: it says nothing about anybody. */
static struct vrx_result refuse(struct vrx_context *context, const struct vrx_decision *decision,
    const struct vrx_application *application, struct vrx_result refusal) {
    struct vrx_certificate_in asked;
    struct vrx_certificate_reply said = {.outcome = VRX_CERTIFICATE_OUTCOME_REFUSED,
        .reason = (uint64_t)refusal.reason,
        .clause = vrx_view_text(refusal.clause)};
    VRX_TRY(put(context, decision, application, false, &asked));
    return vrx_elsewhere_reply(context, decision->law, &asked, decision->query_digest, &said);
}

/* Of an application that was not believed the id is the query's own: what it says could be
 * anybody's, and nothing is certified on it. */
static void name_refused(
    const struct vrx_decision *decision, struct vrx_result refusal, struct vrx_application *out) {
    if (!vrx_is_ok(refusal))
        memcpy(out->id, decision->query.id, VRX_ID);
}

static struct vrx_result decide(struct vrx_context *context, struct vrx_decision *decision) {
    struct vrx_application application = {0};
    struct vrx_certificate_in asked;
    bool may_issue = false;
    const struct vrx_result refusal = judge(context, decision, &application);
    if (!vrx_decision_is_answer(refusal.reason))
        return refusal;
    name_refused(decision, refusal, &application);
    VRX_TRY(vrx_exchange_note_law(context, decision->law));
    if (!vrx_is_ok(refusal))
        return refuse(context, decision, &application, refusal);
    VRX_TRY(vrx_guard_query(context, &decision->query.asker, "exchange/certificate-query"));
    VRX_TRY(look(context, decision, &may_issue));
    if (!may_issue)
        vrx_guard_unanswered(context, &decision->query.asker);
    VRX_TRY(put(context, decision, &application, may_issue, &asked));
    atomic_store(&context->slot->certificates_due, context->now);
    return vrx_ok();
}

struct vrx_result vrx_elsewhere_take_query(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    struct vrx_decision decision = {.law = arrival->law,
        .arrived = arrival->arrived,
        .envelope = *arrival->envelope,
        .sender = arrival->sender};
    (void)reply;
    VRX_TRY(vrx_decision_verify(context, &decision, arrival->content, true));
    return decide(context, &decision);
}

/* ---- one that waits ---- */

void vrx_elsewhere_case_done(struct vrx_elsewhere_case *opened) {
    vrx_buffer_done(&opened->decision.signed_query);
}

/* What was told of the consent since it came. */
static struct vrx_result consent_stands(
    struct vrx_context *context, const struct vrx_elsewhere_case *opened) {
    return opened->asked->has_consent
               ? vrx_exchange_consent_stands(context, opened->decision.sender,
                     opened->asked->consent_id, &opened->decision.query)
               : vrx_ok();
}

struct vrx_result vrx_elsewhere_open(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, struct vrx_elsewhere_case *ret_case) {
    *ret_case = (struct vrx_elsewhere_case){
        .asked = asked, .decision = {.law = law, .arrived = asked->query}};
    struct vrx_decision *decision = &ret_case->decision;
    bool may_issue = false;
    VRX_TRY(vrx_decision_open(context, decision, VRX_ENVELOPE_CERTIFICATE_QUERY));
    ret_case->verified = true;
    VRX_TRY(consent_stands(context, ret_case));
    VRX_TRY(judge(context, decision, &ret_case->application));
    VRX_TRY(vrx_decision_today(context, decision));
    VRX_TRY(look(context, decision, &may_issue));
    ret_case->may_issue = asked->may_issue && may_issue && decision->found &&
                          decision->resident.id == asked->resident;
    return vrx_ok();
}

/* ---- the reply ---- */

static enum vrx_elsewhere_state state_of(uint64_t outcome) {
    static const enum vrx_elsewhere_state states[] = {
        [VRX_CERTIFICATE_OUTCOME_ISSUED] = VRX_ELSEWHERE_ISSUED,
        [VRX_CERTIFICATE_OUTCOME_REFUSED] = VRX_ELSEWHERE_REFUSED,
        [VRX_CERTIFICATE_OUTCOME_NO_RECORD] = VRX_ELSEWHERE_NO_RECORD,
    };
    return states[outcome];
}

struct vrx_result vrx_elsewhere_reply(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, const uint8_t query_digest[VRX_DIGEST],
    struct vrx_certificate_reply *said) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    struct vrx_audit_facts facts = context->audit;
    const enum vrx_reason reason = (enum vrx_reason)said->reason;
    said->origin = context->slot->code;
    said->destination = asked->sender;
    said->replied_at = context->now;
    memcpy(said->query_id, asked->query_id, VRX_ID);
    memcpy(said->query_digest, query_digest, VRX_DIGEST);
    VRX_TRY(vrx_certificate_reply_check(said));
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_certificate_reply_schema, said, &content));
    struct vrx_outgoing message = {
        .key = {.to = asked->sender, .kind = VRX_ENVELOPE_CERTIFICATE_REPLY},
        .resident = asked->resident,
        .content = vrx_buffer_view(&content),
    };
    memcpy(message.key.id, asked->query_id, VRX_ID);
    VRX_TRY(vrx_exchange_send(context, law, &message));
    VRX_TRY(vrx_certificate_in_end(context->tenant, &asked->sender, asked->query_id,
        state_of(said->outcome), reason, context->now));
    facts.has_commitment = true;
    VRX_TRY(vrx_sha256(message.content, facts.commitment));
    return vrx_context_record(
        context, "exchange/certificate-replied", VRX_ELSEWHERE_PURPOSE, &facts, reason, NULL);
}
