/* SPDX-License-Identifier: Apache-2.0
 *
 * The oracle on doses (oracle.c): none is there twice, none that nobody sent, and whoever received
 * one has it as it is at its origin, as far as that may be told, or an officer looks at it.
 */
#include "fault/exchange/oracle.h"
#include "objects/correction_notice.h"
#include "store/dose.h"
#include "store/review.h"

bool oracle_dose_is(const struct truth_query *query, const struct vrx_dose_item *sent,
    const struct truth_dose *dose, const char *origin) {
    const unsigned items = query->items;
    return strcmp(sent->administered_by.digits, origin) == 0 &&
           vrx_date_compare(sent->administered_on, dose->date) == 0 && sent->product == 1 &&
           sent->dose_number == dose->number &&
           oracle_text_is(sent->lot, items & 1u << VRX_ITEM_LOT ? dose->lot : "") &&
           oracle_text_is(sent->venue, items & 1u << VRX_ITEM_VENUE ? "中央区民センター" : "") &&
           oracle_text_is(sent->physician, items & 1u << VRX_ITEM_PHYSICIAN ? "北一郎" : "") &&
           !sent->ticket.len;
}

/* ---- corrections that leave ---- */

struct truth_correction *oracle_correction(struct sim *sim, const uint8_t id[VRX_ID]) {
    for (size_t i = 0; i < sim->correction_count; i++)
        if (memcmp(sim->corrections[i].id, id, VRX_ID) == 0)
            return &sim->corrections[i];
    return NULL;
}

/* It says of a dose that left no more than was asked for, and what was true of it. */
static void check_correction(struct sim *sim, unsigned town, const struct truth_query *query,
    const struct vrx_correction_notice *notice) {
    const struct truth_record *record = &sim->people[query->person].at[town];
    const unsigned index = oracle_index(sim, query);
    bool true_once = notice->now_count == 0;
    for (size_t i = 0; i < record->dose_count && !true_once; i++)
        true_once = oracle_dose_is(
            query, &notice->now[0], &record->doses[i], sim->town[town].who->code.digits);
    if (query->origin != town || !query->decided || query->expected != VRX_ANSWER_DOSES)
        sim_violated(sim, "query %u had no doses from town %u to correct", index, town);
    else if (oracle_is_set(query->final) &&
             memcmp(query->signed_answer, notice->answer_digest, VRX_DIGEST) != 0)
        sim_violated(sim, "query %u: a correction of another answer", index);
    else if (!true_once)
        sim_violated(sim, "query %u: a correction says what was never so", index);
}

void oracle_corrects(struct sim *sim, unsigned town, const struct vrx_sending *sending) {
    static const uint8_t nobody[VRX_ID];
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_correction_notice notice;
    struct truth_correction correction = {0};
    if (oracle_correction(sim, sending->query_id))
        return; /* once more */
    vrx_arena_init(&arena, 0);
    memcpy(correction.id, sending->query_id, VRX_ID);
    if (oracle_read_sent(
            sim, town, sending, &vrx_correction_notice_schema, &arena, &notice, correction.digest))
        correction.query = sim_query_of(sim, notice.query_id);
    if (!correction.query ||
        strcmp(sending->to.digits, sim->town[correction.query->asker].who->code.digits) != 0) {
        sim_violated(sim, "town %u corrects what nobody asked it for", town);
        return;
    }
    check_correction(sim, town, correction.query, &notice);
    oracle_entry(sim, town, "exchange/correction-notice", nobody, VRX_OK);
    assert_true(sim->correction_count < SIM_CORRECTIONS);
    sim->corrections[sim->correction_count++] = correction;
}

/* ---- what came ---- */

/* In an answer, or in a correction of one. */
static bool was_sent(
    const struct sim *sim, unsigned town, unsigned person, const uint8_t digest[VRX_DIGEST]) {
    for (size_t i = 0; i < SIM_QUERIES; i++) {
        const struct truth_query *query = &sim->queries[i];
        if (query->honest && query->asker == town && query->person == person &&
            query->expected == VRX_ANSWER_DOSES &&
            memcmp(query->signed_answer, digest, VRX_DIGEST) == 0)
            return true;
    }
    for (size_t i = 0; i < sim->correction_count; i++) {
        const struct truth_correction *correction = &sim->corrections[i];
        if (correction->taken && correction->query->asker == town &&
            correction->query->person == person &&
            memcmp(correction->digest, digest, VRX_DIGEST) == 0)
            return true;
    }
    return false;
}

/* A dose that came is what it is at its origin now; but nobody is told of a person's doses as long
 * as an officer must look first. */
static bool is_so_there(const struct sim *sim, unsigned person, const struct vrx_dose *dose) {
    for (unsigned town = 0; town < SIM_TOWNS; town++) {
        const struct truth_record *record = &sim->people[person].at[town];
        if (strcmp(dose->provenance.municipality.digits, sim->town[town].who->code.digits) != 0)
            continue;
        if (record->guarded)
            return true;
        for (size_t i = 0; i < record->dose_count; i++)
            if (!record->doses[i].gone && dose->item.dose_number == record->doses[i].number &&
                vrx_date_compare(dose->item.administered_on, record->doses[i].date) == 0 &&
                (!dose->item.lot.len || oracle_text_is(dose->item.lot, record->doses[i].lot)))
                return true;
    }
    return false;
}

static bool same_dose(const struct vrx_dose *a, const struct vrx_dose *b) {
    return a->item.dose_number == b->item.dose_number ||
           (vrx_date_compare(a->item.administered_on, b->item.administered_on) == 0 &&
               a->item.product == b->item.product);
}

/* An officer looks at something that came about this person. */
static bool is_looked_at(const struct sim *sim, unsigned town, unsigned person) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_review_of_resident(
        sim->town[town].tenant, &arena, sim->people[person].at[town].resident, &reviews, &count));
    for (size_t i = 0; i < count; i++)
        if (reviews[i].state == VRX_REVIEW_WAITING)
            return true;
    return false;
}

static void check_history(struct sim *sim, unsigned town, unsigned person) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_dose_history(sim->town[town].tenant, &arena,
        sim->people[person].at[town].resident, VRX_DOSES_CURRENT, &doses, &count));
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (same_dose(&doses[i], &doses[j]))
                sim_violated(sim, "person %u has a dose twice at town %u", person, town);
        if (doses[i].provenance.source == VRX_DOSE_TRANSFER &&
            !was_sent(sim, town, person, doses[i].provenance.digest))
            sim_violated(sim, "person %u has a dose at town %u that nobody sent", person, town);
        if (doses[i].provenance.source == VRX_DOSE_TRANSFER &&
            !is_so_there(sim, person, &doses[i]) && !is_looked_at(sim, town, person))
            sim_violated(
                sim, "person %u has a dose at town %u that its origin corrected", person, town);
    }
}

void oracle_doses_end(struct sim *sim) {
    for (size_t i = 0; i < sim->correction_count; i++)
        if (!sim->corrections[i].taken)
            sim_violated(sim, "query %u: a correction never came",
                oracle_index(sim, sim->corrections[i].query));
    for (unsigned town = 0; town < SIM_TOWNS; town++)
        for (unsigned person = 0; person < SIM_PEOPLE; person++)
            if (sim->people[person].at[town].resident)
                check_history(sim, town, person);
}
