/* SPDX-License-Identifier: Apache-2.0
 *
 * What other municipalities ask this one to certify (exchange/elsewhere.h), gone on with without a
 * call: looked at in the tenant, issued outside of it, recorded and replied in it again. Whatever
 * ends in between, also by kill -9, begins anew with what waits: the issuer gives the certificate
 * of an application again.
 */
#ifndef VRX_CERTIFICATES_ELSEWHERE_H
#define VRX_CERTIFICATES_ELSEWHERE_H

#include "certificates/handlers.h"
#include "store/certificate_in.h"

/* One certificate on its way; all zero at first. */
struct vrx_elsewhere_issue {
    bool begun; /* there is one: the rest is set */
    struct vrx_certificate_in asked;
    uint8_t query_digest[VRX_DIGEST];
    struct vrx_issue_state state;
};
void vrx_elsewhere_issue_done(struct vrx_elsewhere_issue *issue);

/* In a transaction: ends and answers what is due, and makes the first that may be issued ready for
 * the issuer. *ret_next: when to look again, 0: nothing waits. Errors: the store's, those of
 * signing and sending. */
struct vrx_result vrx_certificates_look(
    struct vrx_context *context, struct vrx_elsewhere_issue *ret_issue, int64_t *ret_next);

/* In a transaction, with what the issuer said: keeps the certificate and replies, or replies that
 * it is refused, or leaves it to be tried again. Errors: as above. */
struct vrx_result vrx_certificates_settle(struct vrx_context *context,
    struct vrx_elsewhere_issue *issue, struct vrx_result issuer, int64_t *ret_next);

/* Once a second, on the worker's tick: does both in every unsealed municipality, and asks the
 * issuer between them. */
void vrx_elsewhere_tick(struct vrx_daemon *daemon);

#endif
