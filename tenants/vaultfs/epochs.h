/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: the keys of an open vault file and the count of what is written under
 * them. A random nonce of 96 bits bears 2^31 pages under one key (NIST SP 800-38D §8.3 asks for
 * fewer than 2^32); then the next epoch begins by itself. Old pages are read with the key of their
 * own epoch and get the new one when they are next written.
 *
 * The count is taken from the file in blocks, ahead of use: a crash loses the rest of a block, so
 * the count is never less than what was written. The current key and a few earlier ones are held
 * with their key schedule; others are derived anew when a page asks for them.
 */
#ifndef VRX_VAULTFS_EPOCHS_H
#define VRX_VAULTFS_EPOCHS_H

#include <sqlite3.h>

#include "base/secret.h"
#include "vaultfs/header.h"

#define VRX_EPOCH_WRITES ((uint64_t)1 << 31) /* pages an epoch */
#define VRX_EPOCH_BLOCK ((uint64_t)1 << 16)  /* counted at once: 256 MiB, two syncs */
#define VRX_EPOCHS_HELD 4                    /* keys of earlier epochs */

struct vrx_epochs {
    sqlite3_file *file; /* the database file below, borrowed while it is open */
    const struct vrx_random *random;
    struct vrx_header header; /* as it stands in the file, without the previous key */
    bool owed;                /* the other slot says something else: written before any page is */
    bool behind;     /* the other slot is one checkpoint's step older: written at the end */
    bool unsure;     /* a write failed: nobody knows what the other slot says */
    unsigned newest; /* its slot that was synced last */
    uint64_t left;   /* writes that the header has foreseen and that have not come */
    uint64_t limit;  /* VRX_EPOCH_WRITES and VRX_EPOCH_BLOCK outside of tests */
    uint64_t block;
    struct vrx_secret *data_key;
    struct vrx_secret *previous; /* while pages under it are left, else NULL */
    struct vrx_aead header_key;
    struct vrx_xts checksum; /* of the WAL: the same for all epochs of a data key */
    struct vrx_cmac fresh;   /* under the previous data key while there is one */
    struct vrx_page_keys current;
    struct vrx_page_keys held[VRX_EPOCHS_HELD]; /* epoch 0: free */
    size_t next_held;                           /* the one to be given up next */
};

/* Draws the file id and writes the header. On failure nothing is held. Errors: VRX_DISK_FAILED,
 * VRX_DISK_FULL, VRX_RANDOM_FAILED, VRX_OUT_OF_MEMORY, vrx_page_derive's. */
struct vrx_result vrx_epochs_create(struct vrx_epochs *epochs, sqlite3_file *file,
    const struct vrx_random *random, struct vrx_view data_key);
/* Reads it. Errors: the same, and VRX_VAULT_DAMAGED when neither slot authenticates. */
struct vrx_result vrx_epochs_open(struct vrx_epochs *epochs, sqlite3_file *file,
    const struct vrx_random *random, struct vrx_view data_key);
/* Reads it again, now that the file is locked: another process may have changed it and left.
 * Errors: open's. */
struct vrx_result vrx_epochs_reload(struct vrx_epochs *epochs);
/* Wipes. All zero is accepted. */
void vrx_epochs_done(struct vrx_epochs *epochs);

/* The key of a page that names this epoch; valid until the next call. Errors: VRX_VAULT_DAMAGED
 * when the vault has no such epoch; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_epochs_find(
    struct vrx_epochs *epochs, uint32_t epoch, struct vrx_page_keys **ret_keys);

/* The key for one page to be written, which is counted. Errors: VRX_DISK_FAILED, VRX_DISK_FULL,
 * VRX_RANDOM_FAILED, VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED; VRX_CAP_REACHED after 2^32 - 1 epochs.
 */
struct vrx_result vrx_epochs_count(struct vrx_epochs *epochs, struct vrx_page_keys **ret_keys);

/* Begins the next epoch now. Errors: vrx_epochs_count's. */
struct vrx_result vrx_epochs_advance(struct vrx_epochs *epochs);
/* No page of an epoch before this one is left in the database and its WAL: such keys are given up.
 * Errors: vrx_epochs_count's. */
struct vrx_result vrx_epochs_retire(struct vrx_epochs *epochs, uint32_t oldest);

/* Another data key, in the next epoch, with a move from page 1 on; the WAL is empty. Until both
 * slots are written either key opens the vault, and no page is written. Errors: vrx_epochs_count's,
 * VRX_KEY_INVALID. */
struct vrx_result vrx_epochs_rekey(struct vrx_epochs *epochs, struct vrx_view data_key);
/* How far it has come, and the sum over the pages as they are with the lot in its place. Errors:
 * vrx_epochs_count's. */
struct vrx_result vrx_epochs_move(
    struct vrx_epochs *epochs, struct vrx_header_move move, const uint8_t sum[VRX_CMAC]);
/* No page under the previous key is left: it is given up. fresh is the key of sums from now on and
 * taken over, sum that over all pages. Errors: vrx_epochs_count's. */
struct vrx_result vrx_epochs_settle(
    struct vrx_epochs *epochs, struct vrx_cmac *fresh, const uint8_t sum[VRX_CMAC]);

/* The key of sums that the data key gives. Errors: vrx_page_derive's, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_epochs_fresh_key(const struct vrx_epochs *epochs, struct vrx_cmac *ret_key);
/* What is newest. Durable in one slot when it returns: one sync. Errors: vrx_epochs_count's. */
struct vrx_result vrx_epochs_refresh(
    struct vrx_epochs *epochs, const struct vrx_header_fresh *fresh);
/* Makes the two slots say the same. Errors: vrx_epochs_count's. */
struct vrx_result vrx_epochs_even(struct vrx_epochs *epochs);

#endif
