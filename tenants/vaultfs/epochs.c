/* SPDX-License-Identifier: Apache-2.0
 *
 * The epochs of one open vault file. A change of the header is in both slots and synced before
 * anything relies on it; what is in memory follows the file, never the other way round. Next:
 * vfs.c.
 */
#include "vaultfs/epochs.h"

#include "vaultfs/file.h"

static struct vrx_result write_slot(
    struct vrx_epochs *epochs, const struct vrx_header *header, unsigned number) {
    uint8_t slot[VRX_HEADER_SLOT];
    sqlite3_int64 at = (sqlite3_int64)number * VRX_HEADER_SLOT;
    struct vrx_header whole = *header;
    if (header->has_previous)
        memcpy(whole.previous, epochs->previous->ptr, VRX_AEAD_KEY);
    struct vrx_result sealed = vrx_header_seal(&whole, &epochs->header_key, epochs->random, slot);
    vrx_wipe(&whole, sizeof whole);
    VRX_TRY(sealed);
    VRX_TRY(
        vrx_file_result(epochs->file->pMethods->xWrite(epochs->file, slot, VRX_HEADER_SLOT, at)));
    return vrx_file_result(epochs->file->pMethods->xSync(epochs->file, SQLITE_SYNC_NORMAL));
}

static void give_up(struct vrx_page_keys *keys) {
    vrx_page_keys_done(keys);
    *keys = (struct vrx_page_keys){.epoch = 0};
}

/* The place of the earlier epoch whose key goes. */
static struct vrx_page_keys *make_room(struct vrx_epochs *epochs) {
    struct vrx_page_keys *room = &epochs->held[epochs->next_held];
    epochs->next_held = (epochs->next_held + 1) % VRX_EPOCHS_HELD;
    give_up(room);
    return room;
}

static void adopt(
    struct vrx_epochs *epochs, const struct vrx_header *header, struct vrx_page_keys *next) {
    bool same = header->epoch == epochs->header.epoch;
    epochs->left =
        same ? epochs->left + (header->written - epochs->header.written) : header->written;
    epochs->header = *header;
    if (!next)
        return;
    *make_room(epochs) = epochs->current;
    epochs->current = *next;
    *next = (struct vrx_page_keys){.epoch = 0};
}

static struct vrx_result pay(struct vrx_epochs *epochs) {
    VRX_TRY(write_slot(epochs, &epochs->header, 1 - epochs->newest));
    epochs->owed = false;
    epochs->behind = false;
    return vrx_ok();
}

/* The slot that stands last is the last to be overwritten, so that one of the two is whole whatever
 * fails and however often. The change is made when this returns; where it fails, the slot holds the
 * old, the new or neither, and is written again before anything is done that only one of them
 * allows. next: the key of header->epoch where that changes, taken over; else NULL. */
static struct vrx_result store_first(
    struct vrx_epochs *epochs, struct vrx_header header, struct vrx_page_keys *next) {
    unsigned first = 1 - epochs->newest;
    header.generation++;
    epochs->unsure = true;
    VRX_TRY(write_slot(epochs, &header, first));
    epochs->unsure = false;
    epochs->newest = first;
    adopt(epochs, &header, next);
    return vrx_ok();
}

/* Both slots. The change is made when the first is synced; that the second fails is said all the
 * same, because a failed sync tells of more than this slot. */
static struct vrx_result store(
    struct vrx_epochs *epochs, struct vrx_header header, struct vrx_page_keys *next) {
    VRX_TRY(store_first(epochs, header, next));
    epochs->owed = true;
    return pay(epochs);
}

static struct vrx_result repay(struct vrx_epochs *epochs) {
    if (epochs->unsure)
        return store(epochs, epochs->header, NULL);
    return epochs->owed ? pay(epochs) : vrx_ok();
}

/* All that is derived. */
static void forget(struct vrx_epochs *epochs) {
    for (size_t i = 0; i < VRX_EPOCHS_HELD; i++)
        give_up(&epochs->held[i]);
    give_up(&epochs->current);
    vrx_aead_done(&epochs->header_key);
    vrx_xts_done(&epochs->checksum);
    vrx_cmac_done(&epochs->fresh);
}

static struct vrx_result derive_fresh_key(
    const struct vrx_header *header, const struct vrx_secret *data_key, struct vrx_cmac *ret_key) {
    uint8_t derived[VRX_CMAC_KEY];
    struct vrx_result result = vrx_page_derive(
        vrx_secret_view(data_key), header->file_id, 0, VRX_PAGE_USE_FRESH, derived, sizeof derived);
    if (vrx_is_ok(result))
        result = vrx_cmac_init(ret_key, vrx_view_of(derived, sizeof derived));
    vrx_wipe(derived, sizeof derived);
    return result;
}

