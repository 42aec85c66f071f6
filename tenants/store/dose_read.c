/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading doses back, and the one thing that is written to a dose later: where the ledger has it.
 */
#include "store/dose.h"

#include "base/limits.h"
#include "store/dose_row.h"

#define COLUMNS \
    "id, resident, version, corrects, state, " VRX_DOSE_COLUMNS ", source, " \
    "source_municipality, source_digest, maker, registered_at, recorded_at, ended_at, salt, " \
    "coalesce(ledger_index, -1)"

static struct vrx_dose take_dose(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_dose dose = {0};
    dose.id = vrx_take_int(row);
    dose.resident = vrx_take_int(row);
    dose.version = (uint64_t)vrx_take_int(row);
    dose.corrects = vrx_take_int(row);
    dose.state = (enum vrx_dose_state)vrx_take_int(row);
    dose.item = vrx_take_dose(row, arena);
    dose.provenance.source = (enum vrx_dose_source)vrx_take_int(row);
    dose.provenance.municipality = vrx_take_code(row);
    vrx_take_fixed(row, dose.provenance.digest, VRX_DIGEST);
    dose.maker = vrx_take_text(row, arena);
    dose.registered_at = vrx_take_int(row);
    dose.recorded_at = vrx_take_int(row);
    dose.ended_at = vrx_take_int(row);
    vrx_take_fixed(row, dose.salt, VRX_DIGEST);
    dose.ledger_index = vrx_take_int(row);
    return dose;
}

struct vrx_result vrx_dose_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id, struct vrx_dose *ret_dose) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM dose WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_dose dose = take_dose(&find, arena);
    VRX_TRY(find.error);
    *ret_dose = dose;
    return vrx_ok();
}

struct vrx_result vrx_dose_head(struct vrx_tenant *tenant, int64_t id, int64_t *ret_head) {
    VRX_STATEMENT(find, tenant,
        "WITH RECURSIVE chain (id) AS (SELECT id FROM dose WHERE id = ? "
        "UNION ALL SELECT dose.id FROM chain JOIN dose ON dose.corrects = chain.id) "
        "SELECT id FROM chain WHERE NOT EXISTS (SELECT 1 FROM dose WHERE corrects = chain.id)");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    int64_t head = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_head = head;
    return vrx_ok();
}

/* Room for one more dose at the end of a list: four, which most people's histories fit, then twice
 * as many each time. What is outgrown stays in the arena. */
static struct vrx_result room_for(
    struct vrx_arena *arena, size_t count, size_t *room, struct vrx_dose **doses) {
    if (count < *room)
        return vrx_ok();
    const size_t more = *room ? 2 * *room : 4;
    struct vrx_dose *grown = vrx_arena_alloc_array(arena, more, sizeof *grown);
    if (!grown)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (count)
        memcpy(grown, *doses, count * sizeof *grown);
    *doses = grown;
    *room = more;
    return vrx_ok();
}

struct vrx_result vrx_dose_history(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, enum vrx_dose_selection selection, struct vrx_dose **ret_doses,
    size_t *ret_count) {
    const size_t most = selection == VRX_DOSES_CURRENT ? VRX_LIMIT_DOSES : SIZE_MAX;
    bool more = false;
    size_t room = 0;
    size_t count = 0;
    struct vrx_dose *doses = NULL;
    /* In the order of the index dose_of_resident: nothing is sorted. */
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM dose WHERE resident = ? AND (state = 1 OR ?) "
        "ORDER BY administered_on, id");
    vrx_bind_int(&rows, resident);
    vrx_bind_int(&rows, selection == VRX_DOSES_ALL);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < most) {
        VRX_TRY(room_for(arena, count, &room, &doses));
        doses[count++] = take_dose(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_doses = doses;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_dose_set_ledger_index(
    struct vrx_tenant *tenant, int64_t id, uint64_t ledger_index) {
    if (ledger_index > INT64_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_STATEMENT(
        set, tenant, "UPDATE dose SET ledger_index = ? WHERE id = ? AND ledger_index IS NULL");
    vrx_bind_int(&set, (int64_t)ledger_index);
    vrx_bind_int(&set, id);
    VRX_TRY(vrx_statement_run(&set));
    if (vrx_statement_changes(&set) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM dose WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_WRONG_STATE);
}
