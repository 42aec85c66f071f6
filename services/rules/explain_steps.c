/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of the decision once more, as of the instant of then, and whether what was told the
 * asker follows from them. A step that refuses is no fault of the explanation: it is what it is
 * there to show.
 */
#include "objects/subject.h"
#include "rules/explain_parts.h"
#include "rules/lawful.h"
#include "rules/minimal.h"
#include "rules/timely.h"

/* When steps 1 to 5 were taken, as far as this side knows: at the origin when the query came; at
 * the destination when it was denied, or when it looked itself before it asked. */
static int64_t decided_at(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    if (explanation->side == VRX_EXPLAINED_ASKED && explained->has_answer &&
        explained->answer.outcome == VRX_ANSWER_DENIED)
        return explained->answer.answered_at;
    return explanation->begun_at;
}

/* PASSED, or REFUSED; true in the first case. */
static bool step(struct vrx_explained *explained, enum vrx_check check, struct vrx_result result) {
    vrx_check_set(
        explained, check, vrx_is_ok(result) ? VRX_CHECK_PASSED : VRX_CHECK_REFUSED, result);
    return vrx_is_ok(result);
}

/* ---- steps 3 to 5 ---- */

static enum vrx_check step_of(const struct vrx_explained *explained, enum vrx_reason reason) {
    switch (reason) {
    case VRX_PERMIT_NOT_IN_FORCE:
    case VRX_PERMIT_ITEMS:
        return VRX_CHECK_STEP_3;
    case VRX_EVIDENCE_MISSING:
    case VRX_EVIDENCE_METHOD:
    case VRX_EVIDENCE_STALE:
    case VRX_EVIDENCE_SUBJECT:
        return VRX_CHECK_STEP_5;
    case VRX_CONSENT_MISSING:
    case VRX_CONSENT_REVOKED:
    case VRX_CONSENT_EXPIRED:
    case VRX_CONSENT_SCOPE:
        return VRX_CHECK_STEP_4;
    default: /* one of the two does not verify, the consent first */
        return explained->query.consent.len && !explained->has_consent ? VRX_CHECK_STEP_4
                                                                       : VRX_CHECK_STEP_5;
    }
}

static bool is_of_consent(enum vrx_reason reason) {
    return reason == VRX_CONSENT_REVOKED || reason == VRX_CONSENT_EXPIRED ||
           reason == VRX_CONSENT_SCOPE;
}

/* What was known of the consent beside what came with the query: at the origin, what it had been
 * told before; where it was denied for the consent's sake, what was known at the end. Of one second
 * nobody can say which half came first: what was not denied was decided before it was told. */
static const struct vrx_consent *told_by_then(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool denied = explanation->state == VRX_TRANSFER_DENIED &&
                  is_of_consent(vrx_reason_from_value((unsigned)explanation->reason));
    int64_t then = denied ? explanation->changed_at : explanation->begun_at;
    const struct vrx_consent *told = NULL;
    if (!denied && explanation->side == VRX_EXPLAINED_ASKED)
        return NULL;
    for (size_t i = 0; i < explained->later_count; i++)
        if (explanation->consents[i].known_since < (denied ? then + 1 : then))
            told = &explained->later[i];
    return told;
}

static struct vrx_result judge(struct vrx_explaining *explaining, struct vrx_result *ret_lawful) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_query *query = &explained->query;
    const uint8_t *of_whom = NULL;
    uint8_t subject[VRX_DIGEST];
    bool by_number = query->individual_number.len > 0;
    if (by_number)
        VRX_TRY(vrx_subject_make(query->individual_number, query->subject_salt, subject));
    const struct vrx_lawful_case judged = {
        .query = query,
        .subject = by_number ? subject : NULL,
        .keys = vrx_directory_signing_keys(explained->asker),
        .permits = &explained->permits,
        .told = told_by_then(explained),
        .now = decided_at(explained),
    };
    VRX_EXPLAIN_TRY(
        vrx_lawful_judge(&judged, explaining->arena, &explained->permit, &of_whom), ret_lawful);
    return vrx_ok();
}

