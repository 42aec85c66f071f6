/* SPDX-License-Identifier: Apache-2.0
 *
 * The honest daemon refuses an old ledger itself (tests/system); here the daemon lies.
 */
#include "cli/extends.h"

#include "support/check.h"

#define LEAVES 11

static struct vrx_merkle_hash leaf[LEAVES];

/* RFC 9162 §2.1.1 for a complete subtree. */
static struct vrx_result subtree(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    if (!level) {
        *ret_hash = leaf[index];
        return vrx_ok();
    }
    struct vrx_merkle_hash left, right;
    VRX_TRY(subtree(context, level - 1, 2 * index, &left));
    VRX_TRY(subtree(context, level - 1, 2 * index + 1, &right));
    return vrx_merkle_node(&left, &right, ret_hash);
}

static const struct vrx_merkle_source source = {subtree, NULL};

/* Leaves from `from` on are those of another history. */
static void fill(size_t from) {
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t entry[2] = {(uint8_t)i, i >= from};
        assert_ok(vrx_merkle_leaf(vrx_view_of(entry, sizeof entry), &leaf[i]));
    }
}

static struct vrx_checkpoint checkpoint_of(const char *municipality, uint64_t size) {
    struct vrx_checkpoint checkpoint = {.size = size};
    assert_ok(vrx_municipality_code_parse(vrx_view_text(municipality), &checkpoint.municipality));
    assert_ok(vrx_merkle_root(&source, size, &checkpoint.root));
    return checkpoint;
}

/* The proof of the present leaves as a message carries it. */
static struct vrx_merkle_proof proof;
static ProtobufCBinaryData path[VRX_MERKLE_PROOF_MAX + 1];

static void prove(uint64_t first, uint64_t second) {
    assert_ok(vrx_merkle_prove_consistency(&source, first, second, &proof));
    for (size_t i = 0; i < proof.count; i++)
        path[i] = (ProtobufCBinaryData){VRX_MERKLE_HASH, proof.hash[i].bytes};
}

static void a_ledger_that_has_only_grown_is_taken(void **state) {
    (void)state;
    fill(LEAVES);
    for (uint64_t first = 0; first <= LEAVES; first++)
        for (uint64_t second = first; second <= LEAVES; second++) {
            struct vrx_checkpoint held = checkpoint_of("011002", first);
            struct vrx_checkpoint now = checkpoint_of("011002", second);
            prove(first, second);
            assert_ok(vrx_checkpoint_extends(&held, &now, path, proof.count));
        }
}

static void a_shorter_ledger_is_behind(void **state) {
    (void)state;
    fill(LEAVES);
    struct vrx_checkpoint held = checkpoint_of("011002", 8);
    struct vrx_checkpoint now = checkpoint_of("011002", 7);
    assert_reason(vrx_checkpoint_extends(&held, &now, NULL, 0), VRX_LEDGER_BEHIND);
}

/* An entry that was there is another one now: no proof leads from the one to the other. */
static void a_rewritten_ledger_has_no_proof(void **state) {
    (void)state;
    for (size_t changed = 0; changed < 6; changed++) {
        fill(LEAVES);
        struct vrx_checkpoint held = checkpoint_of("011002", 6);
        fill(changed);
        struct vrx_checkpoint now = checkpoint_of("011002", LEAVES);
        prove(6, LEAVES);
        assert_reason(
            vrx_checkpoint_extends(&held, &now, path, proof.count), VRX_SIGNATURE_INVALID);
    }
}

static void the_same_size_with_another_root_is_refused(void **state) {
    (void)state;
    fill(LEAVES);
    struct vrx_checkpoint held = checkpoint_of("011002", 6);
    fill(0);
    struct vrx_checkpoint now = checkpoint_of("011002", 6);
    assert_reason(vrx_checkpoint_extends(&held, &now, NULL, 0), VRX_SIGNATURE_INVALID);
}

static void another_municipalitys_ledger_is_refused(void **state) {
    (void)state;
    fill(LEAVES);
    struct vrx_checkpoint held = checkpoint_of("011002", 6);
    struct vrx_checkpoint now = checkpoint_of("122173", 9);
    prove(6, 9);
    assert_reason(vrx_checkpoint_extends(&held, &now, path, proof.count), VRX_LEDGER_BEHIND);
}

static void a_path_that_is_none_is_refused(void **state) {
    (void)state;
    fill(LEAVES);
    struct vrx_checkpoint held = checkpoint_of("011002", 6);
    struct vrx_checkpoint now = checkpoint_of("011002", 9);
    prove(6, 9);
    assert_reason(
        vrx_checkpoint_extends(&held, &now, path, proof.count - 1), VRX_SIGNATURE_INVALID);
    path[0].len = VRX_MERKLE_HASH - 1;
    assert_reason(vrx_checkpoint_extends(&held, &now, path, proof.count), VRX_INPUT_RANGE);
    for (size_t i = 0; i <= VRX_MERKLE_PROOF_MAX; i++)
        path[i] = (ProtobufCBinaryData){VRX_MERKLE_HASH, proof.hash[0].bytes};
    assert_reason(
        vrx_checkpoint_extends(&held, &now, path, VRX_MERKLE_PROOF_MAX + 1), VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ledger_that_has_only_grown_is_taken),
        cmocka_unit_test(a_shorter_ledger_is_behind),
        cmocka_unit_test(a_rewritten_ledger_has_no_proof),
        cmocka_unit_test(the_same_size_with_another_root_is_refused),
        cmocka_unit_test(another_municipalitys_ledger_is_refused),
        cmocka_unit_test(a_path_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
