/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination asks: for whoever does so at a counter, and for a row of a bulk list. What the
 * origin will look at is looked at here first.
 */
#ifndef VRX_EXCHANGE_REQUEST_H
#define VRX_EXCHANGE_REQUEST_H

#include "dispatch/context.h"
#include "objects/terms.h"
#include "store/resident.h"

/* One question; all is borrowed. */
struct vrx_asking {
    const struct vrx_resident *resident; /* whose doses */
    struct vrx_municipality_code from;   /* in the directory */
    struct vrx_view consent_id;          /* VRX_ID bytes, or empty */
    struct vrx_view evidence_id;         /* the same */
    uint64_t *items;                     /* enum vrx_data_item, ascending, each once */
    size_t item_count;
    /* For a certificate of what that municipality administered: */
    struct vrx_view application;   /* signed; empty: doses are asked for */
    const uint8_t *application_id; /* VRX_ID bytes, of it */
    int64_t deadline;              /* 0: as configured; never later than that */
};

/* Whether it may be asked now: the permit, the consent and the identity check that it rests on.
 * Notes the permit as the basis of the audit entry. Errors: VRX_INPUT_RANGE (from oneself);
 * VRX_CONSENT_SCOPE (another person's), vrx_context_evidence's, vrx_permit_find's,
 * vrx_lawful_check's; VRX_INPUT_FIELD_MISSING where the person has no individual number. */
struct vrx_result vrx_exchange_may_ask(
    struct vrx_context *context, const struct vrx_asking *asking);

/* The same, and then the query is signed, sealed and stored as due now, under this id. The audit
 * entry of one for doses is one of its dossier; one for a certificate goes by the outbox and has an
 * entry of its own. Errors: as above, the directory's, VRX_ALREADY_EXISTS (query_id, or the
 * municipality was asked on this application before). */
struct vrx_result vrx_exchange_ask(
    struct vrx_context *context, const struct vrx_asking *asking, const uint8_t query_id[VRX_ID]);

#endif
