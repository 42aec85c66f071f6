/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: whether every page of the database is the one that was written there last.
 * An older one authenticates, so the header keeps a sum: the XOR, over all pages, of the mark of
 * each, which is AES-256-CMAC of its number and its last 32 bytes (nonce, tag, epoch) under a key
 * from the data key. Key and sum are secret, so that nobody can find other pages with that sum. A
 * place that was never written, all zero, has the mark zero.
 *
 * SQLite writes the database in checkpoints alone, and so the header has two states:
 *
 * - settled: the sum is over all pages. Of the WAL that was copied last there are at least the
 *   copied frames, or nothing: with fewer its older pages would hide newer ones. Any other WAL
 *   began after that checkpoint, for frames are bound to the count of checkpoints that were over
 *   when their WAL began: one that is older than the database does not authenticate.
 * - copying, written and synced before the first page of a checkpoint: the sum is over the pages
 *   that do not stand in the WAL's first frames, whose number and salts the header has. The others
 *   are in the WAL, which must be there.
 *
 * Writing takes the mark that stands in the file out of the sum and puts the new one in. Where
 * somebody changed the file before, the difference stays in the sum, and the next look finds it.
 */
#ifndef VRX_VAULTFS_FRESH_H
#define VRX_VAULTFS_FRESH_H

#include <stddef.h>

#include "crypto/aead.h"
#include "vaultfs/page.h"

struct vrx_vault;

/* A page that is copied from the WAL. */
struct vrx_fresh_page {
    uint32_t number;
    bool written;
};

struct vrx_fresh {
    bool trusted; /* the database has been looked at, or made: it may be written */
    /* While the header says copying, in the order of their numbers. */
    struct vrx_fresh_page *pages;
    size_t count;
    size_t left;           /* not written */
    uint8_t sum[VRX_CMAC]; /* over those that are */
};

/* All zero is accepted. */
void vrx_fresh_done(struct vrx_fresh *fresh);

/* Puts a page's mark into the sum, or takes it out. trailer: its last VRX_PAGE_RESERVED bytes.
 * Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_fresh_mix(struct vrx_cmac *key, uint32_t number,
    const uint8_t trailer[VRX_PAGE_RESERVED], uint8_t sum[VRX_CMAC]);

/* A new database, of which SQLite has written the first pages. Errors: vrx_epochs_count's. */
struct vrx_result vrx_fresh_made(struct vrx_vault *vault);
/* SQLite has read the WAL of a vault that is being opened: does it belong to the database, and is
 * every page of that the newest? Errors: VRX_VAULT_DAMAGED, VRX_DISK_FAILED, VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_fresh_verify(struct vrx_vault *vault);
/* Looks at the database of an open vault once more. After VRX_VAULT_DAMAGED nothing more is
 * written. Errors: verify's. */
struct vrx_result vrx_fresh_check(struct vrx_vault *vault);
/* The same, and the sum over all pages under another key. The header is settled. Errors: verify's,
 * VRX_WRONG_STATE. */
struct vrx_result vrx_fresh_renew(
    struct vrx_vault *vault, struct vrx_cmac *key, uint8_t ret_sum[VRX_CMAC]);

/* Before a page of the database is written, and with its stored form after that. Errors of before:
 * vrx_epochs_count's; VRX_VAULT_DAMAGED when the file is too short; VRX_INTERNAL_ERROR when the WAL
 * does not have the page. */
struct vrx_result vrx_fresh_before(struct vrx_vault *vault, uint32_t number);
struct vrx_result vrx_fresh_written(
    struct vrx_vault *vault, uint32_t number, const uint8_t stored[VRX_PAGE]);
/* Before the database is cut to so many pages. Errors: before's. */
struct vrx_result vrx_fresh_cut(struct vrx_vault *vault, uint32_t pages);
/* What was written to the database is durable: where the checkpoint is whole the header says so.
 * Errors: vrx_epochs_count's, VRX_INTERNAL_ERROR when pages of it are missing. */
struct vrx_result vrx_fresh_synced(struct vrx_vault *vault);
/* It may not be: nothing of it counts as written. */
void vrx_fresh_unsynced(struct vrx_vault *vault);

/* Does the database need its WAL? Then that may not be cut, begun anew or removed. */
bool vrx_fresh_needs_wal(const struct vrx_vault *vault);

#endif
