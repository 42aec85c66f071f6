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
