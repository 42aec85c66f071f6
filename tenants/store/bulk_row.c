/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of a list: as they come, as they are looked at again, as they are asked. Data items are
 * a bit each in the vault, so that a row is short and its items have one order.
 */
#include "crypto/hash.h"
#include "store/bulk.h"
#include "store/check.h"
#include "store/resident.h"
#include "store/sql.h"
#include "store/transfer_out.h"

static int64_t bits_of(const uint64_t *items, size_t count) {
    int64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= (int64_t)1 << items[i];
    return bits;
}

static struct vrx_result items_of(
    int64_t bits, struct vrx_arena *arena, uint64_t **ret_items, size_t *ret_count) {
    uint64_t *items = vrx_arena_alloc_array(arena, VRX_ITEM_LAST, sizeof *items);
    size_t count = 0;
    if (!items)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (uint64_t item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (bits >> item & 1)
            items[count++] = item;
    *ret_items = items;
    *ret_count = count;
    return vrx_ok();
}

#define ENTRY "number, line, query_id, resident, origin, consent, evidence, items"

static struct vrx_result take_entry(
    struct vrx_statement *row, struct vrx_arena *arena, struct vrx_bulk_entry *ret_entry) {
    struct vrx_bulk_entry entry = {
        .number = (uint64_t)vrx_take_int(row), .line = (uint64_t)vrx_take_int(row)};
    vrx_take_fixed(row, entry.query_id, VRX_ID);
    entry.resident = vrx_take_int(row);
    entry.origin = vrx_take_code(row);
    entry.consent_id = vrx_take_bytes(row, arena);
    entry.evidence_id = vrx_take_bytes(row, arena);
    int64_t bits = vrx_take_int(row);
    VRX_TRY(row->error);
    VRX_TRY(items_of(bits, arena, &entry.items, &entry.item_count));
    *ret_entry = entry;
    return vrx_ok();
}

static struct vrx_result digest_entry(
    struct vrx_tenant *tenant, const struct vrx_bulk_entry *entry, uint8_t digest[VRX_DIGEST]) {
    struct vrx_bulk_row row = {
        .line = entry->line,
        .origin = entry->origin,
        .consent_id = entry->consent_id,
        .evidence_id = entry->evidence_id,
        .items = entry->items,
        .item_count = entry->item_count,
    };
    memcpy(row.query_id, entry->query_id, VRX_ID);
    VRX_TRY(vrx_resident_person_token(tenant, entry->resident, row.person));
    uint8_t before[VRX_DIGEST];
    memcpy(before, digest, VRX_DIGEST);
    return vrx_bulk_digest(before, &row, digest);
}

/* ---- as they come ---- */

struct place {
    int64_t key;
    uint64_t number; /* of the next row */
    uint8_t digest[VRX_DIGEST];
};

static struct vrx_result next_place(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct place *ret_place) {
    struct place place = {0};
    VRX_STATEMENT(find, tenant,
        "SELECT key, row_count + refused + 1, digest, state FROM bulk_list WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    place.key = vrx_take_int(&find);
    place.number = (uint64_t)vrx_take_int(&find);
    vrx_take_fixed(&find, place.digest, VRX_DIGEST);
    int64_t state = vrx_take_int(&find);
    VRX_TRY(find.error);
    if (state != VRX_BULK_OPEN)
        return vrx_fail(VRX_WRONG_STATE);
    if (place.number > VRX_LIMIT_BULK_ROWS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "bulk: at most 100,000 rows in one list");
    *ret_place = place;
    return vrx_ok();
}

/* One question about one person to one municipality is enough. */
static struct vrx_result check_once(
    struct vrx_tenant *tenant, const struct place *place, const struct vrx_bulk_entry *entry) {
    bool found = false;
    VRX_STATEMENT(
        find, tenant, "SELECT 1 FROM bulk_row WHERE resident = ? AND list = ? AND origin = ?");
    vrx_bind_int(&find, entry->resident);
    vrx_bind_int(&find, place->key);
    vrx_bind_code(&find, &entry->origin);
    VRX_TRY(vrx_statement_row(&find, &found));
    return found ? vrx_refuse(VRX_ALREADY_EXISTS, "bulk: a person and an origin once in a list")
                 : vrx_ok();
}

static struct vrx_result put_entry(
    struct vrx_tenant *tenant, const struct place *place, const struct vrx_bulk_entry *entry) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO bulk_row (list, " ENTRY ", state, reason, clause) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, '')");
    vrx_bind_int(&insert, place->key);
    vrx_bind_int(&insert, (int64_t)place->number);
    vrx_bind_int(&insert, (int64_t)entry->line);
    vrx_bind_bytes(&insert, vrx_view_of(entry->query_id, VRX_ID));
    vrx_bind_int(&insert, entry->resident);
    vrx_bind_code(&insert, &entry->origin);
    vrx_bind_bytes_or_null(&insert, entry->consent_id);
    vrx_bind_bytes_or_null(&insert, entry->evidence_id);
    vrx_bind_int(&insert, bits_of(entry->items, entry->item_count));
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_bulk_add(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], const struct vrx_bulk_entry *entry) {
    struct place place = {0};
    VRX_TRY(next_place(tenant, id, &place));
    VRX_TRY(check_once(tenant, &place, entry));
    VRX_TRY(digest_entry(tenant, entry, place.digest));
    VRX_TRY(put_entry(tenant, &place, entry));
    VRX_STATEMENT(
        count, tenant, "UPDATE bulk_list SET row_count = row_count + 1, digest = ? WHERE key = ?");
    vrx_bind_bytes(&count, vrx_view_of(place.digest, VRX_DIGEST));
    vrx_bind_int(&count, place.key);
    return vrx_statement_run(&count);
}

