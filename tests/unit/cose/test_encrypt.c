/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/cose/encrypt.c: sealing and opening, and every message that must not open.
 */
#include "support/check.h"

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/encrypt.h"
#include "crypto/aead.h"
#include "crypto/random.h"

static struct vrx_private_key *keys[2];
static struct vrx_public_key *publics[2];
static struct vrx_recipient recipients[VRX_LIMIT_RECIPIENTS + 1];

static const char plaintext[] = "a dose is recorded";
static const char external[] = "external";

static int make_keys(void **state) {
    (void)state;
    static const char names[] = "ABCDEFGHIJKLMNOPQ";
    for (int i = 0; i < 2; i++) {
        assert_ok(vrx_private_key_new_p256(&keys[i]));
        assert_ok(vrx_private_key_public(keys[i], &publics[i]));
    }
    for (size_t i = 0; i < VRX_LIMIT_RECIPIENTS + 1; i++)
        recipients[i] = (struct vrx_recipient){vrx_view_of(names + i, 1), publics[i % 2]};
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        vrx_private_key_free(&keys[i]);
        vrx_public_key_free(&publics[i]);
    }
    return 0;
}

static void make(size_t count, struct vrx_buffer *out) {
    assert_ok(vrx_encrypt_make(vrx_view_text(plaintext), vrx_view_text(external), recipients, count,
        vrx_random_system(), out));
}

static struct vrx_result open_as(
    const struct vrx_buffer *message, size_t recipient, struct vrx_buffer *out) {
    return vrx_encrypt_open(vrx_buffer_view(message), vrx_view_text(external),
        recipients[recipient].kid, keys[recipient % 2], out);
}

static void every_recipient_opens(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    make(VRX_LIMIT_RECIPIENTS, &message);
    for (size_t i = 0; i < VRX_LIMIT_RECIPIENTS; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        assert_ok(vrx_buffer_append_byte(&out, '>'));
        assert_ok(open_as(&message, i, &out));
        assert_int_equal(out.len, 1 + strlen(plaintext));
        assert_int_equal(out.ptr[0], '>');
        assert_memory_equal(out.ptr + 1, plaintext, strlen(plaintext));
    }
}

static void an_empty_plaintext(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_view none = vrx_view_of(NULL, 0);
    assert_ok(vrx_encrypt_make(none, none, recipients, 1, vrx_random_system(), &message));
    assert_ok(vrx_encrypt_open(vrx_buffer_view(&message), none, recipients[0].kid, keys[0], &out));
    assert_int_equal(out.len, 0);
}

static bool contains(const struct vrx_buffer *message, const void *needle, size_t len) {
    return memmem(message->ptr, message->len, needle, len) != NULL;
}

static void nothing_repeats_and_nothing_shows(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer second = {0};
    make(1, &first);
    make(1, &second);
    assert_false(contains(&first, plaintext, strlen(plaintext)));
    assert_int_equal(first.len, second.len);
    /* d8 60 84 43 a10103 a1 05 4c nonce 58 22 ciphertext … a4 01 02 20 01 21 58 20 x */
    assert_hex(first.ptr, 10, "d8608443a10103a1054c");
    assert_memory_not_equal(first.ptr + 10, second.ptr + 10, 12);
    assert_memory_not_equal(first.ptr + 24, second.ptr + 24, strlen(plaintext) + 16);
    const uint8_t *x = memmem(first.ptr, first.len, "\xa4\x01\x02\x20\x01\x21\x58\x20", 8);
    assert_non_null(x);
    assert_false(contains(&second, x + 8, 32));
}

/* Zeros: what the caller's random gives is what is used. */
static struct vrx_result zeros(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, 0, len);
    return vrx_ok();
}

static struct vrx_result fails(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void nonce_and_content_key_are_the_caller_s(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer second = {0};
    struct vrx_random random = {zeros, NULL};
    struct vrx_view none = vrx_view_of(NULL, 0);
    assert_ok(vrx_encrypt_make(vrx_view_text(plaintext), none, recipients, 1, &random, &first));
    assert_ok(vrx_encrypt_make(vrx_view_text(plaintext), none, recipients, 1, &random, &second));
    assert_memory_equal(first.ptr, second.ptr, 24 + strlen(plaintext) + 16);
    assert_hex(first.ptr + 10, 12, "000000000000000000000000");
}

static void random_failed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_random random = {fails, NULL};
    struct vrx_view none = vrx_view_of(NULL, 0);
    assert_reason(vrx_encrypt_make(none, none, recipients, 1, &random, &out), VRX_RANDOM_FAILED);
    assert_int_equal(out.len, 0);
}

