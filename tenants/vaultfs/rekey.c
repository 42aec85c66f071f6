/* SPDX-License-Identifier: Apache-2.0
 *
 * The change to another data key; see rekey.h for how a lot of pages moves. The database file must
 * be whole while pages are read from it, so the WAL is emptied before each step.
 */
#include "vaultfs/rekey.h"

#include <stdlib.h>

#include "vaultfs/file.h"
#include "vaultfs/vault.h"
#include "vaultfs/vfs.h"

static sqlite3_int64 offset_of(uint32_t page) {
    return VRX_HEADER + ((sqlite3_int64)page - 1) * VRX_PAGE;
}

static struct vrx_result read_pages(
    sqlite3_file *file, uint32_t first, uint32_t count, uint8_t *out) {
    for (uint32_t i = 0; i < count; i++)
        VRX_TRY(vrx_file_result(file->pMethods->xRead(
            file, out + (size_t)i * VRX_PAGE, VRX_PAGE, offset_of(first + i))));
    return vrx_ok();
}

/* And makes them durable. */
static struct vrx_result write_pages(
    sqlite3_file *file, uint32_t first, uint32_t count, const uint8_t *pages) {
    for (uint32_t i = 0; i < count; i++)
        VRX_TRY(vrx_file_result(file->pMethods->xWrite(
            file, pages + (size_t)i * VRX_PAGE, VRX_PAGE, offset_of(first + i))));
    return vrx_file_result(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL));
}

/* The lot that the header names is in pages; it goes to its place, and the spare pages away. */
static struct vrx_result put_in_place(struct vrx_epochs *epochs, const uint8_t *pages) {
    struct vrx_header_move move = epochs->header.move;
    sqlite3_file *file = epochs->file;
    VRX_TRY(write_pages(file, move.first, move.count, pages));
    VRX_TRY(vrx_epochs_move(epochs, (struct vrx_header_move){.next = move.first + move.count},
        epochs->header.fresh.sum));
    return vrx_file_result(file->pMethods->xTruncate(file, offset_of(move.spare)));
}

struct vrx_result vrx_rekey_recover(struct vrx_epochs *epochs) {
    struct vrx_header_move move = epochs->header.move;
    if (move.count == 0)
        return vrx_ok();
    if (move.count > VRX_REKEY_LOT)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the vault's header contradicts itself");
    uint8_t *pages = malloc((size_t)move.count * VRX_PAGE);
    if (!pages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = read_pages(epochs->file, move.spare, move.count, pages);
    if (vrx_is_ok(result))
        result = put_in_place(epochs, pages);
    free(pages);
    return result;
}

/* Seals one page of the lot anew where it is still under the previous key, and puts it into the sum
 * in the place of what it was. */
static struct vrx_result renew(
    struct vrx_vault *vault, uint32_t number, uint8_t *page, uint8_t sum[VRX_CMAC]) {
    const struct vrx_page_place place = {.kind = VRX_PAGE_DATABASE, .number = number};
    const uint8_t *trailer = page + VRX_PAGE - VRX_PAGE_RESERVED;
    if (number == VRX_LOCK_PAGE || vrx_page_epoch(page) >= vault->epochs.header.key_since)
        return vrx_ok();
    VRX_TRY(vrx_fresh_mix(&vault->epochs.fresh, number, trailer, sum));
    VRX_TRY(vrx_vfs_open_page(vault, &place, page, page));
    VRX_TRY(vrx_vfs_seal_page(vault, &place, page));
    memcpy(page, vault->scratch, VRX_PAGE);
    return vrx_fresh_mix(&vault->epochs.fresh, number, trailer, sum);
}

static struct vrx_result move_lot(
    struct vrx_vault *vault, uint32_t total, uint32_t count, uint8_t *pages) {
    struct vrx_epochs *epochs = &vault->epochs;
    struct vrx_header_move move = {.next = epochs->header.move.next,
        .first = epochs->header.move.next,
        .count = count,
        .spare = total + 1};
    uint8_t sum[VRX_CMAC];
    memcpy(sum, epochs->header.fresh.sum, sizeof sum);
    if (total != epochs->header.fresh.pages)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(read_pages(epochs->file, move.first, count, pages));
    for (uint32_t i = 0; i < count; i++)
        VRX_TRY(renew(vault, move.first + i, pages + (size_t)i * VRX_PAGE, sum));
    VRX_TRY(write_pages(epochs->file, move.spare, count, pages));
    VRX_TRY(vrx_epochs_move(epochs, move, sum));
    return put_in_place(epochs, pages);
}

static struct vrx_result move_some(
    struct vrx_vault *vault, uint32_t total, uint32_t limit, uint8_t *pages) {
    while (limit > 0 && vault->epochs.header.move.next <= total) {
        uint32_t count = total - vault->epochs.header.move.next + 1;
        count = count < limit ? count : limit;
        count = count < VRX_REKEY_LOT ? count : VRX_REKEY_LOT;
        VRX_TRY(move_lot(vault, total, count, pages));
        limit -= count;
    }
    return vrx_ok();
}

struct vrx_result vrx_vault_rekey_begin(struct vrx_vault *vault, struct vrx_view data_key) {
    if (data_key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_KEY_INVALID);
    if (vault->epochs.header.has_previous)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_vault_quiet(vault));
    return vrx_epochs_rekey(&vault->epochs, data_key);
}

struct vrx_result vrx_vault_rekey_step(struct vrx_vault *vault, uint32_t pages) {
    if (!vault->epochs.header.has_previous)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_vault_quiet(vault));
    uint32_t total = 0;
    VRX_TRY(vrx_vault_pages(vault, &total));
    uint8_t *lot = malloc((size_t)VRX_REKEY_LOT * VRX_PAGE);
    if (!lot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = move_some(vault, total, pages, lot);
    vrx_wipe(lot, (size_t)VRX_REKEY_LOT * VRX_PAGE); /* a page that failed may be plain */
    free(lot);
    return result;
}

struct vrx_result vrx_vault_rekey_progress(
    struct vrx_vault *vault, struct vrx_vault_progress *ret_progress) {
    uint32_t total = 0;
    VRX_TRY(vrx_vault_pages(vault, &total));
    bool active = vault->epochs.header.has_previous;
    uint32_t done = active ? vault->epochs.header.move.next - 1 : total;
    *ret_progress = (struct vrx_vault_progress){
        .active = active, .done = done < total ? done : total, .total = total};
    return vrx_ok();
}

/* What each page says of itself is looked at once more before the key goes for good, and the sum
 * over them is taken under the new one. */
struct vrx_result vrx_vault_rekey_finish(struct vrx_vault *vault) {
    struct vrx_vault_progress progress;
    uint32_t oldest = 0;
    VRX_TRY(vrx_vault_rekey_progress(vault, &progress));
    if (!progress.active || progress.done < progress.total || vault->epochs.header.move.count > 0)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_vault_quiet(vault));
    VRX_TRY(vrx_vfs_oldest_epoch(vault, progress.total, &oldest));
    if (oldest < vault->epochs.header.key_since)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_CLEANUP(vrx_cmac_done) struct vrx_cmac key = {.mac = NULL};
    uint8_t sum[VRX_CMAC];
    VRX_TRY(vrx_epochs_fresh_key(&vault->epochs, &key));
    VRX_TRY(vrx_fresh_renew(vault, &key, sum));
    return vrx_epochs_settle(&vault->epochs, &key, sum);
}
