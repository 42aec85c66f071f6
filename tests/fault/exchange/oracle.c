/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold in sim.h's world, judged from what happened and by rules written down here once
 * more, not by the code under test:
 *
 *   - nothing leaves without permit, consent and identity check that were good at the instant that
 *     the query names, nor about somebody who is unknown or guarded, nor more than was asked for;
 *     and what may leave does; what is signed with a key that is not known yet decides nothing;
 *   - one query has one answer: PENDING, and then one other for ever, byte for byte; or, once the
 *     consent behind doses is known to be over, one denial in their place, as much for ever;
 *   - a state is left only for one that may follow, and a final one never;
 *   - in the end every transfer is in a state that is defined, both ends agree on it, and so do
 *     their ledgers with what happened;
 *   - no dose is there twice, and none that nobody sent (oracle_doses.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/hash.h"
#include "fault/exchange/oracle.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "objects/consent.h"
#include "objects/dated_key.h"
#include "objects/receipt.h"
#include "store/outbox.h"
#include "store/tenant.h"
#include "store/transfer_in.h"
#include "store/transfer_out.h"

#define AHEAD 300 /* seconds that a query may be ahead of the origin's clock */
#define EVIDENCE_AHEAD 60
#define LONGEST (14 * WORLD_DAY)

void sim_violated(struct sim *sim, const char *format, ...) {
    va_list arguments;
    if (sim->violation[0])
        return;
    va_start(arguments, format);
    (void)vsnprintf(sim->violation, sizeof sim->violation, format, arguments);
    va_end(arguments);
}

struct truth_query *sim_query_of(struct sim *sim, const uint8_t id[VRX_ID]) {
    for (size_t i = 0; i < SIM_QUERIES; i++)
        if (sim->queries[i].asked && memcmp(sim->queries[i].id, id, VRX_ID) == 0)
            return &sim->queries[i];
    return NULL;
}

struct truth_query *sim_subject_of(
    struct sim *sim, const struct vrx_sending *sent, struct truth_notice **ret_notice) {
    *ret_notice = NULL;
    if (sent->kind == VRX_ENVELOPE_CORRECTION_NOTICE) {
        const struct truth_correction *correction = oracle_correction(sim, sent->query_id);
        return correction ? correction->query : NULL;
    }
    if (sent->kind != VRX_ENVELOPE_CONSENT_NOTICE)
        return sim_query_of(sim, sent->query_id);
    for (size_t i = 0; i < SIM_HISTORIES; i++)
        for (size_t k = 0; k < sim->queries[i].notice_count; k++)
            if (memcmp(sim->queries[i].notices[k].id, sent->query_id, VRX_ID) == 0) {
                *ret_notice = &sim->queries[i].notices[k];
                return &sim->queries[i];
            }
    return NULL;
}

/* ---- the law ---- */

static const struct truth_permit *permit_of(
    const struct sim *sim, unsigned town, const struct truth_query *query) {
    const struct sim_law *law = &sim->laws[sim->town[town].law];
    for (size_t i = 0; i < law->count; i++)
        if (strcmp(law->truth[i].id, query->permit) == 0)
            return &law->truth[i];
    return NULL;
}

static bool in_force(const struct truth_permit *permit, int64_t time) {
    return permit && permit->from <= time && time <= permit->until;
}

bool oracle_permitted(const struct sim *sim, const struct truth_query *query, int64_t time) {
    return in_force(permit_of(sim, query->origin, query), time);
}

static bool within(unsigned items, unsigned of) {
    return (items & ~of) == 0;
}

bool oracle_consented(const struct truth_query *query, const struct truth_consent *consent) {
    return consent->there && !consent->stranger && !consent->revoked &&
           consent->given_at <= query->asked_at && query->asked_at <= consent->expires_at &&
           within(1u << query->origin, consent->origins) && within(query->items, consent->items);
}

static bool identified(const struct truth_query *query) {
    const struct truth_evidence *evidence = &query->evidence;
    const int64_t age = query->asked_at - evidence->checked_at;
    return evidence->there && !evidence->stranger && !evidence->poor && age >= -EVIDENCE_AHEAD &&
           age <= SIM_EVIDENCE_SECONDS;
}

bool oracle_lawful(const struct sim *sim, unsigned town, const struct truth_query *query) {
    const struct truth_permit *permit = permit_of(sim, town, query);
    return in_force(permit, query->asked_at) && within(query->items, permit->items) &&
           within(1u << VRX_ITEM_DOSE, query->items) && oracle_consented(query, &query->consent) &&
           identified(query);
}

bool oracle_fresh(const struct truth_query *query, int64_t now) {
    return query->asked_at <= now + AHEAD && now <= query->deadline &&
           query->deadline - query->asked_at <= LONGEST;
}

/* As the origin knows the consent: as the query has it, and as it was told since. */
bool oracle_covered(const struct truth_query *query) {
    for (size_t i = 0; i < query->notice_count; i++)
        if (query->notices[i].taken && !oracle_consented(query, &query->notices[i].consent))
            return false;
    return true;
}

static bool lawful_there(const struct sim *sim, const struct truth_query *query) {
    struct truth_query said = *query;
    said.consent = query->said;
    return oracle_covered(query) && oracle_lawful(sim, query->origin, &said);
}

static void foresee(const struct sim *sim, struct truth_query *query) {
    const struct truth_record *record = &sim->people[query->person].at[query->origin];
    query->dose_count = 0;
    if (!oracle_fresh(query, sim_clock(sim, query->origin)) || !lawful_there(sim, query)) {
        query->expected = VRX_ANSWER_DENIED;
        return;
    }
    query->expected = VRX_ANSWER_PENDING;
    if (!record->resident || record->other_name || record->guarded)
        return;
    query->expected = VRX_ANSWER_DOSES;
    for (size_t i = 0; i < record->dose_count; i++)
        if (!record->doses[i].gone)
            query->doses[query->dose_count++] = record->doses[i];
}

/* Steps 2 and 3 come first; behind them what nobody can verify is no ground to decide on. */
static bool may_decide(const struct sim *sim, const struct truth_query *query) {
    return !oracle_fresh(query, sim_clock(sim, query->origin)) ||
           !permit_of(sim, query->origin, query) ||
           !((query->said.there && query->said.unknown_key) ||
               (query->evidence.there && query->evidence.unknown_key));
}

void oracle_decided(struct sim *sim, struct truth_query *query) {
    query->decided = true;
    if (!may_decide(sim, query))
        sim_violated(
            sim, "query %u was decided by what nobody can verify yet", oracle_index(sim, query));
    foresee(sim, query);
    if (query->expected == VRX_ANSWER_PENDING)
        query->there = VRX_TRANSFER_PENDING;
}

/* ---- what leaves ---- */

static void sent_query(struct sim *sim, unsigned town, const struct vrx_sending *sending) {
    struct truth_query *query = sim_query_of(sim, sending->query_id);
    if (!query || query->asker != town || !query->honest)
        sim_violated(sim, "town %u sent a query that nobody made", town);
    else if (strcmp(sending->to.digits, sim->town[query->origin].who->code.digits) != 0)
        sim_violated(sim, "query %u went to %s", oracle_index(sim, query), sending->to.digits);
    else if (query->consent.revoked)
        sim_violated(
            sim, "query %u was sent after its consent was revoked", oracle_index(sim, query));
    else if (sim_clock(sim, town) > query->deadline)
        sim_violated(sim, "query %u was sent after its deadline", oracle_index(sim, query));
    else
        query->left = true;
}

/* The destination's receipt, of an answer that ended the transfer. */
static void sent_receipt(struct sim *sim, unsigned town, const struct vrx_sending *sending) {
    const struct truth_query *query = sim_query_of(sim, sending->query_id);
    if (!query || query->asker != town || !query->honest ||
        strcmp(sending->to.digits, sim->town[query->origin].who->code.digits) != 0)
        sim_violated(sim, "town %u sent a receipt of what it has not", town);
    else if (query->here == VRX_TRANSFER_REQUESTED || query->here == VRX_TRANSFER_PENDING ||
             !(oracle_is_set(query->final) || oracle_is_set(query->denial)))
        sim_violated(sim, "query %u has a receipt and no answer", oracle_index(sim, query));
}

bool oracle_read_sent(struct sim *sim, unsigned town, const struct vrx_sending *sending,
    const struct vrx_object_schema *schema, struct vrx_arena *arena, void *ret_object,
    uint8_t digest[VRX_DIGEST]) {
    const struct sim_town *from = &sim->town[town];
    const struct vrx_dated_keys signing = {from->signing, from->signing_count};
    struct vrx_envelope routing;
    assert_ok(vrx_object_decode(
        &vrx_envelope_schema, vrx_buffer_view(&sending->envelope), arena, &routing));
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        for (size_t k = 0; k < sim->town[i].key_count; k++) {
            struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
            if (strcmp(sim->town[i].who->code.digits, sending->to.digits) != 0 ||
                !vrx_is_ok(vrx_envelope_open(&routing, sim->town[i].keys[k]->exchange, &content)))
                continue;
            assert_ok(vrx_sha256(vrx_buffer_view(&content), digest));
            return vrx_is_ok(vrx_object_verify_by(
                schema, vrx_buffer_view(&content), signing, arena, ret_object));
        }
    return false;
}

static bool is_notice_of(const struct truth_notice *notice, const struct vrx_consent *consent) {
    const struct truth_consent *told = &notice->consent;
    unsigned items = 0;
    for (size_t i = 0; i < consent->item_count; i++)
        items |= 1u << consent->items[i];
    return told->revoked == (consent->status == VRX_CONSENT_WITHDRAWN) &&
           told->expires_at == consent->expires_at && told->items == items;
}

static void sent_notice(struct sim *sim, unsigned town, const struct vrx_sending *sending) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_consent consent;
    struct truth_notice *notice = NULL;
    if (sim_subject_of(sim, sending, &notice))
        return; /* once more */
    vrx_arena_init(&arena, 0);
    uint8_t digest[VRX_DIGEST];
    if (!oracle_read_sent(sim, town, sending, &vrx_consent_schema, &arena, &consent, digest)) {
        sim_violated(sim, "town %u sent a notice that its receiver cannot read", town);
        return;
    }
    for (size_t i = 0; i < SIM_HISTORIES && !notice; i++) {
        struct truth_query *query = &sim->queries[i];
        if (query->asker != town || memcmp(query->consent.id, consent.id, VRX_ID) != 0)
            continue;
        for (size_t k = 0; k < query->notice_count && !notice; k++)
            if (is_notice_of(&query->notices[k], &consent))
                notice = &query->notices[k];
    }
    if (notice)
        memcpy(notice->id, sending->query_id, VRX_ID);
    else
        sim_violated(sim, "town %u told of a consent what nobody said", town);
}