struct vrx_result vrx_epochs_fresh_key(const struct vrx_epochs *epochs, struct vrx_cmac *ret_key) {
    return derive_fresh_key(&epochs->header, epochs->data_key, ret_key);
}

static struct vrx_result derive_header_key(
    struct vrx_epochs *epochs, const uint8_t file_id[VRX_PAGE_FILE_ID]) {
    uint8_t derived[VRX_AEAD_KEY];
    struct vrx_result result = vrx_page_derive(vrx_secret_view(epochs->data_key), file_id, 0,
        VRX_PAGE_USE_HEADER, derived, sizeof derived);
    if (vrx_is_ok(result))
        result = vrx_aead_init(&epochs->header_key, vrx_view_of(derived, sizeof derived));
    vrx_wipe(derived, sizeof derived);
    return result;
}

static struct vrx_result derive_page_keys(struct vrx_epochs *epochs) {
    const struct vrx_header *header = &epochs->header;
    struct vrx_view data_key = vrx_secret_view(epochs->data_key);
    VRX_TRY(
        vrx_page_checksum_init(&epochs->checksum, data_key, header->file_id, header->key_since));
    VRX_TRY(derive_fresh_key(
        header, epochs->previous ? epochs->previous : epochs->data_key, &epochs->fresh));
    return vrx_page_keys_init(&epochs->current, data_key, header->file_id, header->epoch);
}

static struct vrx_result begin(struct vrx_epochs *epochs, sqlite3_file *file,
    const struct vrx_random *random, struct vrx_view data_key) {
    if (data_key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_KEY_INVALID);
    *epochs = (struct vrx_epochs){
        .file = file, .random = random, .limit = VRX_EPOCH_WRITES, .block = VRX_EPOCH_BLOCK};
    VRX_TRY(vrx_secret_new(VRX_AEAD_KEY, &epochs->data_key));
    memcpy(epochs->data_key->ptr, data_key.ptr, VRX_AEAD_KEY);
    return vrx_ok();
}

static struct vrx_result create(struct vrx_epochs *epochs) {
    struct vrx_header header = {.epoch = VRX_PAGE_FIRST_EPOCH,
        .oldest = VRX_PAGE_FIRST_EPOCH,
        .key_since = VRX_PAGE_FIRST_EPOCH};
    VRX_TRY(vrx_random_fill(epochs->random, header.file_id, VRX_PAGE_FILE_ID));
    VRX_TRY(derive_header_key(epochs, header.file_id));
    VRX_TRY(store(epochs, header, NULL));
    return derive_page_keys(epochs);
}

static bool is_other_version(struct vrx_result result) {
    return result.clause && strcmp(result.clause, VRX_HEADER_OTHER_VERSION) == 0;
}

/* A slot that does not authenticate was torn, or is not ours: the other one decides. */
static struct vrx_result read_slot(
    struct vrx_epochs *epochs, unsigned number, struct vrx_header *best, bool *other_version) {
    uint8_t slot[VRX_HEADER_SLOT];
    sqlite3_int64 at = (sqlite3_int64)number * VRX_HEADER_SLOT;
    VRX_TRY(
        vrx_file_result(epochs->file->pMethods->xRead(epochs->file, slot, VRX_HEADER_SLOT, at)));
    uint8_t file_id[VRX_PAGE_FILE_ID];
    struct vrx_header header;
    struct vrx_result result = vrx_header_file_id(slot, file_id);
    if (vrx_is_ok(result)) {
        vrx_aead_done(&epochs->header_key);
        VRX_TRY(derive_header_key(epochs, file_id));
        result = vrx_header_open(slot, &epochs->header_key, &header);
    }
    if (result.reason == VRX_VAULT_DAMAGED) {
        *other_version = *other_version || is_other_version(result);
        return vrx_ok();
    }
    VRX_TRY(result);
    if (header.generation == best->generation)
        epochs->owed = false;
    if (header.generation > best->generation) {
        *best = header;
        epochs->newest = number;
    }
    vrx_wipe(&header, sizeof header);
    return vrx_ok();
}

/* The previous key goes where keys are kept. */
static struct vrx_result keep(struct vrx_epochs *epochs, struct vrx_header *best) {
    vrx_secret_free(&epochs->previous);
    if (best->has_previous) {
        VRX_TRY(vrx_secret_new(VRX_AEAD_KEY, &epochs->previous));
        memcpy(epochs->previous->ptr, best->previous, VRX_AEAD_KEY);
    }
    vrx_wipe(best->previous, sizeof best->previous);
    epochs->header = *best;
    epochs->left = 0;
    return vrx_ok();
}

