/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the oracle's files: what oracle.c (law, answers, states, ledgers), oracle_doses.c (doses
 * that came, and their corrections) and oracle_approvals.c (what officers let leave) ask each
 * other, and what officers.c tells.
 */
#ifndef VRX_FAULT_ORACLE_H
#define VRX_FAULT_ORACLE_H

#include "fault/exchange/sim.h"

/* Where a query stands among all, as violations name it. */
static inline unsigned oracle_index(const struct sim *sim, const struct truth_query *query) {
    return (unsigned)(query - sim->queries);
}

static inline bool oracle_text_is(struct vrx_view text, const char *expected) {
    return vrx_view_equal(text, vrx_view_text(expected));
}

static inline bool oracle_is_set(const uint8_t digest[VRX_DIGEST]) {
    static const uint8_t nothing[VRX_DIGEST];
    return memcmp(digest, nothing, VRX_DIGEST) != 0;
}

/* What a town sends to another one, opened with that one's keys and verified with its own; digest
 * is that of the signed object. */
bool oracle_read_sent(struct sim *sim, unsigned town, const struct vrx_sending *sending,
    const struct vrx_object_schema *schema, struct vrx_arena *arena, void *ret_object,
    uint8_t digest[VRX_DIGEST]);

/* A dose as it leaves is this one, by the items that the query asked for and no others. */
bool oracle_dose_is(const struct truth_query *query, const struct vrx_dose_item *sent,
    const struct truth_dose *dose, const char *origin);

/* Whether the query's permit is in force at this time, by the law that its origin holds. */
bool oracle_permitted(const struct sim *sim, const struct truth_query *query, int64_t time);
/* Whether it is neither from the future nor past its deadline. */
bool oracle_fresh(const struct truth_query *query, int64_t now);

/* How many doses would leave by this query now. */
size_t oracle_left_of(const struct sim *sim, const struct truth_query *query);
/* An officer of the origin saw what would leave now; agreed to what they saw; said no. Durably. */
void oracle_saw(struct sim *sim, struct truth_query *query, unsigned officer);
void oracle_agreed(struct sim *sim, struct truth_query *query, unsigned officer);
void oracle_refused(struct sim *sim, struct truth_query *query);

/* A correction notice leaves its origin. */
void oracle_corrects(struct sim *sim, unsigned town, const struct vrx_sending *sending);

/* The end: every row of a list was asked or turned down, and the list ended (lists.c). */
void oracle_lists_end(struct sim *sim);

/* The end: every correction came, and each town has of each person what it should. */
void oracle_doses_end(struct sim *sim);

#endif
