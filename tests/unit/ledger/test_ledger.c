/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/ledger in a real vault. The tree that the ledger stores in parts is compared with the
 * tree over all leaves in memory, which tests/unit/objects/test_merkle.c has compared with RFC
 * 9162.
 */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "objects/checkpoint.h"
#include "support/check.h"
#include "support/vault_files.h"

#define LARGEST 5000 /* three stored tiers: 16, 256, 4096 */

struct fixture {
    void *folder;
    struct vrx_vault *vault;
    sqlite3 *db;
    struct vrx_ledger *ledger;
    size_t count;
    struct vrx_merkle_hash leaf[LARGEST]; /* what the ledger should hold */
};

static size_t entry_of(uint64_t number, char out[32]) {
    return (size_t)snprintf(out, 32, "entry %llu", (unsigned long long)number);
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || vault_folder_setup(&fixture->folder))
        return -1;
    const struct vault_folder *folder = fixture->folder;
    assert_ok(
        vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, &fixture->vault));
    fixture->db = vrx_vault_db(fixture->vault);
    assert_ok(vrx_ledger_create(fixture->db));
    assert_ok(vrx_ledger_open(fixture->db, &fixture->ledger));
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_ledger_free(&fixture->ledger);
    vrx_vault_close(&fixture->vault);
    int failed = vault_folder_teardown(&fixture->folder);
    free(fixture);
    return failed;
}

/* Appends entry `number`, and remembers its leaf. */
static void append(struct fixture *fixture, uint64_t number) {
    char text[32];
    struct vrx_view entry = vrx_view_of(text, entry_of(number, text));
    uint64_t seq = UINT64_MAX;
    assert_ok(vrx_ledger_append(fixture->ledger, entry, &seq));
    assert_int_equal(seq, fixture->count);
    assert_ok(vrx_merkle_leaf(entry, &fixture->leaf[fixture->count++]));
    assert_int_equal(vrx_ledger_size(fixture->ledger), fixture->count);
}

static void append_many(struct fixture *fixture, size_t count) {
    sql_run(fixture->db, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < count; i++)
        append(fixture, fixture->count);
    sql_run(fixture->db, "COMMIT");
}

static void reopen(struct fixture *fixture) {
    const struct vault_folder *folder = fixture->folder;
    vrx_ledger_free(&fixture->ledger);
    vrx_vault_close(&fixture->vault);
    assert_ok(
        vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), false, &fixture->vault));
    fixture->db = vrx_vault_db(fixture->vault);
    assert_ok(vrx_ledger_open(fixture->db, &fixture->ledger));
    assert_int_equal(vrx_ledger_size(fixture->ledger), fixture->count);
}

static struct vrx_result leaf_root(
    const struct fixture *fixture, size_t begin, size_t count, struct vrx_merkle_hash *ret_hash) {
    if (count == 1) {
        *ret_hash = fixture->leaf[begin];
        return vrx_ok();
    }
    struct vrx_merkle_hash left;
    struct vrx_merkle_hash right;
    VRX_TRY(leaf_root(fixture, begin, count / 2, &left));
    VRX_TRY(leaf_root(fixture, begin + count / 2, count / 2, &right));
    return vrx_merkle_node(&left, &right, ret_hash);
}

static struct vrx_result leaf_subtree(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    const struct fixture *fixture = context;
    assert_true((index + 1) << level <= fixture->count);
    return leaf_root(fixture, (size_t)(index << level), (size_t)1 << level, ret_hash);
}

static void assert_root(struct fixture *fixture, uint64_t size) {
    struct vrx_merkle_source source = {leaf_subtree, fixture};
    struct vrx_merkle_hash wanted;
    struct vrx_merkle_hash root;
    assert_ok(vrx_merkle_root(&source, size, &wanted));
    assert_ok(vrx_ledger_root(fixture->ledger, size, &root));
    assert_memory_equal(root.bytes, wanted.bytes, VRX_MERKLE_HASH);
}