struct vrx_result vrx_bulk_add_refused(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    uint64_t line, enum vrx_reason reason, const char *clause) {
    struct place place = {0};
    VRX_TRY(next_place(tenant, id, &place));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO bulk_row (list, number, line, state, reason, clause) "
        "VALUES (?, ?, ?, 2, ?, ?)");
    vrx_bind_int(&insert, place.key);
    vrx_bind_int(&insert, (int64_t)place.number);
    vrx_bind_int(&insert, (int64_t)line);
    vrx_bind_int(&insert, (int64_t)reason);
    vrx_bind_text(&insert, vrx_view_text(clause));
    VRX_TRY(vrx_statement_run(&insert));
    VRX_STATEMENT(count, tenant, "UPDATE bulk_list SET refused = refused + 1 WHERE key = ?");
    vrx_bind_int(&count, place.key);
    return vrx_statement_run(&count);
}

/* ---- as they are looked at again ---- */

struct checking {
    int64_t key;
    int64_t at;
    uint8_t checked[VRX_DIGEST];
};

static struct vrx_result checking_of(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct checking *ret_checking) {
    struct checking checking = {0};
    VRX_STATEMENT(find, tenant, "SELECT key, at, checked, state FROM bulk_list WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    checking.key = vrx_take_int(&find);
    checking.at = vrx_take_int(&find);
    vrx_take_fixed(&find, checking.checked, VRX_DIGEST);
    int64_t state = vrx_take_int(&find);
    VRX_TRY(find.error);
    if (state != VRX_BULK_CHECKING)
        return vrx_fail(VRX_WRONG_STATE);
    *ret_checking = checking;
    return vrx_ok();
}

static struct vrx_result check_rows(struct vrx_tenant *tenant, struct checking *checking,
    size_t limit, struct vrx_arena *arena, bool *ret_more) {
    bool more = false;
    VRX_STATEMENT(rows, tenant,
        "SELECT " ENTRY " FROM bulk_row WHERE list = ? AND number > ? AND query_id IS NOT NULL "
        "ORDER BY number LIMIT ?");
    vrx_bind_int(&rows, checking->key);
    vrx_bind_int(&rows, checking->at);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    size_t count = 0;
    for (; more; count++) {
        struct vrx_bulk_entry entry;
        VRX_TRY(take_entry(&rows, arena, &entry));
        VRX_TRY(digest_entry(tenant, &entry, checking->checked));
        checking->at = (int64_t)entry.number;
        vrx_arena_clear(arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_more = count == limit;
    return vrx_ok();
}

/* The end of the looking: the rows are asked from the first one on, or none is. */
static struct vrx_result checked(struct vrx_tenant *tenant, const struct checking *checking,
    const uint8_t digest[VRX_DIGEST], int64_t now) {
    bool same = memcmp(checking->checked, digest, VRX_DIGEST) == 0;
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET state = ?2, at = 0, changed_at = ?3, ended_at = ?4 WHERE key = ?1");
    vrx_bind_int(&step, checking->key);
    vrx_bind_int(&step, same ? VRX_BULK_RUNNING : VRX_BULK_REJECTED);
    vrx_bind_int(&step, now);
    vrx_bind_time(&step, same ? 0 : now);
    return vrx_statement_run(&step);
}

struct vrx_result vrx_bulk_check(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const uint8_t digest[VRX_DIGEST], size_t limit, int64_t now) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct checking checking = {0};
    bool more = false;
    vrx_arena_init(&arena, 0);
    VRX_TRY(vrx_check_page(limit));
    VRX_TRY(checking_of(tenant, id, &checking));
    VRX_TRY(check_rows(tenant, &checking, limit, &arena, &more));
    if (!more)
        return checked(tenant, &checking, digest, now);
    VRX_STATEMENT(step, tenant, "UPDATE bulk_list SET at = ?, checked = ? WHERE key = ?");
    vrx_bind_int(&step, checking.at);
    vrx_bind_bytes(&step, vrx_view_of(checking.checked, VRX_DIGEST));
    vrx_bind_int(&step, checking.key);
    return vrx_statement_run(&step);
}

/* ---- as they are asked ---- */

struct vrx_result vrx_bulk_next(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_bulk *bulk, size_t limit, struct vrx_bulk_entry **ret_entries,
    size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    struct vrx_bulk_entry *entries = vrx_arena_alloc_array(arena, limit, sizeof *entries);
    if (!entries)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " ENTRY " FROM bulk_row WHERE list = ? AND number > ? AND state = 1 "
        "ORDER BY number LIMIT ?");
    vrx_bind_int(&rows, bulk->key);
    vrx_bind_int(&rows, (int64_t)bulk->at);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < limit) {
        VRX_TRY(take_entry(&rows, arena, &entries[count++]));
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_entries = entries;
    *ret_count = count;
    return vrx_ok();
}

/* The row leaves its place in the line, once; and the list goes on behind it. */
static struct vrx_result pass(struct vrx_tenant *tenant, const struct vrx_bulk *bulk,
    const struct vrx_bulk_entry *entry, bool is_asked) {
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_list SET at = ?2, asked = asked + ?3, turned_down = turned_down + 1 - ?3 "
        "WHERE key = ?1 AND state = 4 AND at < ?2");
    vrx_bind_int(&step, bulk->key);
    vrx_bind_int(&step, (int64_t)entry->number);
    vrx_bind_int(&step, is_asked);
    VRX_TRY(vrx_statement_run(&step));
    return vrx_statement_changes(&step) ? vrx_ok() : vrx_fail(VRX_WRONG_STATE);
}

