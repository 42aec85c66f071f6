/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists: their states, and what is counted about them. Next: bulk_row.c.
 */
#include "store/bulk.h"

#include "base/random.h"
#include "store/check.h"
#include "store/sql.h"

#define OBJECT_BYTES 1024 /* of a signed list: some 250 are used */

#define COLUMNS \
    "key, id, state, row_count, refused, asked, turned_down, at, digest, object, operator, " \
    "terminal, begun_at, changed_at, started_at, ended_at"

static struct vrx_bulk take_bulk(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_bulk bulk = {.key = vrx_take_int(row)};
    vrx_take_fixed(row, bulk.id, VRX_ID);
    bulk.state = (enum vrx_bulk_state)vrx_take_int(row);
    bulk.rows = (uint64_t)vrx_take_int(row);
    bulk.refused = (uint64_t)vrx_take_int(row);
    bulk.asked = (uint64_t)vrx_take_int(row);
    bulk.turned_down = (uint64_t)vrx_take_int(row);
    bulk.at = (uint64_t)vrx_take_int(row);
    vrx_take_fixed(row, bulk.digest, VRX_DIGEST);
    bulk.object = vrx_take_bytes(row, arena);
    bulk.operator_id = vrx_take_text(row, arena);
    bulk.terminal_id = vrx_take_text(row, arena);
    bulk.begun_at = vrx_take_int(row);
    bulk.changed_at = vrx_take_int(row);
    bulk.started_at = vrx_take_int(row);
    bulk.ended_at = vrx_take_int(row);
    return bulk;
}

struct vrx_result vrx_bulk_begin(struct vrx_tenant *tenant, struct vrx_view operator_id,
    struct vrx_view terminal_id, int64_t now, uint8_t ret_id[VRX_ID]) {
    uint8_t id[VRX_ID];
    uint8_t none[VRX_DIGEST] = {0};
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), id, VRX_ID));
    VRX_STATEMENT(
        forget, tenant, "DELETE FROM bulk_list WHERE state = 1 AND row_count > 0 AND operator = ?");
    vrx_bind_text(&forget, operator_id);
    VRX_TRY(vrx_statement_run(&forget));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO bulk_list (id, state, row_count, refused, at, asked, turned_down, digest, "
        "checked, operator, terminal, begun_at, changed_at) "
        "VALUES (?1, 1, 0, 0, 0, 0, 0, ?2, ?2, ?3, ?4, ?5, ?5)");
    vrx_bind_bytes(&insert, vrx_view_of(id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(none, VRX_DIGEST));
    vrx_bind_text(&insert, operator_id);
    vrx_bind_text(&insert, terminal_id);
    vrx_bind_int(&insert, now);
    VRX_TRY(vrx_statement_run(&insert));
    memcpy(ret_id, id, VRX_ID);
    return vrx_ok();
}

struct vrx_result vrx_bulk_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_bulk *ret_bulk) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM bulk_list WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_bulk bulk = take_bulk(&find, arena);
    VRX_TRY(find.error);
    *ret_bulk = bulk;
    return vrx_ok();
}

struct vrx_result vrx_bulk_list_all(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t limit, struct vrx_bulk **ret_bulks, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    struct vrx_bulk *bulks = vrx_arena_alloc_array(arena, limit, sizeof *bulks);
    if (!bulks)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant, "SELECT " COLUMNS " FROM bulk_list ORDER BY key DESC LIMIT ?");
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < limit) {
        bulks[count++] = take_bulk(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_bulks = bulks;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_bulk_rows_since(
    struct vrx_tenant *tenant, int64_t since, uint64_t *ret_rows) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(sum(row_count + refused), 0) FROM bulk_list WHERE begun_at >= ?");
    vrx_bind_int(&find, since);
    VRX_TRY(vrx_statement_one(&find));
    uint64_t rows = (uint64_t)vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_rows = rows;
    return vrx_ok();
}

/* Who asks for a step that the state does not have learns whether the list is there at all. */
static struct vrx_result stepped(
    struct vrx_tenant *tenant, const struct vrx_statement *step, const uint8_t id[VRX_ID]) {
    if (vrx_statement_changes(step))
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM bulk_list WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_bulk_submit(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view object, int64_t now) {
    VRX_TRY(vrx_check_object(object, OBJECT_BYTES));
    VRX_STATEMENT(find, tenant, "SELECT row_count FROM bulk_list WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    if (vrx_take_int(&find) == 0)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "bulk: no row may be asked");
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET state = 2, object = ?2, changed_at = ?3 WHERE id = ?1 AND state = 1");
    vrx_bind_bytes(&step, vrx_view_of(id, VRX_ID));
    vrx_bind_bytes(&step, object);
    vrx_bind_int(&step, now);
    VRX_TRY(vrx_statement_run(&step));
    return stepped(tenant, &step, id);
}

struct vrx_result vrx_bulk_start(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now) {
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET state = 3, changed_at = ?2, started_at = ?2 "
        "WHERE id = ?1 AND state = 2");
    vrx_bind_bytes(&step, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&step, now);
    VRX_TRY(vrx_statement_run(&step));
    return stepped(tenant, &step, id);
}

struct vrx_result vrx_bulk_stop(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now) {
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET state = 6, changed_at = ?2, ended_at = ?2 "
        "WHERE id = ?1 AND state BETWEEN 2 AND 4");
    vrx_bind_bytes(&step, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&step, now);
    VRX_TRY(vrx_statement_run(&step));
    return stepped(tenant, &step, id);
}

static struct vrx_result take_one(struct vrx_statement *find, struct vrx_arena *arena,
    struct vrx_bulk *ret_bulk, bool *ret_found) {
    bool found = false;
    VRX_TRY(vrx_statement_row(find, &found));
    if (found) {
        struct vrx_bulk bulk = take_bulk(find, arena);
        VRX_TRY(find->error);
        *ret_bulk = bulk;
    }
    *ret_found = found;
    return vrx_ok();
}

#define ROW_WAITS \
    "EXISTS (SELECT 1 FROM bulk_row WHERE list = key AND number > at AND bulk_row.state = 1)"
#define QUERY_WAITS \
    "EXISTS (SELECT 1 FROM transfer_out WHERE bulk = key AND transfer_out.state IN (1, 3, 4))"

struct vrx_result vrx_bulk_current(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_bulk *ret_bulk, bool *ret_found) {
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS " FROM bulk_list WHERE state IN (3, 4) AND (state = 3 OR " ROW_WAITS
        ") ORDER BY started_at, key LIMIT 1");
    return take_one(&find, arena, ret_bulk, ret_found);
}

