/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger in two tables. The entries are the leaves: their hashes are recomputed when needed,
 * so that an append writes one row and nothing else fifteen times out of sixteen. Of the inner
 * nodes, only each fourth level is stored, as rows of one table whose key is tier ‖ index: level
 * 4t is tier t, and its nodes lie side by side. Any complete subtree is then at most eight
 * neighbouring rows of its tier (or entries) folded together, so that a proof in a tree of 10^7
 * entries reads about a hundred rows, at six places.
 *
 *     tier 2    ·                       level 8
 *     tier 1    ················       level 4     written when its last leaf is appended
 *     entries   ················ …     level 0
 *
 * That the numbers of SQLite's rows go up one by one from 1 is put to use: when the row that an
 * append made has another number than the tree's size, somebody rolled back without a rewind.
 *
 * Next: objects/merkle.c for the tree itself.
 */
#include "ledger/ledger.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/limits.h"
#include "objects/checkpoint.h"
#include "vaultfs/vault.h"

#define TIER_LEVELS 4
#define TIER_WIDTH ((size_t)1 << TIER_LEVELS)
#define TIERS (VRX_MERKLE_LEVELS / TIER_LEVELS)
#define TIER_SHIFT 56

static const char schema[] =
    "CREATE TABLE ledger_entry (number INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;"
    "CREATE TABLE ledger_node (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;";

enum statement {
    ADD_ENTRY,
    ADD_NODE,
    READ_ENTRIES,
    READ_NODES,
    LAST_ENTRY,
    COUNT_ENTRIES,
    COUNT_NODES,
    STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
    [ADD_ENTRY] = "INSERT INTO ledger_entry (entry) VALUES (?1)",
    [ADD_NODE] = "INSERT INTO ledger_node (id, hash) VALUES (?1, ?2)",
    [READ_ENTRIES] =
        "SELECT number, entry FROM ledger_entry WHERE number BETWEEN ?1 AND ?2 ORDER BY number",
    [READ_NODES] = "SELECT id, hash FROM ledger_node WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    [LAST_ENTRY] = "SELECT coalesce(max(number), 0) FROM ledger_entry",
    [COUNT_ENTRIES] = "SELECT count(*) FROM ledger_entry",
    [COUNT_NODES] = "SELECT count(*) FROM ledger_node",
};

struct vrx_ledger {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
    struct vrx_merkle_frontier frontier;
};

static const char damaged[] = "RFC 9162 §2.1.1: a stored node is not the hash of its children";

static struct vrx_result settle(sqlite3_stmt *statement, int rc) {
    return vrx_sqlite_result(sqlite3_db_handle(statement), rc);
}

static void statement_reset(sqlite3_stmt **statement) {
    (void)sqlite3_reset(*statement);
    (void)sqlite3_clear_bindings(*statement);
}

struct vrx_result vrx_ledger_create(sqlite3 *db) {
    return vrx_sqlite_result(db, sqlite3_exec(db, schema, NULL, NULL, NULL));
}

static int64_t node_id(unsigned tier, uint64_t index) {
    return (int64_t)((uint64_t)tier << TIER_SHIFT | index);
}

/* Steps to the row that must be number `wanted` and gives its blob, valid until the next step. */
static struct vrx_result next_row(
    sqlite3_stmt *statement, int64_t wanted, struct vrx_view *ret_blob) {
    int rc = sqlite3_step(statement);
    VRX_TRY(settle(statement, rc));
    if (rc != SQLITE_ROW || sqlite3_column_int64(statement, 0) != wanted)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the ledger has a gap");
    const void *blob = sqlite3_column_blob(statement, 1);
    int len = sqlite3_column_bytes(statement, 1);
    if (!blob && len)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *ret_blob = vrx_view_of(blob, (size_t)len);
    return vrx_ok();
}

/* The hash of one row of a tier: of a leaf's entry, or as stored. */
static struct vrx_result next_hash(
    sqlite3_stmt *statement, unsigned tier, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    struct vrx_view blob;
    VRX_TRY(next_row(statement, tier ? node_id(tier, index) : (int64_t)index + 1, &blob));
    if (!tier)
        return vrx_merkle_leaf(blob, ret_hash);
    if (blob.len != VRX_MERKLE_HASH)
        return vrx_refuse(VRX_VAULT_DAMAGED, damaged);
    memcpy(ret_hash->bytes, blob.ptr, VRX_MERKLE_HASH);
    return vrx_ok();
}