void oracle_sent(struct sim *sim, unsigned town, const struct vrx_sending *sending) {
    if (sending->kind == VRX_ENVELOPE_CORRECTION_NOTICE)
        oracle_corrects(sim, town, sending);
    else if (sending->kind == VRX_ENVELOPE_CONSENT_NOTICE)
        sent_notice(sim, town, sending);
    else if (sending->kind == VRX_ENVELOPE_QUERY)
        sent_query(sim, town, sending);
    else if (sending->kind == VRX_ENVELOPE_RECEIPT)
        sent_receipt(sim, town, sending);
    else
        sim_violated(sim, "town %u sent a message of kind %u", town, (unsigned)sending->kind);
}

bool oracle_is_acknowledged(struct sim *sim, unsigned town, const struct vrx_sending *sent) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_outbox_key key = {.to = sent->to, .kind = sent->kind};
    struct vrx_outbox_message message;
    if (sent->kind == VRX_ENVELOPE_QUERY)
        return false;
    vrx_arena_init(&arena, 0);
    memcpy(key.id, sent->query_id, VRX_ID);
    struct vrx_result found = vrx_outbox_get(sim->town[town].tenant, &arena, &key, &message);
    /* In the town's transaction, where the weather interrupts one statement: it may be this one,
     * which is not the town's and says nothing of it. */
    if (found.reason == VRX_DISK_FAILED)
        found = vrx_outbox_get(sim->town[town].tenant, &arena, &key, &message);
    return vrx_is_ok(found) && message.state == VRX_OUTBOX_DONE;
}