struct vrx_result vrx_bulk_finished(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_bulk *ret_bulk, bool *ret_found, bool *ret_waiting) {
    VRX_STATEMENT(any, tenant, "SELECT 1 FROM bulk_list WHERE state = 4 LIMIT 1");
    VRX_TRY(vrx_statement_row(&any, ret_waiting));
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS " FROM bulk_list WHERE state = 4 AND NOT " ROW_WAITS
        " AND NOT " QUERY_WAITS " ORDER BY key LIMIT 1");
    return take_one(&find, arena, ret_bulk, ret_found);
}

struct vrx_result vrx_bulk_backlog(
    struct vrx_tenant *tenant, int64_t now, uint64_t limit, uint64_t *ret_queries) {
    VRX_STATEMENT(find, tenant,
        "SELECT count(*) FROM (SELECT 1 FROM transfer_out WHERE next_attempt_at <= ? LIMIT ?)");
    vrx_bind_int(&find, now);
    vrx_bind_int(&find, (int64_t)limit);
    VRX_TRY(vrx_statement_one(&find));
    uint64_t queries = (uint64_t)vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_queries = queries;
    return vrx_ok();
}

struct vrx_result vrx_bulk_count(
    struct vrx_tenant *tenant, int64_t key, struct vrx_bulk_counts *ret_counts) {
    struct vrx_bulk_counts counts = {0};
    bool more = false;
    /* From the index alone. */
    VRX_STATEMENT(
        rows, tenant, "SELECT state, count(*) FROM transfer_out WHERE bulk = ? GROUP BY state");
    vrx_bind_int(&rows, key);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more) {
        int64_t state = vrx_take_int(&rows);
        int64_t count = vrx_take_int(&rows);
        if (state < 1 || state > VRX_TRANSFER_IMPORTED)
            return vrx_fail(VRX_VAULT_DAMAGED);
        counts.transfers[state] = (uint64_t)count;
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_counts = counts;
    return vrx_ok();
}

struct vrx_result vrx_bulk_is_waiting(struct vrx_tenant *tenant, int64_t key, bool *ret_waiting) {
    VRX_STATEMENT(
        find, tenant, "SELECT 1 FROM transfer_out WHERE bulk = ? AND state IN (1, 3, 4) LIMIT 1");
    vrx_bind_int(&find, key);
    return vrx_statement_row(&find, ret_waiting);
}

struct vrx_result vrx_bulk_finish(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, int64_t now) {
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET state = 5, changed_at = ?2, ended_at = ?2 "
        "WHERE id = ?1 AND state = 4 AND NOT " ROW_WAITS " AND NOT " QUERY_WAITS);
    vrx_bind_bytes(&step, vrx_view_of(bulk->id, VRX_ID));
    vrx_bind_int(&step, now);
    VRX_TRY(vrx_statement_run(&step));
    return stepped(tenant, &step, bulk->id);
}

struct vrx_result vrx_bulk_sweep(struct vrx_tenant *tenant, int64_t now) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM bulk_list WHERE state = 1 AND begun_at < ?");
    vrx_bind_int(&forget, now - VRX_BULK_OPEN_SECONDS);
    VRX_TRY(vrx_statement_run(&forget));
    VRX_STATEMENT(end, tenant,
        "UPDATE bulk_list SET state = 7, changed_at = ?1, ended_at = ?1 "
        "WHERE state = 2 AND changed_at < ?2");
    vrx_bind_int(&end, now);
    vrx_bind_int(&end, now - VRX_BULK_WAIT_SECONDS);
    return vrx_statement_run(&end);
}
