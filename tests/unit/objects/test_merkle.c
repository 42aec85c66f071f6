/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/merkle.c against the known answers of Certificate Transparency's reference tree
 * (eight leaves, its roots and proofs) and, for every tree to 130 leaves, against RFC 9162's own
 * recursive definitions written down literally.
 */
#include "objects/merkle.h"

#include "crypto/hash.h"
#include "support/check.h"

#define SIZE_MAX_TESTED 130

struct tree {
    size_t count;
    struct vrx_merkle_hash leaf[SIZE_MAX_TESTED];
};

/* MTH(D[begin:end]), RFC 9162 §2.1.1 */
static struct vrx_merkle_hash naive_root(const struct tree *tree, size_t begin, size_t end) {
    struct vrx_merkle_hash hash;
    size_t n = end - begin;
    if (n == 0) {
        assert_ok(vrx_sha256(vrx_view_of(NULL, 0), hash.bytes));
        return hash;
    }
    if (n == 1)
        return tree->leaf[begin];
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    struct vrx_merkle_hash left = naive_root(tree, begin, begin + k);
    struct vrx_merkle_hash right = naive_root(tree, begin + k, end);
    assert_ok(vrx_merkle_node(&left, &right, &hash));
    return hash;
}

/* PATH(m, D[begin:end]), §2.1.3.1 */
static void naive_path(
    const struct tree *tree, size_t m, size_t begin, size_t end, struct vrx_merkle_proof *proof) {
    size_t n = end - begin;
    if (n == 1)
        return;
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    if (m < k) {
        naive_path(tree, m, begin, begin + k, proof);
        proof->hash[proof->count++] = naive_root(tree, begin + k, end);
    } else {
        naive_path(tree, m - k, begin + k, end, proof);
        proof->hash[proof->count++] = naive_root(tree, begin, begin + k);
    }
}

/* SUBPROOF(m, D[begin:end], b), §2.1.4.1 */
static void naive_subproof(const struct tree *tree, size_t m, size_t begin, size_t end, bool b,
    struct vrx_merkle_proof *proof) {
    size_t n = end - begin;
    if (m == n) {
        if (!b)
            proof->hash[proof->count++] = naive_root(tree, begin, end);
        return;
    }
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    if (m <= k) {
        naive_subproof(tree, m, begin, begin + k, b, proof);
        proof->hash[proof->count++] = naive_root(tree, begin + k, end);
    } else {
        naive_subproof(tree, m - k, begin + k, end, false, proof);
        proof->hash[proof->count++] = naive_root(tree, begin, begin + k);
    }
}

static struct vrx_result subtree(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    const struct tree *tree = context;
    uint64_t begin = index << level;
    uint64_t end = (index + 1) << level;
    assert_true(end <= tree->count);
    *ret_hash = naive_root(tree, (size_t)begin, (size_t)end);
    return vrx_ok();
}

static void fill(struct tree *tree, const char *const *inputs, size_t count) {
    tree->count = count;
    for (size_t i = 0; i < count; i++) {
        uint8_t entry[16] = {(uint8_t)(i >> 8), (uint8_t)i};
        size_t len = inputs ? test_hex(inputs[i], entry, sizeof entry) : 2;
        assert_ok(vrx_merkle_leaf(vrx_view_of(entry, len), &tree->leaf[i]));
    }
}

static void assert_hash(const struct vrx_merkle_hash *hash, const char *hex) {
    assert_hex(hash->bytes, VRX_MERKLE_HASH, hex);
}

static void assert_proof(
    const struct vrx_merkle_proof *got, const struct vrx_merkle_proof *wanted) {
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->hash, wanted->hash, got->count * sizeof got->hash[0]);
}

/* The leaves and roots of certificate-transparency's merkletree tests. */
static const char *const ct_leaf[8] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