static void assert_same_proof(const struct vrx_merkle_proof *a, const struct vrx_merkle_proof *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->hash, b->hash, a->count * sizeof a->hash[0]);
}

static void assert_inclusion(struct fixture *fixture, uint64_t seq, uint64_t size) {
    struct vrx_merkle_source source = {leaf_subtree, fixture};
    struct vrx_merkle_proof wanted;
    struct vrx_merkle_proof proof;
    assert_ok(vrx_merkle_prove_inclusion(&source, seq, size, &wanted));
    assert_ok(vrx_ledger_prove_inclusion(fixture->ledger, seq, size, &proof));
    assert_same_proof(&proof, &wanted);
}

static void assert_consistency(struct fixture *fixture, uint64_t old_size, uint64_t new_size) {
    struct vrx_merkle_source source = {leaf_subtree, fixture};
    struct vrx_merkle_proof wanted;
    struct vrx_merkle_proof proof;
    assert_ok(vrx_merkle_prove_consistency(&source, old_size, new_size, &wanted));
    assert_ok(vrx_ledger_prove_consistency(fixture->ledger, old_size, new_size, &proof));
    assert_same_proof(&proof, &wanted);
}

static void empty_ledger(void **state) {
    struct fixture *fixture = *state;
    struct vrx_merkle_hash root;
    struct vrx_merkle_proof proof;
    assert_int_equal(vrx_ledger_size(fixture->ledger), 0);
    assert_ok(vrx_ledger_root(fixture->ledger, 0, &root));
    assert_hex(root.bytes, VRX_MERKLE_HASH,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_reason(vrx_ledger_prove_inclusion(fixture->ledger, 0, 0, &proof), VRX_INPUT_RANGE);
    assert_ok(vrx_ledger_prove_consistency(fixture->ledger, 0, 0, &proof));
    assert_int_equal(proof.count, 0);
    assert_ok(vrx_ledger_check(fixture->ledger));
    reopen(fixture);
}

static void every_proof_at_every_size_to_130(void **state) {
    struct fixture *fixture = *state;
    append_many(fixture, 130);
    for (uint64_t size = 0; size <= 130; size++) {
        assert_root(fixture, size);
        for (uint64_t seq = 0; seq < size; seq++)
            assert_inclusion(fixture, seq, size);
        for (uint64_t old = 0; old <= size; old++)
            assert_consistency(fixture, old, size);
    }
}

static void sizes_around_every_tier(void **state) {
    struct fixture *fixture = *state;
    static const uint64_t sizes[] = {
        15, 16, 17, 255, 256, 257, 511, 4095, 4096, 4097, 4352, 4999, 5000};
    append_many(fixture, LARGEST);
    reopen(fixture);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_root(fixture, sizes[i]);
        for (uint64_t seq = 0; seq < sizes[i]; seq += 97)
            assert_inclusion(fixture, seq, sizes[i]);
        assert_inclusion(fixture, sizes[i] - 1, sizes[i]);
        for (size_t j = 0; j <= i; j++)
            assert_consistency(fixture, sizes[j], sizes[i]);
    }
    assert_ok(vrx_ledger_check(fixture->ledger));
    assert_int_equal(sql_number(fixture->db, "SELECT count(*) FROM ledger_node"),
        LARGEST / 16 + LARGEST / 256 + LARGEST / 4096);
}

/* An append continues the tree wherever it was left. */
static void reopened_at_every_size(void **state) {
    struct fixture *fixture = *state;
    for (uint64_t size = 0; size < 70; size++) {
        vrx_ledger_free(&fixture->ledger);
        assert_ok(vrx_ledger_open(fixture->db, &fixture->ledger));
        assert_int_equal(vrx_ledger_size(fixture->ledger), size);
        append(fixture, size);
        assert_root(fixture, size + 1);
    }
    reopen(fixture);
    assert_root(fixture, 70);
    assert_ok(vrx_ledger_check(fixture->ledger));
}

