/* SPDX-License-Identifier: Apache-2.0
 *
 * The page format of page.h. Every field of the associated data has a fixed width, so that two
 * places never give the same bytes. Next: vfs.c, which decides what place a page has.
 */
#include "vaultfs/page.h"

#include "base/cursor.h"
#include "crypto/hash.h"

#define FORMAT_VERSION 2

#define NONCE_AT (VRX_PAGE - VRX_PAGE_RESERVED)
#define TAG_AT (NONCE_AT + VRX_AEAD_NONCE)
#define EPOCH_AT (TAG_AT + VRX_AEAD_TAG)

/* version 4, file id 16, kind 1, number 4, epoch 4, salts or page 1's bytes 16-23 8, commit 4,
 * frame 8, base 8 */
#define ASSOCIATED 57

static const uint8_t magic[VRX_PAGE_FILE_ID] = "SQLite format 3";
static const uint8_t header[VRX_PAGE_CLEAR - VRX_PAGE_FILE_ID] = {
    VRX_PAGE >> 8, VRX_PAGE & 0xff, 2, 2, VRX_PAGE_RESERVED, 64, 32, 32};
static const uint8_t zeros[VRX_PAGE_RESERVED];

static const char *const uses[] = {
    [VRX_PAGE_USE_PAGE] = "vrx vault page",
    [VRX_PAGE_USE_CHECKSUM] = "vrx vault wal checksum",
    [VRX_PAGE_USE_HEADER] = "vrx vault header",
    [VRX_PAGE_USE_FRESH] = "vrx vault freshness",
};
#define USE_MAX 32 /* bytes of the longest */

struct vrx_result vrx_page_derive(struct vrx_view data_key, const uint8_t file_id[VRX_PAGE_FILE_ID],
    uint32_t epoch, enum vrx_page_use use, uint8_t *out, size_t out_len) {
    if (data_key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_KEY_INVALID);
    uint8_t info[VRX_PAGE_FILE_ID + 4 + USE_MAX];
    struct vrx_view name = vrx_view_text(uses[use]);
    memcpy(info, file_id, VRX_PAGE_FILE_ID);
    vrx_put_u32(info + VRX_PAGE_FILE_ID, epoch);
    memcpy(info + VRX_PAGE_FILE_ID + 4, name.ptr, name.len);
    return vrx_hkdf_sha256(data_key, vrx_view_of(NULL, 0),
        vrx_view_of(info, VRX_PAGE_FILE_ID + 4 + name.len), out, out_len);
}

/* Derived keys are wiped from the stack at once: what stays is in the cipher's context. */
struct vrx_result vrx_page_keys_init(struct vrx_page_keys *keys, struct vrx_view data_key,
    const uint8_t file_id[VRX_PAGE_FILE_ID], uint32_t epoch) {
    uint8_t derived[VRX_AEAD_KEY];
    struct vrx_page_keys fresh = {.epoch = epoch};
    memcpy(fresh.file_id, file_id, VRX_PAGE_FILE_ID);
    struct vrx_result result =
        vrx_page_derive(data_key, file_id, epoch, VRX_PAGE_USE_PAGE, derived, sizeof derived);
    if (vrx_is_ok(result))
        result = vrx_aead_init(&fresh.page, vrx_view_of(derived, sizeof derived));
    vrx_wipe(derived, sizeof derived);
    if (vrx_is_ok(result))
        *keys = fresh;
    return result;
}

void vrx_page_keys_done(struct vrx_page_keys *keys) {
    vrx_aead_done(&keys->page);
}

struct vrx_result vrx_page_checksum_init(struct vrx_xts *checksum, struct vrx_view data_key,
    const uint8_t file_id[VRX_PAGE_FILE_ID], uint32_t epoch) {
    uint8_t derived[VRX_XTS_KEY];
    struct vrx_result result =
        vrx_page_derive(data_key, file_id, epoch, VRX_PAGE_USE_CHECKSUM, derived, sizeof derived);
    if (vrx_is_ok(result))
        result = vrx_xts_init(checksum, vrx_view_of(derived, sizeof derived));
    vrx_wipe(derived, sizeof derived);
    return result;
}

static bool is_first(const struct vrx_page_place *place) {
    return place->kind == VRX_PAGE_DATABASE && place->number == 1;
}

