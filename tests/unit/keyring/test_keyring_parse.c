/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/keyring.c: the form of keyring.cddl, each part of it written wrongly in turn.
 */
#include "cbor/writer.h"
#include "crypto/hash.h"
#include "fixture.h"

/* ---- the form ---- */

/* What the written form below varies in; one sound value each. */
enum vary {
    MEMBERS,
    VERSION,
    WRAPPED,
    HEAD_MEMBERS,
    CODE, /* which of codes */
    SERIAL,
    THRESHOLD,
    CUSTODIANS,
    CUSTODIAN_MEMBERS,
    KID,
    SPKI,
    CHECK,
    SHARE,
    KID_CHANGED,
    KEYS, /* published, in both lists */
    KEY_PARTS,
    KEY_SPKI,
    FROM,
    UNTIL, /* of the previous ones; 0: null */
    PRESENT_UNTIL,
    SAME_KEYS,
    DATA_NUMBER,
    LAST_MEMBER,
    BYTES_BEHIND,
    HEAD_BYTES_BEHIND,
    VARIES
};
static const uint64_t sound[VARIES] = {[MEMBERS] = 3,
    [VERSION] = 3,
    [WRAPPED] = 29,
    [HEAD_MEMBERS] = 7,
    [SERIAL] = 1,
    [THRESHOLD] = 1,
    [CUSTODIANS] = 1,
    [CUSTODIAN_MEMBERS] = 4,
    [KID] = 8,
    [SPKI] = 91,
    [CHECK] = 32,
    [SHARE] = 1,
    [KEYS] = 2,
    [KEY_PARTS] = 3,
    [KEY_SPKI] = 91,
    [FROM] = 5,
    [UNTIL] = 5,
    [DATA_NUMBER] = 1,
    [LAST_MEMBER] = 7};
static const char *const codes[] = {"011002", "011003", "Sapporo"};
static const uint8_t zero[100];

static void put_custodian(const uint64_t *form, uint64_t index, struct vrx_cbor_writer *writer) {
    uint8_t kid[32];
    uint8_t spki[100] = {(uint8_t)index};
    assert_ok(vrx_sha256(vrx_view_of(spki, form[SPKI]), kid));
    kid[0] ^= (uint8_t)form[KID_CHANGED];
    const struct vrx_view parts[] = {vrx_view_of(kid, form[KID]), vrx_view_of(spki, form[SPKI]),
        vrx_view_of(zero, form[CHECK]), vrx_view_of(zero, form[SHARE])};
    vrx_cbor_put_map(writer, form[CUSTODIAN_MEMBERS]);
    for (uint64_t i = 0; i < form[CUSTODIAN_MEMBERS]; i++) {
        vrx_cbor_put_uint(writer, i + 1);
        vrx_cbor_put_bytes(writer, parts[i]);
    }
}

static void put_published(const uint64_t *form, uint64_t index, struct vrx_cbor_writer *writer) {
    const uint8_t spki[100] = {form[SAME_KEYS] ? 1 : (uint8_t)index};
    const uint64_t until = index ? form[UNTIL] : form[PRESENT_UNTIL];
    vrx_cbor_put_array(writer, form[KEY_PARTS]);
    vrx_cbor_put_bytes(writer, vrx_view_of(spki, form[KEY_SPKI]));
    vrx_cbor_put_uint(writer, index ? form[FROM] : 5);
    if (form[KEY_PARTS] < 3)
        return;
    if (until)
        vrx_cbor_put_uint(writer, until);
    else
        vrx_cbor_put_null(writer);
}

static void put_head(const uint64_t *form, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, form[HEAD_MEMBERS]);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_text(&writer, vrx_view_text(codes[form[CODE]]));
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_uint(&writer, form[SERIAL]);
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_uint(&writer, form[THRESHOLD]);
    vrx_cbor_put_uint(&writer, 4);
    vrx_cbor_put_array(&writer, form[CUSTODIANS]);
    for (uint64_t i = 0; i < form[CUSTODIANS]; i++)
        put_custodian(form, i, &writer);
    for (uint64_t member = 5; member <= 6; member++) {
        vrx_cbor_put_uint(&writer, member);
        vrx_cbor_put_array(&writer, form[KEYS]);
        for (uint64_t i = 0; i < form[KEYS]; i++)
            put_published(form, i, &writer);
    }
    if (form[HEAD_MEMBERS] == 7) {
        vrx_cbor_put_uint(&writer, form[LAST_MEMBER]);
        vrx_cbor_put_uint(&writer, form[DATA_NUMBER]);
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    for (uint64_t i = 0; i < form[HEAD_BYTES_BEHIND]; i++)
        assert_ok(vrx_buffer_append_byte(out, 0));
}

