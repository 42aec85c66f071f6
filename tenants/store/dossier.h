/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a transfer so that it can be explained years later: the query and the answer as
 * they were signed, by which permit table this side judged, and where its ledger says who did what.
 * What went over the wire cannot serve: whoever seals a message cannot open it again, and the key
 * that opens what came is gone some years later.
 *
 * Query and answer are closed under a key that follows from the municipality's index key, so that
 * the individual number stands in no other table to be read. An erasure of the transfer, the
 * consent or the identity check takes what is here along.
 *
 * sender: the municipality that asked, or NULL where it is this one.
 */
#ifndef VRX_STORE_DOSSIER_H
#define VRX_STORE_DOSSIER_H

#include "base/arena.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"
#include "store/tenant.h"

struct vrx_dossier {
    struct vrx_view query;  /* as signed, 1 to VRX_LIMIT_TRANSFER bytes */
    struct vrx_view answer; /* the last one, as signed; empty where none is kept */
    uint8_t permits[VRX_DIGEST];
};

/* Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (query); VRX_ALREADY_EXISTS. */
struct vrx_result vrx_dossier_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view query, const uint8_t permits[VRX_DIGEST]);

/* Takes the place of the answer before. A transfer from before there were dossiers has none, and
 * gets none. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (answer). */
struct vrx_result vrx_dossier_answer(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view answer);

/* Keeps a denial that is given in the place of doses (transfer_in.h) beside the answer, which it is
 * not yet. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (denial). */
struct vrx_result vrx_dossier_denial(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view denial);

/* That denial takes the place of the answer. Without one nothing changes. */
struct vrx_result vrx_dossier_denied(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID]);

/* Errors: VRX_NOT_FOUND; VRX_VAULT_DAMAGED when it does not open. */
struct vrx_result vrx_dossier_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_dossier *ret_dossier);

/* The ledger's entry says something about the query, consent or identity check of this name. */
struct vrx_result vrx_dossier_note(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], uint64_t entry);

/* The first of its entries, ascending, at most limit (1 to VRX_LIMIT_PAGE); *ret_all is how many
 * there are. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_dossier_entries(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], size_t limit,
    uint64_t **ret_entries, size_t *ret_count, uint64_t *ret_all);

#endif