static struct vrx_result select_range(
    sqlite3_stmt *statement, unsigned tier, uint64_t first, uint64_t count) {
    int64_t from = tier ? node_id(tier, first) : (int64_t)first + 1;
    int rc = sqlite3_bind_int64(statement, 1, from);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(statement, 2, from + (int64_t)(count - 1));
    return settle(statement, rc);
}

/* The root over `count` neighbours of one tier; count is a power of two up to TIER_WIDTH. */
static struct vrx_result fold(struct vrx_ledger *ledger, unsigned tier, uint64_t first,
    size_t count, struct vrx_merkle_hash *ret_hash) {
    VRX_CLEANUP(statement_reset)
    sqlite3_stmt *statement = ledger->statement[tier ? READ_NODES : READ_ENTRIES];
    struct vrx_merkle_hash hash[TIER_WIDTH];
    VRX_TRY(select_range(statement, tier, first, count));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(next_hash(statement, tier, first + i, &hash[i]));
    for (size_t left = count / 2; left; left /= 2)
        for (size_t i = 0; i < left; i++)
            VRX_TRY(vrx_merkle_node(&hash[2 * i], &hash[2 * i + 1], &hash[i]));
    *ret_hash = hash[0];
    return vrx_ok();
}

/* struct vrx_merkle_source */
static struct vrx_result subtree(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    unsigned above = level % TIER_LEVELS;
    return fold(context, level / TIER_LEVELS, index << above, (size_t)1 << above, ret_hash);
}

static struct vrx_merkle_source source_of(struct vrx_ledger *ledger) {
    return (struct vrx_merkle_source){subtree, ledger};
}

static struct vrx_result query_number(sqlite3_stmt *query, uint64_t *ret_number) {
    VRX_CLEANUP(statement_reset) sqlite3_stmt *statement = query;
    int rc = sqlite3_step(statement);
    VRX_TRY(settle(statement, rc));
    int64_t number = sqlite3_column_int64(statement, 0);
    if (rc != SQLITE_ROW || number < 0)
        return vrx_fail(VRX_VAULT_DAMAGED);
    *ret_number = (uint64_t)number;
    return vrx_ok();
}

/* The tier's last node is what the tier below it makes, and none stands behind it. */
static struct vrx_result verify_edge(struct vrx_ledger *ledger, unsigned tier, uint64_t size) {
    uint64_t count = size >> (TIER_LEVELS * tier);
    if (count) {
        struct vrx_merkle_hash stored;
        struct vrx_merkle_hash made;
        VRX_TRY(fold(ledger, tier, count - 1, 1, &stored));
        VRX_TRY(fold(ledger, tier - 1, (count - 1) * TIER_WIDTH, TIER_WIDTH, &made));
        if (!vrx_merkle_hash_equal(&stored, &made))
            return vrx_refuse(VRX_VAULT_DAMAGED, damaged);
    }
    VRX_CLEANUP(statement_reset) sqlite3_stmt *statement = ledger->statement[READ_NODES];
    VRX_TRY(select_range(statement, tier, count, ((uint64_t)1 << TIER_SHIFT) - count));
    int rc = sqlite3_step(statement);
    VRX_TRY(settle(statement, rc));
    if (rc == SQLITE_ROW)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the ledger has nodes beyond its entries");
    return vrx_ok();
}

static struct vrx_result load(struct vrx_ledger *ledger) {
    for (size_t i = 0; i < STATEMENTS; i++)
        VRX_TRY(vrx_sqlite_result(
            ledger->db, sqlite3_prepare_v3(ledger->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                            &ledger->statement[i], NULL)));
    uint64_t size = 0;
    VRX_TRY(query_number(ledger->statement[LAST_ENTRY], &size));
    for (unsigned tier = 1; tier < TIERS; tier++)
        VRX_TRY(verify_edge(ledger, tier, size));
    struct vrx_merkle_source source = source_of(ledger);
    return vrx_merkle_frontier_load(&source, size, &ledger->frontier);
}

struct vrx_result vrx_ledger_open(sqlite3 *db, struct vrx_ledger **ret_ledger) {
    VRX_CLEANUP(vrx_ledger_free) struct vrx_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    ledger->db = db;
    VRX_TRY(load(ledger));
    *ret_ledger = ledger;
    ledger = NULL;
    return vrx_ok();
}