static struct vrx_result steps_lawful(struct vrx_explaining *explaining, bool *ret_passed) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_result lawful;
    *ret_passed = false;
    if (!explained->has_permits) {
        for (unsigned check = VRX_CHECK_STEP_3; check <= VRX_CHECK_STEP_5; check++)
            vrx_check_not_shown(explained, (enum vrx_check)check,
                "explanation.permits: the table of then is not there any more");
        *ret_passed = true; /* as far as anybody can say */
        return vrx_ok();
    }
    VRX_TRY(judge(explaining, &lawful));
    *ret_passed = vrx_is_ok(lawful);
    enum vrx_check refused = *ret_passed ? VRX_CHECK_STEP_6 : step_of(explained, lawful.reason);
    for (unsigned check = VRX_CHECK_STEP_3; check <= VRX_CHECK_STEP_5; check++) {
        if (check < refused)
            step(explained, (enum vrx_check)check, vrx_ok());
        else if (check == refused)
            step(explained, (enum vrx_check)check, lawful);
    }
    return vrx_ok();
}

/* ---- steps 6 to 9 ---- */

static bool has_doses(const struct vrx_explained *explained) {
    return explained->has_answer && explained->answer.outcome == VRX_ANSWER_DOSES;
}

/* What only the origin knows, and the destination may not be able to tell. */
static void steps_of_person(struct vrx_explained *explained) {
    static const char origin_only[] = "explanation.side: known to the municipality of origin only";
    const struct vrx_explanation *explanation = &explained->explanation;
    bool left = has_doses(explained);
    if (explanation->side == VRX_EXPLAINED_ASKED && !left) {
        vrx_check_not_shown(explained, VRX_CHECK_STEP_6, origin_only);
        vrx_check_not_shown(explained, VRX_CHECK_STEP_7, origin_only);
        vrx_check_not_shown(explained, VRX_CHECK_STEP_8, origin_only);
        return;
    }
    step(explained, VRX_CHECK_STEP_6, vrx_ok()); /* over a limit there is no decision at all */
    if (explanation->side == VRX_EXPLAINED_ASKED) {
        step(explained, VRX_CHECK_STEP_7, vrx_ok());
        step(explained, VRX_CHECK_STEP_8, vrx_ok());
        return;
    }
    if (!step(explained, VRX_CHECK_STEP_7,
            explanation->person == VRX_EXPLAINED_FOUND
                ? vrx_ok()
                : vrx_refuse(VRX_NOT_FOUND, "query: number, birth date and name of one person")))
        return;
    if (explanation->held && left && !vrx_explained_released(explained))
        vrx_check_set(explained, VRX_CHECK_STEP_8, VRX_CHECK_BROKEN,
            vrx_refuse(VRX_EXPLANATION_WRONG, "ledger: two officers let it leave"));
    else
        step(explained, VRX_CHECK_STEP_8,
            explanation->held && !left
                ? vrx_refuse(VRX_SECOND_PERSON_NEEDED, "resident: no automatic answer")
                : vrx_ok());
}

static void step_minimal(struct vrx_explained *explained) {
    const struct vrx_query *query = &explained->query;
    if (has_doses(explained))
        vrx_check_hold(explained, VRX_CHECK_STEP_9,
            vrx_minimal_check(&explained->answer, query->items, query->item_count));
}

/* ---- the outcome ---- */

static struct vrx_result wrong(const char *clause) {
    return vrx_refuse(VRX_EXPLANATION_WRONG, clause);
}

static bool says(const struct vrx_explained *explained, enum vrx_answer_outcome outcome) {
    return explained->has_answer && explained->answer.outcome == (uint64_t)outcome;
}

/* A denial has its step, its reason and its clause. One that no answer told is the destination's
 * own, before it asked again: of a consent that was withdrawn. */
static struct vrx_result check_denial(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    enum vrx_check refused = vrx_explained_refused(explained);
    if (refused > VRX_CHECK_STEP_5)
        return wrong("explanation.reason: no step refuses");
    const struct vrx_result why = explained->check[refused].why;
    if (explanation->reason != (uint64_t)why.reason)
        return wrong("explanation.reason: the step refuses for another one");
    struct vrx_view clause =
        explanation->clause.len ? explanation->clause : explained->answer.clause;
    if (!vrx_view_equal(clause, vrx_view_text(why.clause)))
        return wrong("explanation.clause: the step refuses by another one");
    if (!explanation->answer.len)
        return vrx_ok();
    if (!says(explained, VRX_ANSWER_DENIED) || explained->answer.reason != explanation->reason)
        return wrong("answer.reason: as the explanation says");
    return vrx_ok();
}

