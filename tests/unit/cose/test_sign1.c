/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/cose/sign1.c: what it makes, and every message that it must not take. The working group's
 * vectors are in tests/wire/cose.
 */
#include "support/check.h"

#include "cbor/reader.h"
#include "cose/sign1.h"
#include "support/hex.h"

static struct vrx_private_key *own_key;
static struct vrx_public_key *own_public;
static struct vrx_public_key *other_public;

static int make_keys(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&own_key));
    assert_ok(vrx_private_key_public(own_key, &own_public));
    assert_ok(vrx_private_key_new_p256(&other));
    assert_ok(vrx_private_key_public(other, &other_public));
    vrx_private_key_free(&other);
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    vrx_private_key_free(&own_key);
    vrx_public_key_free(&own_public);
    vrx_public_key_free(&other_public);
    return 0;
}

static const char kid[] = "kid-0001";
static const char payload[] = "payload";
static const char external[] = "external";

static void make(struct vrx_buffer *out) {
    assert_ok(vrx_sign1_make(
        vrx_view_text(payload), vrx_view_text(external), own_key, vrx_view_text(kid), out));
}

static void makes_what_it_parses_and_verifies(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_ok(vrx_buffer_append_byte(&out, 0xee));
    make(&out);
    assert_int_equal(out.ptr[0], 0xee);
    struct vrx_view input = vrx_view_slice(vrx_buffer_view(&out), 1, out.len);
    struct vrx_sign1 message;
    assert_ok(vrx_sign1_parse(input, &message));
    assert_int_equal(message.algorithm, VRX_ES256);
    assert_true(vrx_view_equal(message.kid, vrx_view_text(kid)));
    assert_true(vrx_view_equal(message.payload, vrx_view_text(payload)));
    assert_int_equal(message.signature.len, 64);
    assert_false(message.detached);
    assert_ok(vrx_sign1_verify(&message, vrx_view_text(external), own_public));
    assert_ok(vrx_sign1_parse_foreign(input, &message));
    assert_ok(vrx_sign1_verify(&message, vrx_view_text(external), own_public));
    /* d2 84 4d a2 01 26 04 48 kid… a0 47 payload… 58 40 signature */
    assert_hex(input.ptr, 8, "d2844da201260448");
    assert_hex(input.ptr + 16, 2, "a047");
    assert_hex(input.ptr + 25, 2, "5840");
    assert_int_equal(input.len, 27 + 64);
}

static void rfc_9052_s4_4_another_key(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_sign1 message;
    make(&out);
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&out), &message));
    struct vrx_result result = vrx_sign1_verify(&message, vrx_view_text(external), other_public);
    assert_reason(result, VRX_SIGNATURE_INVALID);
    assert_memory_equal(result.clause, "RFC 9052 §4.4", strlen("RFC 9052 §4.4"));
}

static void rfc_9052_s4_4_other_external_data(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_sign1 message;
    make(&out);
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&out), &message));
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_text("externaL"), own_public), VRX_SIGNATURE_INVALID);
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_of(NULL, 0), own_public), VRX_SIGNATURE_INVALID);
}

/* No bit of a message can change unnoticed. */
static void rfc_9052_s4_4_any_bit_changed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    make(&out);
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        struct vrx_sign1 message;
        out.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct vrx_result result = vrx_sign1_parse(vrx_buffer_view(&out), &message);
        if (vrx_is_ok(result))
            result = vrx_sign1_verify(&message, vrx_view_text(external), own_public);
        if (vrx_is_ok(result))
            fail_msg("bit %zu", bit);
        out.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void rfc_9052_s3_1_kid_length_when_made(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    static const uint8_t long_kid[65];
    struct vrx_view none = vrx_view_of(NULL, 0);
    assert_reason(vrx_sign1_make(none, none, own_key, none, &out), VRX_INPUT_RANGE);
    assert_reason(
        vrx_sign1_make(none, none, own_key, vrx_view_of(long_kid, 65), &out), VRX_INPUT_RANGE);
    assert_int_equal(out.len, 0);
    assert_ok(vrx_sign1_make(none, none, own_key, vrx_view_of(long_kid, 64), &out));
}