static void put_form(const uint64_t *form, struct vrx_buffer *out) {
    struct vrx_buffer head = {0};
    struct vrx_cbor_writer writer;
    put_head(form, &head);
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, form[MEMBERS]);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, form[VERSION]);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_bytes(&writer, vrx_buffer_view(&head));
    if (form[MEMBERS] == 3) {
        vrx_cbor_put_uint(&writer, 3);
        vrx_cbor_put_bytes(&writer, vrx_view_of(zero, form[WRAPPED]));
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    for (uint64_t i = 0; i < form[BYTES_BEHIND]; i++)
        assert_ok(vrx_buffer_append_byte(out, 0));
    vrx_buffer_done(&head);
}

struct row {
    enum vary vary;
    uint64_t value;
    enum vrx_reason reason;
};

static void check_rows(const uint64_t base[VARIES], const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t form[VARIES];
        struct vrx_buffer bytes = {0};
        struct vrx_keyring keyring;
        memcpy(form, base, sizeof form);
        form[rows[i].vary] = rows[i].value;
        put_form(form, &bytes);
        struct vrx_result result = vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s", i, vrx_reason_name(result.reason));
        vrx_buffer_done(&bytes);
    }
}

static void parse_keyring_cddl(void **state) {
    (void)state;
    static const struct row rows[] = {
        {BYTES_BEHIND, 0, VRX_OK},
        {MEMBERS, 2, VRX_INPUT_FIELD_MISSING},
        {VERSION, 0, VRX_INPUT_VERSION},
        {VERSION, 1, VRX_INPUT_VERSION},
        {VERSION, 2, VRX_INPUT_VERSION},
        {VERSION, 4, VRX_INPUT_VERSION},
        {WRAPPED, 28, VRX_INPUT_RANGE},
        {HEAD_MEMBERS, 6, VRX_INPUT_FIELD_MISSING},
        {CODE, 1, VRX_CHECK_DIGIT_WRONG},
        {CODE, 2, VRX_INPUT_MALFORMED},
        {SERIAL, 0, VRX_INPUT_RANGE},
        {SERIAL, UINT32_MAX, VRX_OK},
        {SERIAL, 1ULL << 32, VRX_INPUT_RANGE},
        {THRESHOLD, 0, VRX_INPUT_RANGE},
        {THRESHOLD, 2, VRX_INPUT_RANGE},
        {THRESHOLD, 1ULL << 32 | 1, VRX_INPUT_RANGE},
        {CUSTODIANS, 0, VRX_INPUT_RANGE},
        {CUSTODIANS, 16, VRX_OK},
        {CUSTODIANS, 17, VRX_INPUT_RANGE},
        {CUSTODIAN_MEMBERS, 3, VRX_INPUT_FIELD_MISSING},
        {KID, 7, VRX_INPUT_RANGE},
        {KID, 9, VRX_INPUT_RANGE},
        {SPKI, 90, VRX_INPUT_RANGE},
        {SPKI, 92, VRX_INPUT_RANGE},
        {CHECK, 31, VRX_INPUT_RANGE},
        {CHECK, 33, VRX_INPUT_RANGE},
        {SHARE, 0, VRX_INPUT_RANGE},
        {KID_CHANGED, 1, VRX_INPUT_RANGE},
        {KEYS, 0, VRX_INPUT_RANGE},
        {KEYS, 1, VRX_OK},
        {KEYS, 32, VRX_OK},
        {KEYS, 33, VRX_INPUT_RANGE},
        {KEY_PARTS, 2, VRX_INPUT_FIELD_MISSING},
        {KEY_SPKI, 90, VRX_INPUT_RANGE},
        {KEY_SPKI, 92, VRX_INPUT_RANGE},
        {FROM, 4, VRX_OK},
        {FROM, 6, VRX_INPUT_RANGE},
        {UNTIL, 0, VRX_INPUT_TYPE},
        {UNTIL, 4, VRX_INPUT_RANGE},
        {UNTIL, (1ULL << 53) - 1, VRX_OK},
        {UNTIL, 1ULL << 53, VRX_INPUT_RANGE},
        {PRESENT_UNTIL, 9, VRX_INPUT_TYPE},
        {SAME_KEYS, 1, VRX_INPUT_DUPLICATE_KEY},
        {DATA_NUMBER, 0, VRX_INPUT_RANGE},
        {DATA_NUMBER, UINT32_MAX, VRX_OK},
        {DATA_NUMBER, 1ULL << 32, VRX_INPUT_RANGE},
        {LAST_MEMBER, 8, VRX_INPUT_FIELD_UNKNOWN},
        {BYTES_BEHIND, 1, VRX_INPUT_TRAILING},
        {HEAD_BYTES_BEHIND, 1, VRX_INPUT_TRAILING},
    };
    check_rows(sound, rows, COUNT_OF(rows));
    uint64_t full[VARIES];
    memcpy(full, sound, sizeof full);
    full[CUSTODIANS] = 16;
    static const struct row most[] = {{THRESHOLD, 16, VRX_OK}, {THRESHOLD, 17, VRX_INPUT_RANGE}};
    check_rows(full, most, COUNT_OF(most));
}