static void associate(
    const struct vrx_page_keys *keys, const struct vrx_page_place *place, uint8_t out[ASSOCIATED]) {
    vrx_put_u32(out, FORMAT_VERSION);
    memcpy(out + 4, keys->file_id, VRX_PAGE_FILE_ID);
    out[20] = (uint8_t)place->kind;
    vrx_put_u32(out + 21, place->number);
    vrx_put_u32(out + 25, keys->epoch);
    memcpy(out + 29, is_first(place) ? header : place->salts, VRX_PAGE_SALTS);
    vrx_put_u32(out + 37, place->commit);
    vrx_put_u64(out + 41, place->frame);
    vrx_put_u64(out + 49, place->base);
}

struct vrx_result vrx_page_header_check(const uint8_t bytes[VRX_PAGE_CLEAR - VRX_PAGE_FILE_ID]) {
    if (memcmp(bytes, header, sizeof header) != 0)
        return vrx_refuse(VRX_VAULT_DAMAGED, "SQLite file format §1.3: bytes 16 to 23");
    return vrx_ok();
}

struct vrx_result vrx_page_seal(struct vrx_page_keys *keys, const struct vrx_random *random,
    const struct vrx_page_place *place, const uint8_t plain[VRX_PAGE], uint8_t stored[VRX_PAGE]) {
    /* They would come back as zero, and SQLite's checksum over the WAL would not agree. */
    if (memcmp(plain + NONCE_AT, zeros, sizeof zeros) != 0)
        return vrx_fail(VRX_INTERNAL_ERROR);
    size_t from = is_first(place) ? VRX_PAGE_CLEAR : 0;
    if (from > 0) {
        if (memcmp(plain, magic, sizeof magic) != 0 ||
            memcmp(plain + VRX_PAGE_FILE_ID, header, sizeof header) != 0)
            return vrx_fail(VRX_INTERNAL_ERROR);
        memcpy(stored, keys->file_id, VRX_PAGE_FILE_ID);
        memcpy(stored + VRX_PAGE_FILE_ID, header, sizeof header);
    }
    uint8_t associated[ASSOCIATED];
    associate(keys, place, associated);
    vrx_put_u32(stored + EPOCH_AT, keys->epoch);
    VRX_TRY(vrx_random_fill(random, stored + NONCE_AT, VRX_AEAD_NONCE));
    return vrx_aead_seal(&keys->page, stored + NONCE_AT, vrx_view_of(associated, ASSOCIATED),
        vrx_view_of(plain + from, NONCE_AT - from), stored + from, stored + TAG_AT);
}

uint32_t vrx_page_epoch(const uint8_t stored[VRX_PAGE]) {
    return vrx_get_u32(stored + EPOCH_AT);
}

struct vrx_result vrx_page_open(struct vrx_page_keys *keys, const struct vrx_page_place *place,
    const uint8_t stored[VRX_PAGE], uint8_t plain[VRX_PAGE]) {
    if (vrx_page_epoch(stored) != keys->epoch)
        return vrx_refuse(VRX_VAULT_DAMAGED, "no such key epoch");
    size_t from = is_first(place) ? VRX_PAGE_CLEAR : 0;
    if (from > 0) {
        if (memcmp(stored, keys->file_id, VRX_PAGE_FILE_ID) != 0)
            return vrx_refuse(VRX_VAULT_DAMAGED, "page 1 names another file");
        VRX_TRY(vrx_page_header_check(stored + VRX_PAGE_FILE_ID));
    }
    uint8_t associated[ASSOCIATED];
    associate(keys, place, associated);
    struct vrx_result result =
        vrx_aead_open(&keys->page, stored + NONCE_AT, vrx_view_of(associated, ASSOCIATED),
            vrx_view_of(stored + from, NONCE_AT - from), stored + TAG_AT, plain + from);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_VAULT_DAMAGED, result.clause);
    VRX_TRY(result);
    if (from > 0) {
        memcpy(plain, magic, sizeof magic);
        memcpy(plain + VRX_PAGE_FILE_ID, header, sizeof header);
    }
    memset(plain + NONCE_AT, 0, VRX_PAGE_RESERVED);
    return vrx_ok();
}