/* With whichever of its keys the asker had, and has. */
static bool open_answer(const struct sim *sim, struct vrx_arena *arena,
    const struct truth_query *query, const struct vrx_envelope *routing,
    struct vrx_answer *ret_answer, uint8_t digest[VRX_DIGEST]) {
    const struct sim_town *asker = &sim->town[query->asker];
    const struct sim_town *origin = &sim->town[query->origin];
    const struct vrx_dated_keys signing = {origin->signing, origin->signing_count};
    for (size_t i = asker->key_count; i-- > 0;) {
        struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
        if (!vrx_is_ok(vrx_envelope_open(routing, asker->keys[i]->exchange, &content)))
            continue;
        assert_ok(vrx_sha256(vrx_buffer_view(&content), digest));
        return vrx_is_ok(vrx_object_verify_by(
            &vrx_answer_schema, vrx_buffer_view(&content), signing, arena, ret_answer));
    }
    return false;
}

/* Each of the doses, in whichever order; they are few. */
static bool doses_are(
    const struct sim *sim, const struct truth_query *query, const struct vrx_answer *answer) {
    const char *origin = sim->town[query->origin].who->code.digits;
    if (answer->dose_count != query->dose_count)
        return false;
    for (size_t i = 0; i < query->dose_count; i++) {
        bool found = false;
        for (size_t j = 0; j < answer->dose_count && !found; j++)
            found = oracle_dose_is(query, &answer->doses[j], &query->doses[i], origin);
        if (!found)
            return false;
    }
    return true;
}

