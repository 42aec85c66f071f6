/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of movers in sim.h's world: some cases of a town are handed in together, started, and then
 * asked step by step (exchange/bulk.h), each step a transaction that the weather may spoil. What
 * must hold of them: a row is asked once, or turned down for what the law says at that instant, and
 * a list ends.
 */
#include <stdio.h>

#include "exchange/bulk.h"
#include "fault/exchange/acts.h"
#include "fault/exchange/oracle.h"

#define LOOK_AGAIN (3 * 3600) /* seconds, where only answers are waited for */

/* ---- people ---- */

static bool is_in(const struct sim *sim, const struct truth_list *list, unsigned person) {
    for (size_t i = 0; i < list->count; i++)
        if (sim->queries[list->rows[i]].person == person)
            return true;
    return false;
}

bool sim_enlist(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    struct truth_list *list = NULL;
    for (unsigned i = 0; i < sim->list_count && !list; i++) {
        struct truth_list *open = &sim->lists[i];
        if (open->town == query->asker && open->stage == LIST_COLLECTS && open->count < SIM_ROWS &&
            !is_in(sim, open, query->person))
            list = open;
    }
    if (!list && sim->list_count == SIM_LISTS)
        return false;
    if (!list) {
        list = &sim->lists[sim->list_count];
        list->town = query->asker;
        sim_plan(sim, sim->now + sim_below(sim, 3 * 3600), SIM_LIST, sim->list_count++, 0, NULL);
    }
    list->rows[list->count++] = index;
    query->listed = true;
    return true;
}

/* ---- what is done with a list ---- */

struct doing {
    struct truth_list *list;
    struct vrx_bulk_submit_state state;
    struct vrx_bulk_step taken;
    bool empty; /* no row was left of it */
};

/* One row as the clerk writes it. */
struct row {
    Vrx__V1__BulkRow message;
    Vrx__V1__ResidentKey key;
    Vrx__V1__DataItem items[VRX_ITEM_LAST];
};

static void write_row(struct sim *sim, struct truth_query *query, struct row *row) {
    vrx__v1__bulk_row__init(&row->message);
    row->key = sim_key_of(&sim->people[query->person]);
    row->message.resident = &row->key;
    row->message.from_municipality = sim_code_of(query->origin);
    row->message.consent_id =
        (ProtobufCBinaryData){query->consent.there ? VRX_ID : 0, query->consent.id};
    row->message.evidence_id =
        (ProtobufCBinaryData){query->evidence.there ? VRX_ID : 0, query->evidence.id};
    row->message.items = row->items;
    row->message.n_items = sim_items_of(query->items, row->items);
}

static struct vrx_result run_submit(struct sim_step *step) {
    struct doing *doing = step->arg;
    struct truth_list *list = doing->list;
    struct row rows[SIM_ROWS];
    Vrx__V1__BulkRow *messages[SIM_ROWS];
    Vrx__V1__BulkEnd end = VRX__V1__BULK_END__INIT;
    Vrx__V1__SubmitBulkRequest in = VRX__V1__SUBMIT_BULK_REQUEST__INIT;
    Vrx__V1__SubmitBulkResponse out = VRX__V1__SUBMIT_BULK_RESPONSE__INIT;
    for (size_t i = 0; i < list->count; i++) {
        write_row(step->sim, &step->sim->queries[list->rows[i]], &rows[i]);
        rows[i].message.line = i + 1;
        messages[i] = &rows[i].message;
    }
    end.rows = list->count;
    in.rows = messages;
    in.n_rows = list->count;
    in.end = &end;
    step->context.state = &doing->state;
    VRX_TRY(vrx_exchange_bulk_submit(&step->context, &in, NULL));
    VRX_TRY(vrx_exchange_bulk_submit_end(&step->context, &out));
    memcpy(list->id, out.list->list_id.data, VRX_ID);
    memcpy(list->digest, out.list->digest.data, VRX_DIGEST);
    doing->empty = out.list->rows == 0;
    return vrx_ok();
}

static struct vrx_result run_start(struct sim_step *step) {
    struct doing *doing = step->arg;
    Vrx__V1__StartBulkRequest in = VRX__V1__START_BULK_REQUEST__INIT;
    in.list_id = (ProtobufCBinaryData){VRX_ID, doing->list->id};
    in.digest = (ProtobufCBinaryData){VRX_DIGEST, doing->list->digest};
    return vrx_exchange_bulk_start(&step->context, &in, NULL);
}

static struct vrx_result run_next(struct sim_step *step) {
    struct doing *doing = step->arg;
    return vrx_exchange_bulk_step(&step->context, &doing->taken);
}

/* When there is something to do for the list again, after a step that went well. */
static int64_t go_on(struct sim *sim, struct doing *doing) {
    struct truth_list *list = doing->list;
    switch (list->stage) {
    case LIST_COLLECTS:
        list->stage = LIST_HANDED_IN;
        oracle_listed(sim, list->town);
        list->stage = doing->empty ? LIST_ENDED : LIST_HANDED_IN;
        return sim->now + sim_below(sim, 3600);
    case LIST_HANDED_IN:
        list->stage = LIST_RUNS;
        return sim->now;
    case LIST_RUNS:
        oracle_listed(sim, list->town);
        if (doing->taken.asked)
            sim_nudge(sim, list->town);
        return sim->now + (!doing->taken.over ? 0 : doing->taken.found ? 1 : LOOK_AGAIN);
    case LIST_ENDED:
        break;
    }
    return sim->now;
}

