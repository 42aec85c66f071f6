/* SPDX-License-Identifier: Apache-2.0
 *
 * The sum of fresh.h. What the header says is changed in a copy and stored; what is in memory
 * follows. Where SQLite's checkpoint is not what the header foresaw, it fails: the WAL stays then,
 * and the next open finds everything in it. Next: epochs.c, wal.c.
 */
#include "vaultfs/fresh.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "vaultfs/file.h"
#include "vaultfs/vfs.h"

#define TRAILER_AT (VRX_PAGE - VRX_PAGE_RESERVED)
#define PIECE 16 /* pages read at once */

static const uint8_t nothing[VRX_PAGE_RESERVED];

void vrx_fresh_done(struct vrx_fresh *fresh) {
    free(fresh->pages);
    *fresh = (struct vrx_fresh){.pages = NULL};
}

static void mix(uint8_t sum[VRX_CMAC], const uint8_t mark[VRX_CMAC]) {
    for (size_t i = 0; i < VRX_CMAC; i++)
        sum[i] ^= mark[i];
}

struct vrx_result vrx_fresh_mix(struct vrx_cmac *key, uint32_t number,
    const uint8_t trailer[VRX_PAGE_RESERVED], uint8_t sum[VRX_CMAC]) {
    uint8_t input[4 + VRX_PAGE_RESERVED];
    uint8_t mark[VRX_CMAC];
    if (memcmp(trailer, nothing, sizeof nothing) == 0)
        return vrx_ok();
    vrx_put_u32(input, number);
    memcpy(input + 4, trailer, VRX_PAGE_RESERVED);
    VRX_TRY(vrx_cmac_of(key, vrx_view_of(input, sizeof input), mark));
    mix(sum, mark);
    return vrx_ok();
}

static sqlite3_int64 offset_of(uint32_t number) {
    return VRX_HEADER + ((sqlite3_int64)number - 1) * VRX_PAGE;
}

/* What lies behind the end of the file reads as zero. */
static struct vrx_result read_file(
    const struct vrx_vault *vault, void *out, int len, sqlite3_int64 at, bool *ret_short) {
    sqlite3_file *file = vault->epochs.file;
    int rc = file->pMethods->xRead(file, out, len, at);
    *ret_short = rc == SQLITE_IOERR_SHORT_READ;
    return *ret_short ? vrx_ok() : vrx_file_result(rc);
}

/* Mixes the mark of a page that stands in the file. */
static struct vrx_result mix_stored(
    struct vrx_vault *vault, uint32_t number, uint8_t sum[VRX_CMAC]) {
    uint8_t trailer[VRX_PAGE_RESERVED];
    bool is_short = false;
    VRX_TRY(read_file(vault, trailer, sizeof trailer, offset_of(number) + TRAILER_AT, &is_short));
    if (is_short && number != VRX_LOCK_PAGE)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the database was truncated");
    if (is_short)
        return vrx_ok();
    return vrx_fresh_mix(&vault->epochs.fresh, number, trailer, sum);
}

/* Looking at all pages */

/* One or two sums over pages 1 to last, without those that are being copied. */
struct look {
    struct vrx_cmac *keys[2];
    uint8_t sums[2][VRX_CMAC];
    size_t next; /* of the pages that are being copied */
};

static struct vrx_result look_at(
    const struct vrx_fresh *fresh, uint32_t number, const uint8_t *page, struct look *look) {
    while (look->next < fresh->count && fresh->pages[look->next].number < number)
        look->next++;
    if (look->next < fresh->count && fresh->pages[look->next].number == number)
        return vrx_ok();
    for (size_t i = 0; i < 2 && look->keys[i]; i++)
        VRX_TRY(vrx_fresh_mix(look->keys[i], number, page + TRAILER_AT, look->sums[i]));
    return vrx_ok();
}

static struct vrx_result look_at_all(
    const struct vrx_vault *vault, uint32_t last, struct look *look) {
    uint8_t piece[PIECE * VRX_PAGE];
    bool is_short = false;
    for (uint64_t first = 1; first <= last; first += PIECE) {
        uint64_t left = last - first + 1;
        int pages = left < PIECE ? (int)left : PIECE;
        VRX_TRY(read_file(vault, piece, pages * VRX_PAGE, offset_of((uint32_t)first), &is_short));
        for (int i = 0; i < pages; i++)
            VRX_TRY(look_at(
                &vault->fresh, (uint32_t)first + (uint32_t)i, piece + (size_t)i * VRX_PAGE, look));
    }
    return vrx_ok();
}

static struct vrx_result compare(const struct vrx_vault *vault, struct look *look) {
    const struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    VRX_TRY(look_at_all(vault, header->pages, look));
    return vrx_equal_constant_time(
               vrx_view_of(look->sums[0], VRX_CMAC), vrx_view_of(header->sum, VRX_CMAC))
               ? vrx_ok()
               : vrx_refuse(VRX_VAULT_DAMAGED, "a page of the database is not the newest");
}

