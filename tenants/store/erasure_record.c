/* SPDX-License-Identifier: Apache-2.0
 *
 * An erasure as it is read back, and its certificate. See erasure.h.
 */
#include "crypto/hash.h"
#include "ledger/ledger.h"
#include "store/erasure.h"
#include "store/signer.h"
#include "store/sql.h"

#define COLUMNS \
    "id, what, reason, order_text, days, cutoff, operator, terminal, state, walked, begun_at, " \
    "ended_at, size_before, root_before, certificate"

static struct vrx_erasure take(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_erasure erasure = {0};
    vrx_take_fixed(row, erasure.id, VRX_ID);
    erasure.what = (enum vrx_retention_class)vrx_take_int(row);
    erasure.reason = (enum vrx_erasure_reason)vrx_take_int(row);
    erasure.order = vrx_take_text(row, arena);
    erasure.days = (uint64_t)vrx_take_int(row);
    erasure.before = vrx_take_int(row);
    erasure.operator_id = vrx_take_text(row, arena);
    erasure.terminal_id = vrx_take_text(row, arena);
    erasure.state = (enum vrx_erasure_state)vrx_take_int(row);
    erasure.after = vrx_take_int(row);
    erasure.begun_at = vrx_take_int(row);
    erasure.ended_at = vrx_take_int(row);
    erasure.size_before = (uint64_t)vrx_take_int(row);
    vrx_take_fixed(row, erasure.root_before, VRX_DIGEST);
    erasure.certificate = vrx_take_bytes(row, arena);
    return erasure;
}

static struct vrx_result take_counts(struct vrx_tenant *tenant, struct vrx_erasure *erasure) {
    bool more = false;
    VRX_STATEMENT(rows, tenant, "SELECT kind, rows FROM erased_rows WHERE erasure = ?");
    vrx_bind_bytes(&rows, vrx_view_of(erasure->id, VRX_ID));
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more) {
        int64_t kind = vrx_take_int(&rows);
        if (kind < 1 || kind > VRX_ERASED_LAST)
            return vrx_fail(VRX_VAULT_DAMAGED);
        erasure->counts.rows[kind] = (uint64_t)vrx_take_int(&rows);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    return vrx_ok();
}

struct vrx_result vrx_erasure_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_erasure *ret_erasure) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM erasure WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_erasure erasure = take(&find, arena);
    VRX_TRY(find.error);
    VRX_TRY(take_counts(tenant, &erasure));
    *ret_erasure = erasure;
    return vrx_ok();
}

struct vrx_result vrx_erasure_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_erasure **ret_erasures, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_erasure *erasures = vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *erasures);
    if (!erasures)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(
        rows, tenant, "SELECT " COLUMNS " FROM erasure ORDER BY begun_at DESC, rowid DESC LIMIT ?");
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        erasures[count] = take(&rows, arena);
        VRX_TRY(take_counts(tenant, &erasures[count++]));
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_erasures = erasures;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result drop(struct vrx_tenant *tenant, const uint8_t id[VRX_ID]) {
    VRX_STATEMENT(erase, tenant, "DELETE FROM erasure WHERE id = ?");
    vrx_bind_bytes(&erase, vrx_view_of(id, VRX_ID));
    return vrx_statement_run(&erase);
}

static struct vrx_result sign(struct vrx_tenant *tenant, const struct vrx_erasure *erasure,
    int64_t now, struct vrx_buffer *out) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    struct vrx_erased_rows rows[VRX_ERASED_LAST];
    struct vrx_merkle_hash root;
    struct vrx_erasure_certificate certificate = {
        .municipality = *vrx_tenant_code(tenant),
        .what = erasure->what,
        .reason = erasure->reason,
        .order = erasure->order,
        .days = erasure->days,
        .before = erasure->before,
        .erased = rows,
        .operator_id = erasure->operator_id,
        .terminal_id = erasure->terminal_id,
        .begun_at = erasure->begun_at,
        .ended_at = now,
        .size_before = erasure->size_before,
        .size_after = vrx_ledger_size(ledger),
    };
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++)
        if (erasure->counts.rows[kind])
            rows[certificate.erased_count++] =
                (struct vrx_erased_rows){kind, erasure->counts.rows[kind]};
    memcpy(certificate.id, erasure->id, VRX_ID);
    memcpy(certificate.root_before, erasure->root_before, VRX_DIGEST);
    VRX_TRY(vrx_ledger_root(ledger, certificate.size_after, &root));
    memcpy(certificate.root_after, root.bytes, VRX_DIGEST);
    return vrx_signer_sign(tenant, &vrx_erasure_certificate_schema, &certificate, out);
}

struct vrx_result vrx_erasure_finish(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    int64_t now, bool *ret_certified, uint8_t ret_commitment[VRX_DIGEST]) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer certificate = {0};
    struct vrx_erasure erasure = {0};
    vrx_arena_init(&arena, 0);
    VRX_TRY(vrx_erasure_get(tenant, &arena, id, &erasure));
    if (erasure.state < VRX_ERASURE_CLEAN)
        return vrx_fail(VRX_WRONG_STATE);
    bool nothing = !vrx_erased_total(&erasure.counts);
    if (nothing || erasure.state == VRX_ERASURE_CERTIFIED) {
        *ret_certified = !nothing;
        return nothing ? drop(tenant, id) : vrx_sha256(erasure.certificate, ret_commitment);
    }
    VRX_TRY(sign(tenant, &erasure, now, &certificate));
    VRX_STATEMENT(
        update, tenant, "UPDATE erasure SET state = 4, ended_at = ?, certificate = ? WHERE id = ?");
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_buffer_view(&certificate));
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    *ret_certified = true;
    return vrx_sha256(vrx_buffer_view(&certificate), ret_commitment);
}
