/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded histories of transfers between three municipalities (sim.h), SIM_HISTORIES to a world, on
 * a virtual clock: whatever a network, a crash, a clock or a person may do between the counter and
 * the deadline. After each step, and in the end, the oracle looks. VRX_FAULT_COUNT histories
 * (10,000), worlds of VRX_FAULT_SEED on; a failure names the seed that repeats it to the last byte,
 * in the same build. VRX_FAULT_TRACE=1 shows each step.
 */
#include <stdio.h>

#include "exchange/arrivals.h"
#include "fault/exchange/controls.h"
#include "fault/exchange/sim.h"
#include "ledger/ledger.h"
#include "store/tenant.h"

#define AT_ONCE 4         /* messages that share a transaction */
#define CONTROL_WORLDS 20 /* in which a defect to order must be seen */

/* ---- a message arrives ---- */

static struct vrx_result run_receive(struct sim_step *step) {
    return vrx_exchange_receive(
        &step->context, vrx_buffer_view(&step->message->bytes), &step->reply, &step->decision);
}

static struct vrx_result audit_receive(struct sim_step *step, struct vrx_result outcome) {
    return vrx_exchange_record_receive(
        &step->context, vrx_buffer_view(&step->message->bytes), outcome, step->decision);
}

static struct vrx_result run_accept(struct sim_step *step) {
    step->known = oracle_is_acknowledged(step->sim, step->town, &step->message->sent);
    return vrx_exchange_accept(
        &step->context, &step->message->sent, vrx_buffer_view(&step->message->bytes));
}

static struct vrx_result audit_accept(struct sim_step *step, struct vrx_result outcome) {
    return vrx_exchange_record_accept(&step->context, &step->message->sent, outcome);
}

/* What the bytes say of themselves, true or not; a query where they say nothing. */
static uint64_t kind_of(struct sim_step *step) {
    struct vrx_envelope routing;
    struct vrx_view bytes = vrx_buffer_view(&step->message->bytes);
    return vrx_is_ok(vrx_object_decode(&vrx_envelope_schema, bytes, &step->context.arena, &routing))
               ? routing.kind
               : VRX_ENVELOPE_QUERY;
}

/* How the town's ledger will call it. */
static const char *method_of(struct sim_step *step) {
    if (step->message->reply)
        return step->message->sent.kind == VRX_ENVELOPE_QUERY ? "exchange/answer"
                                                              : "exchange/acknowledgement";
    const uint64_t kind = kind_of(step);
    const struct vrx_arrival_kind *row = vrx_arrival_kind_of(kind);
    return kind == VRX_ENVELOPE_QUERY ? "exchange/query" : row ? row->method : "exchange/message";
}

static bool is_query(const struct sim_message *message) {
    return !message->reply && message->sent.kind == VRX_ENVELOPE_QUERY;
}

static void prepare(struct sim *sim, unsigned town, struct sim_message *message,
    struct sim_step *step, struct truth_query **ret_query) {
    sim_step_init(sim, town, message->reply ? "reply" : "message", step);
    step->message = message;
    step->run = message->reply ? run_accept : run_receive;
    step->audit = message->reply ? audit_accept : audit_receive;
    memcpy(step->context.request_id, message->sent.query_id, VRX_ID);
    *ret_query = sim_subject_of(sim, &message->sent, &step->notice);
}

/* It, or what it replies to. */
static bool is_from_origin(const struct sim_message *message) {
    return message->sent.kind == VRX_ENVELOPE_CORRECTION_NOTICE;
}

/* What was altered, or went astray, is refused; but to a message that was acknowledged any reply
 * will do. */
static void check_outcome(const struct sim_step *step, const struct truth_query *query) {
    struct sim *sim = step->sim;
    const struct sim_message *message = step->message;
    if (!vrx_is_ok(step->job.outcome) || step->known)
        return;
    if (message->altered)
        sim_violated(sim, "town %u took a message that was altered", step->town);
    else if (!query || step->town != (message->reply == is_from_origin(message) ? query->origin
                                                                                : query->asker))
        sim_violated(sim, "town %u took a message that is not its own", step->town);
}

