/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: reading and writing the WAL (SQLite file format §4). Its header's first 16
 * bytes and each frame's page number and commit size stay clear; salts and checksums are hidden,
 * pages are sealed.
 *
 *     0            header   magic 4, version 4, page size 4, sequence 4, salts 8, checksum 8
 *     32 + k*4120  frame    page number 4, commit size 4, salts 8, checksum 8, page 4096
 */
#ifndef VRX_VAULTFS_WAL_H
#define VRX_VAULTFS_WAL_H

#include <sqlite3.h>

#include "vaultfs/page.h"

#define VRX_WAL_HEADER 32
#define VRX_WAL_FRAME_HEADER 24
#define VRX_WAL_FRAME (VRX_WAL_FRAME_HEADER + VRX_PAGE)

struct vrx_vault_file;

struct vrx_wal {
    uint8_t salts[VRX_PAGE_SALTS]; /* of the header that was read or written last */
    uint64_t base;                 /* that its pages are bound to (fresh.h) */
    bool written;                  /* since it was opened: recovery is over */
    /* The frame header that SQLite wrote last; frame is 0 when there is none. */
    sqlite3_int64 frame;
    uint32_t number;
    uint32_t commit;
    /* Which page stands in each frame, as far as it is known. */
    uint32_t *numbers;
    uint32_t known;
    uint32_t room;
    uint32_t committed; /* frames up to the last commit that SQLite holds for one */
    uint32_t pages;     /* of the database after it */
    uint32_t copied;    /* frames that are in the database since this session */
    /* A commit that is on its way: its last frame and the pages after it; 0 when there is none. */
    uint32_t coming;
    uint32_t coming_pages;
    uint32_t checksum[2]; /* of what was recovered so far */
    bool big;             /* its words are big-endian */
    bool recovering;      /* every frame until now was one that SQLite takes */
};

void vrx_wal_done(struct vrx_wal *wal);
/* SQLite has committed, or given a commit up. */
void vrx_wal_commit(struct vrx_wal *wal);
void vrx_wal_give_up(struct vrx_wal *wal);
bool vrx_wal_is(const struct vrx_wal *wal, const uint8_t salts[VRX_PAGE_SALTS]);

/* As sqlite3_io_methods.xRead and xWrite. */
int vrx_wal_read(struct vrx_vault_file *file, void *buffer, int amount, sqlite3_int64 offset);
int vrx_wal_write(
    struct vrx_vault_file *file, const void *buffer, int amount, sqlite3_int64 offset);
/* Nothing, or a header and whole frames. */
bool vrx_wal_size_valid(sqlite3_int64 size);

#endif
