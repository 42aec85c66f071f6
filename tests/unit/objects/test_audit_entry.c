/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/audit_entry.c: known bytes, and every field wrong in every way its schema names.
 * The encodings are written by hand from RFC 8949, not by the code under test.
 */
#include "objects/audit_entry.h"

#include <stdlib.h>

#include "support/check.h"

/* clang-format off */
#define TIME "01" "1a61653640" /* 1634022976 */
#define METHOD "02" "7819" "7672782e76312e5265636f7264732f476574486973746f7279"
#define TERMINAL "03" "62" "7431"
#define OPERATOR "04" "67" "73757a756b6931"
#define OUTCOME "05" "18fb" /* 251, CONSENT_REVOKED */
#define PERSON "06" "5820" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PURPOSE "07" "65" "6d6f766572"
#define BASIS "08" "7818" "e795aae58fb7e6b395e7acac3139e69da1e7acac38e58fb7"
#define REQUEST "09" "50" "000102030405060708090a0b0c0d0e0f"
#define COMMITMENT "0a" "5820" "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define FULL "aa" TIME METHOD TERMINAL OPERATOR OUTCOME PERSON PURPOSE BASIS REQUEST COMMITMENT
#define LEAST "a5" TIME METHOD TERMINAL "0500" REQUEST
/* clang-format on */

static void assert_text(struct vrx_view view, const char *text) {
    assert_true(vrx_view_equal(view, vrx_view_text(text)));
}

static struct vrx_result decode(const char *hex, struct vrx_audit_entry *ret_entry) {
    static uint8_t bytes[2048];
    return vrx_audit_entry_decode(
        vrx_view_of(bytes, test_hex(hex, bytes, sizeof bytes)), ret_entry);
}

static void assert_encodes(const struct vrx_audit_entry *entry, const char *hex) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_ok(vrx_audit_entry_encode(entry, &out));
    assert_hex(out.ptr, out.len, hex);
}

static void full_entry(void **state) {
    (void)state;
    struct vrx_audit_entry entry;
    assert_ok(decode(FULL, &entry));
    assert_int_equal(entry.time, 1634022976);
    assert_text(entry.method, "vrx.v1.Records/GetHistory");
    assert_text(entry.terminal, "t1");
    assert_text(entry.operator_id, "suzuki1");
    assert_int_equal(entry.outcome, VRX_CONSENT_REVOKED);
    assert_int_equal(entry.person.len, 32);
    assert_int_equal(entry.person.ptr[31], 0xaa);
    assert_text(entry.purpose, "mover");
    assert_text(entry.basis, "番号法第19条第8号");
    assert_int_equal(entry.request[15], 15);
    assert_int_equal(entry.commitment.len, 32);
    assert_int_equal(entry.commitment.ptr[0], 0xcc);
    assert_encodes(&entry, FULL);
}

static void least_entry(void **state) {
    (void)state;
    struct vrx_audit_entry entry;
    assert_ok(decode(LEAST, &entry));
    assert_int_equal(entry.outcome, VRX_OK);
    assert_int_equal(entry.operator_id.len, 0);
    assert_int_equal(entry.person.len, 0);
    assert_int_equal(entry.commitment.len, 0);
    assert_encodes(&entry, LEAST);
}

struct refused {
    const char *hex;
    enum vrx_reason reason;
};

static void rfc8949_4_2_1_what_is_not_the_entry_is_refused(void **state) {
    (void)state;
    static const struct refused table[] = {
        {"", VRX_INPUT_TRUNCATED},
        {"80", VRX_INPUT_TYPE},
        {"a0", VRX_INPUT_FIELD_MISSING},
        {"a4" METHOD TERMINAL "0500" REQUEST, VRX_INPUT_FIELD_MISSING},
        {"a4" TIME TERMINAL "0500" REQUEST, VRX_INPUT_FIELD_MISSING},
        {"a4" TIME METHOD "0500" REQUEST, VRX_INPUT_FIELD_MISSING},
        {"a4" TIME METHOD TERMINAL REQUEST, VRX_INPUT_FIELD_MISSING},
        {"a4" TIME METHOD TERMINAL "0500", VRX_INPUT_FIELD_MISSING},
        {"a6"
         "0000" TIME METHOD TERMINAL "0500" REQUEST,
            VRX_INPUT_FIELD_UNKNOWN},
        {"a6" TIME METHOD TERMINAL "0500" REQUEST "0b00", VRX_INPUT_FIELD_UNKNOWN},
        {"a6" TIME METHOD TERMINAL "0500" REQUEST "1b800000000000000000", VRX_INPUT_FIELD_UNKNOWN},
        {"a6" TIME METHOD TERMINAL "0500" REQUEST "2000", VRX_INPUT_TYPE},
        {"a5"
         "0120" METHOD TERMINAL "0500" REQUEST,
            VRX_INPUT_TYPE},
        {"a5"
         "011b8000000000000000" METHOD TERMINAL "0500" REQUEST,
            VRX_INPUT_RANGE},
        {"a5" TIME "0200" TERMINAL "0500" REQUEST, VRX_INPUT_TYPE},
        {"a5" TIME "024131" TERMINAL "0500" REQUEST, VRX_INPUT_TYPE},
        {"a5" TIME "0260" TERMINAL "0500" REQUEST, VRX_INPUT_RANGE},
        {"a5" TIME METHOD TERMINAL "0520" REQUEST, VRX_INPUT_TYPE},
        {"a5" TIME METHOD TERMINAL "051a00010000" REQUEST, VRX_INPUT_RANGE},
        {"a5" TIME METHOD TERMINAL "0500"
         "094f000102030405060708090a0b0c0d0e",
            VRX_INPUT_RANGE},
        {"a6" TIME METHOD TERMINAL "0460"
         "0500" REQUEST,
            VRX_INPUT_RANGE},
        {"a6" TIME METHOD TERMINAL "0500"
         "0640" REQUEST,
            VRX_INPUT_RANGE},
        {"a6" TIME METHOD TERMINAL "0500" REQUEST "0a43010203", VRX_INPUT_RANGE},
        {"a6" TIME METHOD TERMINAL "0500" REQUEST "0a6131", VRX_INPUT_TYPE},
        {"a5" TIME METHOD TERMINAL "051800" REQUEST, VRX_INPUT_NOT_CANONICAL},
        {"a5" METHOD TIME TERMINAL "0500" REQUEST, VRX_INPUT_NOT_CANONICAL},
        {"a6" TIME TIME METHOD TERMINAL "0500" REQUEST, VRX_INPUT_DUPLICATE_KEY},
        {"bf" TIME METHOD TERMINAL "0500" REQUEST "ff", VRX_INPUT_NOT_CANONICAL},
        {LEAST "00", VRX_INPUT_TRAILING},
        {"a5" TIME "0261ff" TERMINAL "0500" REQUEST, VRX_INPUT_TEXT},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct vrx_audit_entry entry = {.time = 7};
        struct vrx_result result = decode(table[i].hex, &entry);
        if (result.reason != table[i].reason)
            fail_msg("row %zu: %s", i, vrx_reason_name(result.reason));
        assert_int_equal(entry.time, 7);
    }
}