void sim_go_on(struct sim *sim, unsigned index) {
    static struct vrx_result (*const next[])(struct sim_step *) = {
        [LIST_COLLECTS] = run_submit, [LIST_HANDED_IN] = run_start, [LIST_RUNS] = run_next};
    struct truth_list *list = &sim->lists[index];
    struct doing doing = {.list = list};
    bool lost = false;
    int64_t at = sim->now + 1800;
    if (list->stage == LIST_ENDED)
        return;
    if (sim->town[list->town].tenant) {
        struct vrx_result result = sim_call(sim, list->town, next[list->stage], &doing, &lost);
        vrx_bulk_submit_state_done(&doing.state);
        if (lost || sim_is_trouble(result))
            at = sim->now + 60;
        else if (vrx_is_ok(result))
            at = go_on(sim, &doing);
        else
            sim_violated(sim, "list %u was refused (%s)", index, vrx_reason_name(result.reason));
    }
    if (list->stage != LIST_ENDED)
        sim_plan(sim, at, SIM_LIST, index, 0, NULL);
}

/* ---- what must hold ---- */

static void check_turned_down(struct sim *sim, const struct truth_query *query,
    const struct truth_query *made, enum vrx_reason reason) {
    if (made->permit[0] && oracle_lawful(sim, made->asker, made) &&
        !sim_is_trouble(vrx_fail(reason)))
        sim_violated(sim, "query %u was turned down by its list (%s)", oracle_index(sim, query),
            vrx_reason_name(reason));
}

static void take_row(
    struct sim *sim, const struct truth_list *list, const struct vrx_bulk_result *result) {
    struct truth_query *query = &sim->queries[list->rows[result->line - 1]];
    struct truth_query made = sim_made_now(sim, query);
    const bool asks = list->stage == LIST_RUNS;
    if (query->asked || query->turned_down || result->state == VRX_BULK_ROW_WAITS) {
        if (query->asked && memcmp(query->id, result->query_id, VRX_ID) != 0)
            sim_violated(sim, "query %u was made twice", oracle_index(sim, query));
        return;
    }
    if (asks)
        oracle_entry(sim, list->town, "exchange/bulk", list->id, result->reason);
    if (result->state == VRX_BULK_ROW_REFUSED) {
        check_turned_down(sim, query, &made, result->reason);
        query->turned_down = true;
        return;
    }
    if (!asks || !made.permit[0] || !oracle_lawful(sim, made.asker, &made))
        sim_violated(sim, "query %u was made by its list", oracle_index(sim, query));
    memcpy(made.id, result->query_id, VRX_ID);
    sim_made(query, &made);
}

static void look(struct sim *sim, struct truth_list *list, struct vrx_arena *arena) {
    struct vrx_tenant *tenant = sim->town[list->town].tenant;
    struct vrx_bulk_result *results = NULL;
    struct vrx_bulk bulk;
    size_t count = 0;
    assert_ok(vrx_bulk_get(tenant, arena, list->id, &bulk));
    assert_ok(vrx_bulk_results(tenant, arena, bulk.key, 0, SIM_ROWS + 1, &results, &count));
    if (count != list->count)
        sim_violated(sim, "a list of town %u has %zu rows of %zu", list->town, count, list->count);
    for (size_t i = 0; i < count; i++)
        take_row(sim, list, &results[i]);
    if (list->stage != LIST_RUNS)
        return;
    if (!list->checked && bulk.state > VRX_BULK_CHECKING) {
        list->checked = true;
        oracle_entry(sim, list->town, "exchange/bulk", list->id, VRX_OK);
    }
    if (bulk.state <= VRX_BULK_RUNNING)
        return;
    if (bulk.state != VRX_BULK_DONE)
        sim_violated(sim, "a list of town %u ended in state %u", list->town, (unsigned)bulk.state);
    list->stage = LIST_ENDED;
    oracle_entry(sim, list->town, "exchange/bulk", list->id, VRX_OK);
}

void oracle_listed(struct sim *sim, unsigned town) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    vrx_arena_init(&arena, 0);
    for (unsigned i = 0; i < sim->list_count; i++)
        if (sim->lists[i].town == town && sim->lists[i].stage != LIST_COLLECTS &&
            sim->lists[i].stage != LIST_ENDED)
            look(sim, &sim->lists[i], &arena);
}

void oracle_lists_end(struct sim *sim) {
    for (unsigned i = 0; i < sim->list_count; i++) {
        const struct truth_list *list = &sim->lists[i];
        for (size_t k = 0; k < list->count; k++) {
            const struct truth_query *query = &sim->queries[list->rows[k]];
            if (list->stage != LIST_ENDED || (!query->asked && !query->turned_down))
                sim_violated(sim, "query %u: its list never came to it", oracle_index(sim, query));
        }
    }
}
