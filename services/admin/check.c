/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether an open vault is whole, asked by its municipality: a part of store/integrity.h a message.
 * Pages are read between two transactions; what was wrong there is the outcome of the next, so that
 * damage seals the vault as everywhere else.
 */
#include <stdio.h>

#include "admin/handlers.h"
#include "vrx/v1/tenancy.pb-c.h"

static void put(const struct vrx_integrity *check, Vrx__V1__CheckVaultResponse *out) {
    static const Vrx__V1__CheckPhase phases[] = {
        [VRX_INTEGRITY_PAGES] = VRX__V1__CHECK_PHASE__CHECK_PHASE_PAGES,
        [VRX_INTEGRITY_TABLES] = VRX__V1__CHECK_PHASE__CHECK_PHASE_TABLES,
        [VRX_INTEGRITY_LEDGER] = VRX__V1__CHECK_PHASE__CHECK_PHASE_LEDGER,
        [VRX_INTEGRITY_WHOLE] = VRX__V1__CHECK_PHASE__CHECK_PHASE_WHOLE,
    };
    out->phase = phases[check->phase];
    out->pages = check->done[VRX_INTEGRITY_PAGES];
    out->pages_total = check->total[VRX_INTEGRITY_PAGES];
    out->tables = check->done[VRX_INTEGRITY_TABLES];
    out->tables_total = check->total[VRX_INTEGRITY_TABLES];
    out->entries = check->done[VRX_INTEGRITY_LEDGER];
    out->entries_total = check->total[VRX_INTEGRITY_LEDGER];
}

/* The entry that says how it ended; the one of its beginning is dispatch's. */
static struct vrx_result record(struct vrx_context *context, const struct vrx_integrity *check) {
    char basis[VRX_LIMIT_BASIS + 1];
    snprintf(basis, sizeof basis, "whole: %llu pages, %llu tables, %llu entries",
        (unsigned long long)check->done[VRX_INTEGRITY_PAGES],
        (unsigned long long)check->done[VRX_INTEGRITY_TABLES],
        (unsigned long long)check->done[VRX_INTEGRITY_LEDGER]);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    return vrx_context_record(
        context, "/vrx.v1.Tenancy/CheckVault", VRX_TENANCY_PURPOSE, &facts, VRX_OK, NULL);
}

struct vrx_result vrx_tenancy_check_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    (void)request;
    struct vrx_check_state *state = context->state;
    VRX_TRY(state->failed);
    state->read_pages = state->check.phase == VRX_INTEGRITY_PAGES;
    if (!state->read_pages)
        VRX_TRY(vrx_integrity_part(context->tenant, &state->check));
    put(&state->check, reply);
    const bool whole = state->check.phase == VRX_INTEGRITY_WHOLE;
    *ret_next = whole ? VRX_NEXT_LAST : VRX_NEXT_MORE;
    return whole ? record(context, &state->check) : vrx_ok();
}

void vrx_tenancy_check_committed(struct vrx_context *context) {
    struct vrx_check_state *state = context->state;
    if (state->read_pages)
        state->failed = vrx_integrity_part(context->tenant, &state->check);
    state->read_pages = false;
}
