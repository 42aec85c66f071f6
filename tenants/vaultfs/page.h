/* SPDX-License-Identifier: Apache-2.0
 *
 * One page of the vault between its plain form, as SQLite sees it, and its stored form. Bytes in,
 * bytes out: no file, no SQLite. The last 32 bytes of a page are SQLite's reserve, zero in the
 * plain form, and in the stored form
 *
 *     4064  nonce   12  random
 *     4076  tag     16  AES-256-GCM (NIST SP 800-38D)
 *     4092  epoch    4  big-endian
 *
 * Page 1 of the database begins with the file id (16) and keeps SQLite's bytes 16 to 23 clear,
 * which are the same in every vault; everything else is ciphertext. The associated data names the
 * place of the page, so that a page put back elsewhere does not authenticate.
 */
#ifndef VRX_VAULTFS_PAGE_H
#define VRX_VAULTFS_PAGE_H

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/aead.h"

#define VRX_PAGE 4096        /* bytes */
#define VRX_PAGE_RESERVED 32 /* bytes at its end: nonce, tag, epoch */
#define VRX_PAGE_FILE_ID 16  /* bytes */
#define VRX_PAGE_CLEAR 24    /* page 1 of the database: file id and SQLite's bytes 16 to 23 */
#define VRX_PAGE_SALTS 8     /* bytes 16 to 23 of the WAL's header */
#define VRX_PAGE_CHECKSUM 16 /* salts and checksum, in the WAL's header and in each frame's */
#define VRX_PAGE_FIRST_EPOCH 1

enum vrx_page_kind {
    VRX_PAGE_DATABASE = 1,
    VRX_PAGE_WAL = 2,
};

/* Where a page stands. The last four are zero for the database. */
struct vrx_page_place {
    enum vrx_page_kind kind;
    uint32_t number;               /* from 1 */
    uint8_t salts[VRX_PAGE_SALTS]; /* of the WAL's header: they change when the WAL starts anew */
    uint32_t commit;               /* pages in the database after this frame's commit, or 0 */
    uint64_t frame;                /* the frame's offset in the WAL */
    uint64_t base;                 /* checkpoints that were over when this WAL began */
};

/* The key of one file's pages in one epoch; one thread at a time. */
struct vrx_page_keys {
    uint8_t file_id[VRX_PAGE_FILE_ID];
    uint32_t epoch;
    struct vrx_aead page;
};

/* What a key is for. */
enum vrx_page_use {
    VRX_PAGE_USE_PAGE = 0,     /* 32 bytes */
    VRX_PAGE_USE_CHECKSUM = 1, /* of the WAL: 64 bytes */
    VRX_PAGE_USE_HEADER = 2,   /* of the file (header.h): 32 bytes */
    VRX_PAGE_USE_FRESH = 3,    /* of the sum over all pages (fresh.h): 32 bytes */
};

/* HKDF-SHA256 (RFC 5869) of the tenant's data key (32 bytes), info = file id ‖ epoch ‖ use. Errors:
 * VRX_KEY_INVALID for another length of data_key; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_page_derive(struct vrx_view data_key, const uint8_t file_id[VRX_PAGE_FILE_ID],
    uint32_t epoch, enum vrx_page_use use, uint8_t *out, size_t out_len);

/* data_key is not kept. Errors: vrx_page_derive's, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_page_keys_init(struct vrx_page_keys *keys, struct vrx_view data_key,
    const uint8_t file_id[VRX_PAGE_FILE_ID], uint32_t epoch);
/* All zero is accepted. */
void vrx_page_keys_done(struct vrx_page_keys *keys);

/* stored must not overlap plain. Errors: VRX_INTERNAL_ERROR when plain cannot be stored without
 * loss (its reserve is not zero, or page 1 of the database is not headed as vrx_page_header_check
 * asks); VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_page_seal(struct vrx_page_keys *keys, const struct vrx_random *random,
    const struct vrx_page_place *place, const uint8_t plain[VRX_PAGE], uint8_t stored[VRX_PAGE]);

/* The epoch that a stored page names; nobody vouches for it until the page has been opened. */
uint32_t vrx_page_epoch(const uint8_t stored[VRX_PAGE]);

/* plain may be stored itself. Errors: VRX_VAULT_DAMAGED when the page does not authenticate at this
 * place, plain is undefined then but holds no plaintext; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_page_open(struct vrx_page_keys *keys, const struct vrx_page_place *place,
    const uint8_t stored[VRX_PAGE], uint8_t plain[VRX_PAGE]);

/* Bytes 16 to 23 of the database header (SQLite file format §1.3): page size 4096, WAL, 32 bytes
 * reserved, payload fractions 64 32 32. Errors: VRX_VAULT_DAMAGED. */
struct vrx_result vrx_page_header_check(const uint8_t bytes[VRX_PAGE_CLEAR - VRX_PAGE_FILE_ID]);

/* The key for the 16 bytes of salts and checksum that stand in the WAL. They depend on the
 * plaintext, so they are hidden with AES-256-XTS (IEEE 1619), the tweak being their offset; the
 * checksum is its own check. Errors: vrx_page_derive's, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_page_checksum_init(struct vrx_xts *checksum, struct vrx_view data_key,
    const uint8_t file_id[VRX_PAGE_FILE_ID], uint32_t epoch);

#endif
