/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of movers whose doses are asked for in bulk, as a municipality hands them in and has them
 * run:
 *
 *     OPEN      rows come in
 *     SUBMITTED all are here, the list is signed (objects/bulk_list.h), nobody has started it
 *     CHECKING  started: are the rows those of the digest that was signed and agreed to?
 *     RUNNING   rows are asked, one query each; then their answers are waited for
 *
 * and the ends: DONE, every row was asked or refused and every query has its outcome; STOPPED, what
 * was not asked is not asked any more; EXPIRED, nobody started it in VRX_BULK_WAIT_SECONDS;
 * REJECTED, its rows are not those that were signed.
 *
 * A row's query has its id from the moment on which the row came, and a row is marked as asked in
 * the transaction that stores its query, so that no crash asks twice or not at all. What became of
 * a query is in transfer_out and in no second place.
 *
 * Errors besides those of tenant.h are named.
 */
#ifndef VRX_STORE_BULK_H
#define VRX_STORE_BULK_H

#include "base/arena.h"
#include "objects/bulk_list.h"
#include "store/tenant.h"
#include "store/transfer.h"

#define VRX_BULK_WAIT_SECONDS ((int64_t)7 * 24 * 3600) /* what it rests on is stale by then */
/* For a hand-in that was cut off, or of which no row was left: it counts for its day. */
#define VRX_BULK_OPEN_SECONDS ((int64_t)24 * 3600)

enum vrx_bulk_state {
    VRX_BULK_OPEN = 1,
    VRX_BULK_SUBMITTED = 2,
    VRX_BULK_CHECKING = 3,
    VRX_BULK_RUNNING = 4,
    VRX_BULK_DONE = 5,
    VRX_BULK_STOPPED = 6,
    VRX_BULK_EXPIRED = 7,
    VRX_BULK_REJECTED = 8,
};

struct vrx_bulk {
    int64_t key; /* the vault's own name for it */
    uint8_t id[VRX_ID];
    enum vrx_bulk_state state;
    uint64_t rows;              /* with a basis: those that are asked */
    uint64_t refused;           /* when they came: they are in neither rows nor digest */
    uint64_t asked;             /* of rows */
    uint64_t turned_down;       /* of rows: refused when their turn came */
    uint64_t at;                /* number of the last row looked at (CHECKING) or asked */
    uint8_t digest[VRX_DIGEST]; /* over the rows that came */
    struct vrx_view object;     /* the signed list; empty while OPEN */
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
    int64_t begun_at;
    int64_t changed_at; /* when it came into this state */
    int64_t started_at; /* 0: not yet */
    int64_t ended_at;   /* the same */
};

/* Begins a list that is OPEN; one of this operator's that was cut off is forgotten. Errors:
 * VRX_INPUT_RANGE without an operator or a terminal. */
struct vrx_result vrx_bulk_begin(struct vrx_tenant *tenant, struct vrx_view operator_id,
    struct vrx_view terminal_id, int64_t now, uint8_t ret_id[VRX_ID]);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_bulk_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_bulk *ret_bulk);

/* The newest first, at most limit (1 to VRX_LIMIT_PAGE). Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_bulk_list_all(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t limit, struct vrx_bulk **ret_bulks, size_t *ret_count);

/* A row that may be asked. */
struct vrx_bulk_entry {
    uint64_t number; /* of the list, from 1, in the order in which they came; given by the store */
    uint64_t line;
    uint8_t query_id[VRX_ID];
    int64_t resident;
    struct vrx_municipality_code origin;
    struct vrx_view consent_id;  /* VRX_ID bytes, or empty */
    struct vrx_view evidence_id; /* the same */
    uint64_t *items;             /* enum vrx_data_item, ascending, each once */
    size_t item_count;
};

/* One more row of an OPEN list, into its digest too; number is not looked at. Errors:
 * VRX_NOT_FOUND (list, resident); VRX_WRONG_STATE; VRX_INPUT_TOO_LARGE (the row after
 * VRX_LIMIT_BULK_ROWS, refused ones counted); VRX_ALREADY_EXISTS when the list has a row of this
 * resident and origin, or any this query id; vrx_bulk_digest's. */
struct vrx_result vrx_bulk_add(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], const struct vrx_bulk_entry *entry);
/* One that has no basis: kept with its line and why. clause may be NULL. Errors: as above;
 * VRX_INPUT_RANGE when reason is VRX_OK. */
struct vrx_result vrx_bulk_add_refused(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    uint64_t line, enum vrx_reason reason, const char *clause);