static const char *outcome_name(uint64_t outcome) {
    static const char *const names[] = {"?", "DENIED", "PENDING", "DOSES", "NO_RECORD"};
    return names[outcome <= VRX_ANSWER_LAST ? outcome : 0];
}

/* Doses that left do not leave again once the consent is known not to cover them. */
static bool is_taken_back(const struct truth_query *query, const struct vrx_answer *answer) {
    return answer->outcome == VRX_ANSWER_DENIED && query->expected != VRX_ANSWER_DENIED &&
           !oracle_covered(query) &&
           (answer->reason == VRX_CONSENT_REVOKED || answer->reason == VRX_CONSENT_EXPIRED ||
               answer->reason == VRX_CONSENT_SCOPE) &&
           !answer->dose_count;
}

static void check_content(
    struct sim *sim, struct truth_query *query, const struct vrx_answer *answer) {
    const unsigned index = oracle_index(sim, query);
    const uint64_t outcome = answer->outcome;
    const bool waited = query->due_at && sim_clock(sim, query->origin) >= query->due_at;
    const bool as_expected =
        outcome == (uint64_t)query->expected ||
        (outcome == VRX_ANSWER_NO_RECORD && waited && query->expected == VRX_ANSWER_PENDING);
    if (!as_expected)
        sim_violated(sim, "query %u was answered %s (%s), where %s was to be expected", index,
            outcome_name(outcome), vrx_reason_name(vrx_reason_from_value((unsigned)answer->reason)),
            outcome_name(query->expected));
    if (outcome == VRX_ANSWER_DOSES && !doses_are(sim, query, answer))
        sim_violated(sim, "query %u was answered with other doses", index);
    if (outcome != VRX_ANSWER_DOSES && answer->dose_count)
        sim_violated(sim, "query %u was answered %s with doses", index, outcome_name(outcome));
    if (outcome == VRX_ANSWER_DOSES && !oracle_text_is(answer->permit_id, query->permit))
        sim_violated(sim, "query %u was answered under another permit", index);
    query->reason = answer->reason;
}

