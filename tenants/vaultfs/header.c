/* SPDX-License-Identifier: Apache-2.0
 *
 * The slots of header.h. Next: epochs.c, which decides what they say.
 */
#include "vaultfs/header.h"

#include "base/cursor.h"

#define VERSION 3
#define MAGIC 8
#define FILE_ID_AT (MAGIC + 4)
#define CLEAR (FILE_ID_AT + VRX_PAGE_FILE_ID)
#define TAG_AT (CLEAR + VRX_AEAD_NONCE)
#define SEALED_AT (TAG_AT + VRX_AEAD_TAG)
#define PREVIOUS_AT 32 /* in what is sealed */
#define MOVE_AT (PREVIOUS_AT + VRX_AEAD_KEY)
#define FRESH_AT (MOVE_AT + 16)
#define SEALED (VRX_HEADER_SLOT - SEALED_AT)

static const uint8_t magic[MAGIC] = {'V', 'R', 'X', 'V', 'A', 'U', 'L', 'T'};

static void put_clear(const struct vrx_header *header, uint8_t slot[VRX_HEADER_SLOT]) {
    memcpy(slot, magic, MAGIC);
    vrx_put_u32(slot + MAGIC, VERSION);
    memcpy(slot + FILE_ID_AT, header->file_id, VRX_PAGE_FILE_ID);
}

struct vrx_result vrx_header_file_id(
    const uint8_t slot[VRX_HEADER_SLOT], uint8_t ret_file_id[VRX_PAGE_FILE_ID]) {
    if (memcmp(slot, magic, MAGIC) != 0)
        return vrx_refuse(VRX_VAULT_DAMAGED, "no header of a vault");
    if (vrx_get_u32(slot + MAGIC) != VERSION)
        return vrx_refuse(VRX_VAULT_DAMAGED, VRX_HEADER_OTHER_VERSION);
    memcpy(ret_file_id, slot + FILE_ID_AT, VRX_PAGE_FILE_ID);
    return vrx_ok();
}

static void put_fresh(const struct vrx_header_fresh *fresh, uint8_t *out) {
    memcpy(out, fresh->sum, VRX_CMAC);
    vrx_put_u32(out + 16, fresh->pages);
    vrx_put_u64(out + 20, fresh->base);
    memcpy(out + 28, fresh->salts, VRX_PAGE_SALTS);
    vrx_put_u64(out + 36, fresh->wal_base);
    vrx_put_u32(out + 44, fresh->frames);
    vrx_put_u32(out + 48, fresh->copying);
}

static void get_fresh(const uint8_t *in, struct vrx_header_fresh *ret_fresh) {
    memcpy(ret_fresh->sum, in, VRX_CMAC);
    ret_fresh->pages = vrx_get_u32(in + 16);
    ret_fresh->base = vrx_get_u64(in + 20);
    memcpy(ret_fresh->salts, in + 28, VRX_PAGE_SALTS);
    ret_fresh->wal_base = vrx_get_u64(in + 36);
    ret_fresh->frames = vrx_get_u32(in + 44);
    ret_fresh->copying = vrx_get_u32(in + 48) != 0;
}

struct vrx_result vrx_header_seal(const struct vrx_header *header, struct vrx_aead *key,
    const struct vrx_random *random, uint8_t slot[VRX_HEADER_SLOT]) {
    uint8_t plain[SEALED] = {0};
    vrx_put_u64(plain, header->generation);
    vrx_put_u32(plain + 8, header->epoch);
    vrx_put_u32(plain + 12, header->oldest);
    vrx_put_u64(plain + 16, header->written);
    vrx_put_u32(plain + 24, header->key_since);
    vrx_put_u32(plain + 28, header->has_previous);
    memcpy(plain + PREVIOUS_AT, header->previous, VRX_AEAD_KEY);
    vrx_put_u32(plain + MOVE_AT, header->move.next);
    vrx_put_u32(plain + MOVE_AT + 4, header->move.first);
    vrx_put_u32(plain + MOVE_AT + 8, header->move.count);
    vrx_put_u32(plain + MOVE_AT + 12, header->move.spare);
    put_fresh(&header->fresh, plain + FRESH_AT);
    put_clear(header, slot);
    struct vrx_result result = vrx_random_fill(random, slot + CLEAR, VRX_AEAD_NONCE);
    if (vrx_is_ok(result))
        result = vrx_aead_seal(key, slot + CLEAR, vrx_view_of(slot, CLEAR),
            vrx_view_of(plain, SEALED), slot + SEALED_AT, slot + TAG_AT);
    vrx_wipe(plain, sizeof plain);
    return result;
}

static bool is_sound(const struct vrx_header *header) {
    return header->generation > 0 && header->oldest >= VRX_PAGE_FIRST_EPOCH &&
           header->oldest <= header->epoch && header->key_since >= VRX_PAGE_FIRST_EPOCH &&
           header->key_since <= header->epoch &&
           (header->has_previous || (header->oldest >= header->key_since && !header->move.count)) &&
           (!header->fresh.copying || (header->fresh.frames > 0 && !header->move.count));
}

struct vrx_result vrx_header_open(
    const uint8_t slot[VRX_HEADER_SLOT], struct vrx_aead *key, struct vrx_header *ret_header) {
    uint8_t plain[SEALED];
    struct vrx_header header;
    VRX_TRY(vrx_header_file_id(slot, header.file_id));
    struct vrx_result result = vrx_aead_open(key, slot + CLEAR, vrx_view_of(slot, CLEAR),
        vrx_view_of(slot + SEALED_AT, SEALED), slot + TAG_AT, plain);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_VAULT_DAMAGED, result.clause);
    VRX_TRY(result);
    header.generation = vrx_get_u64(plain);
    header.epoch = vrx_get_u32(plain + 8);
    header.oldest = vrx_get_u32(plain + 12);
    header.written = vrx_get_u64(plain + 16);
    header.key_since = vrx_get_u32(plain + 24);
    header.has_previous = vrx_get_u32(plain + 28) != 0;
    memcpy(header.previous, plain + PREVIOUS_AT, VRX_AEAD_KEY);
    header.move.next = vrx_get_u32(plain + MOVE_AT);
    header.move.first = vrx_get_u32(plain + MOVE_AT + 4);
    header.move.count = vrx_get_u32(plain + MOVE_AT + 8);
    header.move.spare = vrx_get_u32(plain + MOVE_AT + 12);
    get_fresh(plain + FRESH_AT, &header.fresh);
    vrx_wipe(plain, sizeof plain);
    if (!is_sound(&header))
        return vrx_refuse(VRX_VAULT_DAMAGED, "the vault's header contradicts itself");
    *ret_header = header;
    return vrx_ok();
}
