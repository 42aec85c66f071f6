/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/timely.h"

struct vrx_result vrx_timely_check(const struct vrx_query *query, int64_t now) {
    VRX_TRY(vrx_query_names_person(query));
    if (query->asked_at > now + VRX_CLOCK_SKEW)
        return vrx_refuse(VRX_QUERY_EXPIRED, "query.asked_at: not in the future");
    if (query->deadline < now)
        return vrx_refuse(VRX_QUERY_EXPIRED, "query.deadline: not passed");
    if (query->deadline - query->asked_at > VRX_LIMIT_QUERY_SECONDS)
        return vrx_refuse(
            VRX_QUERY_EXPIRED, "query.deadline: at most 14 days after query.asked_at");
    return vrx_ok();
}

struct vrx_result vrx_timely_answer(
    const struct vrx_answer *answer, int64_t asked_at, int64_t deadline) {
    if (answer->outcome != VRX_ANSWER_DOSES)
        return vrx_ok();
    if (answer->answered_at < asked_at - VRX_CLOCK_SKEW)
        return vrx_refuse(VRX_INPUT_RANGE, "answer.answered_at: not before the query");
    if (answer->answered_at > deadline)
        return vrx_refuse(VRX_INPUT_RANGE, "answer.answered_at: not after query.deadline");
    return vrx_ok();
}

struct vrx_result vrx_timely_consent(const struct vrx_consent *consent, int64_t now) {
    if (consent->status_since > now + VRX_CLOCK_WRONG)
        return vrx_refuse(VRX_CONSENT_EXPIRED, "consent.status_since: not in the future");
    return vrx_ok();
}

struct vrx_result vrx_timely_receipt(
    const struct vrx_receipt *receipt, int64_t begun_at, int64_t now) {
    if (receipt->signed_at < begun_at - VRX_CLOCK_WRONG)
        return vrx_refuse(VRX_INPUT_RANGE, "receipt.signed_at: not before the message");
    if (receipt->signed_at > now + VRX_CLOCK_WRONG)
        return vrx_refuse(VRX_INPUT_RANGE, "receipt.signed_at: not in the future");
    return vrx_ok();
}

struct vrx_result vrx_timely_reply(
    const struct vrx_certificate_reply *reply, int64_t asked_at, int64_t now) {
    if (reply->replied_at < asked_at - VRX_CLOCK_WRONG)
        return vrx_refuse(
            VRX_INPUT_RANGE, "certificate_reply.replied_at: not before the query was asked");
    if (reply->replied_at > now + VRX_CLOCK_WRONG)
        return vrx_refuse(VRX_INPUT_RANGE, "certificate_reply.replied_at: not in the future");
    return vrx_ok();
}

struct vrx_result vrx_timely_application(
    const struct vrx_application *application, const struct vrx_query *query, int64_t now) {
    if (application->applied_at > query->asked_at + VRX_CLOCK_SKEW ||
        application->applied_at > now + VRX_CLOCK_SKEW)
        return vrx_refuse(VRX_APPLICATION_EXPIRED, "application.applied_at: not after the query");
    if (application->applied_at < now - VRX_APPLICATION_SECONDS)
        return vrx_refuse(VRX_APPLICATION_EXPIRED, "application.applied_at: open for a day");
    return vrx_ok();
}

struct vrx_result vrx_timely_correction(
    const struct vrx_correction_notice *notice, int64_t asked_at, int64_t now) {
    if (notice->corrected_at < asked_at - VRX_CLOCK_WRONG)
        return vrx_refuse(
            VRX_INPUT_RANGE, "correction_notice.corrected_at: not before the query was asked");
    if (notice->corrected_at > now + VRX_CLOCK_WRONG)
        return vrx_refuse(VRX_INPUT_RANGE, "correction_notice.corrected_at: not in the future");
    return vrx_ok();
}