static void rfc_9052_s5_1_recipients(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_view none = vrx_view_of(NULL, 0);
    const struct vrx_random *random = vrx_random_system();
    assert_reason(vrx_encrypt_make(none, none, recipients, 0, random, &out), VRX_INPUT_RANGE);
    assert_reason(vrx_encrypt_make(none, none, recipients, VRX_LIMIT_RECIPIENTS + 1, random, &out),
        VRX_INPUT_RANGE);
    struct vrx_recipient nameless = {none, publics[0]};
    assert_reason(vrx_encrypt_make(none, none, &nameless, 1, random, &out), VRX_INPUT_RANGE);
    assert_int_equal(out.len, 0);
}

static void the_buffer_s_limit_leaves_it_as_it_was(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {.limit = 100};
    assert_ok(vrx_buffer_append_byte(&out, '>'));
    assert_reason(vrx_encrypt_make(vrx_view_text(plaintext), vrx_view_text(external), recipients, 2,
                      vrx_random_system(), &out),
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 1);
}

static void key_unknown(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    make(2, &message);
    assert_reason(open_as(&message, 2, &out), VRX_KEY_UNKNOWN);
}

static void rfc_9052_s5_3_another_key(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    make(2, &message);
    struct vrx_result result = vrx_encrypt_open(
        vrx_buffer_view(&message), vrx_view_text(external), recipients[0].kid, keys[1], &out);
    assert_reason(result, VRX_DECRYPT_FAILED);
    assert_memory_equal(result.clause, "RFC 9052 §5.3", strlen("RFC 9052 §5.3"));
    assert_int_equal(out.len, 0);
}

static void rfc_9052_s5_3_other_external_data(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    make(1, &message);
    assert_reason(vrx_encrypt_open(vrx_buffer_view(&message), vrx_view_of(NULL, 0),
                      recipients[0].kid, keys[0], &out),
        VRX_DECRYPT_FAILED);
    assert_int_equal(out.len, 0);
}