static void algorithm_is_never_taken_modulo_2_32(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_sign1 message;
    make(&out);
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&out), &message));
    message.algorithm += (int64_t)1 << 32;
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_text(external), own_public), VRX_ALGORITHM_REFUSED);
    message.algorithm = 0;
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_text(external), own_public), VRX_ALGORITHM_REFUSED);
    message.algorithm = VRX_ES384;
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_text(external), own_public), VRX_ALGORITHM_REFUSED);
}

/* Shapes; the signature is never looked at. own and foreign: what each parser says. */
static struct shape {
    const char *name;
    const char *hex;
    enum vrx_reason own;
    enum vrx_reason foreign;
} shapes[] = {
    {"as VRX makes it", "d28446a201260441ffa041004100", VRX_OK, VRX_OK},
    {"RFC 9052 §4.2 untagged", "8446a201260441ffa041004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 8392 §6 tag 61 around", "d83dd28446a201260441ffa041004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 8392 §6 tag 61 alone", "d83d8446a201260441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 tag 61 within 18", "d2d83d8446a201260441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 tag 17", "d18446a201260441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 three items", "d28346a201260441ffa04100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 five items", "d28546a201260441ffa04100410000", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 not an array", "d200", VRX_INPUT_MALFORMED, VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 indefinite array", "d29f46a201260441ffa041004100ff", VRX_INPUT_NOT_CANONICAL,
        VRX_OK},
    {"RFC 9052 §4.2 indefinite array of five", "d29f46a201260441ffa04100410000ff",
        VRX_INPUT_NOT_CANONICAL, VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 indefinite array of three", "d29f46a201260441ffa04100ff",
        VRX_INPUT_NOT_CANONICAL, VRX_INPUT_MALFORMED},
    {"RFC 9052 §3 protected not a string", "d284a201260441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §3 protected not a map", "d2844100a041004100", VRX_INPUT_TYPE, VRX_INPUT_TYPE},
    {"RFC 9052 §3 protected not CBOR", "d28441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §3 protected with bytes after it", "d28447a201260441ff00a041004100",
        VRX_INPUT_TRAILING, VRX_INPUT_TRAILING},
    {"RFC 9052 §3 protected keys descend", "d28446a20441ff0126a041004100", VRX_INPUT_NOT_CANONICAL,
        VRX_OK},
    {"RFC 9052 §3 protected key twice", "d28445a201260126a041004100", VRX_INPUT_DUPLICATE_KEY,
        VRX_INPUT_DUPLICATE_KEY},
    {"RFC 9052 §3 unprotected not a map", "d28446a201260441ff8041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §3 kid unprotected", "d28443a10126a10441ff41004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §3 alg unprotected", "d28440a201260441ff41004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §3 unprotected not empty", "d28446a201260441ffa1182a0041004100", VRX_INPUT_MALFORMED,
        VRX_OK},
    {"RFC 9052 §3 a further protected label", "d28449a301260441ff182a00a041004100",
        VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §3 no headers at all", "d28440a041004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §3.1 crit", "d28449a301260281010441ffa041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §3.1 crit unprotected", "d28446a201260441ffa102810141004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §3.1 kid a text", "d28446a20126046161a041004100", VRX_INPUT_TYPE, VRX_INPUT_TYPE},
    {"RFC 9052 §3.1 kid empty", "d28445a201260440a041004100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §3.1 alg a byte string", "d28447a20141000441ffa041004100", VRX_INPUT_TYPE,
        VRX_INPUT_TYPE},
    {"RFC 9053 §2 alg a text", "d28447a20161610441ffa041004100", VRX_ALGORITHM_REFUSED,
        VRX_ALGORITHM_REFUSED},
    {"RFC 9053 §2.1 ES384", "d28447a20138220441ffa041004100", VRX_ALGORITHM_REFUSED, VRX_OK},
    {"RFC 9052 §1.5 label a byte string", "d28448a301260441ff4000a041004100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §1.5 label a text", "d28449a301260441ff616100a041004100", VRX_INPUT_MALFORMED,
        VRX_OK},
    {"RFC 9052 §1.5 label of 64 bits", "d28450a301260441ff1bffffffffffffffff00a041004100",
        VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §4.2 payload nil", "d28446a201260441ffa0f64100", VRX_INPUT_MALFORMED, VRX_OK},
    {"RFC 9052 §4.2 payload a text", "d28446a201260441ffa061614100", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 9052 §4.2 signature nil", "d28446a201260441ffa04100f6", VRX_INPUT_MALFORMED,
        VRX_INPUT_MALFORMED},
    {"RFC 8949 §5.1 bytes after the message", "d28446a201260441ffa04100410000", VRX_INPUT_TRAILING,
        VRX_INPUT_TRAILING},
};

#define SHAPES (sizeof shapes / sizeof *shapes)

static void parses_or_refuses(void **state) {
    const struct shape *shape = *state;
    struct vrx_view input = vrx_test_hex(shape->hex);
    struct vrx_sign1 message = {.algorithm = 77};
    struct vrx_result own = vrx_sign1_parse(input, &message);
    assert_reason(own, shape->own);
    if (!vrx_is_ok(own))
        assert_int_equal(message.algorithm, 77);
    struct vrx_sign1 other = {.algorithm = 77};
    struct vrx_result foreign = vrx_sign1_parse_foreign(input, &other);
    assert_reason(foreign, shape->foreign);
    if (!vrx_is_ok(foreign))
        assert_int_equal(other.algorithm, 77);
    vrx_test_hex_free(input);
}

static void protected_header_wins(void **state) {
    (void)state;
    /* protected {1: -7, 3: 60, 4: h'aa'}, unprotected {1: -35, 4: h'bb'} */
    struct vrx_view input = vrx_test_hex("d28449a3012603183c0441aaa20138220441bb41004100");
    struct vrx_sign1 message;
    assert_ok(vrx_sign1_parse_foreign(input, &message));
    assert_int_equal(message.algorithm, VRX_ES256);
    assert_hex(message.kid.ptr, message.kid.len, "aa");
    assert_true(message.has_content_type);
    assert_int_equal(message.content_type, 60);
    vrx_test_hex_free(input);
}

static void unprotected_header_serves_where_protected_is_silent(void **state) {
    (void)state;
    struct vrx_view input = vrx_test_hex("d28441a0a201260441bb41004100");
    struct vrx_sign1 message;
    assert_ok(vrx_sign1_parse_foreign(input, &message));
    assert_int_equal(message.algorithm, VRX_ES256);
    assert_hex(message.kid.ptr, message.kid.len, "bb");
    assert_int_equal(message.protected_bytes.len, 0);
    vrx_test_hex_free(input);
}

static void s4_2_2_detached_payload(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_sign1 message;
    make(&out);
    /* The payload's eight bytes become nil. */
    out.ptr[17] = 0xf6;
    memmove(out.ptr + 18, out.ptr + 25, out.len - 25);
    out.len -= 7;
    assert_ok(vrx_sign1_parse_foreign(vrx_buffer_view(&out), &message));
    assert_true(message.detached);
    assert_reason(
        vrx_sign1_verify(&message, vrx_view_text(external), own_public), VRX_SIGNATURE_INVALID);
    message.payload = vrx_view_text(payload);
    assert_ok(vrx_sign1_verify(&message, vrx_view_text(external), own_public));
}

#define FIXED 9

int main(void) {
    struct CMUnitTest tests[FIXED + SHAPES] = {
        cmocka_unit_test(makes_what_it_parses_and_verifies),
        cmocka_unit_test(rfc_9052_s4_4_another_key),
        cmocka_unit_test(rfc_9052_s4_4_other_external_data),
        cmocka_unit_test(rfc_9052_s4_4_any_bit_changed),
        cmocka_unit_test(rfc_9052_s3_1_kid_length_when_made),
        cmocka_unit_test(algorithm_is_never_taken_modulo_2_32),
        cmocka_unit_test(protected_header_wins),
        cmocka_unit_test(unprotected_header_serves_where_protected_is_silent),
        cmocka_unit_test(s4_2_2_detached_payload),
    };
    for (size_t i = 0; i < SHAPES; i++)
        tests[FIXED + i] =
            (struct CMUnitTest){shapes[i].name, parses_or_refuses, NULL, NULL, &shapes[i]};
    return cmocka_run_group_tests_name("cose/sign1", tests, make_keys, free_keys);
}
