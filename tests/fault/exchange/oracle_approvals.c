/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle on what leaves about somebody guarded: what two officers have seen and agreed to, both
 * of them before its time was over and nobody against it, if it is still so and still lawful when
 * it is asked for again; and then it does leave.
 */
#include "fault/exchange/oracle.h"

/* What would leave now, by the items that were asked for. */
static size_t snapshot(
    const struct sim *sim, const struct truth_query *query, struct truth_dose doses[SIM_DOSES]) {
    const struct truth_record *record = &sim->people[query->person].at[query->origin];
    size_t count = 0;
    for (size_t i = 0; i < record->dose_count; i++)
        if (!record->doses[i].gone)
            doses[count++] = record->doses[i];
    return count;
}

size_t oracle_left_of(const struct sim *sim, const struct truth_query *query) {
    struct truth_dose doses[SIM_DOSES];
    return snapshot(sim, query, doses);
}

static bool same_dose(
    const struct truth_query *query, const struct truth_dose *a, const struct truth_dose *b) {
    return vrx_date_compare(a->date, b->date) == 0 && a->number == b->number &&
           (!(query->items & 1u << VRX_ITEM_LOT) || strcmp(a->lot, b->lot) == 0);
}

/* Whatever their order: no two doses of one person are the same. */
static bool is_so_now(
    const struct sim *sim, const struct truth_query *query, const struct truth_seen *seen) {
    struct truth_dose doses[SIM_DOSES];
    const size_t count = snapshot(sim, query, doses);
    if (count != seen->count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++)
            found = same_dose(query, &doses[i], &seen->doses[j]);
        if (!found)
            return false;
    }
    return true;
}

void oracle_saw(struct sim *sim, struct truth_query *query, unsigned officer) {
    struct truth_seen *seen = &query->officers[officer].seen;
    seen->count = snapshot(sim, query, seen->doses);
}

static bool is_closed(const struct sim *sim, const struct truth_query *query) {
    return query->there != VRX_TRANSFER_PENDING || query->approval.refused ||
           query->approval.approved || sim_clock(sim, query->origin) >= query->due_at;
}

void oracle_refused(struct sim *sim, struct truth_query *query) {
    static const uint8_t nobody[VRX_ID];
    if (is_closed(sim, query))
        sim_violated(
            sim, "query %u: an officer said no when it was over", oracle_index(sim, query));
    query->approval.refused = true;
    oracle_entry(sim, query->origin, "exchange/refusal", nobody, VRX_OK);
}

void oracle_agreed(struct sim *sim, struct truth_query *query, unsigned officer) {
    struct truth_approval *approval = &query->approval;
    const struct truth_seen *seen = &query->officers[officer].seen;
    const unsigned index = oracle_index(sim, query);
    if (is_closed(sim, query))
        sim_violated(sim, "query %u: an officer agreed when it was over", index);
    if (!is_so_now(sim, query, seen))
        sim_violated(sim, "query %u: an officer agreed to what they had not seen", index);
    if (approval->first && is_so_now(sim, query, &approval->seen)) {
        if (approval->first == officer + 1)
            sim_violated(sim, "query %u: an officer agreed as two", index);
        approval->approved = true;
    } else {
        approval->first = officer + 1;
    }
    approval->seen = *seen;
}

/* Why it may not leave at this instant, though two have agreed. */
static enum vrx_reason hindrance(const struct sim *sim, const struct truth_query *query) {
    const int64_t now = sim_clock(sim, query->origin);
    if (!oracle_permitted(sim, query, query->asked_at))
        return VRX_PERMIT_NOT_IN_FORCE;
    if (!oracle_fresh(query, now))
        return VRX_QUERY_EXPIRED;
    if (!oracle_permitted(sim, query, now))
        return VRX_PERMIT_NOT_IN_FORCE;
    bool over = query->said.expires_at < now;
    for (size_t i = 0; i < query->notice_count; i++)
        over |= query->notices[i].taken && query->notices[i].consent.expires_at < now;
    if (over)
        return VRX_CONSENT_EXPIRED;
    return is_so_now(sim, query, &query->approval.seen) ? VRX_OK : VRX_CONFLICT;
}

void oracle_asked_again(struct sim *sim, struct truth_query *query) {
    struct truth_approval *approval = &query->approval;
    if (query->there != VRX_TRANSFER_PENDING || query->expected != VRX_ANSWER_PENDING ||
        !approval->approved || !oracle_covered(query))
        return;
    const enum vrx_reason why = hindrance(sim, query);
    oracle_entry(sim, query->origin, "exchange/release", query->id, why);
    if (why != VRX_OK) {
        *approval = (struct truth_approval){0};
        return;
    }
    oracle_entry(sim, query->origin, "exchange/release", query->id, why);
    query->expected = VRX_ANSWER_DOSES;
    query->dose_count = snapshot(sim, query, query->doses);
    sim->released++;
}
