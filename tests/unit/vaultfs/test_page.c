/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/page.h"

#include "support/check.h"

#include "crypto/hash.h"
#include "crypto/random.h"

#define BODY (VRX_PAGE - VRX_PAGE_RESERVED)

static const uint8_t salts[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t magic[24] = "SQLite format 3\0\x10\0\x02\x02 @  ";

static struct vrx_result count_up(void *context, uint8_t *out, size_t len) {
    (void)context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(0xa0 + i);
    return vrx_ok();
}

static const struct vrx_random known = {count_up, NULL};

static struct vrx_page_keys keys_of(uint8_t first, uint8_t id, uint32_t epoch) {
    uint8_t key[32];
    uint8_t file_id[VRX_PAGE_FILE_ID];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(first + i);
    for (size_t i = 0; i < sizeof file_id; i++)
        file_id[i] = (uint8_t)(id + i);
    struct vrx_page_keys keys;
    assert_ok(vrx_page_keys_init(&keys, vrx_view_of(key, sizeof key), file_id, epoch));
    return keys;
}

static struct vrx_xts checksum_of(uint8_t first, uint8_t id, uint32_t epoch) {
    uint8_t key[32];
    uint8_t file_id[VRX_PAGE_FILE_ID];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(first + i);
    for (size_t i = 0; i < sizeof file_id; i++)
        file_id[i] = (uint8_t)(id + i);
    struct vrx_xts checksum;
    assert_ok(vrx_page_checksum_init(&checksum, vrx_view_of(key, sizeof key), file_id, epoch));
    return checksum;
}

static void fill(uint8_t page[VRX_PAGE], bool headed) {
    memset(page, 0, VRX_PAGE);
    for (size_t i = 0; i < BODY; i++)
        page[i] = (uint8_t)(i * 7 + 3);
    if (headed)
        memcpy(page, magic, sizeof magic);
}

static const struct vrx_page_place database_5 = {.kind = VRX_PAGE_DATABASE, .number = 5};
static const struct vrx_page_place database_1 = {.kind = VRX_PAGE_DATABASE, .number = 1};
static struct vrx_page_place wal_1(void) {
    struct vrx_page_place place = {
        .kind = VRX_PAGE_WAL, .number = 1, .commit = 7, .frame = 32 + 4120 * 3, .base = 9};
    memcpy(place.salts, salts, sizeof salts);
    return place;
}

/* The digests were computed with another implementation of HKDF, AES-GCM and AES-XTS, from the
 * description in page.h. */
static void the_stored_form_is_the_one_described(void **state) {
    (void)state;
    const struct {
        struct vrx_page_place place;
        bool headed;
        const char *digest;
    } cases[] = {
        {database_5, false, "010ca057fde1da9c80eb645a315249fa5fd4738c25ebeded5ddc31ef55290ac3"},
        {database_1, true, "62b66a6c17266d7f3293cd7a7a5d8223d4871e4037c84b663269b76ec76de6e2"},
        {wal_1(), true, "ac4c261ee89023217659657568b0515e1cc81ddcee32154e4df69fc2dfcad76a"},
    };
    struct vrx_page_keys keys = keys_of(0, 0xf0, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t plain[VRX_PAGE];
        uint8_t stored[VRX_PAGE];
        uint8_t digest[VRX_SHA256];
        fill(plain, cases[i].headed);
        assert_ok(vrx_page_seal(&keys, &known, &cases[i].place, plain, stored));
        assert_ok(vrx_sha256(vrx_view_of(stored, sizeof stored), digest));
        assert_hex(digest, sizeof digest, cases[i].digest);
        assert_ok(vrx_page_open(&keys, &cases[i].place, stored, stored));
        assert_memory_equal(stored, plain, VRX_PAGE);
    }
    uint8_t block[16];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)i;
    struct vrx_xts checksum = checksum_of(0, 0xf0, 1);
    assert_ok(vrx_xts_encrypt(&checksum, 32 + 4120 * 3 + 8, block, 16, block));
    assert_hex(block, sizeof block, "4d2d9bdc202aeac679d5d34bf0f5bca2");
    assert_ok(vrx_xts_decrypt(&checksum, 32 + 4120 * 3 + 8, block, 16, block));
    assert_hex(block, sizeof block, "000102030405060708090a0b0c0d0e0f");
    vrx_xts_done(&checksum);
    vrx_page_keys_done(&keys);
}