/* In the order of the transaction, before any of it is looked at. */
static void note(struct sim_step *step, struct truth_query *query) {
    if (!query || !step->durable || !vrx_is_ok(step->job.outcome) || step->message->reply)
        return;
    step->covered = oracle_covered(query);
    if (is_query(step->message) && query->decided)
        oracle_asked_again(step->sim, query);
    if (is_query(step->message) && !query->decided) {
        oracle_decided(step->sim, query);
        const struct truth_record *record = &step->sim->people[query->person].at[query->origin];
        if (query->expected == VRX_ANSWER_PENDING && record->guarded && !record->other_name)
            sim_call_officers(step->sim, (unsigned)(query - step->sim->queries));
    }
    if (is_from_origin(step->message))
        oracle_correction(step->sim, step->message->sent.query_id)->taken = true;
    if (step->notice && !step->notice->taken)
        step->ends = oracle_noticed(query, step->notice);
}

static void settle(struct sim_step *step, struct truth_query *query, bool told) {
    struct sim *sim = step->sim;
    const struct sim_message *message = step->message;
    const bool ok = vrx_is_ok(step->job.outcome);
    if (!step->durable)
        return;
    check_outcome(step, query);
    oracle_entry(sim, step->town, method_of(step), step->context.request_id,
        ok ? step->decision.reason : step->job.outcome.reason);
    if (query)
        oracle_looks(sim, step->town, query);
    if (step->ends)
        oracle_stopped(sim, query, step->notice);
    if (!ok || message->reply || !told)
        return;
    if (is_query(message))
        oracle_answered(sim, step->town, vrx_buffer_view(&step->reply), step->covered);
    sim_send(sim, step->town, message->from, vrx_buffer_view(&step->reply), &message->sent, true);
}

/* Who never asked says of a correction that it came, and keeps nothing. */
static bool is_claimed(struct sim *sim, const struct sim_message *message) {
    struct truth_correction *correction = is_from_origin(message) && !message->reply
                                              ? oracle_correction(sim, message->sent.query_id)
                                              : NULL;
    if (!correction || correction->query->honest || message->altered ||
        message->to != correction->query->asker || !sim->town[message->to].tenant)
        return false;
    correction->taken = true;
    sim_claim(sim, message->to, message->from, message);
    return true;
}

/* The first message, and those that are there at the same time. */
static void arrive(struct sim *sim, struct sim_event *first) {
    struct sim_message *messages[AT_ONCE] = {first->message};
    struct truth_query *queries[AT_ONCE] = {0};
    struct sim_step steps[AT_ONCE];
    const unsigned town = first->who;
    size_t count = 1;
    first->message = NULL;
    if (is_claimed(sim, messages[0])) {
        sim_forget(&messages[0]);
        return;
    }
    while (count < AT_ONCE && sim->event_count && sim->events[0].at <= sim->now &&
           sim->events[0].kind == SIM_ARRIVE && sim->events[0].who == town &&
           !is_from_origin(sim->events[0].message)) {
        struct sim_event next;
        (void)sim_next(sim, &next);
        messages[count++] = next.message;
    }
    if (sim->town[town].tenant) {
        for (size_t i = 0; i < count; i++)
            prepare(sim, town, messages[i], &steps[i], &queries[i]);
        const bool told = sim_run(sim, town, steps, count);
        for (size_t i = 0; i < count; i++)
            note(&steps[i], queries[i]);
        for (size_t i = 0; i < count; i++)
            settle(&steps[i], queries[i], told);
        for (size_t i = 0; i < count; i++)
            sim_step_done(&steps[i]);
    }
    for (size_t i = 0; i < count; i++)
        sim_forget(&messages[i]);
}

/* ---- a town sends what is due ---- */

static struct vrx_result run_send(struct sim_step *step) {
    return vrx_exchange_send_due(&step->context, &step->sendings);
}

static struct vrx_result no_audit(struct sim_step *step, struct vrx_result outcome) {
    (void)step;
    (void)outcome;
    return vrx_ok();
}

/* Transfers that the step ended have an entry each. */
static void look_for_ends(struct sim *sim, unsigned town) {
    static const uint8_t nobody[VRX_ID];
    for (size_t i = 0; i < SIM_HISTORIES; i++) {
        struct truth_query *query = &sim->queries[i];
        const enum vrx_transfer_state before = query->here;
        if (!query->asked || query->asker != town ||
            (before != VRX_TRANSFER_REQUESTED && before != VRX_TRANSFER_PENDING))
            continue;
        oracle_looks(sim, town, query);
        if (query->here == before)
            continue;
        const bool late = sim_clock(sim, town) > query->deadline;
        if (!late && !query->consent.revoked)
            sim_violated(sim, "query %zu was ended before its time", i);
        oracle_entry(
            sim, town, "exchange/end", nobody, late ? VRX_QUERY_EXPIRED : VRX_CONSENT_REVOKED);
    }
}

