/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/header.h"

#include "support/check.h"

#include "crypto/random.h"

static struct vrx_aead key_of(uint8_t byte) {
    uint8_t bytes[32];
    struct vrx_aead key;
    memset(bytes, byte, sizeof bytes);
    assert_ok(vrx_aead_init(&key, vrx_view_of(bytes, sizeof bytes)));
    return key;
}

static const struct vrx_header sample = {.file_id = "sixteen bytes id",
    .generation = 9,
    .epoch = 7,
    .oldest = 3,
    .written = 1ULL << 31,
    .key_since = 4,
    .has_previous = true,
    .previous = "a key of 32 bytes, the last one",
    .move = {.next = 11, .first = 12, .count = 13, .spare = 14},
    .fresh = {.sum = "sixteen of a sum",
        .pages = 15,
        .base = 1ULL << 40,
        .salts = "8 salts",
        .wal_base = (1ULL << 40) - 1,
        .frames = 16}};

static void a_header_comes_back(void **state) {
    (void)state;
    struct vrx_aead key = key_of(1);
    uint8_t slot[VRX_HEADER_SLOT];
    uint8_t file_id[VRX_PAGE_FILE_ID];
    struct vrx_header header;
    assert_ok(vrx_header_seal(&sample, &key, vrx_random_system(), slot));
    assert_ok(vrx_header_file_id(slot, file_id));
    assert_memory_equal(file_id, sample.file_id, sizeof file_id);
    assert_ok(vrx_header_open(slot, &key, &header));
    assert_memory_equal(header.file_id, sample.file_id, sizeof header.file_id);
    assert_int_equal(header.generation, sample.generation);
    assert_int_equal(header.epoch, sample.epoch);
    assert_int_equal(header.oldest, sample.oldest);
    assert_int_equal(header.written, sample.written);
    assert_int_equal(header.key_since, sample.key_since);
    assert_true(header.has_previous);
    assert_memory_equal(header.previous, sample.previous, sizeof header.previous);
    assert_int_equal(header.move.next, sample.move.next);
    assert_int_equal(header.move.first, sample.move.first);
    assert_int_equal(header.move.count, sample.move.count);
    assert_int_equal(header.move.spare, sample.move.spare);
    assert_memory_equal(header.fresh.sum, sample.fresh.sum, sizeof header.fresh.sum);
    assert_int_equal(header.fresh.pages, sample.fresh.pages);
    assert_int_equal(header.fresh.base, sample.fresh.base);
    assert_memory_equal(header.fresh.salts, sample.fresh.salts, sizeof header.fresh.salts);
    assert_int_equal(header.fresh.wal_base, sample.fresh.wal_base);
    assert_int_equal(header.fresh.frames, sample.fresh.frames);
    assert_false(header.fresh.copying);
    struct vrx_header copying = sample;
    copying.move.count = 0;
    copying.fresh.copying = true;
    assert_ok(vrx_header_seal(&copying, &key, vrx_random_system(), slot));
    assert_ok(vrx_header_open(slot, &key, &header));
    assert_true(header.fresh.copying);
    vrx_aead_done(&key);
}

static void every_bit_of_a_slot_counts(void **state) {
    (void)state;
    struct vrx_aead key = key_of(1);
    uint8_t slot[VRX_HEADER_SLOT];
    struct vrx_header header;
    assert_ok(vrx_header_seal(&sample, &key, vrx_random_system(), slot));
    for (size_t bit = 0; bit < 8 * sizeof slot; bit++) {
        slot[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_reason(vrx_header_open(slot, &key, &header), VRX_VAULT_DAMAGED);
        slot[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    struct vrx_aead other = key_of(2);
    assert_reason(vrx_header_open(slot, &other, &header), VRX_VAULT_DAMAGED);
    assert_ok(vrx_header_open(slot, &key, &header));
    memset(slot, 0, sizeof slot);
    assert_reason(vrx_header_open(slot, &key, &header), VRX_VAULT_DAMAGED);
    vrx_aead_done(&key);
    vrx_aead_done(&other);
}

static void another_format_is_refused_by_name(void **state) {
    (void)state;
    struct vrx_aead key = key_of(1);
    uint8_t slot[VRX_HEADER_SLOT];
    struct vrx_header header;
    assert_ok(vrx_header_seal(&sample, &key, vrx_random_system(), slot));
    assert_int_equal(slot[11], 3);
    slot[11] = 2;
    struct vrx_result result = vrx_header_open(slot, &key, &header);
    assert_reason(result, VRX_VAULT_DAMAGED);
    assert_string_equal(result.clause, VRX_HEADER_OTHER_VERSION);
    vrx_aead_done(&key);
}

static void a_header_that_contradicts_itself_is_refused(void **state) {
    (void)state;
    struct vrx_aead key = key_of(1);
    struct vrx_header wrong[10];
    for (size_t i = 0; i < 10; i++)
        wrong[i] = sample;
    wrong[0].generation = 0;
    wrong[1].oldest = 0;
    wrong[2].oldest = sample.epoch + 1;
    wrong[3].key_since = 0;
    wrong[4].key_since = sample.epoch + 1;
    wrong[5].epoch = 0;
    wrong[6].has_previous = false; /* and pages older than the key */
    wrong[7].has_previous = false;
    wrong[7].oldest = sample.key_since; /* and a move all the same */
    wrong[8].fresh.copying = true;      /* a lot of a rekey and a checkpoint at once */
    wrong[9].move.count = 0;
    wrong[9].fresh = (struct vrx_header_fresh){.copying = true}; /* of no WAL */
    for (size_t i = 0; i < 10; i++) {
        uint8_t slot[VRX_HEADER_SLOT];
        struct vrx_header header;
        assert_ok(vrx_header_seal(&wrong[i], &key, vrx_random_system(), slot));
        assert_reason(vrx_header_open(slot, &key, &header), VRX_VAULT_DAMAGED);
    }
    vrx_aead_done(&key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_comes_back),
        cmocka_unit_test(every_bit_of_a_slot_counts),
        cmocka_unit_test(another_format_is_refused_by_name),
        cmocka_unit_test(a_header_that_contradicts_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