struct vrx_result vrx_fresh_check(struct vrx_vault *vault) {
    struct look look = {.keys = {&vault->epochs.fresh}};
    struct vrx_result result = compare(vault, &look);
    if (result.reason == VRX_VAULT_DAMAGED)
        (void)vrx_vfs_settle(vault, result);
    return result;
}

struct vrx_result vrx_fresh_renew(
    struct vrx_vault *vault, struct vrx_cmac *key, uint8_t ret_sum[VRX_CMAC]) {
    struct look look = {.keys = {&vault->epochs.fresh, key}};
    if (vault->epochs.header.fresh.copying)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(compare(vault, &look));
    memcpy(ret_sum, look.sums[1], VRX_CMAC);
    return vrx_ok();
}

/* The pages of a checkpoint */

/* By number, and of one page first the frame that is still to be copied. */
static int by_number(const void *a, const void *b) {
    const struct vrx_fresh_page *one = a;
    const struct vrx_fresh_page *two = b;
    if (one->number != two->number)
        return one->number < two->number ? -1 : 1;
    return (int)one->written - (int)two->written;
}

/* The pages that stand in the WAL's first frames, each once. What only stands in frames that were
 * copied before in this session is written: SQLite does not do it again. */
static struct vrx_result list_pages(
    const struct vrx_wal *wal, uint32_t frames, uint32_t last, struct vrx_fresh *ret_fresh) {
    struct vrx_fresh_page *pages = malloc((frames > 0 ? frames : 1) * sizeof *pages);
    if (!pages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (uint32_t i = 0; i < frames; i++)
        pages[i] = (struct vrx_fresh_page){wal->numbers[i], i < wal->copied};
    qsort(pages, frames, sizeof *pages, by_number);
    size_t count = 0;
    for (uint32_t i = 0; i < frames; i++)
        if (pages[i].number <= last && (count == 0 || pages[i].number != pages[count - 1].number))
            pages[count++] = pages[i];
    *ret_fresh = (struct vrx_fresh){.trusted = true, .pages = pages, .count = count};
    return vrx_ok();
}

static void count_left(struct vrx_fresh *fresh) {
    fresh->left = 0;
    for (size_t i = 0; i < fresh->count; i++)
        fresh->left += !fresh->pages[i].written;
}

static struct vrx_fresh_page *find(const struct vrx_fresh *fresh, uint32_t number) {
    size_t from = 0;
    size_t to = fresh->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (fresh->pages[middle].number < number)
            from = middle + 1;
        else
            to = middle;
    }
    return from < fresh->count && fresh->pages[from].number == number ? &fresh->pages[from] : NULL;
}

/* A page that joins those being copied leaves the header's sum; one that was among them already
 * stays as it is. */
static struct vrx_result take_out(
    struct vrx_vault *vault, struct vrx_header_fresh *header, struct vrx_fresh *next) {
    for (size_t i = 0; i < next->count; i++) {
        struct vrx_fresh_page *page = &next->pages[i];
        const struct vrx_fresh_page *before = find(&vault->fresh, page->number);
        if (before) {
            page->written = before->written;
            continue;
        }
        if (page->number <= header->pages)
            VRX_TRY(mix_stored(vault, page->number, header->sum));
        if (page->written)
            VRX_TRY(mix_stored(vault, page->number, next->sum));
    }
    return vrx_ok();
}

/* The database becomes shorter or longer by pages that are not copied: the first go away, and of
 * the second there is the lock page alone, which SQLite passes over when the file first grows past
 * it. */
static struct vrx_result change_size(struct vrx_vault *vault, struct vrx_header_fresh *header,
    uint32_t pages, struct vrx_fresh *next) {
    uint32_t last = pages > header->pages ? pages : header->pages;
    for (uint64_t at = (pages < header->pages ? pages : header->pages) + (uint64_t)1; at <= last;
         at++) {
        uint32_t number = (uint32_t)at;
        const struct vrx_fresh_page *before = find(&vault->fresh, number);
        if (before && number > pages && before->written)
            VRX_TRY(mix_stored(vault, number, next->sum));
        if (!before && !find(next, number))
            VRX_TRY(mix_stored(vault, number, header->sum));
    }
    header->pages = pages;
    return vrx_ok();
}

/* What the header says while the WAL is copied, and which pages those are. */
static struct vrx_result plan(
    struct vrx_vault *vault, struct vrx_header_fresh *header, struct vrx_fresh *next) {
    const struct vrx_wal *wal = &vault->wal;
    memcpy(next->sum, vault->fresh.sum, VRX_CMAC);
    VRX_TRY(take_out(vault, header, next));
    VRX_TRY(change_size(vault, header, wal->pages, next));
    memcpy(header->salts, wal->salts, VRX_PAGE_SALTS);
    header->wal_base = wal->base;
    header->frames = wal->committed;
    header->copying = true;
    count_left(next);
    return vrx_epochs_refresh(&vault->epochs, header);
}

