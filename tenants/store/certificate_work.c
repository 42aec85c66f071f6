/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_work.h.
 */
#include "store/certificate_work.h"

#include "store/sql.h"

struct vrx_result vrx_certificate_work_note(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_result why, int64_t now) {
    VRX_STATEMENT(note, tenant,
        "INSERT INTO certificate_work (resident, reason, clause, opened_at, last_at, times) "
        "VALUES (?1, ?2, ?3, ?4, ?4, 1) ON CONFLICT (resident) DO UPDATE SET reason = ?2, "
        "clause = ?3, last_at = max(last_at, ?4), times = times + 1");
    vrx_bind_int(&note, resident);
    vrx_bind_int(&note, why.reason);
    vrx_bind_text(&note, vrx_view_text(why.clause ? why.clause : ""));
    vrx_bind_int(&note, now);
    return vrx_statement_run(&note);
}

struct vrx_result vrx_certificate_work_close(struct vrx_tenant *tenant, int64_t resident) {
    VRX_STATEMENT(close, tenant, "DELETE FROM certificate_work WHERE resident = ?");
    vrx_bind_int(&close, resident);
    return vrx_statement_run(&close);
}

static struct vrx_result take_work(
    struct vrx_statement *row, struct vrx_arena *arena, struct vrx_certificate_work *ret_work) {
    struct vrx_certificate_work work = {0};
    work.resident = vrx_take_int(row);
    work.addressee = vrx_take_text(row, arena);
    work.reason = (enum vrx_reason)vrx_take_int(row);
    work.clause = vrx_take_text(row, arena);
    work.opened_at = vrx_take_int(row);
    work.last_at = vrx_take_int(row);
    work.times = (uint64_t)vrx_take_int(row);
    VRX_TRY(row->error);
    *ret_work = work;
    return vrx_ok();
}

struct vrx_result vrx_certificate_work_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_certificate_work **ret_work, size_t *ret_count) {
    struct vrx_certificate_work *work =
        vrx_arena_alloc_array(arena, VRX_LIMIT_WORK_LISTED, sizeof *work);
    size_t count = 0;
    bool more = false;
    if (!work)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(list, tenant,
        "SELECT w.resident, CAST(r.addressee AS TEXT), w.reason, w.clause, w.opened_at, w.last_at, "
        "w.times FROM certificate_work AS w JOIN resident AS r ON r.id = w.resident "
        "ORDER BY w.opened_at, w.resident LIMIT ?");
    vrx_bind_int(&list, VRX_LIMIT_WORK_LISTED);
    for (;;) {
        VRX_TRY(vrx_statement_row(&list, &more));
        if (!more)
            break;
        VRX_TRY(take_work(&list, arena, &work[count++]));
    }
    *ret_work = work;
    *ret_count = count;
    return vrx_ok();
}
