/* SPDX-License-Identifier: Apache-2.0
 *
 * What SQLite does with a WAL is a closed set of shapes; each has a function here and anything else
 * is refused. SQLite asks for a page of the WAL without saying which page of the database it is, so
 * the frame's header is always read with it. A page that does not authenticate is an error, except
 * while SQLite recovers: then it is the end of the log, as a torn frame is.
 */
#include "vaultfs/wal.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "vaultfs/vfs.h"

#define FRAME_SALTS_AT 8     /* in a frame's header */
#define FRAME_CHECKSUM_AT 16 /* in a frame's header */
#define HEADER_SALTS_AT 16
#define HEADER_CHECKSUM_AT 24
#define CHECKSUM_ALONE 8 /* bytes: the checksum without the salts */
#define FIRST_ROOM 1024  /* frames */

static sqlite3_int64 in_frame(sqlite3_int64 offset) {
    return (offset - VRX_WAL_HEADER) % VRX_WAL_FRAME;
}

bool vrx_wal_size_valid(sqlite3_int64 size) {
    return size == 0 || (size >= VRX_WAL_HEADER && in_frame(size) == 0);
}

static int under_read(struct vrx_vault_file *file, uint8_t *out, int amount, sqlite3_int64 offset) {
    return file->under->pMethods->xRead(file->under, out, amount, offset);
}

static int under_write(
    struct vrx_vault_file *file, const uint8_t *in, int amount, sqlite3_int64 offset) {
    return file->under->pMethods->xWrite(file->under, in, amount, offset);
}

static struct vrx_page_place place_of(
    const struct vrx_vault *vault, sqlite3_int64 frame, uint32_t number, uint32_t commit) {
    struct vrx_page_place place = {.kind = VRX_PAGE_WAL,
        .number = number,
        .commit = commit,
        .frame = (uint64_t)frame,
        .base = vault->wal.base};
    memcpy(place.salts, vault->wal.salts, VRX_PAGE_SALTS);
    return place;
}

/* What stands in the WAL */

void vrx_wal_done(struct vrx_wal *wal) {
    free(wal->numbers);
    *wal = (struct vrx_wal){.written = false};
}

/* A large transaction's memory is not kept for the WAL after it. */
static void forget_frames(struct vrx_wal *wal) {
    free(wal->numbers);
    wal->numbers = NULL;
    wal->room = wal->known = wal->committed = wal->pages = wal->copied = wal->coming = 0;
    wal->recovering = false;
}

bool vrx_wal_is(const struct vrx_wal *wal, const uint8_t salts[VRX_PAGE_SALTS]) {
    return memcmp(wal->salts, salts, VRX_PAGE_SALTS) == 0;
}

void vrx_wal_commit(struct vrx_wal *wal) {
    if (wal->coming == 0)
        return;
    wal->committed = wal->coming;
    wal->pages = wal->coming_pages;
    wal->coming = 0;
}

void vrx_wal_give_up(struct vrx_wal *wal) {
    wal->coming = 0;
}

static uint32_t index_of(sqlite3_int64 frame) {
    return (uint32_t)((frame - VRX_WAL_HEADER) / VRX_WAL_FRAME);
}

/* Frames come one after the other, or again from the last commit on. */
static struct vrx_result know_frame(struct vrx_wal *wal, uint32_t index, uint32_t number) {
    if (index > wal->known || index < wal->committed)
        return vrx_fail(VRX_INTERNAL_ERROR);
    if (index == wal->room) {
        uint32_t room = wal->room > 0 ? wal->room * 2 : FIRST_ROOM;
        uint32_t *numbers = realloc(wal->numbers, (size_t)room * sizeof *numbers);
        if (!numbers)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        wal->numbers = numbers;
        wal->room = room;
    }
    wal->numbers[index] = number;
    wal->known = wal->known > index ? wal->known : index + 1;
    return vrx_ok();
}

/* SQLite's checksum over pairs of words, big-endian where the magic number is odd. */
static void add_checksum(uint32_t sum[2], bool big, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i += 8) {
        uint32_t words[2] = {vrx_get_u32(bytes + i), vrx_get_u32(bytes + i + 4)};
        for (size_t k = 0; k < 2; k++) {
            if (!big)
                words[k] = __builtin_bswap32(words[k]);
            sum[k] += words[k] + sum[1 - k];
        }
    }
}

