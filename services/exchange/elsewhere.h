/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates of one application by several municipalities. Where the application was made, each
 * of the others is asked by a query that carries it (objects/query.h); who is asked certifies what
 * it administered itself, and replies (objects/certificate_reply.h). Both go by the outbox, and
 * both come in by the table of arrivals. Between them the case waits in the vault of who is asked,
 * until the issuer has answered (services/certificates).
 *
 * What the asker can tell: refusals of law, with their reason; that a certificate was issued, or
 * refused by the rules of issuing, which needs doses; that there is no record. The last stands for
 * nobody of this name and number, for a protected person, whichever flag, and for a person without
 * a dose given there. Whoever asks gets it as an equally long message at an instant that follows
 * from the arrival of their query alone, after the same reads and writes. Where a person becomes
 * protected after that instant, while the issuer was out of reach, nothing is said any more: the
 * query expires, as it does when the issuer stays away.
 */
#ifndef VRX_EXCHANGE_ELSEWHERE_H
#define VRX_EXCHANGE_ELSEWHERE_H

#include "exchange/arrivals.h"
#include "exchange/decision.h"
#include "objects/application.h"
#include "objects/certificate_reply.h"
#include "objects/consent.h"
#include "store/certificate_in.h"

#define VRX_ELSEWHERE_PURPOSE "a certificate asked of another municipality"

/* Seconds from a query's arrival to the word that there is no record; fewer where the
 * municipality's pending time or the query's deadline is shorter. About what the issuer takes at
 * most. */
#define VRX_ELSEWHERE_TELL_SECONDS 20

/* What consent and permit must cover: a certificate shows the dose and its lot. */
#define VRX_ELSEWHERE_ITEMS 2
extern const uint64_t vrx_elsewhere_items[VRX_ELSEWHERE_ITEMS];

/* ---- where the application was made ---- */

/* What waits for a reply although its deadline has passed ends, some hundred at most, each with an
 * entry; *ret_next: when there is more to end, 0: nothing waits. Errors: the store's. */
struct vrx_result vrx_elsewhere_end_overdue(struct vrx_context *context, int64_t *ret_next);

/* What waits under this consent and is not covered by it any more ends, REFUSED. Errors: the
 * store's. */
struct vrx_result vrx_elsewhere_consent_changed(
    struct vrx_context *context, const struct vrx_consent *consent);

/* A row of the table of arrivals. Keeps the reply with what it is to, once; one that came too late
 * counts where it brings certificates and the deadline alone had passed, and not where consent was
 * withdrawn meanwhile. Errors: vrx_entry_verify's; vrx_certificate_reply_check's;
 * VRX_QUERY_NOT_FOR_US (routing, query and content differ); VRX_NOT_FOUND (no such query);
 * vrx_timely_reply's. */
struct vrx_result vrx_elsewhere_take_reply(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);

/* ---- who is asked ---- */

/* A row of the table of arrivals: verifies query, consent, identity check and application, looks
 * for the person, and keeps the query; a refusal of law is replied at once. Errors, without a
 * reply: vrx_entry_verify's, VRX_KEY_UNKNOWN also for what is inside the query;
 * VRX_QUERY_NOT_FOR_US (routing and content differ, or there is no application);
 * VRX_QUERY_REPLAYED; VRX_RATE_EXCEEDED, with how long to wait. */
struct vrx_result vrx_elsewhere_take_query(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);

/* One that waits, opened again. */
struct vrx_elsewhere_case {
    const struct vrx_certificate_in *asked;
    bool verified;                /* the query is, so that a reply can name it */
    struct vrx_decision decision; /* sender to query_digest, permit, subject; found for who was */
    struct vrx_application application;
    bool may_issue; /* doses of theirs may be certified now */
};

/* Opens it and looks whether it is lawful now, as of its asking and as of this instant, and whether
 * there is anything to certify. The caller ends the case also when this fails. Errors: the refusal;
 * vrx_decision_open's. */
struct vrx_result vrx_elsewhere_open(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, struct vrx_elsewhere_case *ret_case);
void vrx_elsewhere_case_done(struct vrx_elsewhere_case *opened);

/* Signs what came of it, puts it into the outbox, and ends what waited, with an entry. said:
 * outcome, reason, clause and certificates; the rest is filled in. Errors: vrx_exchange_send's; the
 * store's.
 */
struct vrx_result vrx_elsewhere_reply(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_certificate_in *asked, const uint8_t query_digest[VRX_DIGEST],
    struct vrx_certificate_reply *said);

#endif
