/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 2: whether a query can be decided on at this instant. A query that names an instant long
 * past would be judged by a law, a consent and an identity check that ended since. That its nonce
 * is new is the store's to say.
 */
#ifndef VRX_RULES_TIMELY_H
#define VRX_RULES_TIMELY_H

#include "objects/query.h"

/* Clocks of two municipalities may differ by so many seconds. */
#define VRX_CLOCK_SKEW 300

/* Errors: vrx_query_names_person's; VRX_QUERY_EXPIRED with its clause. */
struct vrx_result vrx_timely_check(const struct vrx_query *query, int64_t now);

#endif
