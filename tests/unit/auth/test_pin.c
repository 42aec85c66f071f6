/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pin.h"

#include <argon2.h>

#include "crypto/random.h"
#include "support/check.h"

/* RFC 9106 §5.3: that the library is Argon2id, version 0x13. */
static void rfc_9106_section_5_3(void **state) {
    uint8_t password[32], salt[16], key[8], data[12], tag[32];
    (void)state;
    memset(password, 1, sizeof password);
    memset(salt, 2, sizeof salt);
    memset(key, 3, sizeof key);
    memset(data, 4, sizeof data);
    argon2_context context = {.out = tag,
        .outlen = sizeof tag,
        .pwd = password,
        .pwdlen = sizeof password,
        .salt = salt,
        .saltlen = sizeof salt,
        .secret = key,
        .secretlen = sizeof key,
        .ad = data,
        .adlen = sizeof data,
        .t_cost = 3,
        .m_cost = 32,
        .lanes = 4,
        .threads = 4,
        .version = ARGON2_VERSION_13};
    assert_int_equal(argon2id_ctx(&context), ARGON2_OK);
    assert_hex(tag, sizeof tag, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

static enum vrx_reason check(const char *pin) {
    return vrx_pin_check(vrx_view_text(pin), vrx_view_text("yamada")).reason;
}

static void what_may_be_a_pin(void **state) {
    static const char *const good[] = {
        "493817", "482910", "correct-horse", "0000001", "123457", "135791", "aB3$%~", "121213"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(check(good[i]), VRX_OK);
    char longest[VRX_PIN_MAX + 2];
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = (char)('a' + i * i % 23);
    longest[VRX_PIN_MAX + 1] = '\0';
    assert_int_equal(check(longest), VRX_INPUT_TOO_LARGE);
    longest[VRX_PIN_MAX] = '\0';
    assert_int_equal(check(longest), VRX_OK);
}

static void what_is_tried_first_is_weak(void **state) {
    static const char *const weak[] = {"12345", "111111", "123456", "987654", "890123", "210987",
        "00000000000", "121212", "123123", "1231231", "aaaaaa", "ababab", "yamada"};
    (void)state;
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
        assert_int_equal(check(weak[i]), VRX_PIN_WEAK);
}

static void what_cannot_be_typed_is_refused(void **state) {
    (void)state;
    assert_int_equal(check(""), VRX_INPUT_FIELD_MISSING);
    assert_int_equal(check("49381 7"), VRX_INPUT_TEXT);
    assert_int_equal(check("49381\t7"), VRX_INPUT_TEXT);
    assert_int_equal(check("４９３８１７"), VRX_INPUT_TEXT);
    assert_int_equal(check("493817\x7f"), VRX_INPUT_TEXT);
}

/* Bytes that give no digit, digits in a row, and then the rest. */
static struct vrx_result fill_from_list(void *context, uint8_t *out, size_t len) {
    static const uint8_t list[] = {
        255, 0, 1, 250, 2, 3, 4, 5, 6, 7, 4, 9, 253, 3, 8, 101, 247, 12, 6};
    size_t *next = context;
    for (size_t i = 0; i < len; i++)
        out[i] = list[(*next)++];
    return vrx_ok();
}

static struct vrx_result fill_nothing(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void an_initial_pin_is_digits_and_not_weak(void **state) {
    size_t next = 0;
    const struct vrx_random listed = {fill_from_list, &next};
    const struct vrx_random broken = {fill_nothing, NULL};
    char pin[VRX_PIN_INITIAL + 1] = "before";
    (void)state;
    assert_reason(vrx_pin_generate(&broken, pin), VRX_RANDOM_FAILED);
    assert_string_equal(pin, "before");
    for (unsigned i = 0; i < 1000; i++) {
        assert_ok(vrx_pin_generate(vrx_random_system(), pin));
        assert_int_equal(strspn(pin, "0123456789"), VRX_PIN_INITIAL);
        assert_int_equal(check(pin), VRX_OK);
    }
    assert_ok(vrx_pin_generate(&listed, pin)); /* 01234567 is passed over as weak */
    assert_string_equal(pin, "49381726");
}

static void a_verifier_opens_with_its_pin_only(void **state) {
    char verifier[VRX_PIN_VERIFIER];
    char again[VRX_PIN_VERIFIER];
    bool right = false;
    (void)state;
    assert_ok(vrx_pin_hash(vrx_view_text("493817"), vrx_random_system(), verifier));
    assert_memory_equal(verifier, "$argon2id$v=19$m=65536,t=3,p=4$", 31);
    assert_null(strstr(verifier, "493817"));
    assert_ok(vrx_pin_verify(vrx_view_text("493817"), verifier, &right));
    assert_true(right);
    assert_ok(vrx_pin_verify(vrx_view_text("493818"), verifier, &right));
    assert_false(right);
    assert_ok(vrx_pin_hash(vrx_view_text("493817"), vrx_random_system(), again));
    assert_string_not_equal(verifier, again);
    const struct vrx_random broken = {fill_nothing, NULL};
    assert_reason(vrx_pin_hash(vrx_view_text("493817"), &broken, verifier), VRX_RANDOM_FAILED);
}

/* As a whole it is read, with the same costs; and it says no. */
static void nobody_opens_with_no_pin(void **state) {
    static const char *const tried[] = {"", "493817", "vrx nobody's PIN"};
    (void)state;
    assert_memory_equal(vrx_pin_of_nobody(), "$argon2id$v=19$m=65536,t=3,p=4$", 31);
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        bool right = true;
        assert_ok(vrx_pin_verify(vrx_view_text(tried[i]), vrx_pin_of_nobody(), &right));
        assert_false(right);
    }
    char verifier[VRX_PIN_VERIFIER];
    assert_ok(vrx_pin_hash(vrx_view_text("493817"), vrx_random_system(), verifier));
    assert_int_equal(strlen(verifier), strlen(vrx_pin_of_nobody()));
}

static void what_is_no_verifier_fails(void **state) {
    bool right = false;
    (void)state;
    assert_reason(vrx_pin_verify(vrx_view_text("493817"), "", &right), VRX_CRYPTO_FAILED);
    assert_reason(vrx_pin_verify(vrx_view_text("493817"), "$argon2id$v=19$m=65536", &right),
        VRX_CRYPTO_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_9106_section_5_3),
        cmocka_unit_test(what_may_be_a_pin),
        cmocka_unit_test(what_is_tried_first_is_weak),
        cmocka_unit_test(what_cannot_be_typed_is_refused),
        cmocka_unit_test(an_initial_pin_is_digits_and_not_weak),
        cmocka_unit_test(a_verifier_opens_with_its_pin_only),
        cmocka_unit_test(nobody_opens_with_no_pin),
        cmocka_unit_test(what_is_no_verifier_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