static unsigned town_of(const struct sim *sim, const struct vrx_municipality_code *code) {
    unsigned town = 0;
    while (strcmp(sim->town[town].who->code.digits, code->digits) != 0)
        town++;
    return town;
}

/* As engine.c does when a municipality's time has come. */
static void send_due(struct sim *sim, unsigned town) {
    _Atomic int64_t *due = &sim->town[town].who->slot->exchange_due;
    struct sim_step step;
    sim_change_key(sim, town);
    sim_step_init(sim, town, "send", &step);
    step.run = run_send;
    step.audit = no_audit;
    atomic_store(due, INT64_MAX);
    const bool told = sim_run(sim, town, &step, 1);
    const bool ok = step.durable && vrx_is_ok(step.job.outcome);
    if (!ok)
        atomic_store(due, sim_clock(sim, town) + 2);
    else if (step.sendings.next)
        atomic_store(due, step.sendings.next);
    if (ok)
        look_for_ends(sim, town);
    for (size_t i = 0; ok && told && i < step.sendings.count; i++) {
        const struct vrx_sending *sending = &step.sendings.items[i];
        oracle_sent(sim, town, sending);
        sim_send(sim, town, town_of(sim, &sending->to), vrx_buffer_view(&sending->envelope),
            sending, false);
    }
    sim_step_done(&step);
}

/* ---- the law changes ---- */

/* The present permit ends, now or soon, and another begins, perhaps after a while without any; or
 * one is for less than before. */
static size_t change_permits(struct sim *sim, struct truth_permit permits[SIM_PERMITS]) {
    const struct sim_law *last = &sim->laws[sim->law_count - 1];
    size_t count = last->count;
    memcpy(permits, last->truth, sizeof last->truth);
    if (count == SIM_PERMITS || sim_chance(sim, 400))
        return count;
    struct truth_permit *ending = &permits[count - 1];
    struct truth_permit *next = &permits[count];
    ending->until = sim->now + sim_below(sim, 7200);
    *next = (struct truth_permit){
        .items = 1u << VRX_ITEM_DOSE | (sim_below(sim, 8) | sim_below(sim, 8)) << VRX_ITEM_LOT,
        .from = ending->until + 1 + (sim_chance(sim, 700) ? 0 : sim_below(sim, 7200)),
        .until = WORLD_NOW + 400 * WORLD_DAY};
    (void)snprintf(next->id, sizeof next->id, "mover-%zu", count + 1);
    return count + 1;
}

static void change_law(struct sim *sim) {
    struct truth_permit permits[SIM_PERMITS];
    const unsigned town = sim_below(sim, SIM_TOWNS);
    if (sim->law_count == SIM_LAWS)
        return;
    if (sim->town[town].key_count < SIM_KEYS && sim_chance(sim, 300))
        sim_rotate(sim, town, sim_chance(sim, 700), sim_chance(sim, 500));
    const size_t count = change_permits(sim, permits);
    sim_sign_law(sim, permits, count);
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        sim_plan(sim, sim->now + (sim_chance(sim, 700) ? 0 : sim_below(sim, 4 * 3600)),
            SIM_LAW_ARRIVES, i, sim->law_count - 1, NULL);
}

static void law_arrives(struct sim *sim, unsigned town, unsigned law) {
    sim_take_law(sim, town, law);
    sim_change_key(sim, town);
}

/* ---- machines and clocks ---- */

static void kill_town(struct sim *sim, unsigned town) {
    if (!sim->town[town].tenant)
        return;
    sim_close(sim, town);
    sim_open(sim, town);
}

static void seal_town(struct sim *sim, unsigned town) {
    if (!sim->town[town].tenant)
        return;
    sim_close(sim, town);
    const uint32_t longest = sim_chance(sim, 700) ? 3600 : (sim_chance(sim, 700) ? 10 : 30) * 3600;
    sim_plan(sim, sim->now + 1 + sim_below(sim, longest), SIM_UNSEAL, town, 0, NULL);
}

static void cut_line(struct sim *sim, unsigned from, unsigned to) {
    sim->cut[from][to] = true;
    sim_plan(sim, sim->now + sim_below(sim, 8 * 3600), SIM_HEAL, from, to, NULL);
}

static void turn_clock(struct sim *sim, unsigned town) {
    const uint32_t far = sim_chance(sim, 700) ? 120 : 7200;
    sim->town[town].skew = (int64_t)sim_below(sim, 2 * far + 1) - (int64_t)far;
}

/* ---- one world ---- */