static const char *const ct_root[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

#define CT_L0_1 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define CT_L0_4 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define CT_L1_0 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define CT_L1_1 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define CT_L1_2 "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define CT_L1_3 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define CT_L2_0 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define CT_L2_1 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define CT_L0_0 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

struct known_proof {
    uint64_t at; /* index, or the old size */
    uint64_t size;
    const char *path[4];
};

static const struct known_proof ct_inclusion[] = {
    {0, 1, {NULL}},
    {0, 8, {CT_L0_1, CT_L1_1, CT_L2_1}},
    {5, 8, {CT_L0_4, CT_L1_3, CT_L2_0}},
    {2, 3, {CT_L1_0}},
    {1, 5, {CT_L0_0, CT_L1_1, CT_L0_4}},
};

static const struct known_proof ct_consistency[] = {
    {1, 1, {NULL}},
    {1, 8, {CT_L0_1, CT_L1_1, CT_L2_1}},
    {6, 8, {CT_L1_2, CT_L1_3, CT_L2_0}},
    {2, 5, {CT_L1_1, CT_L0_4}},
};

static void assert_path(const struct vrx_merkle_proof *proof, const char *const path[4]) {
    size_t count = 0;
    while (count < 4 && path[count])
        count++;
    assert_int_equal(proof->count, count);
    for (size_t i = 0; i < count; i++)
        assert_hash(&proof->hash[i], path[i]);
}

static void certificate_transparency_known_answers(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, ct_leaf, 8);
    struct vrx_merkle_source source = {subtree, &tree};
    struct vrx_merkle_frontier frontier = {0};
    struct vrx_merkle_hash root;
    for (size_t size = 0; size <= 8; size++) {
        assert_ok(vrx_merkle_frontier_root(&frontier, &root));
        assert_hash(&root, ct_root[size]);
        assert_ok(vrx_merkle_root(&source, size, &root));
        assert_hash(&root, ct_root[size]);
        if (size < 8)
            assert_ok(vrx_merkle_frontier_append(&frontier, &tree.leaf[size], NULL, NULL));
    }
    struct vrx_merkle_proof proof;
    for (size_t i = 0; i < sizeof ct_inclusion / sizeof ct_inclusion[0]; i++) {
        const struct known_proof *known = &ct_inclusion[i];
        assert_ok(vrx_merkle_prove_inclusion(&source, known->at, known->size, &proof));
        assert_path(&proof, known->path);
    }
    for (size_t i = 0; i < sizeof ct_consistency / sizeof ct_consistency[0]; i++) {
        const struct known_proof *known = &ct_consistency[i];
        assert_ok(vrx_merkle_prove_consistency(&source, known->at, known->size, &proof));
        assert_path(&proof, known->path);
    }
}

static void every_root_and_completed_subtree(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, NULL, SIZE_MAX_TESTED);
    struct vrx_merkle_source source = {subtree, &tree};
    struct vrx_merkle_frontier frontier = {0};
    for (size_t size = 0; size < SIZE_MAX_TESTED; size++) {
        struct vrx_merkle_hash completed[VRX_MERKLE_LEVELS];
        unsigned levels = 0;
        assert_ok(vrx_merkle_frontier_append(&frontier, &tree.leaf[size], completed, &levels));
        assert_int_equal(frontier.size, size + 1);
        assert_int_equal(levels, (unsigned)__builtin_ctzll(size + 1) + 1);
        for (unsigned level = 0; level < levels; level++) {
            struct vrx_merkle_hash wanted =
                naive_root(&tree, size + 1 - ((size_t)1 << level), size + 1);
            assert_true(vrx_merkle_hash_equal(&completed[level], &wanted));
        }
        struct vrx_merkle_hash wanted = naive_root(&tree, 0, size + 1);
        struct vrx_merkle_hash root;
        assert_ok(vrx_merkle_frontier_root(&frontier, &root));
        assert_true(vrx_merkle_hash_equal(&root, &wanted));
        struct vrx_merkle_frontier loaded;
        assert_ok(vrx_merkle_frontier_load(&source, size + 1, &loaded));
        assert_ok(vrx_merkle_frontier_root(&loaded, &root));
        assert_true(vrx_merkle_hash_equal(&root, &wanted));
    }
}

static void every_inclusion_proof(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, NULL, SIZE_MAX_TESTED);
    struct vrx_merkle_source source = {subtree, &tree};
    for (size_t size = 1; size <= SIZE_MAX_TESTED; size++) {
        struct vrx_merkle_hash root = naive_root(&tree, 0, size);
        for (size_t index = 0; index < size; index++) {
            struct vrx_merkle_proof wanted = {0};
            struct vrx_merkle_proof got;
            naive_path(&tree, index, 0, size, &wanted);
            assert_ok(vrx_merkle_prove_inclusion(&source, index, size, &got));
            assert_proof(&got, &wanted);
            assert_ok(vrx_merkle_verify_inclusion(&got, index, size, &tree.leaf[index], &root));
        }
    }
}

static void every_consistency_proof(void **state) {
    (void)state;
    static struct tree tree;
    static struct vrx_merkle_hash root[SIZE_MAX_TESTED + 1];
    fill(&tree, NULL, SIZE_MAX_TESTED);
    struct vrx_merkle_source source = {subtree, &tree};
    for (size_t size = 0; size <= SIZE_MAX_TESTED; size++)
        root[size] = naive_root(&tree, 0, size);
    for (size_t size = 0; size <= SIZE_MAX_TESTED; size++) {
        for (size_t old = 0; old <= size; old++) {
            struct vrx_merkle_proof wanted = {0};
            struct vrx_merkle_proof got;
            if (old)
                naive_subproof(&tree, old, 0, size, true, &wanted);
            assert_ok(vrx_merkle_prove_consistency(&source, old, size, &got));
            assert_proof(&got, &wanted);
            assert_ok(vrx_merkle_verify_consistency(&got, old, size, &root[old], &root[size]));
        }
    }
}

