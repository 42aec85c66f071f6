/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a query is lawful: permit, consent and identity check, by the law of its own instant. The
 * same function stands at both ends, so that the destination never sends what the origin would
 * refuse, and the origin never takes the destination's word for it.
 */
#ifndef VRX_RULES_LAWFUL_H
#define VRX_RULES_LAWFUL_H

#include "base/arena.h"
#include "objects/consent.h"
#include "objects/dated_key.h"
#include "objects/identity_evidence.h"
#include "objects/permit.h"
#include "objects/query.h"

struct vrx_lawful_query {
    enum vrx_purpose purpose;
    const struct vrx_municipality_code *asker;
    const struct vrx_municipality_code *asked;
    const uint64_t *items; /* enum vrx_data_item */
    size_t item_count;
    const uint8_t *subject;                       /* VRX_DIGEST bytes: whom it is about */
    const struct vrx_consent *consent;            /* NULL: none */
    const struct vrx_consent *told;               /* the narrowest that is known of it since; NULL:
                                                   * nothing else is */
    const struct vrx_identity_evidence *evidence; /* NULL: none */
    int64_t asked_at;
};

/* Behind the permit's id in the ledger's entries of what was answered without a consent. */
#define VRX_WITHOUT_CONSENT "; without consent"

/* A consent must cover the query as it was given and as it has become. A withdrawn one stops the
 * query also where the permit needs none: who said no has been asked.
 *
 * Errors, in this order: VRX_PERMIT_NOT_IN_FORCE, VRX_PERMIT_ITEMS; VRX_CONSENT_REVOKED;
 * VRX_CONSENT_MISSING, vrx_consent_covers's and vrx_timely_consent's; VRX_EVIDENCE_MISSING,
 * VRX_EVIDENCE_METHOD (not the permit's, or with too few documents), VRX_EVIDENCE_STALE,
 * VRX_EVIDENCE_SUBJECT; each with its clause. */
struct vrx_result vrx_lawful_check(
    const struct vrx_permit *permit, const struct vrx_lawful_query *query);

/* The permit to ask under: with a consent one that requires it, without a consent one that needs
 * none, and one of the other kind only where none of these is in force: nobody whose consent does
 * not hold is asked for without it. Of several the first that lets the query pass. Errors:
 * vrx_permit_find's; vrx_lawful_check's by the first in force. */
struct vrx_result vrx_lawful_find(const struct vrx_permit_table *table,
    const struct vrx_lawful_query *query, const struct vrx_permit **ret_permit);

/* Steps 3 to 5 of a query as it came, with the objects in it. */
struct vrx_lawful_case {
    const struct vrx_query *query;
    const uint8_t *subject;     /* VRX_DIGEST bytes: whom the query is about; NULL where it says so
                                 * by a linkage code: consent and identity check must agree */
    struct vrx_dated_keys keys; /* with which its asker signs */
    const struct vrx_permit_table *permits;
    const struct vrx_consent *told; /* as above */
    int64_t now;                    /* of the decision; the law is that of query->asked_at */
};

/* What the query rests on, verified. */
struct vrx_lawful_grounds {
    const struct vrx_permit *permit; /* NULL: the table has none */
    bool has_consent;
    struct vrx_consent consent;
    bool has_evidence;
    struct vrx_identity_evidence evidence;
};

/* judged->told is not looked at: who is to find out what is known of a consent reads its id first.
 * Errors, in this order: VRX_PERMIT_NOT_IN_FORCE (the table is over, or has no such permit);
 * vrx_object_verify_by's for consent and evidence. */
struct vrx_result vrx_lawful_open(const struct vrx_lawful_case *judged, struct vrx_arena *arena,
    struct vrx_lawful_grounds *ret_grounds);

/* *ret_subject: of whom all of it is true, in the arena; NULL where nothing that came with the
 * query says so. Errors: vrx_lawful_check's. */
struct vrx_result vrx_lawful_decide(const struct vrx_lawful_case *judged,
    const struct vrx_lawful_grounds *grounds, struct vrx_arena *arena, const uint8_t **ret_subject);

/* *ret_permit as soon as the table has it, also where something later refuses. *ret_subject: of
 * whom all of it is true, in the arena; NULL where nothing that came with the query says so.
 * Errors, in this order: VRX_PERMIT_NOT_IN_FORCE (the table is over, or has no such permit);
 * vrx_object_verify_by's for consent and evidence; vrx_lawful_check's. */
struct vrx_result vrx_lawful_judge(const struct vrx_lawful_case *judged, struct vrx_arena *arena,
    const struct vrx_permit **ret_permit, const uint8_t **ret_subject);

#endif