static bool is_checksum(const uint32_t sum[2], const uint8_t *stored) {
    return sum[0] == vrx_get_u32(stored) && sum[1] == vrx_get_u32(stored + 4);
}

/* A WAL that has this base, or began after the checkpoint that is over. */
static void begin_recovery(struct vrx_vault *vault, const uint8_t header[VRX_WAL_HEADER]) {
    const struct vrx_header_fresh *fresh = &vault->epochs.header.fresh;
    struct vrx_wal *wal = &vault->wal;
    forget_frames(wal);
    wal->base = vrx_wal_is(wal, fresh->salts) ? fresh->wal_base : fresh->base;
    wal->big = header[3] & 1;
    wal->checksum[0] = wal->checksum[1] = 0;
    add_checksum(wal->checksum, wal->big, header, HEADER_CHECKSUM_AT);
    wal->recovering = is_checksum(wal->checksum, header + HEADER_CHECKSUM_AT);
}

/* The frame is one that SQLite has asked for; is it one that it will take? As sqlite3's wal.c
 * decides: the salts of the header, a page, and a checksum over everything from the beginning. */
static struct vrx_result recover_frame(
    struct vrx_wal *wal, const uint8_t *frame, sqlite3_int64 offset) {
    uint32_t number = vrx_get_u32(frame);
    uint32_t commit = vrx_get_u32(frame + 4);
    if (!wal->recovering || index_of(offset) != wal->known)
        return vrx_ok();
    add_checksum(wal->checksum, wal->big, frame, FRAME_SALTS_AT);
    add_checksum(wal->checksum, wal->big, frame + VRX_WAL_FRAME_HEADER, VRX_PAGE);
    wal->recovering = number > 0 && vrx_wal_is(wal, frame + FRAME_SALTS_AT) &&
                      is_checksum(wal->checksum, frame + FRAME_CHECKSUM_AT);
    if (!wal->recovering)
        return vrx_ok();
    VRX_TRY(know_frame(wal, wal->known, number));
    if (commit > 0) {
        wal->committed = wal->known;
        wal->pages = commit;
    }
    return vrx_ok();
}

/* Reads the header with its hidden half shown. */
static int read_header(struct vrx_vault_file *file, uint8_t header[VRX_WAL_HEADER]) {
    struct vrx_vault *vault = file->vault;
    int rc = under_read(file, header, VRX_WAL_HEADER, 0);
    if (rc != SQLITE_OK)
        return rc;
    rc = vrx_vfs_settle(
        vault, vrx_xts_decrypt(&vault->epochs.checksum, HEADER_SALTS_AT, header + HEADER_SALTS_AT,
                   VRX_PAGE_CHECKSUM, header + HEADER_SALTS_AT));
    if (rc == SQLITE_OK)
        memcpy(vault->wal.salts, header + HEADER_SALTS_AT, VRX_PAGE_SALTS);
    return rc;
}

/* A WAL begins: its pages are bound to the checkpoint that is over. */
static int write_header(struct vrx_vault_file *file, const uint8_t header[VRX_WAL_HEADER]) {
    struct vrx_vault *vault = file->vault;
    uint8_t stored[VRX_WAL_HEADER];
    if (vrx_fresh_needs_wal(vault))
        return vrx_vfs_refuse(vault);
    memcpy(stored, header, HEADER_SALTS_AT);
    int rc = vrx_vfs_settle(
        vault, vrx_xts_encrypt(&vault->epochs.checksum, HEADER_SALTS_AT, header + HEADER_SALTS_AT,
                   VRX_PAGE_CHECKSUM, stored + HEADER_SALTS_AT));
    if (rc != SQLITE_OK)
        return rc;
    memcpy(vault->wal.salts, header + HEADER_SALTS_AT, VRX_PAGE_SALTS);
    forget_frames(&vault->wal);
    vault->wal.base = vault->epochs.header.fresh.base;
    vault->wal.written = true;
    vault->wal.frame = 0;
    return under_write(file, stored, VRX_WAL_HEADER, 0);
}