static void happen(struct sim *sim, struct sim_event *event) {
    sim->counts[event->kind]++;
    switch (event->kind) {
    case SIM_ASK:
        sim_ask(sim, event->who);
        break;
    case SIM_FORGE:
        sim_forge(sim, event->who);
        break;
    case SIM_REVOKE:
        sim_revoke(sim, event->who);
        break;
    case SIM_NARROW:
        sim_narrow(sim, event->who);
        break;
    case SIM_ARRIVE:
        arrive(sim, event);
        break;
    case SIM_REPLAY:
        sim_replay(sim);
        break;
    case SIM_GUARD:
        sim_guard(sim, event->who, event->what);
        break;
    case SIM_CORRECT:
        sim_correct(sim, event->who, event->what);
        break;
    case SIM_VACCINATE:
        sim_vaccinate(sim, event->who, event->what);
        break;
    case SIM_LOOK:
        sim_look(sim, event->who, event->what);
        break;
    case SIM_DECIDE:
        sim_decide(sim, event->who, event->what);
        break;
    case SIM_LIST:
        sim_go_on(sim, event->who);
        break;
    case SIM_KILL:
        kill_town(sim, event->who);
        break;
    case SIM_SEAL:
        seal_town(sim, event->who);
        break;
    case SIM_UNSEAL:
        sim_open(sim, event->who);
        break;
    case SIM_CUT:
        cut_line(sim, event->who, event->what);
        break;
    case SIM_HEAL:
        sim->cut[event->who][event->what] = false;
        break;
    case SIM_CLOCK:
        turn_clock(sim, event->who);
        break;
    case SIM_LAW:
        change_law(sim);
        break;
    case SIM_LAW_ARRIVES:
        law_arrives(sim, event->who, event->what);
        break;
    case SIM_EVENTS:
        break;
    }
}

static void plan_many(
    struct sim *sim, enum sim_event_kind kind, uint32_t count, uint32_t who, uint32_t what) {
    while (count--)
        sim_plan(sim, sim->now + sim_below(sim, (uint32_t)SIM_SPAN), kind, sim_below(sim, who),
            sim_below(sim, what), NULL);
}

/* Some worlds are calm, some are not. */
static void plan_world(struct sim *sim) {
    const uint32_t worst = 1 + sim_below(sim, 200);
    sim->weather = (struct sim_weather){.drop = sim_below(sim, worst),
        .copy = sim_below(sim, worst),
        .late = sim_below(sim, worst),
        .alter = sim_below(sim, worst) / 2,
        .astray = sim_below(sim, worst) / 4,
        .crash = sim_below(sim, worst) / 3};
    for (unsigned i = 0; i < SIM_QUERIES; i++) {
        sim_draw_case(sim, i);
        sim_plan(sim, sim->now + sim_below(sim, (uint32_t)SIM_SPAN),
            i < SIM_HISTORIES ? SIM_ASK : SIM_FORGE, i, 0, NULL);
    }
    plan_many(sim, SIM_REPLAY, 30, 1, 1);
    plan_many(sim, SIM_GUARD, 40, SIM_PEOPLE, SIM_TOWNS);
    plan_many(sim, SIM_CORRECT, 60, SIM_PEOPLE, SIM_TOWNS);
    plan_many(sim, SIM_VACCINATE, 20, SIM_PEOPLE, SIM_TOWNS);
    plan_many(sim, SIM_KILL, sim_below(sim, 6), SIM_TOWNS, 1);
    plan_many(sim, SIM_SEAL, sim_below(sim, 6), SIM_TOWNS, 1);
    plan_many(sim, SIM_CUT, sim_below(sim, 6), SIM_TOWNS, SIM_TOWNS);
    plan_many(sim, SIM_CLOCK, sim_below(sim, 8), SIM_TOWNS, 1);
    plan_many(sim, SIM_LAW, sim_below(sim, 5), 1, 1);
}

/* The town whose time to send comes first, and when. */
static int64_t first_due(const struct sim *sim, unsigned *ret_town) {
    int64_t earliest = INT64_MAX;
    for (unsigned i = 0; i < SIM_TOWNS; i++) {
        const struct sim_town *town = &sim->town[i];
        const int64_t due = atomic_load(&town->who->slot->exchange_due);
        if (!town->tenant || due == INT64_MAX)
            continue;
        int64_t at = due - town->skew;
        at = at < sim->now ? sim->now : at;
        if (at < earliest) {
            earliest = at;
            *ret_town = i;
        }
    }
    return earliest;
}

