/* SPDX-License-Identifier: Apache-2.0
 *
 * The origin's memory of what went where: each dose of each answer that left, and what its receiver
 * was told of it since. A correction finds everyone who must hear of it here; nobody hears of more
 * than they asked for, nor of a change that touches nothing of it.
 */
#ifndef VRX_STORE_DOSE_SENT_H
#define VRX_STORE_DOSE_SENT_H

#include "base/arena.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"
#include "store/tenant.h"

struct vrx_dose_sent {
    int64_t id;
    int64_t resident;
    int64_t dose; /* the version that left */
    int64_t head; /* the version that stands for it now, in whatever state */
    struct vrx_municipality_code destination;
    uint8_t query_id[VRX_ID];
    uint8_t answer_digest[VRX_DIGEST]; /* SHA-256 of the signed answer */
    unsigned items;                    /* bits 1 << enum vrx_data_item that were asked for */
    uint8_t as_sent[VRX_DIGEST];       /* vrx_dose_item_digest of what left */
    int64_t sent_at;
    bool withdrawn;           /* the receiver was told that there is no such dose */
    uint8_t told[VRX_DIGEST]; /* digest of what the receiver was told last */
    uint64_t sequence;        /* of the last notice; 0: none */
    int64_t told_at;
};

/* Keeps that a dose left; head, withdrawn, told, sequence and told_at are not looked at. The query
 * is one of transfer_in. Errors: VRX_NOT_FOUND (dose, resident, query); VRX_ALREADY_EXISTS;
 * VRX_INPUT_RANGE (no items). */
struct vrx_result vrx_dose_sent_put(struct vrx_tenant *tenant, const struct vrx_dose_sent *sent);

/* The version `from` was superseded by `to`, or, where both are one, taken out: whoever has it is
 * owed word. *ret_count: how many. */
struct vrx_result vrx_dose_sent_follow(
    struct vrx_tenant *tenant, int64_t from, int64_t to, size_t *ret_count);

/* To whom word is owed and may be given, the longest first, at most limit (1 to VRX_LIMIT_PAGE). Of
 * a person about whom nothing leaves without an officer's look, what a dose is now waits until that
 * protection ends; that there is none any more does not. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_dose_sent_list_owed(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t limit, struct vrx_dose_sent **ret_sent, size_t *ret_count);

/* To whom one version went, under whatever number it left; the first sent first, at most
 * VRX_LIMIT_PAGE. */
struct vrx_result vrx_dose_sent_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t head, struct vrx_dose_sent **ret_sent, size_t *ret_count);

/* The next notice says this; digest NULL: withdrawn. *ret_sequence is the notice's. Errors:
 * VRX_NOT_FOUND. */
struct vrx_result vrx_dose_sent_told(struct vrx_tenant *tenant, int64_t id,
    const uint8_t digest[VRX_DIGEST], int64_t now, uint64_t *ret_sequence);

/* The doses of this answer did not get there: who asked is told of none of them any more. */
struct vrx_result vrx_dose_sent_forget(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *destination, const uint8_t query_id[VRX_ID]);

/* Nothing changed of what the receiver has: no word is owed. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_dose_sent_settle(struct vrx_tenant *tenant, int64_t id);

#endif