static int show_frame_header(struct vrx_vault *vault, sqlite3_int64 frame, uint8_t *header) {
    return vrx_vfs_settle(
        vault, vrx_xts_decrypt(&vault->epochs.checksum, (uint64_t)frame + FRAME_SALTS_AT,
                   header + FRAME_SALTS_AT, VRX_PAGE_CHECKSUM, header + FRAME_SALTS_AT));
}

static int write_frame_header(
    struct vrx_vault_file *file, const uint8_t *header, sqlite3_int64 frame) {
    struct vrx_vault *vault = file->vault;
    uint8_t stored[VRX_WAL_FRAME_HEADER];
    memcpy(stored, header, FRAME_SALTS_AT);
    int rc = vrx_vfs_settle(
        vault, vrx_xts_encrypt(&vault->epochs.checksum, (uint64_t)frame + FRAME_SALTS_AT,
                   header + FRAME_SALTS_AT, VRX_PAGE_CHECKSUM, stored + FRAME_SALTS_AT));
    if (rc != SQLITE_OK)
        return rc;
    struct vrx_wal *wal = &vault->wal;
    wal->written = true;
    wal->frame = frame;
    wal->number = vrx_get_u32(header);
    wal->commit = vrx_get_u32(header + 4);
    rc = vrx_vfs_settle(vault, know_frame(wal, index_of(frame), wal->number));
    if (rc != SQLITE_OK)
        return rc;
    if (wal->commit > 0) {
        wal->coming = index_of(frame) + 1;
        wal->coming_pages = wal->commit;
    }
    return under_write(file, stored, VRX_WAL_FRAME_HEADER, frame);
}

/* The stored frame into scratch. The caller knows that it is there: a short read is damage. */
static int fetch_frame(struct vrx_vault_file *file, sqlite3_int64 frame) {
    struct vrx_vault *vault = file->vault;
    int rc = under_read(file, vault->scratch, VRX_WAL_FRAME, frame);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return vrx_vfs_settle(vault, vrx_refuse(VRX_VAULT_DAMAGED, "the WAL was truncated"));
    return rc;
}

/* Opens the page of the frame in scratch. */
static struct vrx_result open_frame(struct vrx_vault *vault, sqlite3_int64 frame, uint8_t *page) {
    const uint8_t *stored = vault->scratch;
    struct vrx_page_place place =
        place_of(vault, frame, vrx_get_u32(stored), vrx_get_u32(stored + 4));
    return vrx_vfs_open_page(vault, &place, stored + VRX_WAL_FRAME_HEADER, page);
}

static int read_page(struct vrx_vault_file *file, uint8_t *page, sqlite3_int64 frame) {
    int rc = fetch_frame(file, frame);
    return rc != SQLITE_OK ? rc : vrx_vfs_settle(file->vault, open_frame(file->vault, frame, page));
}

/* Recovery, or the rewriting of checksums before a commit that overwrote frames. */
static int read_frame(struct vrx_vault_file *file, uint8_t *out, sqlite3_int64 frame) {
    struct vrx_vault *vault = file->vault;
    int rc = fetch_frame(file, frame);
    if (rc != SQLITE_OK)
        return rc;
    struct vrx_result result = open_frame(vault, frame, out + VRX_WAL_FRAME_HEADER);
    if (result.reason == VRX_VAULT_DAMAGED && !vault->wal.written) {
        memset(out, 0, VRX_WAL_FRAME);
        return SQLITE_OK;
    }
    rc = vrx_vfs_settle(vault, result);
    if (rc != SQLITE_OK)
        return rc;
    memcpy(out, vault->scratch, VRX_WAL_FRAME_HEADER);
    rc = show_frame_header(vault, frame, out);
    if (rc != SQLITE_OK || vault->wal.written)
        return rc;
    return vrx_vfs_settle(vault, recover_frame(&vault->wal, out, frame));
}

/* A page follows its header, or replaces the page of a frame that this transaction wrote before.
 * The header in the file is believed only after the page that it came with has authenticated. */
