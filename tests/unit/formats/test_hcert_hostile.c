/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/hcert_verify.c and hcert_read.c under input that means ill: every character
 * and every length of a valid certificate, bombs, depth, counts and numbers beyond all bounds; and
 * under payloads that a trusted signer signed though they are wrong in one place.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "cbor/reader.h"
#include "formats/base45.h"
#include "formats/hcert.h"
#include "formats/inflate.h"
#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/signers.h"

#define NOW ((int64_t)SAMPLE_ISSUED + 86400)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct {
    struct test_signer csca, dsc;
    struct vrx_trust_list *trust;
    uint8_t kid[VRX_KID];
    struct vrx_buffer payload, text, message; /* of a valid certificate */
} t;

static struct vrx_buffer signed_text(struct vrx_view payload) {
    struct vrx_buffer text = {0};
    assert_ok(vrx_hcert_sign(payload, t.dsc.key, t.kid, NULL, &text));
    return text;
}

static int setup(void **state) {
    (void)state;
    const struct vrx_hcert content = test_hcert_sample();
    memset(&t, 0, sizeof t);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &t.csca);
    test_certificate(VRX_PROFILE_DSC_VACCINATION, &t.csca, 2, TEST_FROM, TEST_UNTIL, &t.dsc);
    assert_ok(vrx_trust_list_new(&t.trust));
    assert_ok(vrx_trust_list_add(t.trust, vrx_certificate_der(t.dsc.cert)));
    assert_ok(vrx_signer_kid(t.dsc.cert, t.kid));
    assert_ok(vrx_hcert_payload(&content, &t.payload));
    t.text = signed_text(vrx_buffer_view(&t.payload));
    assert_ok(vrx_hcert_unpack(vrx_buffer_view(&t.text), &t.message));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_buffer_done(&t.message);
    vrx_buffer_done(&t.text);
    vrx_buffer_done(&t.payload);
    vrx_trust_list_free(&t.trust);
    test_signer_done(&t.dsc);
    test_signer_done(&t.csca);
    return 0;
}

static struct vrx_finding verify(struct vrx_view text) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_hcert ignored;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_hcert_verify(text, t.trust, NOW, &arena, &finding, &ignored));
    vrx_arena_done(&arena);
    return finding;
}

/* Any bytes where the compressed message should be. */
static struct vrx_buffer text_of(struct vrx_view packed) {
    struct vrx_buffer text = {0};
    assert_ok(vrx_buffer_append(&text, vrx_view_text(VRX_HCERT_PREFIX)));
    assert_ok(vrx_base45_encode(packed, &text));
    return text;
}

/* Any bytes where the message should be. */
static struct vrx_finding verify_message(struct vrx_view message) {
    struct vrx_buffer packed = {0};
    assert_ok(vrx_deflate(NULL, message, &packed));
    struct vrx_buffer text = text_of(vrx_buffer_view(&packed));
    const struct vrx_finding finding = verify(vrx_buffer_view(&text));
    vrx_buffer_done(&text);
    vrx_buffer_done(&packed);
    return finding;
}

static void expect(
    const char *what, struct vrx_finding finding, enum vrx_verdict verdict, const char *clause) {
    const char *said = finding.clause ? finding.clause : "";
    if (finding.verdict != verdict || strncmp(said, clause, strlen(clause)) != 0)
        fail_msg("%s: %s (%s), expected %s (%s)", what, vrx_verdict_name(finding.verdict), said,
            vrx_verdict_name(verdict), clause);
}

/* ---- before the signature ---- */

/* The last byte of a compressed stream has bits that stand for nothing (RFC 1951 §3.2.3): the
 * message inside is the one that was signed. */
static bool has_the_message_of(struct vrx_view text, struct vrx_view original) {
    struct vrx_buffer message = {0};
    struct vrx_buffer signed_message = {0};
    assert_ok(vrx_hcert_unpack(original, &signed_message));
    const bool same = vrx_is_ok(vrx_hcert_unpack(text, &message)) &&
                      vrx_view_equal(vrx_buffer_view(&message), vrx_buffer_view(&signed_message));
    vrx_buffer_done(&message);
    vrx_buffer_done(&signed_message);
    return same;
}