/* Savepoints that are rolled back leave no trace, whatever level of the tree they reached. */
static void rewound_after_savepoints(void **state) {
    struct fixture *fixture = *state;
    for (size_t round = 0; round < 40; round++) {
        sql_run(fixture->db, "BEGIN IMMEDIATE");
        append(fixture, fixture->count);
        struct vrx_ledger_mark mark = vrx_ledger_mark(fixture->ledger);
        size_t count = fixture->count;
        sql_run(fixture->db, "SAVEPOINT call");
        for (size_t i = 0; i < round; i++)
            append(fixture, 100000 + i);
        sql_run(fixture->db, "ROLLBACK TO call");
        vrx_ledger_rewind(fixture->ledger, &mark);
        fixture->count = count;
        append(fixture, fixture->count);
        sql_run(fixture->db, "RELEASE call; COMMIT");
        assert_root(fixture, fixture->count);
    }
    assert_ok(vrx_ledger_check(fixture->ledger));
    reopen(fixture);
    assert_root(fixture, fixture->count);
}

static void rewound_after_a_transaction(void **state) {
    struct fixture *fixture = *state;
    append_many(fixture, 14);
    struct vrx_ledger_mark mark = vrx_ledger_mark(fixture->ledger);
    sql_run(fixture->db, "BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < 20; i++)
        append(fixture, 500 + i);
    sql_run(fixture->db, "ROLLBACK");
    vrx_ledger_rewind(fixture->ledger, &mark);
    fixture->count = 14;
    append_many(fixture, 20);
    assert_root(fixture, 34);
    assert_ok(vrx_ledger_check(fixture->ledger));
}

static void an_append_without_the_rewind_is_refused(void **state) {
    struct fixture *fixture = *state;
    uint64_t seq = 42;
    append_many(fixture, 3);
    struct vrx_ledger_mark mark = vrx_ledger_mark(fixture->ledger);
    sql_run(fixture->db, "BEGIN IMMEDIATE");
    append(fixture, 3);
    sql_run(fixture->db, "ROLLBACK; BEGIN IMMEDIATE");
    assert_reason(vrx_ledger_append(fixture->ledger, vrx_view_text("x"), &seq), VRX_INTERNAL_ERROR);
    assert_int_equal(seq, 42);
    sql_run(fixture->db, "ROLLBACK");
    vrx_ledger_rewind(fixture->ledger, &mark);
    fixture->count = 3;
    append_many(fixture, 1);
    assert_ok(vrx_ledger_check(fixture->ledger));
}

static void entries_have_a_size(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_LEDGER_ENTRY + 1];
    uint64_t seq = 42;
    assert_reason(vrx_ledger_append(fixture->ledger, vrx_view_of(bytes, 0), &seq), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_append(fixture->ledger, vrx_view_of(bytes, sizeof bytes), &seq),
        VRX_INPUT_RANGE);
    assert_int_equal(vrx_ledger_size(fixture->ledger), 0);
    assert_ok(vrx_ledger_append(fixture->ledger, vrx_view_of(bytes, sizeof bytes - 1), &seq));
    assert_int_equal(seq, 0);
}

static void ranges_end_at_the_present_size(void **state) {
    struct fixture *fixture = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_merkle_hash root;
    struct vrx_merkle_proof proof;
    append_many(fixture, 5);
    assert_reason(vrx_ledger_root(fixture->ledger, 6, &root), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_prove_inclusion(fixture->ledger, 2, 6, &proof), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_prove_inclusion(fixture->ledger, 5, 5, &proof), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_prove_consistency(fixture->ledger, 2, 6, &proof), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_prove_consistency(fixture->ledger, 4, 3, &proof), VRX_INPUT_RANGE);
    assert_reason(vrx_ledger_get(fixture->ledger, 5, &out), VRX_NOT_FOUND);
    assert_int_equal(out.len, 0);
    assert_ok(vrx_ledger_get(fixture->ledger, 4, &out));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_text("entry 4")));
}

struct walk {
    uint64_t next;
    uint64_t stop_at;
};

