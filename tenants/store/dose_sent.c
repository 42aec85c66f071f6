/* SPDX-License-Identifier: Apache-2.0
 *
 * See dose_sent.h. A row is written with the answer and follows its dose from version to version.
 */
#include "store/dose_sent.h"

#include "base/limits.h"
#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "id, resident, dose, head, destination, query_id, answer_digest, items, as_sent, sent_at, " \
    "told IS NULL, told, sequence, told_at"

struct vrx_result vrx_dose_sent_put(struct vrx_tenant *tenant, const struct vrx_dose_sent *sent) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO dose_sent (resident, dose, head, destination, query_id, answer_digest, items, "
        "as_sent, sent_at, told, sequence, told_at, owed) "
        "VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, 0, ?8, 0)");
    vrx_bind_int(&insert, sent->resident);
    vrx_bind_int(&insert, sent->dose);
    vrx_bind_code(&insert, &sent->destination);
    vrx_bind_bytes(&insert, vrx_view_of(sent->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(sent->answer_digest, VRX_DIGEST));
    vrx_bind_int(&insert, sent->items);
    vrx_bind_bytes(&insert, vrx_view_of(sent->as_sent, VRX_DIGEST));
    vrx_bind_int(&insert, sent->sent_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_dose_sent_follow(
    struct vrx_tenant *tenant, int64_t from, int64_t to, size_t *ret_count) {
    VRX_STATEMENT(follow, tenant, "UPDATE dose_sent SET head = ?, owed = 1 WHERE head = ?");
    vrx_bind_int(&follow, to);
    vrx_bind_int(&follow, from);
    VRX_TRY(vrx_statement_run(&follow));
    *ret_count = (size_t)vrx_statement_changes(&follow);
    return vrx_ok();
}

static struct vrx_dose_sent take_sent(struct vrx_statement *row) {
    struct vrx_dose_sent sent = {0};
    sent.id = vrx_take_int(row);
    sent.resident = vrx_take_int(row);
    sent.dose = vrx_take_int(row);
    sent.head = vrx_take_int(row);
    sent.destination = vrx_take_code(row);
    vrx_take_fixed(row, sent.query_id, VRX_ID);
    vrx_take_fixed(row, sent.answer_digest, VRX_DIGEST);
    sent.items = (unsigned)vrx_take_int(row);
    vrx_take_fixed(row, sent.as_sent, VRX_DIGEST);
    sent.sent_at = vrx_take_int(row);
    sent.withdrawn = vrx_take_bool(row);
    vrx_take_fixed(row, sent.told, VRX_DIGEST);
    sent.sequence = (uint64_t)vrx_take_int(row);
    sent.told_at = vrx_take_int(row);
    return sent;
}

static struct vrx_result take_many(struct vrx_statement *rows, struct vrx_arena *arena,
    size_t limit, struct vrx_dose_sent **ret_sent, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_dose_sent *sent = vrx_arena_alloc_array(arena, limit, sizeof *sent);
    if (!sent)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more && count < limit) {
        sent[count++] = take_sent(rows);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    *ret_sent = sent;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_dose_sent_list_owed(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t limit, struct vrx_dose_sent **ret_sent, size_t *ret_count) {
    VRX_TRY(vrx_check_page(limit));
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM dose_sent WHERE owed = 1 AND NOT EXISTS (SELECT 1 FROM resident "
        "AS r, dose AS d WHERE r.id = dose_sent.resident AND r.no_automatic_answer = 1 AND d.id = "
        "dose_sent.head AND d.state = 1 AND d.source <> 3) ORDER BY id LIMIT ?");
    vrx_bind_int(&rows, (int64_t)limit);
    return take_many(&rows, arena, limit, ret_sent, ret_count);
}

struct vrx_result vrx_dose_sent_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t head, struct vrx_dose_sent **ret_sent, size_t *ret_count) {
    VRX_STATEMENT(
        rows, tenant, "SELECT " COLUMNS " FROM dose_sent WHERE head = ? ORDER BY id LIMIT ?");
    vrx_bind_int(&rows, head);
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    return take_many(&rows, arena, VRX_LIMIT_PAGE, ret_sent, ret_count);
}

struct vrx_result vrx_dose_sent_told(struct vrx_tenant *tenant, int64_t id,
    const uint8_t digest[VRX_DIGEST], int64_t now, uint64_t *ret_sequence) {
    VRX_STATEMENT(tell, tenant,
        "UPDATE dose_sent SET told = ?, told_at = ?, sequence = sequence + 1, owed = 0 "
        "WHERE id = ? RETURNING sequence");
    vrx_bind_bytes_or_null(&tell, vrx_view_of(digest, digest ? VRX_DIGEST : 0));
    vrx_bind_int(&tell, now);
    vrx_bind_int(&tell, id);
    VRX_TRY(vrx_statement_one(&tell));
    uint64_t sequence = (uint64_t)vrx_take_int(&tell);
    VRX_TRY(tell.error);
    *ret_sequence = sequence;
    return vrx_ok();
}

struct vrx_result vrx_dose_sent_settle(struct vrx_tenant *tenant, int64_t id) {
    VRX_STATEMENT(settle, tenant, "UPDATE dose_sent SET owed = 0 WHERE id = ?");
    vrx_bind_int(&settle, id);
    VRX_TRY(vrx_statement_run(&settle));
    return vrx_statement_changes(&settle) ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_dose_sent_forget(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, const uint8_t query_id[VRX_ID]) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM dose_sent WHERE destination = ? AND query_id = ?");
    vrx_bind_code(&forget, destination);
    vrx_bind_bytes(&forget, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&forget);
}