/* Whichever character becomes another of the alphabet, or none of it. */
static void verdict_any_character(void **state) {
    (void)state;
    static const char others[] = "0A Z:%a\x7f";
    struct vrx_buffer original = {0};
    size_t same = 0;
    assert_ok(vrx_buffer_append(&original, vrx_buffer_view(&t.text)));
    for (size_t i = 0; i < t.text.len; i++) {
        const uint8_t was = t.text.ptr[i];
        for (size_t o = 0; o < sizeof others; o++) { /* with the NUL */
            if ((uint8_t)others[o] == was)
                continue;
            t.text.ptr[i] = (uint8_t)others[o];
            const struct vrx_finding finding = verify(vrx_buffer_view(&t.text));
            const bool is_same =
                has_the_message_of(vrx_buffer_view(&t.text), vrx_buffer_view(&original));
            same += is_same;
            if (is_same)
                assert_int_equal(finding.verdict, VRX_VERDICT_VALID);
            else if (finding.verdict == VRX_VERDICT_VALID || finding.readable || !finding.clause)
                fail_msg("character %zu as %02x", i, (unsigned)others[o]);
        }
        t.text.ptr[i] = was;
    }
    vrx_buffer_done(&original);
    assert_in_range(same, 0, 2 * sizeof others); /* of one byte's two characters at most */
    expect("as it was", verify(vrx_buffer_view(&t.text)), VRX_VERDICT_VALID, "");
}

/* Every length of the text, and of the message within. */
static void verdict_every_length(void **state) {
    (void)state;
    for (size_t len = 0; len < t.text.len; len++) {
        const struct vrx_finding finding = verify(vrx_view_slice(vrx_buffer_view(&t.text), 0, len));
        const bool prefixed = len >= sizeof VRX_HCERT_PREFIX - 1;
        assert_int_equal(
            finding.verdict, prefixed ? VRX_VERDICT_DAMAGED : VRX_VERDICT_NOT_A_CERTIFICATE);
        assert_false(finding.readable);
    }
    for (size_t len = 0; len < t.message.len; len++) {
        const struct vrx_finding finding =
            verify_message(vrx_view_slice(vrx_buffer_view(&t.message), 0, len));
        expect("a shorter message", finding, VRX_VERDICT_DAMAGED, "RFC 8949 §3");
    }
}

static void verdict_bytes_behind(void **state) {
    (void)state;
    struct vrx_buffer packed = {0};
    assert_ok(vrx_buffer_append_byte(&t.message, 0));
    expect("behind the message", verify_message(vrx_buffer_view(&t.message)), VRX_VERDICT_DAMAGED,
        "RFC 8949 §5.1");
    assert_ok(vrx_deflate(NULL, vrx_buffer_view(&t.message), &packed));
    assert_ok(vrx_buffer_append_byte(&packed, 0));
    struct vrx_buffer text = text_of(vrx_buffer_view(&packed));
    expect("behind the stream", verify(vrx_buffer_view(&text)), VRX_VERDICT_DAMAGED,
        "RFC 1950 §2.2: bytes follow");
    vrx_buffer_done(&text);
    vrx_buffer_done(&packed);
}

/* As large as the longest text can make it: refused at the bound. */
static void verdict_bombs(void **state) {
    (void)state;
    static const size_t sizes[] = {
        VRX_LIMIT_HCERT_INFLATED, VRX_LIMIT_HCERT_INFLATED + 1, (size_t)2 << 20};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint8_t *zeros = calloc(1, sizes[i]);
        assert_non_null(zeros);
        expect("a bomb", verify_message(vrx_view_of(zeros, sizes[i])), VRX_VERDICT_DAMAGED,
            i ? "limits.h: decompressed size" : "RFC 8949 §5.1");
        free(zeros);
    }
}

/* What a stranger may write before anybody asks who they are. */
static void verdict_before_the_signature(void **state) {
    (void)state;
    static const struct {
        const char *what, *hex, *clause;
    } rows[] = {
        {"an array of 2^64 - 1", "9bffffffffffffffff", "RFC 8949 §3"},
        {"a map of 2^63", "d284bb8000000000000000", "RFC 8949 §3"},
        {"a text of 2^64 - 1", "d2847bffffffffffffffff", "RFC 8949 §3"},
        {"bytes of 2^32", "d2845b0000000100000000", "RFC 8949 §3"},
        {"reserved information", "d2845c", "RFC 8949 §3"},
        {"a break first", "ff", "RFC 8949 §3.2.1"},
        {"a simple value", "d284f0a04040", "RFC 8949 §3.3"},
        {"no UTF-8", "d2844061ff4040", "RFC 8949 §3.1"},
        {"kid twice", "d28440a20441000441014040", "RFC 8949 §5.6"},
        {"kid twice in the protected", "d28447a2044100044101a04040", "RFC 8949 §5.6"},
        {"crit", "d28444a1028101a04040", "RFC 9052 §3.1"},
        {"alg as a text", "d28446a1016345533300a04040", ""},
        {"no payload", "d28443a10126a0f640", "RFC 8392 §7"},
        {"five items", "d28543a10126a0404040", "RFC 9052 §4.2"},
        {"three items", "d28343a10126a040", "RFC 9052 §4.2"},
        {"payload as a text", "d28443a10126a06040", "RFC 9052 §4.2"},
        {"no algorithm", "d28440a04040", "HCERT specification §3.3.1"},
        {"EdDSA", "d28443a10127a04040", "HCERT specification §3.3.1"},
    };
    uint8_t message[64];
    for (size_t i = 0; i < COUNT(rows); i++) {
        const size_t len = test_hex(rows[i].hex, message, sizeof message);
        expect(rows[i].what, verify_message(vrx_view_of(message, len)), VRX_VERDICT_DAMAGED,
            rows[i].clause);
    }
}