void vrx_ledger_free(struct vrx_ledger **ledger) {
    if (!ledger || !*ledger)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize((*ledger)->statement[i]);
    free(*ledger);
    *ledger = NULL;
}

uint64_t vrx_ledger_size(const struct vrx_ledger *ledger) {
    return ledger->frontier.size;
}

static struct vrx_result add_entry(struct vrx_ledger *ledger, struct vrx_view entry) {
    VRX_CLEANUP(statement_reset) sqlite3_stmt *statement = ledger->statement[ADD_ENTRY];
    VRX_TRY(settle(statement,
        sqlite3_bind_blob64(statement, 1, entry.ptr, (sqlite3_uint64)entry.len, SQLITE_STATIC)));
    VRX_TRY(settle(statement, sqlite3_step(statement)));
    if ((uint64_t)sqlite3_last_insert_rowid(ledger->db) != ledger->frontier.size + 1)
        return vrx_refuse(VRX_INTERNAL_ERROR, "the ledger was not rewound after a rollback");
    return vrx_ok();
}

static struct vrx_result add_node(
    struct vrx_ledger *ledger, unsigned tier, uint64_t index, const struct vrx_merkle_hash *hash) {
    VRX_CLEANUP(statement_reset) sqlite3_stmt *statement = ledger->statement[ADD_NODE];
    VRX_TRY(settle(statement, sqlite3_bind_int64(statement, 1, node_id(tier, index))));
    VRX_TRY(settle(
        statement, sqlite3_bind_blob(statement, 2, hash->bytes, VRX_MERKLE_HASH, SQLITE_STATIC)));
    return settle(statement, sqlite3_step(statement));
}

struct vrx_result vrx_ledger_append(
    struct vrx_ledger *ledger, struct vrx_view entry, uint64_t *ret_seq) {
    if (!entry.len || entry.len > VRX_LIMIT_LEDGER_ENTRY)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_merkle_frontier frontier = ledger->frontier;
    struct vrx_merkle_hash leaf;
    struct vrx_merkle_hash completed[VRX_MERKLE_LEVELS];
    unsigned levels = 0;
    VRX_TRY(vrx_merkle_leaf(entry, &leaf));
    VRX_TRY(vrx_merkle_frontier_append(&frontier, &leaf, completed, &levels));
    VRX_TRY(add_entry(ledger, entry));
    for (unsigned level = TIER_LEVELS; level < levels; level += TIER_LEVELS)
        VRX_TRY(
            add_node(ledger, level / TIER_LEVELS, (frontier.size >> level) - 1, &completed[level]));
    ledger->frontier = frontier;
    *ret_seq = frontier.size - 1;
    return vrx_ok();
}

struct vrx_ledger_mark vrx_ledger_mark(const struct vrx_ledger *ledger) {
    return (struct vrx_ledger_mark){ledger->frontier};
}

void vrx_ledger_rewind(struct vrx_ledger *ledger, const struct vrx_ledger_mark *mark) {
    ledger->frontier = mark->frontier;
}

struct vrx_result vrx_ledger_each(struct vrx_ledger *ledger, uint64_t from, uint64_t limit,
    struct vrx_result (*visit)(void *context, uint64_t seq, struct vrx_view entry), void *context) {
    uint64_t size = ledger->frontier.size;
    if (from >= size || !limit)
        return vrx_ok();
    uint64_t count = limit < size - from ? limit : size - from;
    VRX_CLEANUP(statement_reset) sqlite3_stmt *statement = ledger->statement[READ_ENTRIES];
    VRX_TRY(select_range(statement, 0, from, count));
    for (uint64_t seq = from; seq < from + count; seq++) {
        struct vrx_view entry;
        VRX_TRY(next_row(statement, (int64_t)seq + 1, &entry));
        VRX_TRY(visit(context, seq, entry));
    }
    return vrx_ok();
}

static struct vrx_result copy_entry(void *context, uint64_t seq, struct vrx_view entry) {
    (void)seq;
    return vrx_buffer_append(context, entry);
}

struct vrx_result vrx_ledger_get(struct vrx_ledger *ledger, uint64_t seq, struct vrx_buffer *out) {
    if (seq >= ledger->frontier.size)
        return vrx_fail(VRX_NOT_FOUND);
    return vrx_ledger_each(ledger, seq, 1, copy_entry, out);
}

