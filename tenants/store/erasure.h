/* SPDX-License-Identifier: Apache-2.0
 *
 * Erasing for good: one person by order, or what is past its time in a class (retention.h). A
 * durable row leads an erasure through its states; whoever was killed begins it again and goes on:
 *
 *     RUNNING   rows past their time are taken out, some residents a step
 *     ERASED    no row is left, but pages of the file and the WAL may hold remains
 *     CLEAN     vrx_erasure_scrub has rewritten the file and emptied the WAL
 *     CERTIFIED signed; the row stays as the proof
 *
 * A person goes in one transaction, with every version, object, blob and the salt that ties them to
 * the ledger, and the erasure begins as ERASED: its row never knew whom. The ledger's entries
 * stay, and nothing tells any more about whom they are.
 *
 * The caller appends to the ledger, with vrx_erased_commitment of each step and what _finish gives.
 * All but vrx_erasure_scrub run in the owner's transaction. Errors besides those of tenant.h are
 * named.
 */
#ifndef VRX_STORE_ERASURE_H
#define VRX_STORE_ERASURE_H

#include "base/arena.h"
#include "store/retention.h"

enum vrx_erasure_state {
    VRX_ERASURE_RUNNING = 1,
    VRX_ERASURE_ERASED = 2,
    VRX_ERASURE_CLEAN = 3,
    VRX_ERASURE_CERTIFIED = 4,
};

/* Rows by kind, enum vrx_erased_kind. */
struct vrx_erased_counts {
    uint64_t rows[VRX_ERASED_LAST + 1];
};
uint64_t vrx_erased_total(const struct vrx_erased_counts *counts);

struct vrx_erasure {
    uint8_t id[VRX_ID];
    enum vrx_retention_class what;
    enum vrx_erasure_reason reason;
    struct vrx_view order; /* empty unless by order */
    uint64_t days;
    int64_t before;
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
    enum vrx_erasure_state state;
    int64_t after; /* residents up to this one are done with */
    int64_t begun_at;
    int64_t ended_at; /* 0 before CERTIFIED */
    uint64_t size_before;
    uint8_t root_before[VRX_DIGEST];
    struct vrx_erased_counts counts;
    struct vrx_view certificate; /* COSE_Sign1; empty before CERTIFIED */
};

/* Who asks. terminal_id is required. */
struct vrx_erasure_caller {
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
};

/* Takes out everything about a resident and begins an erasure that is ERASED. order: the reference
 * of the municipality's decision, 1 to VRX_LIMIT_ORDER bytes. Errors: VRX_NOT_FOUND;
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (order). */
struct vrx_result vrx_erasure_of_resident(struct vrx_tenant *tenant, int64_t resident,
    struct vrx_view order, const struct vrx_erasure_caller *caller, int64_t now,
    uint8_t ret_id[VRX_ID]);

/* The erasure by that order which is not CERTIFIED. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_erasure_of_order(
    struct vrx_tenant *tenant, struct vrx_view order, uint8_t ret_id[VRX_ID]);

/* Whether there is one of the class that is not CERTIFIED. */
struct vrx_result vrx_erasure_is_under_way(
    struct vrx_tenant *tenant, enum vrx_retention_class what, bool *ret_under_way);

/* Goes on with the class's erasure where there is one that is not CERTIFIED, begins one otherwise.
 * Errors: VRX_INPUT_RANGE for an unknown class, for AUDIT_SALT, which goes with its resident, and
 * for a class that is kept for ever. */
struct vrx_result vrx_erasure_of_class(struct vrx_tenant *tenant, enum vrx_retention_class what,
    const struct vrx_erasure_caller *caller, int64_t now, uint8_t ret_id[VRX_ID]);

/* One bounded step of a RUNNING erasure: adds what it took out to counts. Nothing in any other
 * state. */
struct vrx_result vrx_erasure_go_on(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    int64_t now, struct vrx_erased_counts *counts);

/* What the ledger commits to for rows taken out: SHA-256(id ‖ rows of each kind, 8 bytes each,
 * big-endian). */
struct vrx_result vrx_erased_commitment(const uint8_t id[VRX_ID],
    const struct vrx_erased_counts *counts, uint8_t ret_commitment[VRX_DIGEST]);

/* Outside of any transaction, on the tenant's thread: rewrites the database without what SQLite
 * left in unused parts of its pages (VACUUM, with a copy in memory), copies the WAL and cuts it to
 * nothing, and leads every ERASED erasure to CLEAN. Minutes for a large vault. Errors:
 * VRX_WRONG_STATE inside a transaction, and while a backup is under way (tenant.h). */
struct vrx_result vrx_erasure_scrub(struct vrx_tenant *tenant);

/* Signs a CLEAN erasure's certificate; commitment: its SHA-256. An erasure that found nothing past
 * its time is taken out instead, and *ret_certified is false. Again on a CERTIFIED one: nothing.
 * Errors: VRX_WRONG_STATE before CLEAN. */
struct vrx_result vrx_erasure_finish(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    int64_t now, bool *ret_certified, uint8_t ret_commitment[VRX_DIGEST]);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_erasure_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_erasure *ret_erasure);

/* The newest first, at most VRX_LIMIT_PAGE. */
struct vrx_result vrx_erasure_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_erasure **ret_erasures, size_t *ret_count);

/* What would go: the same steps, each taken back. */
struct vrx_erasure_plan {
    enum vrx_retention_class what;
    uint64_t days;
    int64_t before;
    int64_t after;
    bool done;
    struct vrx_erased_counts counts; /* so far */
};
/* Errors: vrx_erasure_of_class's. */
struct vrx_result vrx_erasure_plan_class(struct vrx_tenant *tenant, enum vrx_retention_class what,
    int64_t now, struct vrx_erasure_plan *ret_plan);
struct vrx_result vrx_erasure_plan_go_on(
    struct vrx_tenant *tenant, struct vrx_erasure_plan *plan, int64_t now);
/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_erasure_plan_resident(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_erased_counts *ret_counts);

/* The last resident, for progress: `after` of it is how far a walk is. */
struct vrx_result vrx_erasure_last(struct vrx_tenant *tenant, int64_t *ret_last);

#endif