/* No stack is taken for it, whatever nests. */
static void verdict_depth(void **state) {
    (void)state;
    static const char *const nesting[] = {"81", "9f", "a100", "bf00", "d2", "d83d", "5f", "7f"};
    uint8_t *message = malloc(VRX_LIMIT_HCERT_INFLATED);
    assert_non_null(message);
    for (size_t i = 0; i < COUNT(nesting); i++) {
        uint8_t one[2];
        const size_t len = test_hex(nesting[i], one, sizeof one);
        for (size_t at = 0; at + len <= 60000; at += len)
            memcpy(message + at, one, len);
        /* Strings do not nest: chunks are definite. */
        expect(nesting[i], verify_message(vrx_view_of(message, 60000)), VRX_VERDICT_DAMAGED,
            i < 6 ? "RFC 8949 §10" : "RFC 8949 §3.2.3");
    }
    free(message);
}

/* More keys than any certificate has: no time is spent on each beside all others. */
static void verdict_many_keys(void **state) {
    (void)state;
    struct vrx_buffer message = {0};
    const unsigned keys = VRX_LIMIT_CBOR_FOREIGN_KEYS + 1;
    const uint8_t head[] = {0xd2, 0x84, 0x40, 0xb9, (uint8_t)(keys >> 8), (uint8_t)keys};
    assert_ok(vrx_buffer_append(&message, vrx_view_of(head, sizeof head)));
    for (unsigned i = 0; i < keys; i++) {
        const uint8_t pair[] = {0x19, (uint8_t)(i >> 8), (uint8_t)i, 0x00};
        assert_ok(vrx_buffer_append(&message, vrx_view_of(pair, sizeof pair)));
    }
    expect("a key too many", verify_message(vrx_buffer_view(&message)), VRX_VERDICT_DAMAGED,
        "RFC 8949 §10: too many map keys");
    vrx_buffer_done(&message);
}

/* ---- behind a signature that verifies ---- */

enum allowed { TEXT = 1, NUMBER = 2, CONTAINER = 4 };

/* Where a field stands in the sample's payload: its key's encoding, and of what follows as much as
 * makes it unique. */
static const struct {
    const char *name;
    const char *found;
    size_t key; /* bytes of found that are the key, or stand before it */
    enum allowed allowed;
} fields[] = {
    {"iss", "\xa4\x01\x62", 2, TEXT},
    {"exp", "\x04\x1a\x63", 1, NUMBER},
    {"iat", "\x06\x1a\x61", 1, NUMBER},
    {"hcert", "\x39\x01\x03", 3, CONTAINER},
    {"dcc", "\xa1\x01\xa4", 2, CONTAINER},
    {"ver", "\x63ver", 4, TEXT},
    {"dob", "\x63\x64ob", 4, TEXT},
    {"nam", "\x63nam", 4, CONTAINER},
    {"fn", "\x62\x66n", 3, TEXT},
    {"fnt", "\x63\x66nt", 4, TEXT},
    {"gn", "\x62gn", 3, TEXT},
    {"gnt", "\x63gnt", 4, TEXT},
    {"v", "\x61v", 2, CONTAINER},
    {"v[0]", "\x61v\x81", 3, CONTAINER},
    {"tg", "\x62tg", 3, TEXT},
    {"vp", "\x62vp", 3, TEXT},
    {"mp", "\x62mp", 3, TEXT},
    {"ma", "\x62ma", 3, TEXT},
    {"dn", "\x62\x64n", 3, NUMBER},
    {"sd", "\x62sd", 3, NUMBER},
    {"dt", "\x62\x64t", 3, TEXT},
    {"co", "\x62\x63o", 3, TEXT},
    {"is", "\x62is", 3, TEXT},
    {"ci", "\x62\x63i", 3, TEXT},
};