/* An answer that is not the one of before. */
static void check_answer(struct sim *sim, struct truth_query *query, struct vrx_arena *arena,
    const struct vrx_envelope *routing, const uint8_t sealed[VRX_DIGEST]) {
    struct vrx_answer answer;
    uint8_t digest[VRX_DIGEST];
    const unsigned index = oracle_index(sim, query);
    if (!open_answer(sim, arena, query, routing, &answer, digest)) {
        sim_violated(sim, "query %u: the asker cannot read the answer", index);
        return;
    }
    if (is_taken_back(query, &answer)) {
        if (oracle_is_set(query->denial))
            sim_violated(sim, "query %u has two answers, two denials of its doses", index);
        query->reason = answer.reason;
        memcpy(query->denial, sealed, VRX_DIGEST);
        memcpy(query->signed_denial, digest, VRX_DIGEST);
        return;
    }
    const bool pending = answer.outcome == VRX_ANSWER_PENDING;
    uint8_t *before = pending ? query->pending : query->final;
    check_content(sim, query, &answer);
    if (oracle_is_set(query->final) || oracle_is_set(before))
        sim_violated(sim, "query %u has two answers, now %s", index, outcome_name(answer.outcome));
    memcpy(before, sealed, VRX_DIGEST);
    if (!pending)
        memcpy(query->signed_answer, digest, VRX_DIGEST);
}

void oracle_answered(struct sim *sim, unsigned town, struct vrx_view envelope, bool covered) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_envelope routing;
    uint8_t sealed[VRX_DIGEST];
    vrx_arena_init(&arena, 0);
    sim->answers++;
    if (!vrx_is_ok(vrx_object_decode(&vrx_envelope_schema, envelope, &arena, &routing))) {
        sim_violated(sim, "town %u answered nothing", town);
        return;
    }
    assert_ok(vrx_sha256(envelope, sealed));
    struct truth_query *query = sim_query_of(sim, routing.query_id);
    if (!query || query->origin != town || !query->decided) {
        sim_violated(sim, "town %u answered what nobody asked it", town);
        return;
    }
    const bool final = oracle_is_set(query->final);
    if (oracle_is_set(query->denial) && memcmp(query->denial, sealed, VRX_DIGEST) == 0)
        return;
    const bool again = memcmp(final ? query->final : query->pending, sealed, VRX_DIGEST) == 0;
    if (again && query->expected == VRX_ANSWER_DOSES && !covered)
        sim_violated(sim, "query %u was answered with doses after its consent was known to be over",
            oracle_index(sim, query));
    if (!again)
        check_answer(sim, query, &arena, &routing, sealed);
}

/* ---- states ---- */

#define TO(state) (1u << VRX_TRANSFER_##state)

/* What the destination may have made of a transfer in one step: several of exchange.md's at once,
 * where one message brings them. */
static const unsigned here_after[] = {
    [VRX_TRANSFER_REQUESTED] =
        TO(DENIED) | TO(PENDING) | TO(RECEIVED) | TO(IMPORTED) | TO(NO_RECORD) | TO(EXPIRED),
    [VRX_TRANSFER_PENDING] = TO(DENIED) | TO(RECEIVED) | TO(IMPORTED) | TO(NO_RECORD) | TO(EXPIRED),
    [VRX_TRANSFER_RECEIVED] = TO(IMPORTED),
    [VRX_TRANSFER_IMPORTED] = 0,
};

static const unsigned there_after[] = {
    [0] = TO(DENIED) | TO(PENDING) | TO(ANSWERED),
    [VRX_TRANSFER_PENDING] = TO(DENIED) | TO(ANSWERED) | TO(NO_RECORD),
    [VRX_TRANSFER_ANSWERED] = TO(RECEIVED) | TO(DENIED), /* by the destination's receipt */
    [VRX_TRANSFER_IMPORTED] = 0,
};

static bool may_follow(const unsigned *table, unsigned from, unsigned to) {
    return from == to || (from <= VRX_TRANSFER_IMPORTED && (table[from] & 1u << to) != 0);
}