static struct vrx_result settle(struct vrx_tenant *tenant, const struct vrx_bulk *bulk,
    const struct vrx_bulk_entry *entry, enum vrx_bulk_row_state state, enum vrx_reason reason,
    const char *clause) {
    VRX_STATEMENT(step, tenant,
        "UPDATE bulk_row SET state = ?3, reason = ?4, clause = ?5 "
        "WHERE list = ?1 AND number = ?2 AND state = 1");
    vrx_bind_int(&step, bulk->key);
    vrx_bind_int(&step, (int64_t)entry->number);
    vrx_bind_int(&step, (int64_t)state);
    vrx_bind_int(&step, (int64_t)reason);
    vrx_bind_text(&step, vrx_view_text(clause));
    VRX_TRY(vrx_statement_run(&step));
    return vrx_statement_changes(&step) ? vrx_ok() : vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_bulk_asked(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry) {
    VRX_TRY(pass(tenant, bulk, entry, true));
    VRX_TRY(settle(tenant, bulk, entry, VRX_BULK_ROW_ASKED, VRX_OK, NULL));
    VRX_STATEMENT(mark, tenant, "UPDATE transfer_out SET bulk = ? WHERE query_id = ?");
    vrx_bind_int(&mark, bulk->key);
    vrx_bind_bytes(&mark, vrx_view_of(entry->query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&mark));
    return vrx_statement_changes(&mark) ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_bulk_turn_down(struct vrx_tenant *tenant, const struct vrx_bulk *bulk,
    const struct vrx_bulk_entry *entry, enum vrx_reason reason, const char *clause) {
    VRX_TRY(pass(tenant, bulk, entry, false));
    return settle(tenant, bulk, entry, VRX_BULK_ROW_REFUSED, reason, clause);
}

/* ---- what became of them ---- */

static struct vrx_bulk_result take_result(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_bulk_result result = {
        .number = (uint64_t)vrx_take_int(row), .line = (uint64_t)vrx_take_int(row)};
    result.state = (enum vrx_bulk_row_state)vrx_take_int(row);
    vrx_take_fixed(row, result.query_id, VRX_ID);
    enum vrx_reason refused = (enum vrx_reason)vrx_take_int(row);
    struct vrx_view refused_clause = vrx_take_text(row, arena);
    result.transfer = (enum vrx_transfer_state)vrx_take_int(row);
    enum vrx_reason denied = (enum vrx_reason)vrx_take_int(row);
    struct vrx_view denied_clause = vrx_take_text(row, arena);
    bool asked = result.state == VRX_BULK_ROW_ASKED;
    result.reason = asked ? denied : refused;
    result.clause = asked ? denied_clause : refused_clause;
    result.doses_imported = (uint64_t)vrx_take_int(row);
    result.doses_known = (uint64_t)vrx_take_int(row);
    return result;
}

struct vrx_result vrx_bulk_results(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t key,
    uint64_t after, size_t limit, struct vrx_bulk_result **ret_results, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    struct vrx_bulk_result *results = vrx_arena_alloc_array(arena, limit, sizeof *results);
    if (!results)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT number, line, r.state, r.query_id, r.reason, r.clause, coalesce(t.state, 0), "
        "coalesce(t.reason, 0), coalesce(t.clause, ''), coalesce(t.doses_imported, 0), "
        "coalesce(t.doses_known, 0) FROM bulk_row AS r "
        "LEFT JOIN transfer_out AS t ON t.query_id = r.query_id AND t.bulk = r.list "
        "WHERE r.list = ? AND number > ? ORDER BY number LIMIT ?");
    vrx_bind_int(&rows, key);
    vrx_bind_int(&rows, (int64_t)after);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < limit) {
        results[count++] = take_result(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_results = results;
    *ret_count = count;
    return vrx_ok();
}
