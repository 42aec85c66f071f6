/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lawful.h"

#include "rules/timely.h"

static bool is_withdrawn(const struct vrx_consent *consent) {
    return consent && consent->status != VRX_CONSENT_GRANTED;
}

static struct vrx_result check_consent(
    const struct vrx_permit *permit, const struct vrx_lawful_query *query) {
    if (query->consent && (is_withdrawn(query->consent) || is_withdrawn(query->told)))
        return vrx_refuse(VRX_CONSENT_REVOKED, "consent.status");
    if (!permit->consent_required)
        return vrx_ok();
    if (!query->consent)
        return vrx_refuse(VRX_CONSENT_MISSING, "permit: consent of the person is required");
    struct vrx_consent_use use = {
        .destination = query->asker,
        .origin = query->asked,
        .subject = query->subject,
        .purpose = query->purpose,
        .items = query->items,
        .item_count = query->item_count,
        .time = query->asked_at,
    };
    VRX_TRY(vrx_consent_covers(query->consent, &use));
    VRX_TRY(vrx_timely_consent(query->consent, query->asked_at));
    return query->told ? vrx_consent_covers(query->told, &use) : vrx_ok();
}

static struct vrx_result check_evidence(
    const struct vrx_permit *permit, const struct vrx_lawful_query *query) {
    const struct vrx_identity_evidence *evidence = query->evidence;
    if (permit->method_count == 0)
        return vrx_ok();
    if (!evidence)
        return vrx_refuse(VRX_EVIDENCE_MISSING, "Number Act art. 16: identity check");
    if (!vrx_permit_accepts_method(permit, evidence->method))
        return vrx_refuse(VRX_EVIDENCE_METHOD, "permit: accepted methods of identity check");
    VRX_TRY(vrx_identity_evidence_shown(evidence));
    VRX_TRY(vrx_identity_evidence_fresh(evidence, query->asked_at, permit->evidence_seconds));
    if (evidence->purpose != (uint64_t)query->purpose ||
        !vrx_municipality_code_equal(&evidence->municipality, query->asker) ||
        memcmp(evidence->subject, query->subject, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: of this person, for this");
    return vrx_ok();
}

/* Every answer carries the dose, so it must be asked for: otherwise it would leave without a permit
 * and a consent that name it. */
static bool asks_for_the_dose(const struct vrx_lawful_query *query) {
    for (size_t i = 0; i < query->item_count; i++)
        if (query->items[i] == VRX_ITEM_DOSE)
            return true;
    return false;
}

struct vrx_result vrx_lawful_check(
    const struct vrx_permit *permit, const struct vrx_lawful_query *query) {
    VRX_TRY(
        vrx_permit_in_force(permit, query->purpose, query->asker, query->asked, query->asked_at));
    VRX_TRY(vrx_permit_covers(permit, query->items, query->item_count));
    if (!asks_for_the_dose(query))
        return vrx_refuse(VRX_PERMIT_ITEMS, "query.items: none without the dose itself");
    VRX_TRY(check_consent(permit, query));
    return check_evidence(permit, query);
}

/* Among the permits in force of one kind; NULL and VRX_OK when none is. */
static struct vrx_result find_among(const struct vrx_permit_table *table, bool consent_required,
    const struct vrx_lawful_query *query, const struct vrx_permit **ret_permit) {
    struct vrx_result first = vrx_ok();
    for (size_t i = 0; i < table->permit_count; i++) {
        const struct vrx_permit *permit = &table->permits[i];
        if (permit->consent_required != consent_required ||
            !vrx_is_ok(vrx_permit_in_force(
                permit, query->purpose, query->asker, query->asked, query->asked_at)))
            continue;
        struct vrx_result lawful = vrx_lawful_check(permit, query);
        if (vrx_is_ok(lawful)) {
            *ret_permit = permit;
            return lawful;
        }
        first = vrx_is_ok(first) ? lawful : first;
    }
    return first;
}

struct vrx_result vrx_lawful_find(const struct vrx_permit_table *table,
    const struct vrx_lawful_query *query, const struct vrx_permit **ret_permit) {
    const struct vrx_permit *permit = NULL;
    const bool has_consent = query->consent != NULL;
    VRX_TRY(vrx_permit_table_current(table, query->asked_at));
    VRX_TRY(find_among(table, has_consent, query, &permit));
    if (!permit)
        VRX_TRY(find_among(table, !has_consent, query, &permit));
    if (!permit)
        return vrx_refuse(VRX_PERMIT_NOT_IN_FORCE, "permit_table.permits");
    *ret_permit = permit;
    return vrx_ok();
}

/* Empty where there is nothing that says whom it is about; nothing then compares it. */
static struct vrx_view subject_of(
    const struct vrx_lawful_case *judged, const struct vrx_lawful_grounds *grounds) {
    if (judged->subject)
        return vrx_view_of(judged->subject, VRX_DIGEST);
    if (grounds->has_consent)
        return vrx_view_of(grounds->consent.subject, VRX_DIGEST);
    if (grounds->has_evidence)
        return vrx_view_of(grounds->evidence.subject, VRX_DIGEST);
    return (struct vrx_view){0};
}

struct vrx_result vrx_lawful_open(const struct vrx_lawful_case *judged, struct vrx_arena *arena,
    struct vrx_lawful_grounds *ret_grounds) {
    const struct vrx_query *query = judged->query;
    *ret_grounds = (struct vrx_lawful_grounds){
        .has_consent = query->consent.len > 0, .has_evidence = query->evidence.len > 0};
    VRX_TRY(vrx_permit_table_current(judged->permits, judged->now));
    VRX_TRY(vrx_permit_by_id(judged->permits, query->permit_id, &ret_grounds->permit));
    if (ret_grounds->has_consent)
        VRX_TRY(vrx_object_verify_by(
            &vrx_consent_schema, query->consent, judged->keys, arena, &ret_grounds->consent));
    if (ret_grounds->has_evidence)
        VRX_TRY(vrx_object_verify_by(&vrx_identity_evidence_schema, query->evidence, judged->keys,
            arena, &ret_grounds->evidence));
    return vrx_ok();
}

struct vrx_result vrx_lawful_decide(const struct vrx_lawful_case *judged,
    const struct vrx_lawful_grounds *grounds, struct vrx_arena *arena,
    const uint8_t **ret_subject) {
    const struct vrx_query *query = judged->query;
    struct vrx_view subject = subject_of(judged, grounds);
    struct vrx_lawful_query lawful = {
        .purpose = (enum vrx_purpose)query->purpose,
        .asker = &query->asker,
        .asked = &query->asked,
        .items = query->items,
        .item_count = query->item_count,
        .subject = subject.ptr,
        .consent = grounds->has_consent ? &grounds->consent : NULL,
        .told = judged->told,
        .evidence = grounds->has_evidence ? &grounds->evidence : NULL,
        .asked_at = query->asked_at,
    };
    VRX_TRY(vrx_lawful_check(grounds->permit, &lawful));
    if (subject.len)
        VRX_TRY(vrx_arena_copy(arena, subject, &subject));
    *ret_subject = subject.len ? subject.ptr : NULL;
    return vrx_ok();
}

struct vrx_result vrx_lawful_judge(const struct vrx_lawful_case *judged, struct vrx_arena *arena,
    const struct vrx_permit **ret_permit, const uint8_t **ret_subject) {
    struct vrx_lawful_grounds grounds;
    struct vrx_result opened = vrx_lawful_open(judged, arena, &grounds);
    *ret_permit = grounds.permit;
    VRX_TRY(opened);
    return vrx_lawful_decide(judged, &grounds, arena, ret_subject);
}