static size_t field_at(const char *name) {
    for (size_t i = 0; i < COUNT(fields); i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    fail_msg("%s is no field", name);
    return 0;
}

/* Signed with this field's value (hexadecimal) in the place of its own. */
static struct vrx_finding verify_with(size_t field, const char *hex) {
    const struct vrx_view payload = vrx_buffer_view(&t.payload);
    uint8_t value[64];
    const size_t len = test_hex(hex, value, sizeof value);
    size_t used = 0;
    struct vrx_buffer changed = {0};
    const uint8_t *found =
        memmem(payload.ptr, payload.len, fields[field].found, strlen(fields[field].found));
    assert_non_null(found);
    const size_t at = (size_t)(found - payload.ptr) + fields[field].key;
    const struct vrx_view rest = vrx_view_slice(payload, at, payload.len);
    assert_ok(vrx_cbor_measure(VRX_CBOR_FOREIGN, rest, &used));
    assert_ok(vrx_buffer_append(&changed, vrx_view_slice(payload, 0, at)));
    assert_ok(vrx_buffer_append(&changed, vrx_view_of(value, len)));
    assert_ok(vrx_buffer_append(&changed, vrx_view_slice(rest, used, rest.len)));
    struct vrx_buffer text = signed_text(vrx_buffer_view(&changed));
    const struct vrx_finding finding = verify(vrx_buffer_view(&text));
    vrx_buffer_done(&text);
    vrx_buffer_done(&changed);
    return finding;
}

/* Each field as each type of CBOR that it is not. */
static void verdict_damaged_each_type(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        unsigned is; /* enum allowed; 0: never */
    } values[] = {
        {"07", NUMBER},
        {"26", 0}, /* a count below 1; a time before 1970 */
        {"41ff", 0},
        {"6161", TEXT},
        {"80", CONTAINER}, /* looked at below */
        {"a0", CONTAINER},
        {"c06161", TEXT},
        {"c007", 0},
        {"f4", 0},
        {"f7", 0},
        {"7f6161ff", 0},
        {"5f41ffff", 0},
    };
    for (size_t field = 0; field < COUNT(fields); field++)
        for (size_t v = 0; v < COUNT(values); v++) {
            const bool time =
                fields[field].name[0] == 'e' || strcmp(fields[field].name, "iat") == 0;
            const bool tagged_time = time && strcmp(values[v].hex, "c007") == 0;
            if (values[v].is & fields[field].allowed || tagged_time ||
                (time && strcmp(values[v].hex, "26") == 0))
                continue;
            const struct vrx_finding finding = verify_with(field, values[v].hex);
            expect(fields[field].name, finding, VRX_VERDICT_DAMAGED, "");
            assert_false(finding.readable);
        }
}

