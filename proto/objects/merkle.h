/* SPDX-License-Identifier: Apache-2.0
 *
 * The Merkle tree of RFC 9162 §2.1 with SHA-256: hashing, appending in constant memory, proofs and
 * their verification. The tree's nodes live elsewhere (tenants/ledger); whoever only verifies needs
 * nothing but this file.
 *
 * A complete subtree is named by (level, index): it covers the 2^level leaves from index * 2^level.
 */
#ifndef VRX_OBJECTS_MERKLE_H
#define VRX_OBJECTS_MERKLE_H

#include "base/bytes.h"

#define VRX_MERKLE_HASH 32                      /* bytes */
#define VRX_MERKLE_SIZE_MAX ((uint64_t)1 << 63) /* leaves */
/* Levels of a tree of so many leaves, its root included. */
#define VRX_MERKLE_LEVELS 64
/* An inclusion proof has at most 63 hashes; a consistency proof at most 64 (RFC 9162 §2.1.4.1). */
#define VRX_MERKLE_PROOF_MAX 64

struct vrx_merkle_hash {
    uint8_t bytes[VRX_MERKLE_HASH];
};

struct vrx_merkle_proof {
    size_t count;
    struct vrx_merkle_hash hash[VRX_MERKLE_PROOF_MAX];
};

/* Public data: the time depends on the content. */
bool vrx_merkle_hash_equal(const struct vrx_merkle_hash *a, const struct vrx_merkle_hash *b);

/* RFC 9162 §2.1.1. Errors of all that hash: VRX_CRYPTO_FAILED. */
/* SHA-256(0x00 ‖ entry) */
struct vrx_result vrx_merkle_leaf(struct vrx_view entry, struct vrx_merkle_hash *ret_hash);
/* SHA-256(0x01 ‖ left ‖ right); ret_hash may be one of the two. */
struct vrx_result vrx_merkle_node(const struct vrx_merkle_hash *left,
    const struct vrx_merkle_hash *right, struct vrx_merkle_hash *ret_hash);

/* The complete subtrees that a tree of `size` leaves consists of: peak[level] counts where bit
 * `level` of size is set. All zero is the empty tree. Plain data: assignment copies it. */
struct vrx_merkle_frontier {
    uint64_t size;
    struct vrx_merkle_hash peak[VRX_MERKLE_LEVELS];
};

/* Adds one leaf (its hash). The subtrees which that completes are those of the levels 0 to
 * *ret_levels - 1 whose last leaf is the new one; their hashes are put to ret_completed by level.
 * Both may be NULL. On failure the frontier is as it was. Errors: VRX_INPUT_RANGE when the tree is
 * full. */
struct vrx_result vrx_merkle_frontier_append(struct vrx_merkle_frontier *frontier,
    const struct vrx_merkle_hash *leaf, struct vrx_merkle_hash ret_completed[VRX_MERKLE_LEVELS],
    unsigned *ret_levels);
/* The tree's root; of the empty tree SHA-256 of nothing (RFC 9162 §2.1.1). */
struct vrx_result vrx_merkle_frontier_root(
    const struct vrx_merkle_frontier *frontier, struct vrx_merkle_hash *ret_root);

/* Where proofs get the hashes of complete subtrees from. Only subtrees that lie wholly within the
 * tree are asked for. A failure ends the proof and is handed up. */
struct vrx_merkle_source {
    struct vrx_result (*subtree)(
        void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash);
    void *context;
};

/* The frontier of the tree of the first `size` leaves. Errors: VRX_INPUT_RANGE above
 * VRX_MERKLE_SIZE_MAX; the source's. */
struct vrx_result vrx_merkle_frontier_load(const struct vrx_merkle_source *source, uint64_t size,
    struct vrx_merkle_frontier *ret_frontier);
/* The root of the tree of the first `size` leaves. Errors: as above. */
struct vrx_result vrx_merkle_root(
    const struct vrx_merkle_source *source, uint64_t size, struct vrx_merkle_hash *ret_root);
/* PATH(index, D[size]), RFC 9162 §2.1.3.1. Errors: VRX_INPUT_RANGE unless index < size; the
 * source's. */
struct vrx_result vrx_merkle_prove_inclusion(const struct vrx_merkle_source *source, uint64_t index,
    uint64_t size, struct vrx_merkle_proof *ret_proof);
/* PROOF(old_size, D[new_size]), RFC 9162 §2.1.4.1. For equal sizes and from the empty tree the
 * proof is empty. Errors: VRX_INPUT_RANGE unless old_size <= new_size; the source's. */
struct vrx_result vrx_merkle_prove_consistency(const struct vrx_merkle_source *source,
    uint64_t old_size, uint64_t new_size, struct vrx_merkle_proof *ret_proof);

/* RFC 9162 §2.1.3.2: the leaf (its hash) stands at index in the tree of that size and root. Errors:
 * VRX_SIGNATURE_INVALID with the clause's step when it does not. */
struct vrx_result vrx_merkle_verify_inclusion(const struct vrx_merkle_proof *proof, uint64_t index,
    uint64_t size, const struct vrx_merkle_hash *leaf, const struct vrx_merkle_hash *root);
/* RFC 9162 §2.1.4.2: the new tree begins with the old one. Every tree extends the empty one, whose
 * root must then be that of §2.1.1. Errors: VRX_LEDGER_BEHIND when the new tree is smaller than the
 * old one; VRX_SIGNATURE_INVALID with the clause's step when the proof does not show it. */
struct vrx_result vrx_merkle_verify_consistency(const struct vrx_merkle_proof *proof,
    uint64_t old_size, uint64_t new_size, const struct vrx_merkle_hash *old_root,
    const struct vrx_merkle_hash *new_root);

#endif
