/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 9162 §2.1. The RFC defines the proofs by recursion from the root down and gives them from the
 * leaves up; here the way down is a loop that notes each sibling's range, and the list is turned
 * round at the end. At most one range on the way is not a complete subtree (the tree's right edge),
 * so a proof asks the source for O(log n) hashes.
 *
 * The names m, n, k, fn, sn, fr, sr, r are the RFC's. Next: tenants/ledger/ledger.c.
 */
#include "objects/merkle.h"

#include "crypto/hash.h"

static const char step_inclusion_length[] = "RFC 9162 §2.1.3.2: the path has another length";
static const char step_inclusion_root[] = "RFC 9162 §2.1.3.2 step 5: the root differs";
static const char step_consistency_length[] = "RFC 9162 §2.1.4.2: the path has another length";
static const char step_consistency_old[] = "RFC 9162 §2.1.4.2 step 7: the old root differs";
static const char step_consistency_new[] = "RFC 9162 §2.1.4.2 step 7: the new root differs";

bool vrx_merkle_hash_equal(const struct vrx_merkle_hash *a, const struct vrx_merkle_hash *b) {
    return memcmp(a->bytes, b->bytes, VRX_MERKLE_HASH) == 0;
}

struct vrx_result vrx_merkle_leaf(struct vrx_view entry, struct vrx_merkle_hash *ret_hash) {
    static const uint8_t prefix = 0x00;
    const struct vrx_view parts[] = {vrx_view_of(&prefix, 1), entry};
    return vrx_sha256_parts(parts, 2, ret_hash->bytes);
}

struct vrx_result vrx_merkle_node(const struct vrx_merkle_hash *left,
    const struct vrx_merkle_hash *right, struct vrx_merkle_hash *ret_hash) {
    uint8_t input[1 + 2 * VRX_MERKLE_HASH];
    input[0] = 0x01;
    memcpy(input + 1, left->bytes, VRX_MERKLE_HASH);
    memcpy(input + 1 + VRX_MERKLE_HASH, right->bytes, VRX_MERKLE_HASH);
    return vrx_sha256(vrx_view_of(input, sizeof input), ret_hash->bytes);
}

static struct vrx_result empty_root(struct vrx_merkle_hash *ret_root) {
    return vrx_sha256(vrx_view_of(NULL, 0), ret_root->bytes);
}

static unsigned lowest_bit(uint64_t nonzero) {
    return (unsigned)__builtin_ctzll(nonzero);
}

/* The largest power of two smaller than n; n >= 2. */
static uint64_t split(uint64_t n) {
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

struct vrx_result vrx_merkle_frontier_append(struct vrx_merkle_frontier *frontier,
    const struct vrx_merkle_hash *leaf, struct vrx_merkle_hash ret_completed[VRX_MERKLE_LEVELS],
    unsigned *ret_levels) {
    if (frontier->size >= VRX_MERKLE_SIZE_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_merkle_hash completed[VRX_MERKLE_LEVELS];
    unsigned level = 0;
    completed[0] = *leaf;
    for (; frontier->size >> level & 1; level++)
        VRX_TRY(vrx_merkle_node(&frontier->peak[level], &completed[level], &completed[level + 1]));
    frontier->peak[level] = completed[level];
    frontier->size++;
    if (ret_completed)
        memcpy(ret_completed, completed, (level + 1) * sizeof completed[0]);
    if (ret_levels)
        *ret_levels = level + 1;
    return vrx_ok();
}

struct vrx_result vrx_merkle_frontier_root(
    const struct vrx_merkle_frontier *frontier, struct vrx_merkle_hash *ret_root) {
    uint64_t left = frontier->size;
    if (!left)
        return empty_root(ret_root);
    struct vrx_merkle_hash root = frontier->peak[lowest_bit(left)];
    for (left &= left - 1; left; left &= left - 1)
        VRX_TRY(vrx_merkle_node(&frontier->peak[lowest_bit(left)], &root, &root));
    *ret_root = root;
    return vrx_ok();
}

/* The last of the complete subtrees that the n leaves from begin consist of. */
static struct vrx_result subtree_at_end(const struct vrx_merkle_source *source, uint64_t begin,
    uint64_t n, struct vrx_merkle_hash *ret_hash) {
    unsigned level = lowest_bit(n);
    return source->subtree(source->context, level, (begin + (n & (n - 1))) >> level, ret_hash);
}

/* The root of the n leaves from begin, where begin is a multiple of a power of two >= n. */
static struct vrx_result range_root(const struct vrx_merkle_source *source, uint64_t begin,
    uint64_t n, struct vrx_merkle_hash *ret_root) {
    struct vrx_merkle_hash root;
    struct vrx_merkle_hash peak;
    VRX_TRY(subtree_at_end(source, begin, n, &root));
    for (uint64_t left = n & (n - 1); left; left &= left - 1) {
        VRX_TRY(subtree_at_end(source, begin, left, &peak));
        VRX_TRY(vrx_merkle_node(&peak, &root, &root));
    }
    *ret_root = root;
    return vrx_ok();
}

struct vrx_result vrx_merkle_frontier_load(const struct vrx_merkle_source *source, uint64_t size,
    struct vrx_merkle_frontier *ret_frontier) {
    if (size > VRX_MERKLE_SIZE_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_merkle_frontier frontier = {.size = size};
    for (uint64_t left = size; left; left &= left - 1)
        VRX_TRY(subtree_at_end(source, 0, left, &frontier.peak[lowest_bit(left)]));
    *ret_frontier = frontier;
    return vrx_ok();
}

struct vrx_result vrx_merkle_root(
    const struct vrx_merkle_source *source, uint64_t size, struct vrx_merkle_hash *ret_root) {
    if (size > VRX_MERKLE_SIZE_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    if (!size)
        return empty_root(ret_root);
    return range_root(source, 0, size, ret_root);
}

static struct vrx_result push(const struct vrx_merkle_source *source, uint64_t begin, uint64_t n,
    struct vrx_merkle_proof *proof) {
    if (proof->count == VRX_MERKLE_PROOF_MAX)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(range_root(source, begin, n, &proof->hash[proof->count]));
    proof->count++;
    return vrx_ok();
}

static void give_reversed(
    const struct vrx_merkle_proof *proof, struct vrx_merkle_proof *ret_proof) {
    ret_proof->count = proof->count;
    for (size_t i = 0; i < proof->count; i++)
        ret_proof->hash[i] = proof->hash[proof->count - 1 - i];
}

struct vrx_result vrx_merkle_prove_inclusion(const struct vrx_merkle_source *source, uint64_t index,
    uint64_t size, struct vrx_merkle_proof *ret_proof) {
    if (size > VRX_MERKLE_SIZE_MAX || index >= size)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 9162 §2.1.3.1: 0 <= m < n");
    struct vrx_merkle_proof proof;
    proof.count = 0;
    uint64_t begin = 0;
    uint64_t n = size;
    while (n > 1) {
        uint64_t k = split(n);
        if (index - begin < k) {
            VRX_TRY(push(source, begin + k, n - k, &proof));
            n = k;
        } else {
            VRX_TRY(push(source, begin, k, &proof));
            begin += k;
            n -= k;
        }
    }
    give_reversed(&proof, ret_proof);
    return vrx_ok();
}

struct vrx_result vrx_merkle_prove_consistency(const struct vrx_merkle_source *source,
    uint64_t old_size, uint64_t new_size, struct vrx_merkle_proof *ret_proof) {
    if (new_size > VRX_MERKLE_SIZE_MAX || old_size > new_size)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 9162 §2.1.4.1: 0 < m < n");
    struct vrx_merkle_proof proof;
    proof.count = 0;
    uint64_t begin = 0;
    uint64_t m = old_size;
    uint64_t n = old_size ? new_size : 0;
    while (m != n) {
        uint64_t k = split(n);
        if (m <= k) {
            VRX_TRY(push(source, begin + k, n - k, &proof));
            n = k;
        } else {
            VRX_TRY(push(source, begin, k, &proof));
            begin += k;
            m -= k;
            n -= k;
        }
    }
    if (begin) /* a part of the old tree only, which its verifier does not know */
        VRX_TRY(push(source, begin, n, &proof));
    give_reversed(&proof, ret_proof);
    return vrx_ok();
}

struct vrx_result vrx_merkle_verify_inclusion(const struct vrx_merkle_proof *proof, uint64_t index,
    uint64_t size, const struct vrx_merkle_hash *leaf, const struct vrx_merkle_hash *root) {
    if (proof->count > VRX_MERKLE_PROOF_MAX)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_inclusion_length);
    if (index >= size)
        return vrx_refuse(VRX_SIGNATURE_INVALID, "RFC 9162 §2.1.3.2 step 1: index beyond the tree");
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct vrx_merkle_hash r = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        const struct vrx_merkle_hash *p = &proof->hash[i];
        if (!sn)
            return vrx_refuse(VRX_SIGNATURE_INVALID, step_inclusion_length);
        if ((fn & 1) || fn == sn) {
            VRX_TRY(vrx_merkle_node(p, &r, &r));
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            VRX_TRY(vrx_merkle_node(&r, p, &r));
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_inclusion_length);
    if (!vrx_merkle_hash_equal(&r, root))
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_inclusion_root);
    return vrx_ok();
}

/* The cases that §2.1.4.2 leaves to the caller: the old tree is empty, or is the new one. */
static struct vrx_result verify_trivial(const struct vrx_merkle_proof *proof, uint64_t old_size,
    const struct vrx_merkle_hash *old_root, const struct vrx_merkle_hash *new_root) {
    if (proof->count)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_length);
    struct vrx_merkle_hash expected = *new_root;
    if (!old_size)
        VRX_TRY(empty_root(&expected));
    if (!vrx_merkle_hash_equal(old_root, &expected))
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_old);
    return vrx_ok();
}

/* Steps 5 and 6 for the hashes after the first one. */
static struct vrx_result climb(const struct vrx_merkle_proof *proof, size_t from, uint64_t fn,
    uint64_t sn, struct vrx_merkle_hash *fr, struct vrx_merkle_hash *sr) {
    for (size_t i = from; i < proof->count; i++) {
        const struct vrx_merkle_hash *c = &proof->hash[i];
        if (!sn)
            return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_length);
        if ((fn & 1) || fn == sn) {
            VRX_TRY(vrx_merkle_node(c, fr, fr));
            VRX_TRY(vrx_merkle_node(c, sr, sr));
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            VRX_TRY(vrx_merkle_node(sr, c, sr));
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_length);
    return vrx_ok();
}

struct vrx_result vrx_merkle_verify_consistency(const struct vrx_merkle_proof *proof,
    uint64_t old_size, uint64_t new_size, const struct vrx_merkle_hash *old_root,
    const struct vrx_merkle_hash *new_root) {
    if (proof->count > VRX_MERKLE_PROOF_MAX)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_length);
    if (old_size > new_size)
        return vrx_refuse(VRX_LEDGER_BEHIND, "RFC 9162 §2.1.4.2: first <= second");
    if (!old_size || old_size == new_size)
        return verify_trivial(proof, old_size, old_root, new_root);
    /* Step 2: a complete old tree is itself the first hash. */
    bool complete = !(old_size & (old_size - 1));
    if (!complete && !proof->count)
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_length);
    unsigned shift = lowest_bit(old_size); /* step 4: while the lowest bit of fn is set */
    uint64_t fn = (old_size - 1) >> shift;
    uint64_t sn = (new_size - 1) >> shift;
    struct vrx_merkle_hash fr = complete ? *old_root : proof->hash[0];
    struct vrx_merkle_hash sr = fr;
    VRX_TRY(climb(proof, complete ? 0 : 1, fn, sn, &fr, &sr));
    if (!vrx_merkle_hash_equal(&fr, old_root))
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_old);
    if (!vrx_merkle_hash_equal(&sr, new_root))
        return vrx_refuse(VRX_SIGNATURE_INVALID, step_consistency_new);
    return vrx_ok();
}