static void take_here(
    struct sim *sim, struct truth_query *query, const struct vrx_transfer_out *transfer) {
    const bool moved = transfer->state != query->here;
    const unsigned index = oracle_index(sim, query);
    if (!may_follow(here_after, query->here, transfer->state))
        sim_violated(sim, "query %u went from state %u to %u at its destination", index,
            (unsigned)query->here, (unsigned)transfer->state);
    if (!moved && query->here_changed_at && transfer->changed_at != query->here_changed_at)
        sim_violated(sim, "query %u was changed in state %u", index, (unsigned)query->here);
    if (moved && transfer->state == VRX_TRANSFER_DENIED &&
        (uint64_t)transfer->reason != query->reason && oracle_consented(query, &query->consent))
        sim_violated(sim, "query %u was denied for a reason that nobody gave", index);
    if (moved && query->here == VRX_TRANSFER_PENDING && transfer->state == VRX_TRANSFER_DENIED &&
        oracle_consented(query, &query->consent))
        sim_violated(sim, "query %u waited and was denied", index);
    query->here = transfer->state;
    query->here_changed_at = transfer->changed_at;
}

static void look_here(struct sim *sim, struct truth_query *query, struct vrx_arena *arena) {
    struct vrx_transfer_out transfer;
    struct vrx_result found =
        vrx_transfer_out_get(sim->town[query->asker].tenant, arena, query->id, &transfer);
    if (vrx_is_ok(found))
        take_here(sim, query, &transfer);
    else
        sim_violated(
            sim, "query %u is lost (%s)", oracle_index(sim, query), vrx_reason_name(found.reason));
}

/* Only the destination can say that the denial got there, and the doses did not. */
static void take_denied(struct sim *sim, struct truth_query *query, enum vrx_reason reason) {
    sim->denied++;
    if (query->here != VRX_TRANSFER_DENIED || !oracle_is_set(query->denial))
        sim_violated(sim,
            "query %u was answered with doses and denied, and its destination in "
            "state %u",
            oracle_index(sim, query), (unsigned)query->here);
    oracle_entry(sim, query->origin, "exchange/end", query->id, reason);
}

static void look_there(struct sim *sim, struct truth_query *query, struct vrx_arena *arena) {
    struct vrx_transfer_in transfer;
    const struct vrx_municipality_code *asker = &sim->town[query->asker].who->code;
    struct vrx_result found =
        vrx_transfer_in_get(sim->town[query->origin].tenant, arena, asker, query->id, &transfer);
    if (vrx_is_ok(found) != query->decided)
        sim_violated(sim, "query %u is %s at its origin", oracle_index(sim, query),
            query->decided ? "lost" : "known");
    if (!vrx_is_ok(found))
        return;
    if (!may_follow(there_after, query->there, transfer.state))
        sim_violated(sim, "query %u went from state %u to %u at its origin",
            oracle_index(sim, query), (unsigned)query->there, (unsigned)transfer.state);
    if (query->there == VRX_TRANSFER_PENDING && transfer.state == VRX_TRANSFER_DENIED &&
        oracle_covered(query))
        sim_violated(sim, "query %u waited and was denied there (%s)", oracle_index(sim, query),
            vrx_reason_name(transfer.reason));
    if (query->there == VRX_TRANSFER_ANSWERED && transfer.state == VRX_TRANSFER_DENIED)
        take_denied(sim, query, transfer.reason);
    query->there = transfer.state;
    query->due_at = transfer.due_at ? transfer.due_at : query->due_at;
}

void oracle_looks(struct sim *sim, unsigned town, struct truth_query *query) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    if (!query->asked || !sim->town[town].tenant)
        return;
    vrx_arena_init(&arena, 0);
    if (town == query->asker && query->honest)
        look_here(sim, query, &arena);
    if (town == query->origin)
        look_there(sim, query, &arena);
}

static enum vrx_reason reason_of(
    const struct truth_query *query, const struct truth_consent *consent) {
    return consent->revoked                        ? VRX_CONSENT_REVOKED
           : query->asked_at > consent->expires_at ? VRX_CONSENT_EXPIRED
                                                   : VRX_CONSENT_SCOPE;
}

void oracle_consent_changed(struct sim *sim, struct truth_query *query) {
    static const uint8_t nobody[VRX_ID];
    const bool waited =
        query->here == VRX_TRANSFER_REQUESTED || query->here == VRX_TRANSFER_PENDING;
    if (!query->asked)
        return;
    query->notices[query->notice_count++] =
        (struct truth_notice){.consent = query->consent, .owed = query->left};
    oracle_looks(sim, query->asker, query);
    if (!waited || oracle_consented(query, &query->consent))
        return;
    if (query->here != VRX_TRANSFER_DENIED)
        sim_violated(sim, "query %u waits without consent", oracle_index(sim, query));
    oracle_entry(sim, query->asker, "exchange/end", nobody, reason_of(query, &query->consent));
}

