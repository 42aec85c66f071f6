/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: the header of a vault file, which says under which key epoch pages are
 * written and how many writes that epoch has had at most. Bytes in, bytes out.
 *
 * It stands before page 1, which SQLite sees as the file's beginning, in two slots of one page
 * each. The older one is overwritten and synced, then the other: a write that power cuts short
 * spoils one of them. Of two that authenticate the one with the higher generation counts. Between
 * the beginning and the end of a checkpoint the older slot is left behind; closing makes them
 * equal.
 *
 *        0  magic       8   "VRXVAULT"
 *        8  version     4   3
 *       12  file id    16
 *       28  nonce      12   random
 *       40  tag        16   AES-256-GCM under the header's key, AAD = bytes 0 to 27
 *       56  sealed   4040   generation 8, epoch 4, oldest 4, written 8, key since 4, previous? 4,
 *                           previous key 32, move: next 4, first 4, count 4, spare 4,
 *                           fresh: sum 16, pages 4, base 8, WAL's salts 8, WAL's base 8,
 *                           frames 4, copying? 4; zeros
 *
 * Why here: the count must be durable before a write that it has not foreseen, in the middle of a
 * transaction, where no row of the database can be changed; it must be readable before the first
 * page is; and a file beside the vault would be lost when the vault is copied or renamed.
 */
#ifndef VRX_VAULTFS_HEADER_H
#define VRX_VAULTFS_HEADER_H

#include "vaultfs/page.h"

#define VRX_HEADER_SLOT VRX_PAGE
#define VRX_HEADER_SLOTS 2
#define VRX_HEADER (VRX_HEADER_SLOTS * VRX_HEADER_SLOT) /* bytes before page 1 */

/* The clause of a refusal. */
#define VRX_HEADER_OTHER_VERSION "the vault is of another format version than 3"

/* How far the change to another data key has come (rekey.h). */
struct vrx_header_move {
    uint32_t next;  /* pages before this one are done */
    uint32_t first; /* count pages from first on are being replaced by what stands, whole and */
    uint32_t count; /* synced, in the spare pages behind the database; count 0: none are */
    uint32_t spare; /* the first of those, counted from 1 as all pages are */
};

/* Which pages are the newest, and which WAL belongs to them (fresh.h). */
struct vrx_header_fresh {
    uint8_t sum[VRX_CMAC]; /* over pages 1 to pages, without those that are being copied */
    uint32_t pages;        /* of the database, as the last checkpoint leaves it */
    uint64_t base;         /* checkpoints that are over; a WAL that begins now is bound to it */
    uint8_t salts[VRX_PAGE_SALTS]; /* of the WAL that was copied last, */
    uint64_t wal_base;             /* the base that it is bound to, */
    uint32_t frames;               /* and how many of its frames, from the first one on */
    bool copying; /* the pages in those frames may be half copied: the WAL has them */
};

struct vrx_header {
    uint8_t file_id[VRX_PAGE_FILE_ID];
    uint64_t generation; /* from 1, one more with each change */
    uint32_t epoch;      /* of the pages that are written now */
    uint32_t oldest;     /* no page of an earlier epoch is left */
    uint64_t written;    /* writes in epoch, those included that may come before the next change */
    uint32_t key_since;  /* the first epoch of the tenant's present data key */
    bool has_previous;   /* pages of earlier epochs are left, under the previous key */
    uint8_t previous[VRX_AEAD_KEY];
    struct vrx_header_move move;
    struct vrx_header_fresh fresh;
};

/* The file id of a slot; nobody vouches for it until the slot has been opened. Errors:
 * VRX_VAULT_DAMAGED when it is no slot of a vault, with a clause that says so when the slot is of
 * another version (VRX_HEADER_OTHER_VERSION). */
struct vrx_result vrx_header_file_id(
    const uint8_t slot[VRX_HEADER_SLOT], uint8_t ret_file_id[VRX_PAGE_FILE_ID]);

/* key: vrx_page_derive with VRX_PAGE_USE_HEADER, epoch 0. Errors: VRX_RANDOM_FAILED,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_header_seal(const struct vrx_header *header, struct vrx_aead *key,
    const struct vrx_random *random, uint8_t slot[VRX_HEADER_SLOT]);
/* Errors: VRX_VAULT_DAMAGED when the slot does not authenticate or contradicts itself;
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_header_open(
    const uint8_t slot[VRX_HEADER_SLOT], struct vrx_aead *key, struct vrx_header *ret_header);

#endif