/* Makes sure that the header says that the WAL is being copied, up to its last commit. */
static struct vrx_result begin_copying(struct vrx_vault *vault) {
    struct vrx_header_fresh header = vault->epochs.header.fresh;
    const struct vrx_wal *wal = &vault->wal;
    if (header.copying && header.frames == wal->committed && !vault->epochs.unsure)
        return vrx_ok();
    if (!vault->fresh.trusted || wal->committed == 0 ||
        (header.copying && header.frames > wal->committed))
        return vrx_fail(VRX_INTERNAL_ERROR);
    struct vrx_fresh next;
    VRX_TRY(list_pages(wal, wal->committed, wal->pages, &next));
    struct vrx_result result = plan(vault, &header, &next);
    struct vrx_fresh *loser = vrx_is_ok(result) ? &vault->fresh : &next;
    struct vrx_fresh winner = vrx_is_ok(result) ? next : vault->fresh;
    free(loser->pages);
    vault->fresh = winner;
    return result;
}

/* Writing */

struct vrx_result vrx_fresh_before(struct vrx_vault *vault, uint32_t number) {
    struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    if (vault->creating)
        return number <= header->pages ? mix_stored(vault, number, header->sum) : vrx_ok();
    VRX_TRY(begin_copying(vault));
    struct vrx_fresh_page *page = find(&vault->fresh, number);
    if (!page)
        return vrx_fail(VRX_INTERNAL_ERROR);
    if (!page->written)
        return vrx_ok();
    VRX_TRY(mix_stored(vault, number, vault->fresh.sum));
    page->written = false;
    vault->fresh.left++;
    return vrx_ok();
}

struct vrx_result vrx_fresh_written(
    struct vrx_vault *vault, uint32_t number, const uint8_t stored[VRX_PAGE]) {
    struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    if (vault->creating) {
        header->pages = number > header->pages ? number : header->pages;
        return vrx_fresh_mix(&vault->epochs.fresh, number, stored + TRAILER_AT, header->sum);
    }
    VRX_TRY(vrx_fresh_mix(&vault->epochs.fresh, number, stored + TRAILER_AT, vault->fresh.sum));
    find(&vault->fresh, number)->written = true;
    vault->fresh.left--;
    return vrx_ok();
}

struct vrx_result vrx_fresh_cut(struct vrx_vault *vault, uint32_t pages) {
    const struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    if (pages == header->pages)
        return vrx_ok();
    if (vault->creating)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(begin_copying(vault));
    return pages == header->pages ? vrx_ok() : vrx_fail(VRX_INTERNAL_ERROR);
}

struct vrx_result vrx_fresh_synced(struct vrx_vault *vault) {
    struct vrx_header_fresh header = vault->epochs.header.fresh;
    if (vault->creating || !header.copying)
        return vrx_ok();
    if (vault->fresh.left > 0)
        return vrx_fail(VRX_INTERNAL_ERROR);
    mix(header.sum, vault->fresh.sum);
    header.copying = false;
    header.base++;
    VRX_TRY(vrx_epochs_refresh(&vault->epochs, &header));
    vault->wal.copied = header.frames;
    vrx_fresh_done(&vault->fresh);
    vault->fresh.trusted = true;
    return vrx_ok();
}

void vrx_fresh_unsynced(struct vrx_vault *vault) {
    struct vrx_fresh *fresh = &vault->fresh;
    for (size_t i = 0; i < fresh->count; i++)
        fresh->pages[i].written = false;
    memset(fresh->sum, 0, sizeof fresh->sum);
    fresh->left = fresh->count;
}

bool vrx_fresh_needs_wal(const struct vrx_vault *vault) {
    return vault->epochs.header.fresh.copying;
}

/* Opening */

struct vrx_result vrx_fresh_made(struct vrx_vault *vault) {
    struct vrx_header_fresh header = vault->epochs.header.fresh;
    VRX_TRY(vrx_epochs_refresh(&vault->epochs, &header));
    VRX_TRY(vrx_epochs_even(&vault->epochs));
    vault->fresh.trusted = true;
    return vrx_ok();
}

/* That the WAL goes on beyond what was copied is for the ledger to say, not for the vault. */
static struct vrx_result compare_wal(const struct vrx_vault *vault) {
    const struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    const struct vrx_wal *wal = &vault->wal;
    bool is_copied = wal->committed > 0 && vrx_wal_is(wal, header->salts);
    if (header->copying && (!is_copied || wal->committed < header->frames))
        return vrx_refuse(VRX_VAULT_DAMAGED, "the WAL that the database needs is not whole");
    if (is_copied && wal->committed < header->frames)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the WAL is older than the database");
    return vrx_ok();
}

struct vrx_result vrx_fresh_verify(struct vrx_vault *vault) {
    const struct vrx_header_fresh *header = &vault->epochs.header.fresh;
    VRX_TRY(compare_wal(vault));
    vrx_fresh_done(&vault->fresh);
    if (header->copying)
        VRX_TRY(list_pages(&vault->wal, header->frames, header->pages, &vault->fresh));
    vault->fresh.trusted = false;
    count_left(&vault->fresh);
    VRX_TRY(vrx_fresh_check(vault));
    vault->fresh.trusted = true;
    return vrx_ok();
}