bool oracle_noticed(struct truth_query *query, struct truth_notice *notice) {
    notice->taken = true;
    if (query->there != VRX_TRANSFER_PENDING || oracle_covered(query) || query->stops)
        return false;
    query->stops = true;
    return true;
}

/* Unless the origin cannot read the query any more, or its time had come a moment before. */
void oracle_stopped(struct sim *sim, struct truth_query *query, const struct truth_notice *notice) {
    query->stops = false;
    if (query->there == VRX_TRANSFER_DENIED)
        oracle_entry(
            sim, query->origin, "exchange/end", notice->id, reason_of(query, &notice->consent));
}

/* ---- the end ---- */

/* Both ends agree; what the destination ended alone, it ended. */
static void check_ends(struct sim *sim, const struct truth_query *query) {
    const unsigned index = oracle_index(sim, query);
    const bool doses =
        query->there == VRX_TRANSFER_ANSWERED || query->there == VRX_TRANSFER_RECEIVED;
    bool agree = false;
    switch (query->here) {
    case VRX_TRANSFER_IMPORTED:
    case VRX_TRANSFER_RECEIVED: /* an officer looks at doses that disagree */
        agree = doses;
        break;
    case VRX_TRANSFER_NO_RECORD:
        agree = query->there == VRX_TRANSFER_NO_RECORD;
        break;
    case VRX_TRANSFER_DENIED:
        agree = query->there == VRX_TRANSFER_DENIED || !oracle_consented(query, &query->consent);
        break;
    case VRX_TRANSFER_EXPIRED:
        agree = true;
        break;
    default:
        break;
    }
    if (!agree)
        sim_violated(sim, "query %u ended in state %u at its destination, %u at its origin", index,
            (unsigned)query->here, (unsigned)query->there);
}

/* One side's word on the transfer: what it names, and the ledger that its signer had. */
static void check_receipt(struct sim *sim, const struct truth_query *query, unsigned signer,
    struct vrx_view message, const uint8_t query_digest[VRX_DIGEST]) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    const struct sim_town *town = &sim->town[signer];
    const bool denied = query->there == VRX_TRANSFER_DENIED && oracle_is_set(query->denial);
    const uint8_t *answer = denied ? query->signed_denial : query->signed_answer;
    struct vrx_receipt receipt;
    struct vrx_merkle_hash root;
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_object_verify_by(&vrx_receipt_schema, message,
            (struct vrx_dated_keys){town->signing, town->signing_count}, &arena, &receipt)))
        sim_violated(sim, "query %u has no receipt of town %u", oracle_index(sim, query), signer);
    else if (receipt.transfer_count != 1 ||
             memcmp(receipt.transfer->query_digest, query_digest, VRX_DIGEST) != 0 ||
             memcmp(receipt.transfer->answer_digest, answer, VRX_DIGEST) != 0)
        sim_violated(
            sim, "query %u: town %u's receipt is of another", oracle_index(sim, query), signer);
    else if (!vrx_is_ok(
                 vrx_ledger_root(vrx_tenant_ledger(town->tenant), receipt.ledger_size, &root)) ||
             memcmp(root.bytes, receipt.ledger_root, VRX_DIGEST) != 0)
        sim_violated(sim, "query %u: town %u's receipt names no state of its ledger",
            oracle_index(sim, query), signer);
}

/* An answer that ended a transfer is receipted by both, and ended it at both; so is a denial that
 * came after the destination had ended it by itself. */