static void every_bit_of_a_stored_page_counts(void **state) {
    (void)state;
    const struct vrx_page_place places[] = {database_5, database_1, wal_1()};
    struct vrx_page_keys keys = keys_of(0, 0xf0, 1);
    for (size_t p = 0; p < 3; p++) {
        uint8_t plain[VRX_PAGE];
        uint8_t stored[VRX_PAGE];
        uint8_t opened[VRX_PAGE];
        fill(plain, true);
        assert_ok(vrx_page_seal(&keys, vrx_random_system(), &places[p], plain, stored));
        for (size_t bit = 0; bit < 8 * (size_t)VRX_PAGE; bit++) {
            stored[bit / 8] ^= (uint8_t)(1U << bit % 8);
            memset(opened, 0, sizeof opened);
            if (vrx_page_open(&keys, &places[p], stored, opened).reason != VRX_VAULT_DAMAGED)
                fail_msg(
                    "place %zu: bit %zu of byte %zu is not authenticated", p, bit % 8, bit / 8);
            assert_memory_not_equal(opened + 64, plain + 64, 64);
            stored[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        assert_ok(vrx_page_open(&keys, &places[p], stored, opened));
        assert_memory_equal(opened, plain, VRX_PAGE);
    }
    vrx_page_keys_done(&keys);
}

static void a_page_belongs_to_its_place(void **state) {
    (void)state;
    struct vrx_page_place places[8];
    for (size_t i = 0; i < 8; i++)
        places[i] = wal_1();
    places[1].kind = VRX_PAGE_DATABASE;
    places[2].number = 2;
    places[3].salts[7] ^= 1;
    places[4].commit = 0;
    places[5].frame += 4120;
    places[6] = database_1;
    places[7].base++;
    struct vrx_page_keys keys = keys_of(0, 0xf0, 1);
    uint8_t plain[VRX_PAGE];
    uint8_t stored[VRX_PAGE];
    uint8_t opened[VRX_PAGE];
    fill(plain, true);
    for (size_t from = 0; from < 8; from++) {
        assert_ok(vrx_page_seal(&keys, vrx_random_system(), &places[from], plain, stored));
        for (size_t to = 0; to < 8; to++)
            assert_reason(vrx_page_open(&keys, &places[to], stored, opened),
                from == to ? VRX_OK : VRX_VAULT_DAMAGED);
    }
    vrx_page_keys_done(&keys);
}

static void a_page_belongs_to_its_file_and_key_and_epoch(void **state) {
    (void)state;
    struct vrx_xts checksums[] = {checksum_of(0, 0xf0, 1), checksum_of(1, 0xf0, 1),
        checksum_of(0, 0xf1, 1), checksum_of(0, 0xf0, 2)};
    struct vrx_page_keys all[] = {
        keys_of(0, 0xf0, 1), keys_of(1, 0xf0, 1), keys_of(0, 0xf1, 1), keys_of(0, 0xf0, 2)};
    uint8_t plain[VRX_PAGE];
    uint8_t stored[VRX_PAGE];
    uint8_t opened[VRX_PAGE];
    uint8_t hidden[4][16];
    fill(plain, true);
    for (size_t from = 0; from < 4; from++) {
        assert_ok(vrx_page_seal(&all[from], vrx_random_system(), &database_5, plain, stored));
        for (size_t to = 0; to < 4; to++)
            assert_reason(vrx_page_open(&all[to], &database_5, stored, opened),
                from == to ? VRX_OK : VRX_VAULT_DAMAGED);
        /* The epoch in the page is not enough: it names the key, the tag decides. */
        stored[VRX_PAGE - 1] ^= 3;
        for (size_t to = 0; to < 4; to++)
            assert_reason(vrx_page_open(&all[to], &database_5, stored, opened), VRX_VAULT_DAMAGED);
        assert_ok(vrx_xts_encrypt(&checksums[from], 40, plain, 16, hidden[from]));
        for (size_t to = 0; to < from; to++)
            assert_memory_not_equal(hidden[from], hidden[to], 16);
    }
    for (size_t i = 0; i < 4; i++) {
        vrx_page_keys_done(&all[i]);
        vrx_xts_done(&checksums[i]);
    }
}

static void zeros_and_noise_do_not_authenticate(void **state) {
    (void)state;
    struct vrx_page_keys keys = keys_of(0, 0xf0, 1);
    uint8_t stored[VRX_PAGE] = {0};
    uint8_t opened[VRX_PAGE];
    assert_reason(vrx_page_open(&keys, &database_5, stored, opened), VRX_VAULT_DAMAGED);
    stored[VRX_PAGE - 1] = 1;
    assert_reason(vrx_page_open(&keys, &database_5, stored, opened), VRX_VAULT_DAMAGED);
    assert_ok(vrx_random_fill(vrx_random_system(), stored, BODY));
    assert_reason(vrx_page_open(&keys, &database_5, stored, opened), VRX_VAULT_DAMAGED);
    vrx_page_keys_done(&keys);
}

static void what_would_be_lost_is_not_stored(void **state) {
    (void)state;
    struct vrx_page_keys keys = keys_of(0, 0xf0, 1);
    uint8_t plain[VRX_PAGE];
    uint8_t stored[VRX_PAGE];
    for (size_t i = BODY; i < VRX_PAGE; i++) {
        fill(plain, false);
        plain[i] = 1;
        assert_reason(vrx_page_seal(&keys, &known, &database_5, plain, stored), VRX_INTERNAL_ERROR);
    }
    for (size_t i = 0; i < sizeof magic; i++) {
        fill(plain, true);
        plain[i] ^= 1;
        assert_reason(vrx_page_seal(&keys, &known, &database_1, plain, stored), VRX_INTERNAL_ERROR);
        if (i >= 16)
            assert_reason(vrx_page_header_check(plain + 16), VRX_VAULT_DAMAGED);
    }
    assert_ok(vrx_page_header_check(magic + 16));
    vrx_page_keys_done(&keys);
}

static void a_data_key_has_32_bytes(void **state) {
    (void)state;
    uint8_t bytes[33] = {0};
    struct vrx_page_keys keys;
    struct vrx_xts checksum;
    for (size_t len = 0; len < sizeof bytes; len++) {
        if (len == 32)
            continue;
        struct vrx_view key = vrx_view_of(bytes, len);
        assert_reason(vrx_page_keys_init(&keys, key, bytes, 1), VRX_KEY_INVALID);
        assert_reason(vrx_page_checksum_init(&checksum, key, bytes, 1), VRX_KEY_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stored_form_is_the_one_described),
        cmocka_unit_test(every_bit_of_a_stored_page_counts),
        cmocka_unit_test(a_page_belongs_to_its_place),
        cmocka_unit_test(a_page_belongs_to_its_file_and_key_and_epoch),
        cmocka_unit_test(zeros_and_noise_do_not_authenticate),
        cmocka_unit_test(what_would_be_lost_is_not_stored),
        cmocka_unit_test(a_data_key_has_32_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