/* Rows that came since then, with and without a basis, of all lists. */
struct vrx_result vrx_bulk_rows_since(struct vrx_tenant *tenant, int64_t since, uint64_t *ret_rows);

/* The list is whole; object: signed, over its rows and digest. Errors: VRX_NOT_FOUND;
 * VRX_WRONG_STATE unless OPEN; VRX_INPUT_FIELD_MISSING where it has no row, or object is empty;
 * VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_bulk_submit(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view object, int64_t now);

/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE unless SUBMITTED. */
struct vrx_result vrx_bulk_start(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now);
/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE unless SUBMITTED, CHECKING or RUNNING. */
struct vrx_result vrx_bulk_stop(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now);

/* The one that was started first of those with rows to check or to ask: lists whose rows are all
 * asked hold up nobody. */
struct vrx_result vrx_bulk_current(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_bulk *ret_bulk, bool *ret_found);
/* One that can be ended; *ret_found false: none. *ret_waiting: others are RUNNING. */
struct vrx_result vrx_bulk_finished(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_bulk *ret_bulk, bool *ret_found, bool *ret_waiting);

/* Digests at most limit further rows of a CHECKING list again; after the last one it is RUNNING, or
 * REJECTED where they are not the rows of this digest: the one that was signed. Errors:
 * VRX_NOT_FOUND; VRX_WRONG_STATE. */
struct vrx_result vrx_bulk_check(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const uint8_t digest[VRX_DIGEST], size_t limit, int64_t now);

/* The next rows of a RUNNING list that wait for their turn, at most limit (1 to VRX_LIMIT_PAGE).
 * Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_bulk_next(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_bulk *bulk, size_t limit, struct vrx_bulk_entry **ret_entries,
    size_t *ret_count);

/* This row's query is stored in this transaction. Errors: VRX_WRONG_STATE unless the row waits and
 * its list is RUNNING; VRX_NOT_FOUND where there is no such query. */
struct vrx_result vrx_bulk_asked(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry);
/* It may not be asked after all. clause may be NULL. Errors: VRX_WRONG_STATE; VRX_INPUT_RANGE when
 * reason is VRX_OK. */
struct vrx_result vrx_bulk_turn_down(struct vrx_tenant *tenant, const struct vrx_bulk *bulk,
    const struct vrx_bulk_entry *entry, enum vrx_reason reason, const char *clause);

/* Of a list's queries, by state; [0] is not used. */
struct vrx_bulk_counts {
    uint64_t transfers[VRX_TRANSFER_IMPORTED + 1];
};
struct vrx_result vrx_bulk_count(
    struct vrx_tenant *tenant, int64_t key, struct vrx_bulk_counts *ret_counts);
/* Whether one has no outcome yet; the RECEIVED wait for a clerk, not for another municipality. */
struct vrx_result vrx_bulk_is_waiting(struct vrx_tenant *tenant, int64_t key, bool *ret_waiting);

/* Ends a RUNNING list. Errors: VRX_NOT_FOUND; VRX_WRONG_STATE while something is left to ask or to
 * wait for. */
struct vrx_result vrx_bulk_finish(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, int64_t now);

/* Ends what was handed in and never started, forgets what was never handed in whole. */
struct vrx_result vrx_bulk_sweep(struct vrx_tenant *tenant, int64_t now);

/* Queries of this municipality that are due and were not sent, counted up to limit. */
struct vrx_result vrx_bulk_backlog(
    struct vrx_tenant *tenant, int64_t now, uint64_t limit, uint64_t *ret_queries);

/* What became of a row. */
enum vrx_bulk_row_state {
    VRX_BULK_ROW_WAITS = 1,
    VRX_BULK_ROW_REFUSED = 2,
    VRX_BULK_ROW_ASKED = 3,
};

struct vrx_bulk_result {
    uint64_t number;
    uint64_t line;
    enum vrx_bulk_row_state state;
    uint8_t query_id[VRX_ID];         /* zero for a row that was refused when it came */
    enum vrx_transfer_state transfer; /* of an asked row; 0 where its query was erased since */
    enum vrx_reason reason;           /* of a refused row or a denied query */
    struct vrx_view clause;
    uint64_t doses_imported;
    uint64_t doses_known;
};

/* Rows in order of number, from the one after `after` on, at most limit (1 to VRX_LIMIT_PAGE).
 * Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_bulk_results(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t key,
    uint64_t after, size_t limit, struct vrx_bulk_result **ret_results, size_t *ret_count);

#endif