static void rfc_9052_s5_3_any_bit_changed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    make(1, &message);
    for (size_t bit = 0; bit < message.len * 8; bit++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        message.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (vrx_is_ok(open_as(&message, 0, &out)) || out.len)
            fail_msg("bit %zu", bit);
        message.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void rfc_8949_s3_any_truncation(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    make(2, &message);
    for (size_t len = 0; len < message.len; len++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        assert_reason(vrx_encrypt_open(vrx_view_of(message.ptr, len), vrx_view_text(external),
                          recipients[1].kid, keys[1], &out),
            VRX_INPUT_TRUNCATED);
    }
}

/* Edits of the message made for one recipient: the first occurrence of what is replaced. Hex; both
 * sides of one length. Offsets follow from the profile, so each names what it changes. */
static struct edit {
    const char *name;
    const char *from;
    const char *to;
    enum vrx_reason reason;
} edits[] = {
    {"RFC 9052 §5.1 tag 97", "d86084", "d86184", VRX_INPUT_MALFORMED},
    {"RFC 9052 §5.1 no such array", "d86084", "d860a2", VRX_INPUT_MALFORMED},
    {"RFC 9053 §4.1 A128GCM", "43a10103", "43a10101", VRX_ALGORITHM_REFUSED},
    {"RFC 9053 §4.2 AES-CCM-16-64-128", "43a10103", "43a1010a", VRX_ALGORITHM_REFUSED},
    {"RFC 9052 §3 content header without alg", "43a10103", "43a11803", VRX_INPUT_NOT_CANONICAL},
    {"RFC 9052 §3.1 partial IV instead of IV", "a1054c", "a1064c", VRX_INPUT_MALFORMED},
    {"RFC 9053 §6.4 ECDH-ES + A192KW", "44a101381e", "44a101381d", VRX_ALGORITHM_REFUSED},
    {"RFC 9053 §6.4 ECDH-SS + A256KW", "44a101381e", "44a1013821", VRX_ALGORITHM_REFUSED},
    {"RFC 9053 §6.3.1 static key instead of an ephemeral one", "20a40102", "21a40102",
        VRX_INPUT_MALFORMED},
    {"RFC 9053 §7.1 key type OKP", "a401022001", "a401012001", VRX_INPUT_MALFORMED},
    {"RFC 9053 §7.1 curve P-384", "a401022001", "a401022002", VRX_INPUT_MALFORMED},
    {"RFC 9052 §3.1 kid unknown", "a2044141", "a2044142", VRX_KEY_UNKNOWN},
    {"RFC 9052 §3.1 no kid", "a2044141", "a2034141", VRX_INPUT_TYPE},
};

#define EDITS (sizeof edits / sizeof *edits)

static void edited(void **state) {
    const struct edit *edit = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    uint8_t from[16];
    uint8_t to[16];
    size_t len = test_hex(edit->from, from, sizeof from);
    assert_int_equal(test_hex(edit->to, to, sizeof to), len);
    make(1, &message);
    uint8_t *at = memmem(message.ptr, message.len, from, len);
    assert_non_null(at);
    memcpy(at, to, len);
    assert_reason(open_as(&message, 0, &out), edit->reason);
    assert_int_equal(out.len, 0);
}

static void sec_1_s3_2_2_ephemeral_key_off_the_curve(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    make(1, &message);
    uint8_t *x = memmem(message.ptr, message.len, "\xa4\x01\x02\x20\x01\x21\x58\x20", 8);
    assert_non_null(x);
    x[8 + 31] ^= 1;
    assert_reason(open_as(&message, 0, &out), VRX_KEY_INVALID);
}

/* The parts of a message, to be put together in another way. */
struct parts {
    struct vrx_view protected_bytes;
    struct vrx_view nonce;
    struct vrx_view sealed;
    size_t count;
    struct vrx_view recipient[VRX_LIMIT_RECIPIENTS + 1];
};

static void take_apart(const struct vrx_buffer *message, struct parts *parts) {
    struct vrx_cbor_reader reader;
    uint64_t number;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, vrx_buffer_view(message)));
    assert_ok(vrx_cbor_tag(&reader, &number));
    assert_ok(vrx_cbor_array(&reader, &number));
    assert_ok(vrx_cbor_bytes(&reader, &parts->protected_bytes));
    assert_ok(vrx_cbor_map(&reader, &number));
    assert_ok(vrx_cbor_uint(&reader, &number));
    assert_ok(vrx_cbor_bytes(&reader, &parts->nonce));
    assert_ok(vrx_cbor_bytes(&reader, &parts->sealed));
    assert_ok(vrx_cbor_array(&reader, &number));
    parts->count = (size_t)number;
    for (size_t i = 0; i < parts->count; i++)
        assert_ok(vrx_cbor_item(&reader, &parts->recipient[i]));
}

static void put_together(const struct parts *parts, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_tag(&writer, 96);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_bytes(&writer, parts->protected_bytes);
    vrx_cbor_put_map(&writer, 1);
    vrx_cbor_put_uint(&writer, 5);
    vrx_cbor_put_bytes(&writer, parts->nonce);
    vrx_cbor_put_bytes(&writer, parts->sealed);
    vrx_cbor_put_array(&writer, parts->count);
    for (size_t i = 0; i < parts->count; i++)
        vrx_cbor_put_item(&writer, parts->recipient[i]);
    assert_ok(vrx_cbor_writer_finish(&writer));
}

static void assert_opening(const struct parts *parts, enum vrx_reason reason, const char *clause) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    put_together(parts, &message);
    struct vrx_result result = open_as(&message, 0, &out);
    assert_reason(result, reason);
    if (clause)
        assert_memory_equal(result.clause, clause, strlen(clause));
}

static void put_together_as_it_was_it_opens(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct parts parts;
    make(2, &message);
    take_apart(&message, &parts);
    assert_opening(&parts, VRX_OK, NULL);
}

static void rfc_9052_s5_1_number_of_recipients(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct parts parts;
    make(VRX_LIMIT_RECIPIENTS, &message);
    take_apart(&message, &parts);
    parts.recipient[VRX_LIMIT_RECIPIENTS] = parts.recipient[1];
    parts.count = VRX_LIMIT_RECIPIENTS + 1;
    assert_opening(&parts, VRX_INPUT_TOO_LARGE, "RFC 9052 §5.1");
    parts.count = 0;
    assert_opening(&parts, VRX_INPUT_MALFORMED, "RFC 9052 §5.1");
}