static struct vrx_result check_expiry(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    return explanation->changed_at >= explanation->deadline
               ? vrx_ok()
               : wrong("explanation.changed_at: after the deadline");
}

/* No step has refused for which the asker would have been told a denial. */
static struct vrx_result check_told(const struct vrx_explained *explained) {
    if (vrx_explained_refused(explained) <= VRX_CHECK_STEP_5)
        return wrong("explanation.state: a step refuses");
    switch ((enum vrx_transfer_state)explained->explanation.state) {
    case VRX_TRANSFER_REQUESTED:
        return explained->has_answer ? wrong("explanation.state: there is an answer") : vrx_ok();
    case VRX_TRANSFER_PENDING:
        return explained->has_answer && !says(explained, VRX_ANSWER_PENDING)
                   ? wrong("answer.outcome: pending")
                   : vrx_ok();
    case VRX_TRANSFER_ANSWERED:
    case VRX_TRANSFER_RECEIVED:
    case VRX_TRANSFER_IMPORTED:
        return says(explained, VRX_ANSWER_DOSES) ? vrx_ok() : wrong("answer.outcome: doses");
    case VRX_TRANSFER_NO_RECORD:
        return says(explained, VRX_ANSWER_NO_RECORD) ? vrx_ok()
                                                     : wrong("answer.outcome: no record");
    case VRX_TRANSFER_EXPIRED:
        return check_expiry(explained);
    case VRX_TRANSFER_DENIED:
        break;
    }
    return wrong("explanation.state");
}

/* Somebody who was not found, or whom an officer holds back, gets no doses. */
static struct vrx_result check_kept(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    if (explanation->side != VRX_EXPLAINED_ANSWERED || explanation->state == VRX_TRANSFER_DENIED)
        return vrx_ok();
    bool found = explanation->person == VRX_EXPLAINED_FOUND;
    if (has_doses(explained) && !found)
        return wrong("answer.doses: nobody was found");
    if (says(explained, VRX_ANSWER_NO_RECORD) && found && !explanation->held)
        return wrong("answer.outcome: somebody was found");
    return vrx_ok();
}

static void check_outcome(struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    struct vrx_result result =
        explanation->state == VRX_TRANSFER_DENIED ? check_denial(explained) : check_told(explained);
    if (vrx_is_ok(result))
        result = check_kept(explained);
    vrx_check_hold(explained, VRX_CHECK_OUTCOME, result);
}

static struct vrx_result take_steps(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_directory_entry *sender = NULL;
    bool lawful = false;
    struct vrx_result known = vrx_directory_find(
        &explained->directory, &explained->query.asker, decided_at(explained), &sender);
    if (!step(explained, VRX_CHECK_STEP_1, known) || !explained->asker)
        return vrx_ok();
    if (!step(explained, VRX_CHECK_STEP_2,
            vrx_timely_check(&explained->query, decided_at(explained))))
        return vrx_ok();
    VRX_TRY(steps_lawful(explaining, &lawful));
    if (!lawful)
        return vrx_ok();
    steps_of_person(explained);
    step_minimal(explained);
    return vrx_ok();
}

struct vrx_result vrx_explain_steps(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    if (!explained->has_query) {
        if (explained->check[VRX_CHECK_QUERY].verdict == VRX_CHECK_NOT_SHOWN)
            vrx_check_not_shown(
                explained, VRX_CHECK_OUTCOME, "explanation.query: was not kept then");
        return vrx_ok();
    }
    VRX_TRY(take_steps(explaining));
    /* Without the law of then nothing follows from the steps. */
    if (explained->has_permits)
        check_outcome(explained);
    else
        vrx_check_not_shown(explained, VRX_CHECK_OUTCOME,
            "explanation.permits: the table of then is not there any more");
    return vrx_ok();
}