static struct vrx_result load(struct vrx_epochs *epochs) {
    struct vrx_header best = {.generation = 0};
    struct vrx_result result = vrx_ok();
    bool other_version = false;
    epochs->owed = true;
    epochs->behind = epochs->unsure = false;
    for (unsigned i = 0; i < VRX_HEADER_SLOTS && vrx_is_ok(result); i++)
        result = read_slot(epochs, i, &best, &other_version);
    if (vrx_is_ok(result) && best.generation == 0)
        result = vrx_refuse(VRX_VAULT_DAMAGED,
            other_version ? VRX_HEADER_OTHER_VERSION : "the vault's header does not authenticate");
    if (vrx_is_ok(result))
        result = keep(epochs, &best);
    vrx_wipe(&best, sizeof best);
    VRX_TRY(result);
    forget(epochs);
    VRX_TRY(derive_header_key(epochs, epochs->header.file_id));
    return derive_page_keys(epochs);
}

struct vrx_result vrx_epochs_create(struct vrx_epochs *epochs, sqlite3_file *file,
    const struct vrx_random *random, struct vrx_view data_key) {
    struct vrx_result result = begin(epochs, file, random, data_key);
    if (vrx_is_ok(result))
        result = create(epochs);
    if (!vrx_is_ok(result))
        vrx_epochs_done(epochs);
    return result;
}

struct vrx_result vrx_epochs_open(struct vrx_epochs *epochs, sqlite3_file *file,
    const struct vrx_random *random, struct vrx_view data_key) {
    struct vrx_result result = begin(epochs, file, random, data_key);
    if (vrx_is_ok(result))
        result = load(epochs);
    if (!vrx_is_ok(result))
        vrx_epochs_done(epochs);
    return result;
}

struct vrx_result vrx_epochs_reload(struct vrx_epochs *epochs) {
    return load(epochs);
}

void vrx_epochs_done(struct vrx_epochs *epochs) {
    forget(epochs);
    vrx_secret_free(&epochs->data_key);
    vrx_secret_free(&epochs->previous);
    *epochs = (struct vrx_epochs){.file = NULL};
}

struct vrx_result vrx_epochs_find(
    struct vrx_epochs *epochs, uint32_t epoch, struct vrx_page_keys **ret_keys) {
    const struct vrx_header *header = &epochs->header;
    if (epoch == epochs->current.epoch) {
        *ret_keys = &epochs->current;
        return vrx_ok();
    }
    if (epoch < header->oldest || epoch > header->epoch)
        return vrx_refuse(VRX_VAULT_DAMAGED, "no such key epoch");
    for (size_t i = 0; i < VRX_EPOCHS_HELD; i++) {
        if (epochs->held[i].epoch == epoch) {
            *ret_keys = &epochs->held[i];
            return vrx_ok();
        }
    }
    const struct vrx_secret *from = epoch < header->key_since ? epochs->previous : epochs->data_key;
    if (!from)
        return vrx_refuse(VRX_VAULT_DAMAGED, "no such key epoch");
    struct vrx_page_keys *room = make_room(epochs);
    VRX_TRY(vrx_page_keys_init(room, vrx_secret_view(from), header->file_id, epoch));
    *ret_keys = room;
    return vrx_ok();
}

/* header->epoch is a new one. */
static struct vrx_result store_epoch(struct vrx_epochs *epochs, const struct vrx_header *header) {
    VRX_CLEANUP(vrx_page_keys_done) struct vrx_page_keys next = {.epoch = 0};
    VRX_TRY(vrx_page_keys_init(
        &next, vrx_secret_view(epochs->data_key), header->file_id, header->epoch));
    return store(epochs, *header, &next);
}

struct vrx_result vrx_epochs_advance(struct vrx_epochs *epochs) {
    struct vrx_header header = epochs->header;
    if (header.epoch == UINT32_MAX)
        return vrx_refuse(VRX_CAP_REACHED, "no epoch is left");
    header.epoch++;
    header.written = 0;
    return store_epoch(epochs, &header);
}

/* The next block of the count, in the next epoch where this one is used up. */
static struct vrx_result foresee(struct vrx_epochs *epochs) {
    if (epochs->header.written >= epochs->limit)
        VRX_TRY(vrx_epochs_advance(epochs));
    struct vrx_header header = epochs->header;
    uint64_t more = epochs->limit - header.written;
    header.written += more < epochs->block ? more : epochs->block;
    return store(epochs, header, NULL);
}