/* Every way to change one thing about a proof or about what it is said to prove. */
static void rfc9162_2_1_3_2_altered_inclusion_fails(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, NULL, 70);
    struct vrx_merkle_source source = {subtree, &tree};
    for (size_t size = 1; size <= 70; size += 3) {
        struct vrx_merkle_hash root = naive_root(&tree, 0, size);
        for (size_t index = 0; index < size; index++) {
            const struct vrx_merkle_hash *leaf = &tree.leaf[index];
            struct vrx_merkle_proof proof;
            assert_ok(vrx_merkle_prove_inclusion(&source, index, size, &proof));
            for (size_t i = 0; i < proof.count; i++) {
                struct vrx_merkle_proof altered = proof;
                altered.hash[i].bytes[index % VRX_MERKLE_HASH] ^= 0x10;
                assert_reason(vrx_merkle_verify_inclusion(&altered, index, size, leaf, &root),
                    VRX_SIGNATURE_INVALID);
            }
            struct vrx_merkle_proof longer = proof;
            longer.hash[longer.count++] = root;
            assert_reason(vrx_merkle_verify_inclusion(&longer, index, size, leaf, &root),
                VRX_SIGNATURE_INVALID);
            if (proof.count) {
                struct vrx_merkle_proof shorter = proof;
                shorter.count--;
                assert_reason(vrx_merkle_verify_inclusion(&shorter, index, size, leaf, &root),
                    VRX_SIGNATURE_INVALID);
            }
            struct vrx_merkle_hash other = *leaf;
            other.bytes[0] ^= 1;
            assert_reason(vrx_merkle_verify_inclusion(&proof, index, size, &other, &root),
                VRX_SIGNATURE_INVALID);
            other = root;
            other.bytes[31] ^= 0x80;
            assert_reason(vrx_merkle_verify_inclusion(&proof, index, size, leaf, &other),
                VRX_SIGNATURE_INVALID);
            for (size_t elsewhere = 0; elsewhere <= size; elsewhere++)
                if (elsewhere != index)
                    assert_reason(vrx_merkle_verify_inclusion(&proof, elsewhere, size, leaf, &root),
                        VRX_SIGNATURE_INVALID);
        }
    }
}

static void rfc9162_2_1_4_2_altered_consistency_fails(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, NULL, 70);
    struct vrx_merkle_source source = {subtree, &tree};
    for (size_t size = 2; size <= 70; size += 4) {
        struct vrx_merkle_hash root = naive_root(&tree, 0, size);
        for (size_t old = 1; old < size; old++) {
            struct vrx_merkle_hash old_root = naive_root(&tree, 0, old);
            struct vrx_merkle_proof proof;
            assert_ok(vrx_merkle_prove_consistency(&source, old, size, &proof));
            for (size_t i = 0; i < proof.count; i++) {
                struct vrx_merkle_proof altered = proof;
                altered.hash[i].bytes[old % VRX_MERKLE_HASH] ^= 4;
                assert_reason(vrx_merkle_verify_consistency(&altered, old, size, &old_root, &root),
                    VRX_SIGNATURE_INVALID);
            }
            struct vrx_merkle_proof longer = proof;
            longer.hash[longer.count++] = root;
            assert_reason(vrx_merkle_verify_consistency(&longer, old, size, &old_root, &root),
                VRX_SIGNATURE_INVALID);
            struct vrx_merkle_proof shorter = proof;
            shorter.count--;
            assert_reason(vrx_merkle_verify_consistency(&shorter, old, size, &old_root, &root),
                VRX_SIGNATURE_INVALID);
            struct vrx_merkle_hash other = old_root;
            other.bytes[3] ^= 2;
            assert_reason(vrx_merkle_verify_consistency(&proof, old, size, &other, &root),
                VRX_SIGNATURE_INVALID);
            other = root;
            other.bytes[9] ^= 2;
            assert_reason(vrx_merkle_verify_consistency(&proof, old, size, &old_root, &other),
                VRX_SIGNATURE_INVALID);
        }
    }
}

