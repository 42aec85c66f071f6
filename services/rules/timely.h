/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 2: whether a query can be decided on at this instant. A query that names an instant long
 * past would be judged by a law, a consent and an identity check that ended since. That its nonce
 * is new is the store's to say. And the instants that answers, consents, receipts and
 * corrections name of themselves: whoever signs could choose them, and with them the key that was
 * in force.
 */
#ifndef VRX_RULES_TIMELY_H
#define VRX_RULES_TIMELY_H

#include "objects/answer.h"
#include "objects/certificate_reply.h"
#include "objects/consent.h"
#include "objects/correction_notice.h"
#include "objects/query.h"
#include "objects/receipt.h"

/* Clocks of two municipalities may differ by so many seconds. */
#define VRX_CLOCK_SKEW 300
/* A clock further off than that is not believed at all. For what is signed once and then sent as it
 * is until it is taken: what is refused for the skew is refused for ever, and a withdrawn consent
 * must not wait for a clock to be set right. */
#define VRX_CLOCK_WRONG 86400

/* Errors: vrx_query_names_person's; VRX_QUERY_EXPIRED with its clause. */
struct vrx_result vrx_timely_check(const struct vrx_query *query, int64_t now);

/* Doses left when step 2 let the query pass: answered from VRX_CLOCK_SKEW before it was asked to
 * its deadline. Other answers may be of any time: a query can be refused for its own. Errors:
 * VRX_INPUT_RANGE with its clause. */
struct vrx_result vrx_timely_answer(
    const struct vrx_answer *answer, int64_t asked_at, int64_t deadline);

/* A consent as it came is not of the future: in its status since VRX_CLOCK_WRONG after now at the
 * latest. Errors: VRX_CONSENT_EXPIRED with its clause. */
struct vrx_result vrx_timely_consent(const struct vrx_consent *consent, int64_t now);

/* A receipt is of the present: signed from VRX_CLOCK_WRONG before there was anything to receive, by
 * the clock of whom it comes to, to VRX_CLOCK_WRONG after now. Errors: VRX_INPUT_RANGE with its
 * clause. */
struct vrx_result vrx_timely_receipt(
    const struct vrx_receipt *receipt, int64_t begun_at, int64_t now);

/* So is a reply about a certificate: from VRX_CLOCK_WRONG before the query was asked, by the clock
 * of whom it comes to, to VRX_CLOCK_WRONG after now. Errors: VRX_INPUT_RANGE with its clause. */
struct vrx_result vrx_timely_reply(
    const struct vrx_certificate_reply *reply, int64_t asked_at, int64_t now);

/* An application is of the time of the query that carries it: made not after it, nor after now, by
 * VRX_CLOCK_SKEW, and open still. Errors: VRX_APPLICATION_EXPIRED with its clause. */
struct vrx_result vrx_timely_application(
    const struct vrx_application *application, const struct vrx_query *query, int64_t now);

/* A correction is of the time after its query: signed from VRX_CLOCK_WRONG before that was asked,
 * by the clock of whom it comes to, to VRX_CLOCK_WRONG after now. Errors: VRX_INPUT_RANGE with its
 * clause. */
struct vrx_result vrx_timely_correction(
    const struct vrx_correction_notice *notice, int64_t asked_at, int64_t now);

#endif