static void check_receipts(struct sim *sim, const struct truth_query *query) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_transfer_out here;
    struct vrx_transfer_in there;
    if (query->here == VRX_TRANSFER_EXPIRED || !query->decided)
        return;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_transfer_out_get(sim->town[query->asker].tenant, &arena, query->id, &here));
    assert_ok(vrx_transfer_in_get(sim->town[query->origin].tenant, &arena,
        &sim->town[query->asker].who->code, query->id, &there));
    if (!here.answer.len) /* ended by a revocation before the refusal came, or without one */
        return;
    if ((query->here == VRX_TRANSFER_DENIED) != (query->there == VRX_TRANSFER_DENIED))
        sim_violated(sim, "query %u: one end has a denial that the other knows nothing of",
            oracle_index(sim, query));
    check_receipt(sim, query, query->origin, here.receipt, here.query_digest);
    check_receipt(sim, query, query->asker, there.receipt, here.query_digest);
}

static void check_notices(struct sim *sim, const struct truth_query *query) {
    for (size_t i = 0; i < query->notice_count; i++)
        if (query->notices[i].owed && !query->notices[i].taken)
            sim_violated(sim, "query %u: its origin never heard what became of its consent",
                oracle_index(sim, query));
}

/* ---- ledgers ---- */

void oracle_entry(struct sim *sim, unsigned town, const char *method, const uint8_t request[VRX_ID],
    enum vrx_reason outcome) {
    struct sim_entry entry = {.outcome = outcome};
    (void)snprintf(entry.method, sizeof entry.method, "%s", method);
    memcpy(entry.request, request, VRX_ID);
    assert_ok(
        vrx_buffer_append(&sim->town[town].ledger, vrx_view_of((uint8_t *)&entry, sizeof entry)));
}

struct reading {
    struct vrx_buffer entries;
    struct sim *sim;
};

static struct vrx_result read_entry(void *context, uint64_t seq, struct vrx_view bytes) {
    struct reading *reading = context;
    struct vrx_audit_entry entry;
    struct sim_entry found = {0};
    (void)seq;
    VRX_TRY(vrx_audit_entry_decode(bytes, &entry));
    if (entry.method.len < 9 || memcmp(entry.method.ptr, "exchange/", 9) != 0 ||
        oracle_text_is(entry.method, "exchange/import"))
        return vrx_ok();
    assert_true(entry.method.len < sizeof found.method);
    memcpy(found.method, entry.method.ptr, entry.method.len);
    memcpy(found.request, entry.request, VRX_ID);
    found.outcome = (enum vrx_reason)entry.outcome;
    return vrx_buffer_append(&reading->entries, vrx_view_of((uint8_t *)&found, sizeof found));
}

static int compare_entries(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct sim_entry));
}

static void check_ledger(struct sim *sim, unsigned town) {
    struct reading reading = {.sim = sim};
    struct vrx_buffer *expected = &sim->town[town].ledger;
    struct vrx_ledger *ledger = vrx_tenant_ledger(sim->town[town].tenant);
    reading.entries.limit = expected->limit = SIZE_MAX;
    assert_ok(vrx_ledger_each(ledger, 0, UINT64_MAX, read_entry, &reading));
    const size_t size = sizeof(struct sim_entry);
    if (expected->len)
        qsort(expected->ptr, expected->len / size, size, compare_entries);
    if (reading.entries.len)
        qsort(reading.entries.ptr, reading.entries.len / size, size, compare_entries);
    if (!vrx_view_equal(vrx_buffer_view(expected), vrx_buffer_view(&reading.entries)))
        sim_violated(sim,
            "town %u: the ledger has %zu entries of the exchange, %zu were expected, "
            "or others",
            town, reading.entries.len / size, expected->len / size);
    if (!vrx_is_ok(vrx_ledger_check(ledger)))
        sim_violated(sim, "town %u: the ledger's tree is not that of its entries", town);
    vrx_buffer_done(&reading.entries);
}

void oracle_ends(struct sim *sim) {
    for (size_t i = 0; i < SIM_QUERIES; i++) {
        struct truth_query *query = &sim->queries[i];
        oracle_looks(sim, query->asker, query);
        oracle_looks(sim, query->origin, query);
        if (query->asked && query->honest)
            check_ends(sim, query);
        if (query->asked && query->honest && !sim->violation[0])
            check_receipts(sim, query);
        check_notices(sim, query);
    }
    oracle_doses_end(sim);
    oracle_lists_end(sim);
    for (unsigned town = 0; town < SIM_TOWNS; town++)
        check_ledger(sim, town);
}