static void rfc9162_2_1_4_2_trivial_cases(void **state) {
    (void)state;
    static struct tree tree;
    fill(&tree, NULL, 5);
    struct vrx_merkle_hash five = naive_root(&tree, 0, 5);
    struct vrx_merkle_hash four = naive_root(&tree, 0, 4);
    struct vrx_merkle_hash nothing = naive_root(&tree, 0, 0);
    struct vrx_merkle_proof none = {0};
    struct vrx_merkle_proof one = {.count = 1};
    assert_ok(vrx_merkle_verify_consistency(&none, 0, 5, &nothing, &five));
    assert_ok(vrx_merkle_verify_consistency(&none, 5, 5, &five, &five));
    assert_reason(vrx_merkle_verify_consistency(&none, 0, 5, &four, &five), VRX_SIGNATURE_INVALID);
    assert_reason(vrx_merkle_verify_consistency(&none, 5, 5, &four, &five), VRX_SIGNATURE_INVALID);
    assert_reason(vrx_merkle_verify_consistency(&one, 5, 5, &five, &five), VRX_SIGNATURE_INVALID);
    assert_reason(vrx_merkle_verify_consistency(&none, 3, 5, &four, &five), VRX_SIGNATURE_INVALID);
    assert_reason(vrx_merkle_verify_consistency(&none, 5, 4, &five, &four), VRX_LEDGER_BEHIND);
}

static void counts_beyond_the_bound_are_refused(void **state) {
    (void)state;
    static struct vrx_merkle_proof proof = {.count = VRX_MERKLE_PROOF_MAX + 1};
    struct vrx_merkle_hash hash = {{0}};
    assert_reason(
        vrx_merkle_verify_inclusion(&proof, 0, UINT64_MAX, &hash, &hash), VRX_SIGNATURE_INVALID);
    assert_reason(
        vrx_merkle_verify_consistency(&proof, 1, UINT64_MAX, &hash, &hash), VRX_SIGNATURE_INVALID);
    /* The largest sizes end: no loop, no shift beyond the word. */
    proof.count = VRX_MERKLE_PROOF_MAX;
    assert_reason(vrx_merkle_verify_inclusion(&proof, UINT64_MAX - 1, UINT64_MAX, &hash, &hash),
        VRX_SIGNATURE_INVALID);
    assert_reason(
        vrx_merkle_verify_consistency(&proof, VRX_MERKLE_SIZE_MAX, UINT64_MAX, &hash, &hash),
        VRX_SIGNATURE_INVALID);
}

static struct vrx_result broken(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    (void)context;
    (void)level;
    (void)index;
    (void)ret_hash;
    return vrx_fail(VRX_DISK_FAILED);
}

static void ranges_and_the_source_are_heeded(void **state) {
    (void)state;
    struct vrx_merkle_source source = {broken, NULL};
    struct vrx_merkle_proof proof = {.count = 7};
    struct vrx_merkle_frontier frontier = {.size = 9};
    struct vrx_merkle_hash root;
    assert_reason(vrx_merkle_prove_inclusion(&source, 4, 4, &proof), VRX_INPUT_RANGE);
    assert_reason(vrx_merkle_prove_consistency(&source, 5, 4, &proof), VRX_INPUT_RANGE);
    assert_reason(
        vrx_merkle_frontier_load(&source, VRX_MERKLE_SIZE_MAX + 1, &frontier), VRX_INPUT_RANGE);
    assert_reason(vrx_merkle_root(&source, VRX_MERKLE_SIZE_MAX + 1, &root), VRX_INPUT_RANGE);
    assert_reason(vrx_merkle_prove_inclusion(&source, 1, 4, &proof), VRX_DISK_FAILED);
    assert_reason(vrx_merkle_prove_consistency(&source, 1, 4, &proof), VRX_DISK_FAILED);
    assert_reason(vrx_merkle_frontier_load(&source, 4, &frontier), VRX_DISK_FAILED);
    assert_reason(vrx_merkle_root(&source, 4, &root), VRX_DISK_FAILED);
    assert_int_equal(proof.count, 7);
    assert_int_equal(frontier.size, 9);
    frontier.size = VRX_MERKLE_SIZE_MAX;
    assert_reason(vrx_merkle_frontier_append(&frontier, &root, NULL, NULL), VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_transparency_known_answers),
        cmocka_unit_test(every_root_and_completed_subtree),
        cmocka_unit_test(every_inclusion_proof),
        cmocka_unit_test(every_consistency_proof),
        cmocka_unit_test(rfc9162_2_1_3_2_altered_inclusion_fails),
        cmocka_unit_test(rfc9162_2_1_4_2_altered_consistency_fails),
        cmocka_unit_test(rfc9162_2_1_4_2_trivial_cases),
        cmocka_unit_test(counts_beyond_the_bound_are_refused),
        cmocka_unit_test(ranges_and_the_source_are_heeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