struct vrx_result vrx_ledger_root(
    struct vrx_ledger *ledger, uint64_t size, struct vrx_merkle_hash *ret_root) {
    if (size > ledger->frontier.size)
        return vrx_fail(VRX_INPUT_RANGE);
    if (size == ledger->frontier.size)
        return vrx_merkle_frontier_root(&ledger->frontier, ret_root);
    struct vrx_merkle_source source = source_of(ledger);
    return vrx_merkle_root(&source, size, ret_root);
}

struct vrx_result vrx_ledger_prove_inclusion(
    struct vrx_ledger *ledger, uint64_t seq, uint64_t size, struct vrx_merkle_proof *ret_proof) {
    if (size > ledger->frontier.size)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_merkle_source source = source_of(ledger);
    return vrx_merkle_prove_inclusion(&source, seq, size, ret_proof);
}

struct vrx_result vrx_ledger_prove_consistency(struct vrx_ledger *ledger, uint64_t old_size,
    uint64_t new_size, struct vrx_merkle_proof *ret_proof) {
    if (new_size > ledger->frontier.size)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_merkle_source source = source_of(ledger);
    return vrx_merkle_prove_consistency(&source, old_size, new_size, ret_proof);
}

struct vrx_result vrx_ledger_checkpoint(struct vrx_ledger *ledger, uint64_t size,
    const struct vrx_municipality_code *municipality, const struct vrx_private_key *key,
    struct vrx_buffer *out) {
    struct vrx_checkpoint checkpoint = {.municipality = *municipality, .size = size};
    VRX_TRY(vrx_ledger_root(ledger, size, &checkpoint.root));
    return vrx_checkpoint_make(&checkpoint, key, out);
}

/* One walk over entries; the state is the caller's. */
struct check {
    struct vrx_ledger *ledger;
    struct vrx_ledger_check *so_far;
};

static struct vrx_result check_entry(void *context, uint64_t seq, struct vrx_view entry) {
    struct check *check = context;
    struct vrx_merkle_hash leaf;
    struct vrx_merkle_hash completed[VRX_MERKLE_LEVELS];
    unsigned levels = 0;
    VRX_TRY(vrx_merkle_leaf(entry, &leaf));
    VRX_TRY(vrx_merkle_frontier_append(&check->so_far->frontier, &leaf, completed, &levels));
    for (unsigned level = TIER_LEVELS; level < levels; level += TIER_LEVELS) {
        struct vrx_merkle_hash stored;
        VRX_TRY(fold(check->ledger, level / TIER_LEVELS, seq >> level, 1, &stored));
        if (!vrx_merkle_hash_equal(&stored, &completed[level]))
            return vrx_refuse(VRX_VAULT_DAMAGED, damaged);
        check->so_far->nodes++;
    }
    return vrx_ok();
}

static struct vrx_result check_end(
    struct vrx_ledger *ledger, const struct vrx_ledger_check *check) {
    struct vrx_merkle_hash made;
    struct vrx_merkle_hash held;
    uint64_t nodes = 0;
    uint64_t entries = 0;
    VRX_TRY(vrx_merkle_frontier_root(&check->frontier, &made));
    VRX_TRY(vrx_merkle_frontier_root(&ledger->frontier, &held));
    VRX_TRY(query_number(ledger->statement[COUNT_NODES], &nodes));
    VRX_TRY(query_number(ledger->statement[COUNT_ENTRIES], &entries));
    if (!vrx_merkle_hash_equal(&made, &held) || nodes != check->nodes ||
        entries != ledger->frontier.size)
        return vrx_refuse(VRX_VAULT_DAMAGED, damaged);
    return vrx_ok();
}

struct vrx_result vrx_ledger_check_part(
    struct vrx_ledger *ledger, struct vrx_ledger_check *check, uint64_t limit, bool *ret_done) {
    struct check walk = {ledger, check};
    VRX_TRY(vrx_ledger_each(ledger, check->frontier.size, limit, check_entry, &walk));
    const bool done = check->frontier.size >= ledger->frontier.size;
    if (done)
        VRX_TRY(check_end(ledger, check));
    *ret_done = done;
    return vrx_ok();
}

struct vrx_result vrx_ledger_check(struct vrx_ledger *ledger) {
    struct vrx_ledger_check check = {0};
    bool done = false;
    return vrx_ledger_check_part(ledger, &check, ledger->frontier.size, &done);
}
