/* SPDX-License-Identifier: Apache-2.0
 *
 * A dose that came, held against what is here (rules/match.h): new ones are put down for reference,
 * the same ones are known, and what disagrees waits for an officer (store/review.h). Each leaves
 * behind what became of it (store/dose_received.h), by which its origin's notices find it.
 */
#ifndef VRX_EXCHANGE_IMPORT_H
#define VRX_EXCHANGE_IMPORT_H

#include "dispatch/context.h"
#include "objects/answer.h"
#include "rules/match.h"
#include "store/dose_received.h"
#include "store/review.h"

/* Where doses come from. */
struct vrx_import_source {
    int64_t resident;
    struct vrx_municipality_code origin;
    uint8_t query_id[VRX_ID];
    uint8_t answer_digest[VRX_DIGEST]; /* SHA-256 of the answer that brought them */
    uint8_t digest[VRX_DIGEST];        /* of what the origin signed last: that, or a notice */
    int64_t stated_at;                 /* when it signed that */
};

/* The dose as it is put down: for reference, from there. */
struct vrx_dose vrx_import_dose(
    const struct vrx_import_source *source, const struct vrx_dose_item *item);

/* Holds a dose against the current ones of the resident. *ret_counterpart: the one that decided; 0
 * for VRX_MATCH_NONE. Errors: the store's. */
struct vrx_result vrx_import_match(struct vrx_context *context, int64_t resident,
    const struct vrx_dose_item *item, enum vrx_match *ret_match, int64_t *ret_counterpart);

/* What a dose is held against finds: outcome, dose and review of *ret_received; new ones have been
 * put down, and a review opened, when it returns. Errors: the store's and the ledger's; what the
 * record refuses is no error but a review. */
struct vrx_result vrx_import_one(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item,
    struct vrx_dose_received *ret_received);

/* Puts a dose down for reference. *ret_refusal: the record's rules that speak against it; VRX_OK
 * and *ret_dose when it was done. Errors: the store's and the ledger's. */
struct vrx_result vrx_import_record(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item, int64_t *ret_dose,
    struct vrx_result *ret_refusal);

/* Opens a review about this dose; rule and what follows as in struct vrx_review. */
struct vrx_result vrx_import_review(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_dose_item *item, unsigned rule,
    enum vrx_reason refusal, int64_t counterpart, struct vrx_dose_received *ret_received);

/* Whether the record's rules said no, in which case an officer looks. */
bool vrx_import_is_refusal(struct vrx_result result);

struct vrx_import_counts {
    uint64_t imported;  /* new here */
    uint64_t known;     /* here already */
    uint64_t in_review; /* wait for an officer */
};

/* All doses of an answer, and of each what became of it. */
struct vrx_result vrx_import_answer(struct vrx_context *context,
    const struct vrx_import_source *source, const struct vrx_answer *answer,
    struct vrx_import_counts *ret_counts);

#endif