static struct vrx_result visit(void *context, uint64_t seq, struct vrx_view entry) {
    struct walk *walk = context;
    char text[32];
    assert_int_equal(seq, walk->next);
    assert_true(vrx_view_equal(entry, vrx_view_of(text, entry_of(seq, text))));
    if (seq == walk->stop_at)
        return vrx_fail(VRX_CANCELLED);
    walk->next++;
    return vrx_ok();
}

static void walks_in_order(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        uint64_t from, limit, end;
    } walks[] = {{0, UINT64_MAX, 40}, {0, 7, 7}, {38, 7, 40}, {39, 1, 40}, {40, 9, 40}, {12, 0, 12},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    append_many(fixture, 40);
    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        struct walk walk = {walks[i].from, UINT64_MAX};
        assert_ok(vrx_ledger_each(fixture->ledger, walks[i].from, walks[i].limit, visit, &walk));
        assert_true(walk.next == walks[i].end);
    }
    struct walk walk = {3, 11};
    assert_reason(vrx_ledger_each(fixture->ledger, 3, 30, visit, &walk), VRX_CANCELLED);
    assert_int_equal(walk.next, 11);
    walk.stop_at = UINT64_MAX;
    assert_ok(vrx_ledger_each(fixture->ledger, 11, 30, visit, &walk));
    assert_int_equal(walk.next, 40);
}

static void checkpoints_of_any_size(void **state) {
    struct fixture *fixture = *state;
    static const struct vrx_municipality_code code = {"011002"};
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *private = NULL;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer note = {0};
    struct vrx_checkpoint checkpoint[2];
    struct vrx_merkle_proof proof;
    static const uint64_t sizes[2] = {19, 33};
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &public));
    append_many(fixture, 33);
    for (size_t i = 0; i < 2; i++) {
        vrx_buffer_clear(&note);
        assert_ok(vrx_ledger_checkpoint(fixture->ledger, sizes[i], &code, private, &note));
        assert_ok(vrx_checkpoint_verify(vrx_buffer_view(&note), public, &checkpoint[i]));
        assert_int_equal(checkpoint[i].size, sizes[i]);
        assert_string_equal(checkpoint[i].municipality.digits, "011002");
    }
    assert_ok(vrx_ledger_prove_consistency(fixture->ledger, 19, 33, &proof));
    assert_ok(
        vrx_merkle_verify_consistency(&proof, 19, 33, &checkpoint[0].root, &checkpoint[1].root));
    assert_ok(vrx_ledger_prove_inclusion(fixture->ledger, 7, 33, &proof));
    assert_ok(vrx_merkle_verify_inclusion(&proof, 7, 33, &fixture->leaf[7], &checkpoint[1].root));
    assert_reason(
        vrx_merkle_verify_inclusion(&proof, 7, 33, &fixture->leaf[8], &checkpoint[1].root),
        VRX_SIGNATURE_INVALID);
    assert_reason(
        vrx_ledger_checkpoint(fixture->ledger, 34, &code, private, &note), VRX_INPUT_RANGE);
}

struct damage {
    const char *sql;
    bool seen_at_open; /* else by the full check only */
};