static void of_two_recipients_with_one_kid_the_first(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer other = {0};
    struct parts parts;
    struct parts foreign;
    make(1, &message);
    make(1, &other);
    take_apart(&message, &parts);
    take_apart(&other, &foreign);
    parts.count = 2;
    parts.recipient[1] = foreign.recipient[0];
    assert_opening(&parts, VRX_OK, NULL);
    parts.recipient[1] = parts.recipient[0];
    parts.recipient[0] = foreign.recipient[0];
    assert_opening(&parts, VRX_DECRYPT_FAILED, "RFC 9052 §5.3");
}

static void rfc_9053_s4_1_nonce_and_tag_lengths(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct parts parts;
    make(1, &message);
    take_apart(&message, &parts);
    struct parts changed = parts;
    changed.nonce.len = 11;
    assert_opening(&changed, VRX_INPUT_MALFORMED, "RFC 9053 §4.1");
    changed.nonce = vrx_view_of(message.ptr, 13);
    assert_opening(&changed, VRX_INPUT_MALFORMED, "RFC 9053 §4.1");
    changed = parts;
    changed.sealed.len = VRX_AEAD_TAG - 1;
    assert_opening(&changed, VRX_DECRYPT_FAILED, "RFC 9053 §4.1");
    changed.sealed.len = VRX_AEAD_TAG;
    assert_opening(&changed, VRX_DECRYPT_FAILED, "RFC 9052 §5.3");
}

/* The last 42 bytes of a recipient are the wrapped key with its head. */
static void rfc_9053_s6_2_wrapped_key_length(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 24, 39, 41, 48, 136};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct parts parts;
    make(1, &message);
    take_apart(&message, &parts);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer recipient = {0};
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer key = {0};
        struct vrx_cbor_writer writer;
        struct parts changed = parts;
        uint8_t *zeros_at;
        struct vrx_view old = parts.recipient[0];
        assert_ok(vrx_buffer_extend(&key, lengths[i], &zeros_at));
        assert_ok(vrx_buffer_append(&recipient, vrx_view_slice(old, 0, old.len - 42)));
        vrx_cbor_writer_init(&writer, &recipient);
        vrx_cbor_put_bytes(&writer, vrx_buffer_view(&key));
        assert_ok(vrx_cbor_writer_finish(&writer));
        changed.recipient[0] = vrx_buffer_view(&recipient);
        assert_opening(&changed, VRX_DECRYPT_FAILED, "RFC 9053 §6.2");
    }
}

#define FIXED 18

int main(void) {
    struct CMUnitTest tests[FIXED + EDITS] = {
        cmocka_unit_test(every_recipient_opens),
        cmocka_unit_test(an_empty_plaintext),
        cmocka_unit_test(nothing_repeats_and_nothing_shows),
        cmocka_unit_test(nonce_and_content_key_are_the_caller_s),
        cmocka_unit_test(random_failed),
        cmocka_unit_test(rfc_9052_s5_1_recipients),
        cmocka_unit_test(the_buffer_s_limit_leaves_it_as_it_was),
        cmocka_unit_test(key_unknown),
        cmocka_unit_test(rfc_9052_s5_3_another_key),
        cmocka_unit_test(rfc_9052_s5_3_other_external_data),
        cmocka_unit_test(rfc_9052_s5_3_any_bit_changed),
        cmocka_unit_test(rfc_8949_s3_any_truncation),
        cmocka_unit_test(sec_1_s3_2_2_ephemeral_key_off_the_curve),
        cmocka_unit_test(put_together_as_it_was_it_opens),
        cmocka_unit_test(rfc_9052_s5_1_number_of_recipients),
        cmocka_unit_test(of_two_recipients_with_one_kid_the_first),
        cmocka_unit_test(rfc_9053_s4_1_nonce_and_tag_lengths),
        cmocka_unit_test(rfc_9053_s6_2_wrapped_key_length),
    };
    for (size_t i = 0; i < EDITS; i++)
        tests[FIXED + i] = (struct CMUnitTest){edits[i].name, edited, NULL, NULL, &edits[i]};
    return cmocka_run_group_tests_name("cose/encrypt", tests, make_keys, free_keys);
}