struct vrx_result vrx_epochs_count(struct vrx_epochs *epochs, struct vrx_page_keys **ret_keys) {
    VRX_TRY(repay(epochs));
    if (epochs->left == 0)
        VRX_TRY(foresee(epochs));
    epochs->left--;
    *ret_keys = &epochs->current;
    return vrx_ok();
}

struct vrx_result vrx_epochs_retire(struct vrx_epochs *epochs, uint32_t oldest) {
    struct vrx_header header = epochs->header;
    if (oldest <= header.oldest)
        return vrx_ok();
    header.oldest = oldest;
    VRX_TRY(store(epochs, header, NULL));
    for (size_t i = 0; i < VRX_EPOCHS_HELD; i++)
        if (epochs->held[i].epoch < oldest)
            give_up(&epochs->held[i]);
    return vrx_ok();
}

static struct vrx_result become(struct vrx_epochs *next, struct vrx_view data_key) {
    VRX_CLEANUP(vrx_page_keys_done) struct vrx_page_keys page = {.epoch = 0};
    struct vrx_header header = next->header;
    header.epoch++;
    header.written = 0;
    header.key_since = header.epoch;
    header.has_previous = true;
    header.move = (struct vrx_header_move){.next = 1};
    memcpy(next->data_key->ptr, data_key.ptr, VRX_AEAD_KEY);
    VRX_TRY(derive_header_key(next, header.file_id));
    VRX_TRY(vrx_page_checksum_init(&next->checksum, data_key, header.file_id, header.key_since));
    VRX_TRY(vrx_page_keys_init(&page, data_key, header.file_id, header.epoch));
    return store(next, header, &page);
}

/* A copy takes the step; it is the vault's from the moment on that the file says so. */
struct vrx_result vrx_epochs_rekey(struct vrx_epochs *epochs, struct vrx_view data_key) {
    if (data_key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_KEY_INVALID);
    if (epochs->header.epoch == UINT32_MAX)
        return vrx_refuse(VRX_CAP_REACHED, "no epoch is left");
    VRX_TRY(repay(epochs));
    struct vrx_epochs next = *epochs;
    next.header_key = (struct vrx_aead){.seal = NULL};
    next.checksum = (struct vrx_xts){.encrypt = NULL};
    next.previous = epochs->data_key;
    VRX_TRY(vrx_secret_new(VRX_AEAD_KEY, &next.data_key));
    struct vrx_result result = become(&next, data_key);
    bool made = next.header.generation != epochs->header.generation;
    struct vrx_epochs *loser = made ? epochs : &next;
    vrx_aead_done(&loser->header_key);
    vrx_xts_done(&loser->checksum);
    if (made) {
        *epochs = next;
    } else {
        epochs->unsure = next.unsure;
        vrx_secret_free(&next.data_key);
    }
    return result;
}

struct vrx_result vrx_epochs_move(
    struct vrx_epochs *epochs, struct vrx_header_move move, const uint8_t sum[VRX_CMAC]) {
    struct vrx_header header = epochs->header;
    header.move = move;
    memcpy(header.fresh.sum, sum, VRX_CMAC);
    return store(epochs, header, NULL);
}

struct vrx_result vrx_epochs_settle(
    struct vrx_epochs *epochs, struct vrx_cmac *fresh, const uint8_t sum[VRX_CMAC]) {
    struct vrx_header header = epochs->header;
    memcpy(header.fresh.sum, sum, VRX_CMAC);
    header.has_previous = false;
    header.move = (struct vrx_header_move){.next = 0};
    header.oldest = header.oldest < header.key_since ? header.key_since : header.oldest;
    struct vrx_result result = store(epochs, header, NULL);
    if (epochs->header.has_previous)
        return result;
    vrx_cmac_done(&epochs->fresh);
    epochs->fresh = *fresh;
    fresh->mac = NULL;
    for (size_t i = 0; i < VRX_EPOCHS_HELD; i++)
        if (epochs->held[i].epoch < header.oldest)
            give_up(&epochs->held[i]);
    vrx_secret_free(&epochs->previous);
    return result;
}

struct vrx_result vrx_epochs_refresh(
    struct vrx_epochs *epochs, const struct vrx_header_fresh *fresh) {
    struct vrx_header header = epochs->header;
    header.fresh = *fresh;
    VRX_TRY(store_first(epochs, header, NULL));
    epochs->owed = false; /* the other slot is ours, and the state before this one */
    epochs->behind = true;
    return vrx_ok();
}

struct vrx_result vrx_epochs_even(struct vrx_epochs *epochs) {
    VRX_TRY(repay(epochs));
    return epochs->behind ? pay(epochs) : vrx_ok();
}