/* Whoever could write into the tables (a defect, not an attacker: pages authenticate). */
static void damage_is_seen(void **state) {
    struct fixture *fixture = *state;
    static const struct damage table[] = {
        {"UPDATE ledger_node SET hash = zeroblob(32) WHERE id = 34 + (1 << 56)", true},
        {"UPDATE ledger_node SET hash = zeroblob(31) WHERE id = 34 + (1 << 56)", true},
        {"UPDATE ledger_node SET hash = zeroblob(32) WHERE id = 1 + (2 << 56)", true},
        {"DELETE FROM ledger_node WHERE id = 34 + (1 << 56)", true},
        {"DELETE FROM ledger_node WHERE id = 1 + (2 << 56)", true},
        {"INSERT INTO ledger_node VALUES (35 + (1 << 56), zeroblob(32))", true},
        {"INSERT INTO ledger_node VALUES ((5 << 56), zeroblob(32))", true},
        {"UPDATE ledger_entry SET entry = x'00' WHERE number = 560", true},
        {"DELETE FROM ledger_entry WHERE number = 558", true},
        {"DELETE FROM ledger_entry WHERE number = 565", true},
        {"DELETE FROM ledger_entry WHERE number > 559", true},
        {"UPDATE ledger_node SET hash = zeroblob(32) WHERE id = 3 + (1 << 56)", false},
        {"DELETE FROM ledger_node WHERE id = 3 + (1 << 56)", false},
        {"UPDATE ledger_entry SET entry = x'00' WHERE number = 9", false},
        {"DELETE FROM ledger_entry WHERE number = 9", false},
        {"INSERT INTO ledger_node VALUES (1, zeroblob(32))", false},
        {"INSERT INTO ledger_entry VALUES (0, x'00')", false},
    };
    append_many(fixture, 566);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        vrx_ledger_free(&fixture->ledger);
        sql_run(fixture->db, "BEGIN IMMEDIATE");
        sql_run(fixture->db, table[i].sql);
        struct vrx_result result = vrx_ledger_open(fixture->db, &fixture->ledger);
        if (result.reason != (table[i].seen_at_open ? VRX_VAULT_DAMAGED : VRX_OK))
            fail_msg("%s: %s at open", table[i].sql, vrx_reason_name(result.reason));
        if (!table[i].seen_at_open) {
            result = vrx_ledger_check(fixture->ledger);
            if (result.reason != VRX_VAULT_DAMAGED)
                fail_msg("%s: %s", table[i].sql, vrx_reason_name(result.reason));
        }
        vrx_ledger_free(&fixture->ledger);
        sql_run(fixture->db, "ROLLBACK");
        assert_ok(vrx_ledger_open(fixture->db, &fixture->ledger));
        assert_ok(vrx_ledger_check(fixture->ledger));
    }
}

/* Rows that go away under an open ledger: a proof says so instead of giving something else. */
static void gaps_are_seen_by_readers(void **state) {
    struct fixture *fixture = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_merkle_proof proof;
    struct walk walk = {0, UINT64_MAX};
    append_many(fixture, 40);
    sql_run(fixture->db, "DELETE FROM ledger_entry WHERE number = 5");
    assert_reason(vrx_ledger_get(fixture->ledger, 4, &out), VRX_VAULT_DAMAGED);
    assert_reason(vrx_ledger_prove_inclusion(fixture->ledger, 5, 40, &proof), VRX_VAULT_DAMAGED);
    assert_reason(vrx_ledger_each(fixture->ledger, 0, 40, visit, &walk), VRX_VAULT_DAMAGED);
    assert_int_equal(walk.next, 4);
}

static void tables_are_needed(void **state) {
    struct fixture *fixture = *state;
    struct vrx_ledger *none = NULL;
    assert_reason(vrx_ledger_create(fixture->db), VRX_INTERNAL_ERROR);
    vrx_ledger_free(&fixture->ledger);
    sql_run(fixture->db, "DROP TABLE ledger_node");
    assert_reason(vrx_ledger_open(fixture->db, &none), VRX_INTERNAL_ERROR);
    assert_null(none);
    vrx_ledger_free(&none);
    vrx_ledger_free(NULL);
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(empty_ledger),
        LEDGER_TEST(every_proof_at_every_size_to_130),
        LEDGER_TEST(sizes_around_every_tier),
        LEDGER_TEST(reopened_at_every_size),
        LEDGER_TEST(rewound_after_savepoints),
        LEDGER_TEST(rewound_after_a_transaction),
        LEDGER_TEST(an_append_without_the_rewind_is_refused),
        LEDGER_TEST(entries_have_a_size),
        LEDGER_TEST(ranges_end_at_the_present_size),
        LEDGER_TEST(walks_in_order),
        LEDGER_TEST(checkpoints_of_any_size),
        LEDGER_TEST(damage_is_seen),
        LEDGER_TEST(gaps_are_seen_by_readers),
        LEDGER_TEST(tables_are_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
