/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/identifier.h"

#include "base/encode.h"
#include "support/check.h"

/* Hashed and written by sha256sum, base64 and base32 of GNU coreutils. */
#define UVCI "URN:UVCI:01:JP:ABCDEFGHIJKLMNOPQRSTUVWXYZ#3"
#define HASH "ca38734e41fbbc1c1989d669583fe3da"
#define RID "yjhzTkH7vBwZidZpWD_j2g"
#define VDS_ID "ZI4HGTSB7O6B"

static void one_hash_in_three_forms(void **state) {
    (void)state;
    uint8_t hash[VRX_REVOCATION_HASH];
    char hex[2 * VRX_REVOCATION_HASH + 1];
    char rid[VRX_RID_TEXT + 1];
    char again[VRX_RID_TEXT + 1];
    char id[VRX_VDS_ID_TEXT + 1];
    assert_ok(vrx_identifier_hash(vrx_view_text(UVCI), hash));
    assert_ok(vrx_identifier_rid(vrx_view_text(UVCI), rid));
    assert_ok(vrx_identifier_vds(vrx_view_text(UVCI), id));
    vrx_hex_string(vrx_view_of(hash, sizeof hash), hex);
    vrx_identifier_rid_of(hash, again);
    assert_string_equal(hex, HASH);
    assert_string_equal(rid, RID);
    assert_string_equal(again, RID);
    assert_string_equal(id, VDS_ID);
}

static void the_way_back(void **state) {
    (void)state;
    uint8_t hash[VRX_REVOCATION_HASH];
    uint8_t found[VRX_REVOCATION_HASH];
    uint8_t prefix[8];
    assert_ok(vrx_identifier_hash(vrx_view_text(UVCI), hash));
    assert_true(vrx_identifier_of_rid(vrx_view_text(RID), found));
    assert_memory_equal(found, hash, sizeof hash);
    assert_true(vrx_identifier_of_vds(vrx_view_text(VDS_ID), prefix));
    assert_memory_equal(prefix, hash, 7);
    assert_int_equal(prefix[7], hash[7] & 0xf0);
}

static void refusal_identifiers_of_others(void **state) {
    (void)state;
    static const char *const rids[] = {"", "abc", RID "A", "*AAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAB", "MKyCxh7p6uQ.1629000000"};
    static const char *const ids[] = {"", "U32870", VDS_ID "A", "AAAAAAAAAAA1", "aAAAAAAAAAAA"};
    uint8_t hash[VRX_REVOCATION_HASH] = {7};
    for (size_t i = 0; i < sizeof rids / sizeof *rids; i++)
        assert_false(vrx_identifier_of_rid(vrx_view_text(rids[i]), hash));
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_false(vrx_identifier_of_vds(vrx_view_text(ids[i]), hash));
    assert_false(vrx_identifier_of_vds(vrx_view_of("AAAAA\0AAAAAA", 12), hash));
    assert_int_equal(hash[0], 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_hash_in_three_forms),
        cmocka_unit_test(the_way_back),
        cmocka_unit_test(refusal_identifiers_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
