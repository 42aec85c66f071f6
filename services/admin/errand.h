/* SPDX-License-Identifier: Apache-2.0
 *
 * A job of the tenant's actor that a handler on a worker's thread waits for.
 */
#ifndef VRX_ADMIN_ERRAND_H
#define VRX_ADMIN_ERRAND_H

#include <pthread.h>

#include "dispatch/context.h"
#include "keyring/unseal.h"

struct vrx_errand {
    struct vrx_job job; /* this and the last four are vrx_errand_send's */
    struct vrx_context *context;
    struct vrx_result (*work)(struct vrx_errand *errand);
    const char *method; /* audited as; NULL: not audited */
    /* When the work went well and its entry is written, in the same transaction; may be NULL. */
    struct vrx_result (*after)(struct vrx_errand *errand);
    /* What the work needs and brings back. */
    struct vrx_result (*check)(struct vrx_errand *errand); /* replace.h */
    const struct vrx_unseal_session *session;              /* whose custodians ask for it */
    struct vrx_tenant_keys **keys;                         /* that they opened */
    struct vrx_result failure;                             /* to be recorded */
    struct vrx_terminal *terminals;
    size_t terminal_count;
    struct vrx_buffer note;
    uint64_t ledger_size; /* when it began */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    struct vrx_result outcome;
};

/* Makes the job, for vrx_actor_unseal. */
void vrx_errand_prepare(struct vrx_errand *errand);

/* Runs work and audit in one transaction and waits for it. Errors: vrx_actor_post's; the outcomes
 * of actor.h. */
struct vrx_result vrx_errand_send(struct vrx_errand *errand);

/* On the tenant's thread: an entry of errand->method for each custodian of the session; the last
 * one's is that of the call, whose basis is noted. keyring: the one that they are custodians of.
 * Errors: vrx_keyring_parse's, vrx_context_record's. */
struct vrx_result vrx_errand_record_custodians(struct vrx_errand *errand, struct vrx_view keyring);

/* Seconds of a clock that nobody sets. */
int64_t vrx_steady_seconds(void);

#endif
