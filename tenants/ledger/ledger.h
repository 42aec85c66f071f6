/* SPDX-License-Identifier: Apache-2.0
 *
 * One municipality's audit ledger: entries (objects/audit_entry.h) in the order of their recording,
 * and the Merkle tree of RFC 9162 over them, in two tables of the municipality's own vault. An
 * entry is written in the transaction of what it records; nothing is ever changed or taken out.
 *
 * The connection belongs to the caller, and so do transactions. The ledger holds the tree's right
 * edge in memory: whoever rolls back a transaction or a savepoint must take the ledger back too,
 * with vrx_ledger_mark before and vrx_ledger_rewind after. An append on a ledger that was not taken
 * back is refused.
 *
 * Errors of every function, besides those that it names:
 *
 *   VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED
 *   VRX_DISK_FAILED, VRX_DISK_FULL     the file system failed
 *   VRX_VAULT_DAMAGED                  a page does not authenticate, or the tree does not agree
 * with its entries VRX_INTERNAL_ERROR                 a defect
 *
 * Sequence numbers count from 0; a size is a number of entries. Next: ledger.c.
 */
#ifndef VRX_LEDGER_LEDGER_H
#define VRX_LEDGER_LEDGER_H

#include "codes/municipality_code.h"
#include "crypto/key.h"
#include "objects/merkle.h"

struct sqlite3;
struct vrx_ledger;

/* Makes the tables of an empty ledger, in the caller's transaction: a migration of the store. */
struct vrx_result vrx_ledger_create(struct sqlite3 *db);

/* db must outlive the ledger. Loads the right edge of the tree and recomputes it from the entries
 * and from the level below, O(log n) reads. Errors: VRX_VAULT_DAMAGED when they disagree. */
struct vrx_result vrx_ledger_open(struct sqlite3 *db, struct vrx_ledger **ret_ledger);
/* Before the connection is closed. Accepts NULL; sets *ledger to NULL. */
void vrx_ledger_free(struct vrx_ledger **ledger);

/* Entries appended, those of the open transaction included. */
uint64_t vrx_ledger_size(const struct vrx_ledger *ledger);

/* Appends one encoded entry, 1 to VRX_LIMIT_LEDGER_ENTRY bytes (VRX_INPUT_RANGE otherwise), inside
 * the caller's transaction. After a failure the caller rolls back and rewinds. */
struct vrx_result vrx_ledger_append(
    struct vrx_ledger *ledger, struct vrx_view entry, uint64_t *ret_seq);

/* A place to come back to; plain data of 2 KiB. */
struct vrx_ledger_mark {
    struct vrx_merkle_frontier frontier;
};
struct vrx_ledger_mark vrx_ledger_mark(const struct vrx_ledger *ledger);
/* After the transaction or savepoint that was open at the mark is rolled back to that point. */
void vrx_ledger_rewind(struct vrx_ledger *ledger, const struct vrx_ledger_mark *mark);

/* Appends one entry's bytes to out. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_ledger_get(struct vrx_ledger *ledger, uint64_t seq, struct vrx_buffer *out);

/* Shows at most `limit` entries from `from` on, in order; entry is valid during the call only. A
 * failure of the visitor ends the walk and is handed up. visit must not use the ledger. */
struct vrx_result vrx_ledger_each(struct vrx_ledger *ledger, uint64_t from, uint64_t limit,
    struct vrx_result (*visit)(void *context, uint64_t seq, struct vrx_view entry), void *context);

/* The root at the present or any earlier size. Errors: VRX_INPUT_RANGE beyond the present size. */
struct vrx_result vrx_ledger_root(
    struct vrx_ledger *ledger, uint64_t size, struct vrx_merkle_hash *ret_root);
/* Proofs by RFC 9162 §2.1.3.1 and §2.1.4.1, O(log n) reads; verified with objects/merkle.h. Errors:
 * VRX_INPUT_RANGE unless seq < size <= the present size; old_size <= new_size <= the present size.
 */
struct vrx_result vrx_ledger_prove_inclusion(
    struct vrx_ledger *ledger, uint64_t seq, uint64_t size, struct vrx_merkle_proof *ret_proof);
struct vrx_result vrx_ledger_prove_consistency(struct vrx_ledger *ledger, uint64_t old_size,
    uint64_t new_size, struct vrx_merkle_proof *ret_proof);

/* Appends a checkpoint (objects/checkpoint.h) of the present or any earlier size to out. It covers
 * entries of the open transaction too: it may leave the process only after COMMIT. Errors:
 * VRX_INPUT_RANGE beyond the present size; vrx_checkpoint_make's. */
struct vrx_result vrx_ledger_checkpoint(struct vrx_ledger *ledger, uint64_t size,
    const struct vrx_municipality_code *municipality, const struct vrx_private_key *key,
    struct vrx_buffer *out);

/* Recomputes the whole tree from the entries and compares every stored node. Minutes at 10^7
 * entries. Errors: VRX_VAULT_DAMAGED when one differs, is missing or is one too many. */
struct vrx_result vrx_ledger_check(struct vrx_ledger *ledger);

/* The same in parts, between which entries may be appended: begin with all zero; each part goes
 * through at most `limit` entries more. frontier.size is how many were gone through. *ret_done: all
 * that there are now, and the tree agrees. */
struct vrx_ledger_check {
    struct vrx_merkle_frontier frontier;
    uint64_t nodes;
};
struct vrx_result vrx_ledger_check_part(
    struct vrx_ledger *ledger, struct vrx_ledger_check *check, uint64_t limit, bool *ret_done);

#endif