/* Each text at its limit goes through, and one byte more is refused both ways. */
static void texts_have_limits(void **state) {
    (void)state;
    static const char long_text[] =
        "0123456789012345678901234567890123456789012345678901234567890123"
        "0123456789012345678901234567890123456789012345678901234567890123"
        "0";
    struct vrx_audit_entry entry = {.method = vrx_view_text("m"), .terminal = vrx_view_text("t")};
    struct {
        struct vrx_view *view;
        size_t limit;
    } const texts[] = {
        {&entry.method, 96},
        {&entry.terminal, 64},
        {&entry.operator_id, 64},
        {&entry.purpose, 64},
        {&entry.basis, 128},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        struct vrx_audit_entry read;
        *texts[i].view = vrx_view_of(long_text, texts[i].limit + 1);
        assert_reason(vrx_audit_entry_encode(&entry, &out), VRX_INPUT_TOO_LARGE);
        assert_int_equal(out.len, 0);
        *texts[i].view = vrx_view_of(long_text, texts[i].limit);
        assert_ok(vrx_audit_entry_encode(&entry, &out));
        assert_ok(vrx_audit_entry_decode(vrx_buffer_view(&out), &read));
    }
    uint8_t digest[VRX_DIGEST] = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer largest = {0};
    entry.person = vrx_view_of(digest, VRX_DIGEST);
    entry.commitment = vrx_view_of(digest, VRX_DIGEST);
    entry.time = INT64_MAX;
    entry.outcome = UINT16_MAX;
    assert_ok(vrx_audit_entry_encode(&entry, &largest));
    assert_true(largest.len <= VRX_LIMIT_LEDGER_ENTRY);
}

static void decoding_heeds_text_limits(void **state) {
    (void)state;
    struct vrx_audit_entry entry;
    uint8_t bytes[VRX_LIMIT_LEDGER_ENTRY + 1] = {0};
    assert_reason(
        vrx_audit_entry_decode(vrx_view_of(bytes, sizeof bytes), &entry), VRX_INPUT_TOO_LARGE);
    /* A terminal of 65 characters. */
    assert_reason(decode("a5" TIME METHOD "037841"
                         "4141414141414141414141414141414141414141"
                         "41414141414141414141414141414141414141414141414141414141414141414141"
                         "4141414141414141414141"
                         "0500" REQUEST,
                      &entry),
        VRX_INPUT_TOO_LARGE);
}

static void encoding_refuses_what_decoding_would(void **state) {
    (void)state;
    const struct vrx_audit_entry good = {
        .method = vrx_view_text("m"), .terminal = vrx_view_text("t")};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_audit_entry bad = good;
    bad.method.len = 0;
    assert_reason(vrx_audit_entry_encode(&bad, &out), VRX_INPUT_FIELD_MISSING);
    bad = good;
    bad.terminal.len = 0;
    assert_reason(vrx_audit_entry_encode(&bad, &out), VRX_INPUT_FIELD_MISSING);
    bad = good;
    bad.time = -1;
    assert_reason(vrx_audit_entry_encode(&bad, &out), VRX_INPUT_RANGE);
    bad = good;
    bad.person = vrx_view_text("an individual number");
    assert_reason(vrx_audit_entry_encode(&bad, &out), VRX_INPUT_RANGE);
    bad = good;
    bad.purpose = vrx_view_text("\xc3");
    assert_reason(vrx_audit_entry_encode(&bad, &out), VRX_INPUT_TEXT);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_entry),
        cmocka_unit_test(least_entry),
        cmocka_unit_test(rfc8949_4_2_1_what_is_not_the_entry_is_refused),
        cmocka_unit_test(texts_have_limits),
        cmocka_unit_test(decoding_heeds_text_limits),
        cmocka_unit_test(encoding_refuses_what_decoding_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