static bool step_world(struct sim *sim) {
    struct sim_event event;
    unsigned town = 0;
    const int64_t due = first_due(sim, &town);
    if (due != INT64_MAX && (!sim->event_count || due <= sim->events[0].at)) {
        sim->now = due;
        send_due(sim, town);
        return true;
    }
    if (!sim_next(sim, &event))
        return false;
    sim->now = event.at > sim->now ? event.at : sim->now;
    happen(sim, &event);
    sim_forget(&event.message);
    return true;
}

struct totals {
    unsigned long histories, steps, crashes, altered, answers, released, corrections, denied;
    unsigned long ended[VRX_TRANSFER_IMPORTED + 1];
    unsigned long counts[SIM_EVENTS];
};

static void add_up(const struct sim *sim, struct totals *totals) {
    totals->histories += SIM_HISTORIES;
    totals->steps += sim->steps;
    totals->crashes += sim->crashes;
    totals->altered += sim->altered;
    totals->answers += sim->answers;
    totals->released += sim->released;
    totals->corrections += sim->correction_count;
    totals->denied += sim->denied;
    for (size_t i = 0; i < SIM_HISTORIES; i++)
        totals->ended[sim->queries[i].here]++;
    for (size_t i = 0; i < SIM_EVENTS; i++)
        totals->counts[i] += sim->counts[i];
}

/* Whether the oracle was content. */
static bool run_world(uint64_t seed, struct totals *totals, char violation[256]) {
    struct sim *sim = sim_new(seed);
    sim_register_people(sim);
    plan_world(sim);
    while (!sim->violation[0] && step_world(sim)) {
    }
    if (!sim->violation[0])
        oracle_ends(sim);
    add_up(sim, totals);
    memcpy(violation, sim->violation, sizeof sim->violation);
    sim_free(&sim);
    return !violation[0];
}

/* ---- tests ---- */

static void print_totals(const struct totals *totals) {
    static const char *const kinds[SIM_EVENTS] = {"asked", "forged", "revoked", "narrowed",
        "arrived", "replayed", "guarded", "corrected", "vaccinated", "officers looked", "decided",
        "lists", "killed", "sealed", "unsealed", "cut", "healed", "clock", "law", "law taken"};
    static const char *const states[] = {"never asked", "requested", "denied", "pending",
        "answered", "no record", "expired", "received", "imported"};
    print_message("%lu histories, %lu steps, %lu answers, %lu by two officers, %lu corrections of "
                  "them, %lu denied in the place of doses, %lu transactions spoilt, %lu messages "
                  "altered\n",
        totals->histories, totals->steps, totals->answers, totals->released, totals->corrections,
        totals->denied, totals->crashes, totals->altered);
    for (size_t i = 0; i < SIM_EVENTS; i++)
        print_message("%s %lu, ", kinds[i], totals->counts[i]);
    print_message("\nended:");
    for (size_t i = 0; i <= VRX_TRANSFER_IMPORTED; i++)
        print_message(" %s %lu", states[i], totals->ended[i]);
    print_message("\n");
}

static void test_histories(void **state) {
    (void)state;
    struct totals totals = {0};
    char violation[256];
    control = CONTROL_NONE; /* also after a failure */
    const unsigned long seed = environment_number("VRX_FAULT_SEED", 1);
    const unsigned long count = environment_number("VRX_FAULT_COUNT", 10000);
    for (unsigned long i = 0; i * SIM_HISTORIES < count; i++)
        if (!run_world(seed + i, &totals, violation))
            fail_msg("VRX_FAULT_SEED=%lu VRX_FAULT_COUNT=1: %s", seed + i, violation);
    print_totals(&totals);
}

/* The first world in which the oracle is not content. */
static unsigned long find_violation(enum control defect, char violation[256]) {
    struct totals totals = {0};
    unsigned long seed = 1;
    control = defect;
    while (run_world(seed, &totals, violation) && seed < CONTROL_WORLDS)
        seed++;
    control = CONTROL_NONE;
    return seed;
}

/* An oracle that sees nothing would be content with everything. */
static void test_controls(void **state) {
    (void)state;
    char violation[256];
    for (enum control defect = CONTROL_NONE + 1; defect < CONTROLS; defect++) {
        const struct control_text *text = &control_texts[defect];
        const unsigned long seed = find_violation(defect, violation);
        print_message("without %s: world %lu, %s\n", text->name, seed, violation);
        if (!*violation || !strstr(violation, text->seen_as))
            fail_msg("without %s: \"%s\" is not seen in %lu worlds, but \"%s\"", text->name,
                text->seen_as, seed, violation);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_histories),
    };
    return cmocka_run_group_tests_name("exchange/simulation", tests, NULL, NULL);
}