static int write_page(struct vrx_vault_file *file, const uint8_t *page, sqlite3_int64 frame) {
    struct vrx_vault *vault = file->vault;
    if (vault->wal.frame != frame) {
        int rc = fetch_frame(file, frame);
        if (rc == SQLITE_OK)
            rc = vrx_vfs_settle(
                vault, open_frame(vault, frame, vault->scratch + VRX_WAL_FRAME_HEADER));
        if (rc != SQLITE_OK)
            return rc;
        vault->wal.frame = frame;
        vault->wal.number = vrx_get_u32(vault->scratch);
        vault->wal.commit = vrx_get_u32(vault->scratch + 4);
    }
    struct vrx_page_place place = place_of(vault, frame, vault->wal.number, vault->wal.commit);
    int rc = vrx_vfs_settle(vault, vrx_vfs_seal_page(vault, &place, page));
    return rc != SQLITE_OK
               ? rc
               : under_write(file, vault->scratch, VRX_PAGE, frame + VRX_WAL_FRAME_HEADER);
}

static int recover_header(struct vrx_vault_file *file, uint8_t *out) {
    int rc = read_header(file, out);
    if (rc == SQLITE_OK && !file->vault->wal.written)
        begin_recovery(file->vault, out);
    return rc;
}

static int read_header_checksum(struct vrx_vault_file *file, uint8_t *out) {
    uint8_t header[VRX_WAL_HEADER];
    int rc = read_header(file, header);
    if (rc == SQLITE_OK)
        memcpy(out, header + HEADER_CHECKSUM_AT, CHECKSUM_ALONE);
    return rc;
}

static int read_frame_checksum(struct vrx_vault_file *file, uint8_t *out, sqlite3_int64 frame) {
    uint8_t header[VRX_WAL_FRAME_HEADER];
    int rc = under_read(file, header, VRX_WAL_FRAME_HEADER, frame);
    if (rc == SQLITE_OK)
        rc = show_frame_header(file->vault, frame, header);
    if (rc == SQLITE_OK)
        memcpy(out, header + FRAME_CHECKSUM_AT, CHECKSUM_ALONE);
    return rc;
}

int vrx_wal_read(struct vrx_vault_file *file, void *buffer, int amount, sqlite3_int64 offset) {
    if (offset == 0 && amount == VRX_WAL_HEADER)
        return recover_header(file, buffer);
    if (offset == HEADER_CHECKSUM_AT && amount == CHECKSUM_ALONE)
        return read_header_checksum(file, buffer);
    if (offset < VRX_WAL_HEADER)
        return vrx_vfs_refuse(file->vault);
    sqlite3_int64 inside = in_frame(offset);
    if (inside == 0 && amount == VRX_WAL_FRAME)
        return read_frame(file, buffer, offset);
    if (inside == FRAME_CHECKSUM_AT && amount == CHECKSUM_ALONE)
        return read_frame_checksum(file, buffer, offset - inside);
    if (inside == VRX_WAL_FRAME_HEADER && amount == VRX_PAGE)
        return read_page(file, buffer, offset - inside);
    return vrx_vfs_refuse(file->vault);
}

static int write_shape(
    struct vrx_vault_file *file, const void *buffer, int amount, sqlite3_int64 offset) {
    if (offset == 0 && amount == VRX_WAL_HEADER)
        return write_header(file, buffer);
    if (offset < VRX_WAL_HEADER)
        return vrx_vfs_refuse(file->vault);
    sqlite3_int64 inside = in_frame(offset);
    if (inside == 0 && amount == VRX_WAL_FRAME_HEADER)
        return write_frame_header(file, buffer, offset);
    if (inside == VRX_WAL_FRAME_HEADER && amount == VRX_PAGE)
        return write_page(file, buffer, offset - inside);
    return vrx_vfs_refuse(file->vault);
}

int vrx_wal_write(
    struct vrx_vault_file *file, const void *buffer, int amount, sqlite3_int64 offset) {
    if (vrx_vfs_damaged(file->vault))
        return SQLITE_IOERR_DATA;
    int rc = write_shape(file, buffer, amount, offset);
    if (rc != SQLITE_OK)
        vrx_wal_give_up(&file->vault->wal);
    return rc;
}