/* One field, one value. */
static void verdicts_of_single_values(void **state) {
    (void)state;
    static const struct {
        const char *name, *hex;
        enum vrx_verdict verdict;
        const char *clause;
    } rows[] = {
        {"exp", "1b7fffffffffffffff", VRX_VERDICT_VALID, ""},
        {"exp", "1b8000000000000000", VRX_VERDICT_DAMAGED, ""},
        {"exp", "1bffffffffffffffff", VRX_VERDICT_DAMAGED, ""},
        {"exp", "3b7fffffffffffffff", VRX_VERDICT_EXPIRED, ""},
        {"exp", "3bffffffffffffffff", VRX_VERDICT_DAMAGED, ""},
        {"exp", "fb7ff0000000000000", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"exp", "fbfff0000000000000", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"exp", "f97e00", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"exp", "f97c00", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"exp", "fb43e0000000000000", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"exp", "fb41dfffffffc00000", VRX_VERDICT_VALID, ""},
        {"exp", "c11a7fffffff", VRX_VERDICT_VALID, ""},
        {"exp", "26", VRX_VERDICT_EXPIRED, "HCERT specification §3.3.4"},
        {"exp", "f6", VRX_VERDICT_DAMAGED, ""},
        {"iat", "1b7fffffffffffffff", VRX_VERDICT_NOT_YET_VALID, "HCERT specification §3.3.5"},
        {"iat", "1bffffffffffffffff", VRX_VERDICT_DAMAGED, ""},
        {"iat", "26", VRX_VERDICT_VALID, ""},
        {"dn", "00", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: dose_posint"},
        {"dn", "20", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: dose_posint"},
        {"dn", "1affffffff", VRX_VERDICT_VALID, ""},
        {"dn", "1b0000000100000000", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: dose_posint"},
        {"dn", "f93c00", VRX_VERDICT_VALID, ""},
        {"dn", "f93800", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: dose_posint"},
        {"dn", "f97c00", VRX_VERDICT_DAMAGED, "RFC 8392 §2"},
        {"dn", "f6", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: vaccination_entry"},
        {"sd", "1b0000000100000000", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: dose_posint"},
        {"v", "80", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: exactly one"},
        {"v", "f6", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: exactly one"},
        {"v[0]", "a0", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: ci"},
        {"nam", "a0", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: nam"},
        {"dcc", "a0", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3"},
        {"hcert", "a0", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3"},
        {"hcert", "a102a0", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3"},
        {"hcert", "a1613140", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3"},
        {"dob", "60", VRX_VERDICT_VALID, ""},
        {"dob", "f6", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: ver, dob"},
        {"ci", "60", VRX_VERDICT_DAMAGED, "EU DCC schema 1.3: ci"},
        {"ci", "c0c0c0c0c0c0c0c0c06161", VRX_VERDICT_VALID, ""},
        {"ci", "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c06161", VRX_VERDICT_DAMAGED, "RFC 8949 §10"},
        {"ci", "61ff", VRX_VERDICT_DAMAGED, "RFC 8949 §3.1"},
        {"ci", "63eda080", VRX_VERDICT_DAMAGED, "RFC 8949 §3.1"},
        {"ci", "62c080", VRX_VERDICT_DAMAGED, "RFC 8949 §3.1"},
        {"is", "8181818181818181818181818181818181818180", VRX_VERDICT_DAMAGED, "RFC 8949 §10"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect(rows[i].hex, verify_with(field_at(rows[i].name), rows[i].hex), rows[i].verdict,
            rows[i].clause);
}

/* One key as another of the same map: it stands there twice then. */
static void verdict_damaged_duplicate_keys(void **state) {
    (void)state;
    static const struct {
        const char *key, *other;
    } rows[] = {
        {"\x04\x1a\x63", "\x06\x1a\x63"},
        {"\x06\x1a\x61", "\x04\x1a\x61"},
        {"\x63\x64ob", "\x63ver"},
        {"\x63ver", "\x63nam"},
        {"\x62\x66n", "\x62gn"},
        {"\x63gnt", "\x63\x66nt"},
        {"\x62tg", "\x62\x63i"},
        {"\x62vp", "\x62tg"},
        {"\x62\x64n", "\x62sd"},
        {"\x62sd", "\x62\x64n"},
        {"\x62\x64t", "\x62is"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const size_t len = strlen(rows[i].key);
        uint8_t *at = memmem(t.payload.ptr, t.payload.len, rows[i].key, len);
        assert_non_null(at);
        memcpy(at, rows[i].other, len);
        struct vrx_buffer text = signed_text(vrx_buffer_view(&t.payload));
        expect(rows[i].other, verify(vrx_buffer_view(&text)), VRX_VERDICT_DAMAGED,
            "RFC 8949 §5.6: map keys are unique");
        vrx_buffer_done(&text);
        memcpy(at, rows[i].key, len);
    }
}

/* Whatever single byte of the payload a signer gets wrong: a verdict and its clause, and what is
 * said to be readable is complete. */
static void verdicts_of_any_signed_byte(void **state) {
    (void)state;
    static const uint8_t changes[] = {0x01, 0x20, 0x80, 0xff};
    for (size_t i = 0; i < t.payload.len; i++)
        for (size_t c = 0; c < sizeof changes; c++) {
            t.payload.ptr[i] ^= changes[c];
            struct vrx_buffer text = signed_text(vrx_buffer_view(&t.payload));
            const struct vrx_finding finding = verify(vrx_buffer_view(&text));
            assert_int_equal(!finding.clause, finding.verdict == VRX_VERDICT_VALID);
            if (finding.verdict == VRX_VERDICT_DAMAGED)
                assert_false(finding.readable);
            vrx_buffer_done(&text);
            t.payload.ptr[i] ^= changes[c];
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(verdict_any_character),
        TEST(verdict_every_length),
        TEST(verdict_bytes_behind),
        TEST(verdict_bombs),
        TEST(verdict_before_the_signature),
        TEST(verdict_depth),
        TEST(verdict_many_keys),
        TEST(verdict_damaged_each_type),
        TEST(verdicts_of_single_values),
        TEST(verdict_damaged_duplicate_keys),
        TEST(verdicts_of_any_signed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