/* No custodians and keys, however many, make a keyring that its own parser refuses for its size. */
static void the_largest_keyring_is_read(void **state) {
    (void)state;
    struct custodian custodians[VRX_LIMIT_RECIPIENTS];
    for (size_t i = 0; i < COUNT_OF(custodians); i++)
        custodians[i] = fresh_custodian();
    struct vrx_buffer bytes = keyring_for("011002", custodians, COUNT_OF(custodians));
    const size_t published = (size_t)2 * VRX_LIMIT_KEYRING_KEYS * (VRX_SPKI_P256 + 24);
    const size_t secrets = 1024;
    assert_true(bytes.len + published + secrets < VRX_LIMIT_KEYRING);
    assert_int_equal(parsed(&bytes).custodian_count, VRX_LIMIT_RECIPIENTS);
    for (size_t i = 0; i < COUNT_OF(custodians); i++)
        custodian_done(&custodians[i]);
    vrx_buffer_done(&bytes);
}

static void parse_refuses_one_custodian_twice(void **state) {
    (void)state;
    struct custodian custodian = published_custodian(0);
    struct vrx_buffer bytes = keyring_for("011002", &custodian, 1);
    struct vrx_keyring keyring = parsed(&bytes);
    struct vrx_buffer changed = {0};
    keyring.custodian_count = 2;
    keyring.custodians[1] = keyring.custodians[0];
    put_keyring(&keyring, &changed);
    assert_reason(vrx_keyring_parse(vrx_buffer_view(&changed), &keyring), VRX_INPUT_DUPLICATE_KEY);
    vrx_buffer_done(&changed);
    vrx_buffer_done(&bytes);
    custodian_done(&custodian);
}

static void parse_refuses_what_is_no_keyring(void **state) {
    (void)state;
    static const uint8_t large[VRX_LIMIT_KEYRING + 1];
    struct vrx_keyring keyring;
    assert_reason(
        vrx_keyring_parse(vrx_view_of(large, sizeof large), &keyring), VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_keyring_parse((struct vrx_view){NULL, 0}, &keyring), VRX_INPUT_TRUNCATED);
    assert_reason(vrx_keyring_parse(vrx_view_text("\xa0"), &keyring), VRX_INPUT_FIELD_MISSING);
    assert_reason(vrx_keyring_parse(vrx_view_text("\x80"), &keyring), VRX_INPUT_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_keyring_cddl),
        cmocka_unit_test(the_largest_keyring_is_read),
        cmocka_unit_test(parse_refuses_one_custodian_twice),
        cmocka_unit_test(parse_refuses_what_is_no_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
